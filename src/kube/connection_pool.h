// ConnectionPool: connections that have carried a request and can carry another.
//
// Thread-safety: all methods from any thread; a connection that was taken belongs to who took it.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "plimsoll/net/connection.h"

namespace plimsoll::kube {

// As many as work at the same time: a few writers, the elector, a page of a list. Watches keep theirs to themselves.
inline constexpr size_t kMaxIdleConnections = 8;

class ConnectionPool {
 public:
  // One is closed when it has been idle for `max_age`.
  explicit ConnectionPool(std::chrono::milliseconds max_age) : max_age_(max_age) {}

  // The one that was used last, if it was made with these TLS settings and is still open; null if there is none. Those made
  // with others are closed.
  std::unique_ptr<net::Connection> Take(const ssl_ctx_st* context);
  void Give(std::unique_ptr<net::Connection> connection);
  // Closes all: where one peer has fallen silent, the rest are not to be trusted either.
  void Clear();

 private:
  struct Idle {
    std::unique_ptr<net::Connection> connection;
    std::chrono::steady_clock::time_point since;
  };
  std::chrono::milliseconds max_age_;
  std::mutex mutex_;
  std::vector<Idle> idle_;  // the last one was used last
};

}  // namespace plimsoll::kube
