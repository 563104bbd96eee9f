// Reloader: looks once a second, in a thread of its own, whether policies or certificates have changed.
//
// Thread-safety: Now from any thread. Ownership: the keepers must outlive it.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace plimsoll::controller {

class Reloader {
 public:
  // `refresh(anyway)` is called from the reloader's thread.
  explicit Reloader(std::function<void(bool anyway)> refresh);
  ~Reloader();
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  // Everything is read again, changed or not (SIGHUP).
  void Now();

 private:
  void Run();

  std::function<void(bool)> refresh_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool now_ = false;       // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace plimsoll::controller
