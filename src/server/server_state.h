// What the threads of one server share: settings that do not change and a few counters.
//
// Thread-safety: everything here may be used from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "plimsoll/server/http_server.h"
#include "server/router.h"

namespace plimsoll {

using SteadyClock = std::chrono::steady_clock;

struct ServerState {
  explicit ServerState(HttpServerOptions given)
      : options(std::move(given)), router(std::move(options.routes)) {}

  HttpServerOptions options;  // without the routes, which the router has
  Router router;

  std::atomic<size_t> connections{0};
  std::atomic<size_t> body_bytes{0};  // above what each connection may have unmetered
  std::atomic<bool> stopping{false};
  // When draining began, in ticks of SteadyClock; 0: it has not.
  std::atomic<SteadyClock::rep> draining_since{0};

  bool draining() const { return draining_since.load(std::memory_order_relaxed) != 0; }
  bool full() const {
    return connections.load(std::memory_order_relaxed) >= options.limits.connections;
  }
  SteadyClock::time_point DrainTime(std::chrono::milliseconds after) const {
    const SteadyClock::duration since(draining_since.load(std::memory_order_relaxed));
    return SteadyClock::time_point(since) + after;
  }
};

// A place among the connections, from accept to the end, however that comes.
class Place {
 public:
  Place(ServerState& state, std::atomic<size_t>& load) : state_(&state), load_(&load) {
    load_->fetch_add(1, std::memory_order_relaxed);
    beyond_limit_ = state_->connections.fetch_add(1, std::memory_order_relaxed) >=
                    state_->options.limits.connections;
    if (state_->options.observer != nullptr) state_->options.observer->ConnectionOpened();
  }
  Place(Place&& other) noexcept
      : state_(std::exchange(other.state_, nullptr)),
        load_(other.load_),
        beyond_limit_(other.beyond_limit_) {}
  Place& operator=(Place&&) = delete;
  ~Place() {
    if (state_ == nullptr) return;
    load_->fetch_sub(1, std::memory_order_relaxed);
    if (state_->options.observer != nullptr) state_->options.observer->ConnectionClosed();
    // Last: when it reaches zero the server may end.
    state_->connections.fetch_sub(1, std::memory_order_release);
  }

  // Let in only to be told to try again.
  bool beyond_limit() const { return beyond_limit_; }

 private:
  ServerState* state_;
  std::atomic<size_t>* load_;
  bool beyond_limit_ = false;
};

// One connection's part of the memory for bodies.
class BodyLease {
 public:
  explicit BodyLease(ServerState& state) : state_(state) {}
  ~BodyLease() { Release(); }
  BodyLease(const BodyLease&) = delete;
  BodyLease& operator=(const BodyLease&) = delete;

  // False if a body of that size is more than the server can hold now.
  bool Cover(size_t body_bytes) {
    if (body_bytes <= kUnmeteredBodyBytes + taken_) return true;
    const size_t more = body_bytes - kUnmeteredBodyBytes - taken_;
    const size_t before = state_.body_bytes.fetch_add(more, std::memory_order_relaxed);
    taken_ += more;  // given back by Release also when it was too much
    return before + more <= state_.options.limits.body_bytes_in_flight;
  }
  void Release() {
    if (taken_ > 0) state_.body_bytes.fetch_sub(taken_, std::memory_order_relaxed);
    taken_ = 0;
  }

 private:
  ServerState& state_;
  size_t taken_ = 0;
};

}  // namespace plimsoll
