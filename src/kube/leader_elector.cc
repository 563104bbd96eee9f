#include "plimsoll/kube/leader_elector.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include "kube/lease_election.h"

namespace plimsoll::kube {
namespace {

using Time = LeaseElection::Time;
using std::chrono::milliseconds;

LeaseElectionSettings SettingsOf(const LeaderElectorOptions& options) {
  return {options.lease, options.identity, options.lease_duration, options.renew_deadline,
          options.retry_period};
}

std::string Text(milliseconds time) { return std::to_string(time.count()) + " ms"; }

}  // namespace

Status CheckLeaderElection(const LeaderElectorOptions& options) {
  const auto refuse = [](std::string what) {
    return Fail(ErrorCode::kInvalidArgument, "leader election: " + std::move(what));
  };
  if (options.identity.empty()) return refuse("no identity");
  if (options.lease.name.empty() || options.lease.namespace_name.empty()) {
    return refuse("the Lease needs a name and a namespace");
  }
  if (options.retry_period <= milliseconds(0)) return refuse("the retry period must be above 0");
  if (options.renew_deadline <= options.retry_period * (1 + kAcquireJitter)) {
    return refuse("the renew deadline (" + Text(options.renew_deadline) +
                  ") must be longer than 2.2 retry periods (" + Text(options.retry_period) + ")");
  }
  if (options.lease_duration <= options.renew_deadline) {
    return refuse("the lease duration (" + Text(options.lease_duration) +
                  ") must be longer than the renew deadline (" + Text(options.renew_deadline) +
                  ")");
  }
  return {};
}

class LeaderElector::Impl {
 public:
  Impl(ApiCaller& api, LeaderElectorOptions options)
      : api_(api),
        options_(std::move(options)),
        election_(SettingsOf(options_), std::random_device()()) {
    if (!options_.now) options_.now = [] { return std::chrono::steady_clock::now(); };
    thread_ = std::thread([this] { Run(); });
  }
  ~Impl() { Release(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  bool leading() const {
    return !releasing_ && options_.now() < Time(Time::duration(leading_until_));
  }
  std::string leader() const;
  void Release();

 private:
  void Run();
  void Call(const ApiRequest& request);
  void Wait(milliseconds time);
  void Publish();
  void Report(const Error& error) {
    if (options_.failed) options_.failed(error);
  }

  ApiCaller& api_;
  LeaderElectorOptions options_;
  LeaseElection election_;  // the thread's alone

  std::atomic<int64_t> leading_until_ = Time::min().time_since_epoch().count();
  std::atomic<bool> releasing_ = false;
  mutable std::mutex mutex_;
  LeaseElection::Leader leader_;  // by mutex_
  std::condition_variable changed_;

  std::mutex joining_;
  std::atomic<std::thread::id> own_id_;
  std::thread thread_;
};

std::string LeaderElector::Impl::leader() const {
  const Time now = options_.now();
  const std::lock_guard lock(mutex_);
  return now < leader_.until ? leader_.identity : std::string();
}

void LeaderElector::Impl::Release() {
  {
    const std::lock_guard lock(mutex_);
    releasing_ = true;
  }
  changed_.notify_all();
  if (std::this_thread::get_id() == own_id_) return;  // a callback; the destructor waits
  const std::lock_guard lock(joining_);
  if (thread_.joinable()) thread_.join();
}

void LeaderElector::Impl::Run() {
  own_id_ = std::this_thread::get_id();
  if (const Status valid = CheckLeaderElection(options_); !valid) {
    Report(valid.error());
    return;
  }
  while (true) {
    if (releasing_) election_.Release();
    const LeaseElection::Step step = election_.Next(
        options_.now(), options_.clock == nullptr ? Timestamp() : options_.clock->Now());
    Publish();
    switch (step.act) {
      case LeaseElection::Act::kCall:
        Call(step.request);
        break;
      case LeaseElection::Act::kWait:
        Wait(step.wait);
        break;
      case LeaseElection::Act::kStart:
        if (options_.started) options_.started();
        break;
      case LeaseElection::Act::kStop:
        if (options_.stopped) options_.stopped();
        break;
      case LeaseElection::Act::kEnd:
        return;
    }
  }
}

void LeaderElector::Impl::Call(const ApiRequest& request) {
  const Result<ApiResponse> answer = api_.Call(request);
  if (releasing_) election_.Release();
  const std::optional<Error> trouble = election_.Answered(answer, options_.now());
  Publish();
  if (trouble) Report(*trouble);
}

void LeaderElector::Impl::Wait(milliseconds time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [this] { return releasing_.load(); });
}

void LeaderElector::Impl::Publish() {
  leading_until_ = election_.leading_until().time_since_epoch().count();
  const std::lock_guard lock(mutex_);
  leader_ = election_.leader();
}

LeaderElector::LeaderElector(ApiCaller& api, LeaderElectorOptions options)
    : impl_(std::make_unique<Impl>(api, std::move(options))) {}
LeaderElector::~LeaderElector() = default;

bool LeaderElector::leading() const { return impl_->leading(); }
std::string LeaderElector::leader() const { return impl_->leader(); }
void LeaderElector::Release() { impl_->Release(); }

}  // namespace plimsoll::kube
