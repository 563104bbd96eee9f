#include "plimsoll/links/link_checker.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "links/link_fetch.h"
#include "links/link_schedule.h"
#include "plimsoll/net/resolver.h"
#include "plimsoll/net/tls_context.h"

namespace plimsoll {
namespace {

// A clock that is set must not keep a look from happening for longer.
constexpr std::chrono::minutes kMaxSleep{1};

links::FetchOptions FetchOptionsOf(const LinkCheckerOptions& options) {
  links::FetchOptions fetch;
  fetch.user_agent = options.user_agent;
  fetch.addresses.never = options.never;
  fetch.addresses.allow_loopback = options.allow_loopback;
  return fetch;
}

}  // namespace

class LinkChecker::Impl {
 public:
  Impl(LinkCheckerOptions options, std::shared_ptr<ssl_ctx_st> tls)
      : options_(std::move(options)),
        fetch_(FetchOptionsOf(options_)),
        tls_(std::move(tls)),
        schedule_({options_.seed, options_.first_spread, options_.host_gap}),
        results_(std::make_shared<const LinkResults>()) {}

  ~Impl() { Stop(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void Stop() {
    std::vector<std::thread> threads;
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      threads = std::exchange(threads_, {});
    }
    due_.notify_all();
    for (std::thread& thread : threads) thread.join();
  }

  void SetWanted(const WantedLinks& wanted) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    schedule_.SetWanted(wanted, options_.clock->Now());
    results_ = std::make_shared<const LinkResults>(schedule_.Results());
    while (!schedule_.empty() && threads_.size() < options_.connections) {
      threads_.emplace_back([this] { Work(); });
    }
    due_.notify_all();
  }

  std::shared_ptr<const LinkResults> Results() const {
    const std::lock_guard lock(mutex_);
    return results_;
  }

  LinkFigures Figures() const {
    const std::lock_guard lock(mutex_);
    const links::LinkCounts counts = schedule_.Counts();
    return {counts.alive,       counts.dead,      counts.trouble,  counts.refused,
            counts.pending_now, counts.alive_now, counts.dead_now, counts.refused_now};
  }

 private:
  void Work() {
    const std::function<bool()> stop = [this] { return stopping_.load(); };
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      const std::optional<links::LinkStep> step = schedule_.Take(options_.clock->Now());
      if (!step) {
        WaitForWork(lock);
        continue;
      }
      lock.unlock();
      const links::PageAnswer answer = links::Fetch(resolver_, tls_, *step, fetch_, stop);
      lock.lock();
      const bool changed = schedule_.Done(*step, answer, options_.clock->Now());
      due_.notify_one();  // its host is free again
      if (!changed) continue;
      results_ = std::make_shared<const LinkResults>(schedule_.Results());
      if (!options_.changed || stopping_) continue;
      lock.unlock();
      options_.changed();
      lock.lock();
    }
  }

  void WaitForWork(std::unique_lock<std::mutex>& lock) {
    const std::optional<Timestamp> next = schedule_.NextDue();
    if (!next) {
      due_.wait(lock);
      return;
    }
    const std::chrono::seconds left = *next - options_.clock->Now();
    due_.wait_for(lock, std::clamp<std::chrono::seconds>(left, std::chrono::seconds(1), kMaxSleep));
  }

  const LinkCheckerOptions options_;
  const links::FetchOptions fetch_;
  const std::shared_ptr<ssl_ctx_st> tls_;
  net::Resolver resolver_;
  mutable std::mutex mutex_;
  std::condition_variable due_;
  links::LinkSchedule schedule_;                // guarded by mutex_
  std::shared_ptr<const LinkResults> results_;  // guarded by mutex_
  std::atomic<bool> stopping_ = false;          // set under mutex_
  std::vector<std::thread> threads_;            // guarded by mutex_
};

LinkChecker::LinkChecker(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LinkChecker::~LinkChecker() = default;

Result<std::unique_ptr<LinkChecker>> LinkChecker::Create(LinkCheckerOptions options) {
  net::TlsSettings settings;
  settings.ca = options.ca;
  Result<std::shared_ptr<ssl_ctx_st>> tls = net::MakeTlsContext(settings);
  if (!tls) return tl::unexpected(tls.error());
  return std::unique_ptr<LinkChecker>(
      new LinkChecker(std::make_unique<Impl>(std::move(options), *std::move(tls))));
}

void LinkChecker::SetWanted(const WantedLinks& wanted) { impl_->SetWanted(wanted); }
std::shared_ptr<const LinkResults> LinkChecker::Results() const { return impl_->Results(); }
LinkFigures LinkChecker::Figures() const { return impl_->Figures(); }
void LinkChecker::Stop() { impl_->Stop(); }

}  // namespace plimsoll
