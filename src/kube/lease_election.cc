#include "kube/lease_election.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "kube/object_json.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::kube {
namespace {

using std::chrono::milliseconds;

// Give up, read because somebody has changed it, give up once more.
constexpr int kMaxReleaseCalls = 3;
// The API's int32.
constexpr int64_t kMaxTransitions = std::numeric_limits<int32_t>::max();
// Whoever finds a released Lease need not wait; the API takes no 0 (client-go does the same).
constexpr int64_t kReleasedSeconds = 1;

int64_t Seconds(milliseconds time) { return std::chrono::ceil<std::chrono::seconds>(time).count(); }

// The server has said no: nothing was written.
bool IsRefusal(const Error& error) {
  return error.code != ErrorCode::kUnavailable && error.code != ErrorCode::kInternal &&
         error.code != ErrorCode::kLimitExceeded;
}

// Somebody else wrote first.
bool IsRace(const Error& error) {
  return error.code == ErrorCode::kConflict || error.code == ErrorCode::kAlreadyExists ||
         error.code == ErrorCode::kNotFound;
}

}  // namespace

LeaseElection::LeaseElection(LeaseElectionSettings settings, uint32_t seed)
    : settings_(std::move(settings)), random_(seed) {}

LeaseElection::Step LeaseElection::Next(Time now, Timestamp date) {
  if (started_ && (releasing_ || now >= leading_until_)) {
    started_ = false;
    leading_until_ = Time::min();
    return {Act::kStop, {}};
  }
  if (releasing_) return NextOfRelease(now, date);
  if (!started_ && now < leading_until_) {
    started_ = true;
    return {Act::kStart, {}};
  }
  if (wait_ > milliseconds(0)) {
    milliseconds wait = std::exchange(wait_, milliseconds(0));
    if (started_) wait = std::min(wait, std::chrono::ceil<milliseconds>(leading_until_ - now));
    return {Act::kWait, {}, wait};
  }
  const Call plan = std::exchange(plan_, Call::kNone);
  if (plan != Call::kNone) return Send(plan, now, date);
  return Send(ours() ? Call::kUpdate : Call::kRead, now, date);
}

LeaseElection::Step LeaseElection::NextOfRelease(Time now, Timestamp date) {
  const bool done = released_ || release_calls_ == kMaxReleaseCalls;
  const bool must_read = std::exchange(plan_, Call::kNone) == Call::kRead || unsure_;
  if (!done && must_read) {
    ++release_calls_;
    return Send(Call::kRead, now, date);
  }
  if (done || !ours()) return {Act::kEnd, {}};
  ++release_calls_;
  return Send(Call::kGiveUp, now, date);
}

LeaseElection::Step LeaseElection::Send(Call call, Time now, Timestamp date) {
  Step step{Act::kCall, {}};
  ApiRequest& request = step.request;
  // Two calls fit into the deadline, and none outlives it.
  request.timeout = settings_.renew_deadline / 2;
  if (started_) {
    request.timeout =
        std::min(request.timeout, std::chrono::ceil<milliseconds>(leading_until_ - now));
  }
  request.path = call == Call::kCreate ? CollectionPath(kLeases, settings_.lease.namespace_name)
                                       : ObjectPath(kLeases, settings_.lease);
  if (call != Call::kRead) {
    request.method = call == Call::kCreate ? ApiMethod::kPost : ApiMethod::kPut;
    request.content_type = kJsonType;
    request.body = Body(call, date);
    unsure_ = true;
  }
  pending_ = call;
  sent_at_ = now;
  return step;
}

std::string LeaseElection::Body(Call call, Timestamp date) const {
  LeaseChange change;
  change.holder = settings_.identity;
  change.duration_seconds = Seconds(settings_.lease_duration);
  change.acquire_time = FormatMicroTime(date);
  change.renew_time = date;
  if (call == Call::kCreate) return NewLease(settings_.lease, change);
  change.transitions = record_->transitions;
  if (call == Call::kGiveUp) {
    change.holder.clear();
    change.duration_seconds = kReleasedSeconds;
  } else if (!ours()) {
    change.transitions = std::min(change.transitions + 1, kMaxTransitions);
  } else if (!record_->acquire_time.empty()) {
    change.acquire_time = record_->acquire_time;
  }
  return ChangedLease(*record_, change);
}

std::optional<Error> LeaseElection::Answered(const Result<ApiResponse>& answer, Time now) {
  const Call call = std::exchange(pending_, Call::kNone);
  if (call != Call::kRead && (answer || IsRefusal(answer.error()))) unsure_ = false;
  if (releasing_) return AnsweredInRelease(call, answer, now);
  return call == Call::kRead ? Read(answer, now) : Written(call, answer, now);
}

std::optional<Error> LeaseElection::Read(const Result<ApiResponse>& answer, Time now) {
  if (answer) {
    Result<LeaseRecord> record = ReadLease(answer->body);
    if (record) {
      Observe(*std::move(record), now);
      Decide(now);
      return std::nullopt;
    }
    Retry(now);
    plan_ = Call::kRead;
    return record.error();
  }
  if (answer.error().code != ErrorCode::kNotFound) {
    Retry(now);
    plan_ = Call::kRead;
    return answer.error();
  }
  const bool led_by_another = record_ && !record_->holder.empty() && !ours() && now < expiry();
  if (led_by_another) {
    Retry(now);
  } else {
    plan_ = Call::kCreate;
  }
  return std::nullopt;
}

std::optional<Error> LeaseElection::Written(Call call, const Result<ApiResponse>& answer,
                                            Time now) {
  if (answer) {
    Result<LeaseRecord> record = ReadLease(answer->body);
    if (!record) {
      Retry(now);
      plan_ = Call::kRead;
      return record.error();
    }
    const bool changed = !record_ || record_->resource_version != record->resource_version;
    Observe(*std::move(record), now);
    if (!ours() || !changed) {  // somebody in between has rewritten our request
      Retry(now);
      plan_ = Call::kRead;
      if (!ours()) leading_until_ = Time::min();
      return Error{ErrorCode::kInternal, "the Lease is not as it was written", {}};
    }
    leading_until_ = sent_at_ + settings_.renew_deadline;
    // An answer that comes after that (the process was paused) is a beginning, too late to be worth a wait.
    if (now < leading_until_) Retry(now);
    return std::nullopt;
  }
  // Nowhere to create it (no such namespace) is no race.
  const bool nowhere = call == Call::kCreate && answer.error().code == ErrorCode::kNotFound;
  if (nowhere || !IsRace(answer.error())) {
    Retry(now);
    return answer.error();
  }
  plan_ = Call::kRead;
  if (ours() && !reread_) {
    reread_ = true;
  } else {
    Retry(now);
  }
  return std::nullopt;
}

std::optional<Error> LeaseElection::AnsweredInRelease(Call call, const Result<ApiResponse>& answer,
                                                      Time now) {
  if (answer) {
    if (call == Call::kGiveUp) {
      released_ = true;
      record_.reset();
      return std::nullopt;
    }
    Result<LeaseRecord> record = ReadLease(answer->body);
    unsure_ = false;
    released_ = !record;
    if (!record) return record.error();
    Observe(*std::move(record), now);
    return std::nullopt;
  }
  const bool gone = answer.error().code == ErrorCode::kNotFound;
  if (!gone && IsRace(answer.error())) {
    plan_ = Call::kRead;
    return std::nullopt;
  }
  // A call of before Release that failed says nothing about whether giving up will.
  if (gone || release_calls_ > 0) released_ = true;
  if (gone) return std::nullopt;
  return answer.error();
}

void LeaseElection::Observe(LeaseRecord record, Time now) {
  if (!record_ || record_->resource_version != record.resource_version) observed_at_ = now;
  record_ = std::move(record);
}

void LeaseElection::Decide(Time now) {
  // Another's name in the record, or nobody's: whatever the reason, we no longer lead.
  if (!ours()) leading_until_ = Time::min();
  const bool nobodys = !record_ || record_->holder.empty();
  if (ours() || nobodys || now >= expiry()) {
    plan_ = Call::kUpdate;
  } else {
    Retry(now);
  }
}

void LeaseElection::Retry(Time now) {
  reread_ = false;
  wait_ = settings_.retry_period;
  if (now < leading_until_) return;
  const double jitter = 1 + kAcquireJitter * std::uniform_real_distribution<double>()(random_);
  wait_ = std::chrono::ceil<milliseconds>(wait_ * jitter);
}

LeaseElection::Time LeaseElection::expiry() const {
  const int64_t told = record_ ? record_->duration_seconds : 0;
  const auto theirs = std::chrono::seconds(std::clamp<int64_t>(told, 0, kMaxLeaseDuration.count()));
  return observed_at_ + std::max<milliseconds>(settings_.lease_duration, theirs);
}

void LeaseElection::Release() {
  releasing_ = true;
  // Also where leading has not been told of yet: the Lease is about to be anybody's.
  leading_until_ = Time::min();
}

LeaseElection::Leader LeaseElection::leader() const {
  if (!record_ || record_->holder.empty()) return {};
  if (ours()) return {record_->holder, leading_until_};
  return {record_->holder, expiry()};
}

}  // namespace plimsoll::kube
