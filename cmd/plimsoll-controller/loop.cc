#include "loop.h"

#include <utility>

namespace plimsoll::controller {

Loop::Loop(Pass pass) : pass_(std::move(pass)), thread_([this] { Run(); }) {}

Loop::~Loop() { Stop(); }

void Loop::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Loop::Wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_one();
}

void Loop::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const bool woken = std::exchange(woken_, false);
    lock.unlock();
    const std::chrono::milliseconds wait = pass_(woken);
    lock.lock();
    changed_.wait_for(lock, wait, [this] { return woken_ || stopping_; });
  }
}

}  // namespace plimsoll::controller
