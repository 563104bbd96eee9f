#include "plimsoll/kube/informer.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include "kube/reflector.h"
#include "kube/retry.h"

namespace plimsoll::kube {

class Informer::Impl {
 public:
  Impl(ApiCaller& api, ObjectHandler& handler, InformerOptions options)
      : options_(std::move(options)),
        reflector_(api, handler, options_, figures_, [this] { return stopping_.load(); }),
        backoff_(options_.backoff_first, options_.backoff_max, options_.backoff_reset),
        random_(std::random_device()()),
        thread_([this] { Run(); }) {}

  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
    if (options_.observer != nullptr) options_.observer->Ended(options_.type);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  const InformerOptions& options() const { return options_; }
  const InformerFigures& figures() const { return figures_; }

 private:
  void Run() {
    if (options_.observer != nullptr) options_.observer->Began(options_.type);
    while (!stopping_) {
      const Reflector::Outcome outcome = reflector_.Run();
      if (stopping_) return;
      if (outcome.expired && options_.observer != nullptr) {
        options_.observer->Relisted(options_.type);
      }
      if (!outcome.error) {
        expired_ = false;
        continue;
      }
      const std::chrono::milliseconds wait = WaitAfter(outcome);
      if (outcome.absent && options_.observer != nullptr) {
        options_.observer->Absent(options_.type);
      } else if (!outcome.quiet && options_.observer != nullptr) {
        options_.observer->Failed(options_.type, *outcome.error, wait);
      }
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, wait, [this] { return stopping_.load(); });
    }
  }

  std::chrono::milliseconds WaitAfter(const Reflector::Outcome& outcome) {
    // The server is back and says what we lack: what it took to reach it is no reason to wait on. But not in a circle.
    if (outcome.expired && !expired_) backoff_.Reset();
    expired_ = outcome.expired;
    std::chrono::milliseconds wait = backoff_.Next(Backoff::Clock::now(), random_);
    if (outcome.retry_after) wait = std::max(wait, WithJitter(*outcome.retry_after, random_));
    return wait;
  }

  const InformerOptions options_;
  InformerFigures figures_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  Reflector reflector_;
  Backoff backoff_;
  bool expired_ = false;  // the last trouble was that
  std::mt19937_64 random_;
  std::thread thread_;  // last: everything else is there before it begins
};

Informer::Informer(ApiCaller& api, ObjectHandler& handler, InformerOptions options)
    : impl_(std::make_unique<Impl>(api, handler, std::move(options))) {}
Informer::~Informer() = default;

const ResourceType& Informer::type() const { return impl_->options().type; }
bool Informer::synced() const { return impl_->figures().synced; }
bool Informer::refused() const { return impl_->figures().refused; }
size_t Informer::objects() const { return impl_->figures().objects; }

std::chrono::steady_clock::time_point Informer::last_heard() const {
  return std::chrono::steady_clock::time_point(
      std::chrono::steady_clock::duration(impl_->figures().last_heard.load()));
}

}  // namespace plimsoll::kube
