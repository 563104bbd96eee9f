#include "plimsoll/kube/work_queue.h"

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "kube/token_bucket.h"

namespace plimsoll::kube {
namespace {

using Time = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

// What is to happen later than this happens never; sums of times stay far from overflow.
constexpr milliseconds kLongestDelay = std::chrono::hours(24 * 365);

milliseconds Bounded(TokenBucket::Seconds delay) {
  if (delay >= TokenBucket::Seconds(kLongestDelay)) return kLongestDelay;
  return std::chrono::ceil<milliseconds>(delay);
}

}  // namespace

struct WorkQueue::State {
  explicit State(WorkQueueOptions given)
      : options(std::move(given)), retries(options.per_second, static_cast<double>(options.burst)) {
    options.first_delay = std::clamp(options.first_delay, milliseconds(1), kLongestDelay);
    options.max_delay = std::clamp(options.max_delay, options.first_delay, kLongestDelay);
    if (!options.now) options.now = [] { return std::chrono::steady_clock::now(); };
  }

  WorkQueueOptions options;
  mutable std::mutex mutex;
  std::condition_variable changed;
  bool shut_down = false;

  // A key is in `waiting` if it is in `dirty` and not in `working`.
  std::deque<std::string> waiting;
  std::unordered_set<std::string> dirty;    // to be worked on, perhaps once more
  std::unordered_set<std::string> working;  // given to somebody who owes Done

  // Keys that are to be added later, soonest first; each at most once, at its soonest time.
  using Due = std::pair<Time, uint64_t>;  // the second: first come, first served
  std::map<Due, std::string> delayed;
  std::unordered_map<std::string, Due> due_of;
  uint64_t order = 0;

  std::unordered_map<std::string, int> failures;
  TokenBucket retries;

  void Add(std::string key);
  void AddAt(std::string key, Time at);
  void AddDue();
  milliseconds Backoff(const std::string& key);
  // Whoever goes leaves nobody behind who would watch over what waits and what falls due.
  void WakeAnother() {
    if (!waiting.empty() || !delayed.empty()) changed.notify_one();
  }
};

void WorkQueue::State::Add(std::string key) {
  if (!dirty.insert(key).second || working.contains(key)) return;
  waiting.push_back(std::move(key));
}

void WorkQueue::State::AddAt(std::string key, Time at) {
  const Due due{at, order++};
  if (const auto known = due_of.find(key); known != due_of.end()) {
    if (known->second <= due) return;
    delayed.erase(known->second);
    known->second = due;
  } else {
    due_of.emplace(key, due);
  }
  delayed.emplace(due, std::move(key));
}

void WorkQueue::State::AddDue() {
  if (delayed.empty()) return;
  const Time now = options.now();
  while (!delayed.empty() && delayed.begin()->first.first <= now) {
    std::string key = std::move(delayed.begin()->second);
    delayed.erase(delayed.begin());
    due_of.erase(key);
    Add(std::move(key));
  }
}

milliseconds WorkQueue::State::Backoff(const std::string& key) {
  milliseconds delay = options.first_delay;
  // The count stops where the delay does: a key may fail for years.
  int& count = failures[key];
  for (int i = 0; i < count && delay < options.max_delay; ++i) delay *= 2;
  if (delay < options.max_delay) ++count;
  return std::min(delay, options.max_delay);
}

WorkQueue::WorkQueue(WorkQueueOptions options)
    : state_(std::make_unique<State>(std::move(options))) {}
WorkQueue::~WorkQueue() = default;

void WorkQueue::Add(std::string key) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->shut_down) return;
    state_->AddDue();  // what fell due earlier was there first
    state_->Add(std::move(key));
  }
  state_->changed.notify_one();
}

void WorkQueue::AddAfter(std::string key, milliseconds delay) {
  if (delay <= milliseconds(0)) {
    Add(std::move(key));
    return;
  }
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->shut_down) return;
    state_->AddAt(std::move(key), state_->options.now() + std::min(delay, kLongestDelay));
  }
  state_->changed.notify_one();
}

void WorkQueue::AddRateLimited(std::string key) {
  milliseconds delay{};
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->shut_down) return;
    const milliseconds turn = Bounded(state_->retries.Reserve(state_->options.now()));
    delay = std::max(turn, state_->Backoff(key));
  }
  AddAfter(std::move(key), delay);
}

void WorkQueue::Forget(const std::string& key) {
  const std::lock_guard lock(state_->mutex);
  state_->failures.erase(key);
}

std::optional<std::string> WorkQueue::Get(milliseconds timeout) {
  const Time deadline =
      std::chrono::steady_clock::now() + std::clamp(timeout, milliseconds(0), kLongestDelay);
  State& state = *state_;
  std::unique_lock lock(state.mutex);
  while (!state.shut_down) {
    state.AddDue();
    if (!state.waiting.empty()) {
      std::string key = std::move(state.waiting.front());
      state.waiting.pop_front();
      state.dirty.erase(key);
      state.working.insert(key);
      state.WakeAnother();
      return key;
    }
    const Time real = std::chrono::steady_clock::now();
    if (real >= deadline) break;
    Time wake = deadline;
    if (!state.delayed.empty()) {
      wake = std::min(wake, real + (state.delayed.begin()->first.first - state.options.now()));
    }
    state.changed.wait_until(lock, wake);
  }
  state.WakeAnother();
  return std::nullopt;
}

void WorkQueue::Done(const std::string& key) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->working.erase(key) == 0) return;
    if (state_->shut_down || !state_->dirty.contains(key)) return;
    state_->waiting.push_back(key);
  }
  state_->changed.notify_one();
}

size_t WorkQueue::size() const {
  const std::lock_guard lock(state_->mutex);
  state_->AddDue();
  return state_->waiting.size();
}

void WorkQueue::ShutDown() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->shut_down = true;
  }
  state_->changed.notify_all();
}

}  // namespace plimsoll::kube
