// Loop: a thread that makes one pass after another, when it is woken and at the latest when the last pass said.
//
// Thread-safety: Wake from any thread. Ownership: what the pass uses must outlive the loop.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace plimsoll::controller {

class Loop {
 public:
  // `woken`: whether somebody has called Wake since the last pass began. Returns how long to wait. The first pass is made at
  // once.
  using Pass = std::function<std::chrono::milliseconds(bool woken)>;

  explicit Loop(Pass pass);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void Wake();
  // Waits for the pass that is being made; none follows. From one thread at a time; twice is once.
  void Stop();

 private:
  void Run();

  Pass pass_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;     // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace plimsoll::controller
