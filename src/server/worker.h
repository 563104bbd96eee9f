// Worker: one serving thread's event loop, connections, handlers and spare buffers.
//
// One loop a thread rather than one loop for all: a connection stays on its thread, so nothing of it needs a lock and no
// wake-up crosses threads (docs/adr/0022-one-event-loop-per-thread.md).
//
// Thread-safety: its own thread only, but for io(), load() and last_round().
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "plimsoll/server/http.h"
#include "server/server_state.h"

namespace plimsoll {

class Connection;

// What a connection needs while a request is under way. An idle one has none.
struct Scratch {
  std::vector<char> input;
  std::string body;
  HttpResponse response;
  std::string output;
};

class Worker {
 public:
  explicit Worker(ServerState& state);
  ~Worker();

  boost::asio::io_context& io() { return io_; }
  ServerState& state() { return state_; }
  const HttpHandler& handler(size_t route) const { return handlers_[route]; }
  // How many connections it has been given and still has.
  std::atomic<size_t>& load() { return load_; }
  // When its loop last came round, on the steady clock; from any thread.
  std::atomic<std::chrono::steady_clock::time_point>& last_round() { return last_round_; }
  // For bytes that nobody will look at.
  std::array<char, 16 * 1024>& waste() { return waste_; }

  // Starts serving an accepted socket, which must belong to io().
  void Serve(boost::asio::ip::tcp::socket socket, Place place);

  std::unique_ptr<Scratch> TakeScratch();
  void GiveBack(std::unique_ptr<Scratch> scratch);

  void Add(Connection& connection);
  void Remove(Connection& connection);
  // Somebody's deadline will be then, as things are.
  void Expect(std::chrono::steady_clock::time_point deadline) {
    next_deadline_ = std::min(next_deadline_, deadline);
  }
  // Ends what is beyond its deadline, and everything once the server is stopping.
  void CheckDeadlines();

 private:
  // One TLS record and its overhead: with less, records are taken in pieces.
  static constexpr size_t kInputBytes = 17 * 1024;
  // So many requests are rarely under way at once on one thread: only slow peers wait, and reviews of what is brand new.
  static constexpr size_t kSpareScratches = 8;
  // What a large review or scrape has left behind is not kept.
  static constexpr size_t kMaxKeptBytes = 256 * 1024;

  ServerState& state_;
  boost::asio::io_context io_;
  std::vector<HttpHandler> handlers_;
  std::atomic<size_t> load_{0};
  std::atomic<std::chrono::steady_clock::time_point> last_round_{std::chrono::steady_clock::now()};
  std::vector<Connection*> connections_;
  // No deadline is before this one, as long as nobody drains and places are not short: idle connections are not looked at.
  std::chrono::steady_clock::time_point next_deadline_ =
      std::chrono::steady_clock::time_point::max();
  std::vector<std::unique_ptr<Scratch>> spare_;
  std::array<char, 16 * 1024> waste_{};
};

}  // namespace plimsoll
