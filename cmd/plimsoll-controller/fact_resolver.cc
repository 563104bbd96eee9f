#include "fact_resolver.h"

#include <utility>

namespace plimsoll::controller {

FactResolver::FactResolver() : thread_([this] { Run(); }) {}

FactResolver::~FactResolver() { Stop(); }

void FactResolver::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool FactResolver::Ask(std::string name, std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    if (names_.contains(name)) return true;
    if (stopping_ || waiting_.size() >= kMaxUnresolvedFacts) return false;
    names_.insert(name);
    waiting_.push_back({std::move(name), std::move(task)});
  }
  changed_.notify_one();
  return true;
}

void FactResolver::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    Task task = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    task.run();
    lock.lock();
    names_.erase(task.name);
  }
}

}  // namespace plimsoll::controller
