#include "plimsoll/kube/event_recorder.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "kube/event_correlator.h"

namespace plimsoll::kube {
namespace {

using controllers::ClusterEvent;
using Time = EventCorrelator::Time;
using std::chrono::milliseconds;

uint64_t Seed() {
  std::random_device random;
  return static_cast<uint64_t>(random()) << 32U | random();
}

}  // namespace

class EventRecorder::Impl {
 public:
  Impl(ApiCaller& api, EventRecorderOptions options)
      : api_(api),
        options_(std::move(options)),
        correlator_({options_.reporting_controller, options_.reporting_instance}, Seed()) {
    if (!options_.now) options_.now = [] { return std::chrono::steady_clock::now(); };
    thread_ = std::thread([this] { Run(); });
  }
  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void Emit(const ClusterEvent& event);
  uint64_t dropped() const { return dropped_; }

 private:
  struct Taken {
    ClusterEvent event;
    Timestamp date;
  };

  void Run();
  bool WaitForWork();
  void TakeQueue();
  void Send(const EventCorrelator::Write& write);
  void Flush();
  void CountDropped();

  ApiCaller& api_;
  EventRecorderOptions options_;
  EventCorrelator correlator_;  // the thread's alone, as is the next
  uint64_t correlator_dropped_ = 0;

  std::atomic<uint64_t> dropped_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Taken> queue_;  // by mutex_
  bool stopping_ = false;     // by mutex_
  std::thread thread_;
};

void EventRecorder::Impl::Emit(const ClusterEvent& event) {
  // Made to fit before it is queued: what waits is bounded in bytes, too.
  Taken taken{FittingEvent(event), options_.clock == nullptr ? Timestamp() : options_.clock->Now()};
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() == kMaxQueuedEvents) {
      ++dropped_;
      return;
    }
    queue_.push_back(std::move(taken));
  }
  changed_.notify_one();
}

void EventRecorder::Impl::Run() {
  while (WaitForWork()) {
    TakeQueue();
    if (std::optional<EventCorrelator::Write> write = correlator_.Next(options_.now())) {
      Send(*write);
    }
  }
  TakeQueue();
  Flush();
}

// False when it is time to end.
bool EventRecorder::Impl::WaitForWork() {
  std::unique_lock lock(mutex_);
  const auto woken = [this] { return stopping_ || !queue_.empty(); };
  if (const std::optional<Time> due = correlator_.due()) {
    changed_.wait_for(lock, *due - options_.now(), woken);
  } else {
    changed_.wait(lock, woken);
  }
  return !stopping_;
}

void EventRecorder::Impl::TakeQueue() {
  std::vector<Taken> batch;
  {
    const std::lock_guard lock(mutex_);
    batch.swap(queue_);
  }
  for (const Taken& taken : batch) correlator_.Take(taken.event, options_.now(), taken.date);
  CountDropped();
}

void EventRecorder::Impl::Send(const EventCorrelator::Write& write) {
  const Result<ApiResponse> answer = api_.Call(write.request);
  const std::optional<Error> given_up = correlator_.Wrote(write.series, answer, options_.now());
  CountDropped();
  if (given_up && options_.failed) options_.failed(*given_up);
}

void EventRecorder::Impl::Flush() {
  // Of real time, which people at the end of a process have little of.
  const Time end = std::chrono::steady_clock::now() + kEventFlushTime;
  correlator_.Finish();
  while (std::optional<EventCorrelator::Write> write = correlator_.Next(options_.now())) {
    const auto left = std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now());
    if (left <= milliseconds(0)) break;
    write->request.timeout = std::min(write->request.timeout, left);
    Send(*write);
  }
  correlator_.Abandon();
  CountDropped();
}

void EventRecorder::Impl::CountDropped() {
  dropped_ += correlator_.dropped() - std::exchange(correlator_dropped_, correlator_.dropped());
}

EventRecorder::EventRecorder(ApiCaller& api, EventRecorderOptions options)
    : impl_(std::make_unique<Impl>(api, std::move(options))) {}
EventRecorder::~EventRecorder() = default;

void EventRecorder::Emit(const ClusterEvent& event) { impl_->Emit(event); }
uint64_t EventRecorder::dropped() const { return impl_->dropped(); }

}  // namespace plimsoll::kube
