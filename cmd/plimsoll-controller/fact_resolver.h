// FactResolver: asks the API server for single facts that a review needed and no informer had yet: a namespace or an owner
// that is newer than the last event; and what no informer tells: rights, earlier revisions. No thread waits for it: the review
// is judged again in some milliseconds (server/webhook_endpoint.h), and by then the fact is there, or is known to be absent.
//
// Thread-safety: all methods from any thread. Ownership: what tasks use must live until Stop has returned.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>

namespace plimsoll::controller {

// What a burst of reviews from one namespace or Deployment asks for is few; a flood of invented owners must not queue up.
inline constexpr size_t kMaxUnresolvedFacts = 256;
// Within the two seconds that a review waits inside (server/limits.h).
inline constexpr std::chrono::milliseconds kResolveTimeout(800);

class FactResolver {
 public:
  FactResolver();
  ~FactResolver();
  FactResolver(const FactResolver&) = delete;
  FactResolver& operator=(const FactResolver&) = delete;

  // Runs `task` soon, in the resolver's thread, unless one of that name is waiting or running already. False where too
  // many are waiting.
  bool Ask(std::string name, std::function<void()> task);

  // Waits for the task that is running; those that wait are dropped, and so is whatever is asked from now on. Twice is
  // once.
  void Stop();

 private:
  struct Task {
    std::string name;
    std::function<void()> run;
  };
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> waiting_;               // guarded by mutex_
  std::unordered_set<std::string> names_;  // guarded by mutex_
  bool stopping_ = false;                  // guarded by mutex_
  std::thread thread_;
};

}  // namespace plimsoll::controller
