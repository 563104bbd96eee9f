// WorkQueue: keys that wait to be worked on. A key waits at most once; one that is added while it is being worked on waits
// again when that is done, so no two workers have the same key and no change is lost.
//
// Thread-safety: all methods from any thread. Semantics: client-go util/workqueue (delaying and rate-limiting queues):
// retries of a key wait 5 ms × 2^n, 1000 s at most, and all keys together are limited to `per_second`. Delays longer than a
// year are a year.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace plimsoll::kube {

struct WorkQueueOptions {
  std::chrono::milliseconds first_delay{5};
  std::chrono::milliseconds max_delay{1'000'000};
  double per_second = 10;  // of retries
  size_t burst = 100;
  // What delays and limits are measured by; called under a lock. Tests turn it themselves.
  std::function<std::chrono::steady_clock::time_point()> now;
};

class WorkQueue {
 public:
  explicit WorkQueue(WorkQueueOptions options = {});
  ~WorkQueue();
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  void Add(std::string key);
  void AddAfter(std::string key, std::chrono::milliseconds delay);
  // After a failure: later each time.
  void AddRateLimited(std::string key);
  // After a success, and when a key is given up: the next failure is a first one again.
  void Forget(const std::string& key);

  // Waits for a key; nothing once the queue is shut down, or after `timeout` (of real time). The caller owes Done.
  std::optional<std::string> Get(std::chrono::milliseconds timeout);
  void Done(const std::string& key);

  // Keys that wait to be worked on now.
  size_t size() const;
  // Get gives nothing from now on.
  void ShutDown();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll::kube
