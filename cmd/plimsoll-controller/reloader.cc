#include "reloader.h"

#include <chrono>
#include <utility>

namespace plimsoll::controller {
namespace {

// Looking costs some microseconds per file; nobody notices a second after an edit, or after the minute that a ConfigMap
// takes to arrive.
constexpr std::chrono::seconds kInterval(1);

}  // namespace

Reloader::Reloader(std::function<void(bool anyway)> refresh)
    : refresh_(std::move(refresh)), thread_([this] { Run(); }) {}

Reloader::~Reloader() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Reloader::Now() {
  {
    const std::lock_guard lock(mutex_);
    now_ = true;
  }
  changed_.notify_one();
}

void Reloader::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait_for(lock, kInterval, [this] { return now_ || stopping_; });
    if (stopping_) return;
    const bool anyway = std::exchange(now_, false);
    lock.unlock();
    refresh_(anyway);
    lock.lock();
  }
}

}  // namespace plimsoll::controller
