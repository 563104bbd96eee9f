#include "kube/connection_pool.h"

#include <utility>

namespace plimsoll::kube {

std::unique_ptr<net::Connection> ConnectionPool::Take(const ssl_ctx_st* context) {
  std::vector<Idle> closed;  // after the lock
  std::unique_lock lock(mutex_);
  while (!idle_.empty()) {
    Idle last = std::move(idle_.back());
    idle_.pop_back();
    const bool young = std::chrono::steady_clock::now() - last.since < max_age_;
    if (young && last.connection->context() == context && last.connection->IsQuiet()) {
      return std::move(last.connection);
    }
    closed.push_back(std::move(last));
  }
  return nullptr;
}

void ConnectionPool::Give(std::unique_ptr<net::Connection> connection) {
  std::vector<Idle> closed;
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  idle_.push_back({std::move(connection), now});
  // The oldest are in front.
  size_t old = 0;
  while (old < idle_.size() &&
         (idle_.size() - old > kMaxIdleConnections || now - idle_[old].since >= max_age_)) {
    ++old;
  }
  for (size_t i = 0; i < old; ++i) closed.push_back(std::move(idle_[i]));
  idle_.erase(idle_.begin(), idle_.begin() + static_cast<std::ptrdiff_t>(old));
}

void ConnectionPool::Clear() {
  std::vector<Idle> closed;
  const std::lock_guard lock(mutex_);
  closed.swap(idle_);
}

}  // namespace plimsoll::kube
