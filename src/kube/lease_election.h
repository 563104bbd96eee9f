// LeaseElection: the rules by which one of several processes leads, as steps to take; LeaderElector takes them.
//
// Why no two lead at once: a leader leads for `renew_deadline` from when it sent the renewal that succeeded, so from before
// the API server had it. Another takes over `lease_duration`, which is longer, after it has seen the record change last, so
// after the server had it; and its update fails if the record has changed since. Only the speeds of two monotonic clocks
// need agree, to the ratio of the two durations. Dates in the record are for people.
//
// Any change of the object counts as a renewal, even one of its labels: erring on that side costs time, not safety.
//
// Thread-safety: none. Time is an argument. Semantics: client-go tools/leaderelection, less its grace to a leader whose
// record shows another holder (here leading ends at once), and to one who sees the Lease gone (a candidate that knows of a
// leader waits for the lease to run out before it makes a new one).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>

#include "kube/lease_record.h"
#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/kube/api_client.h"
#include "plimsoll/model/object_key.h"

namespace plimsoll::kube {

// Candidates spread: they wait between once and 1 + kAcquireJitter times the retry period.
inline constexpr double kAcquireJitter = 1.2;
// Another's lease is respected for as long as it says, but not for longer than this: a typing error must not leave the
// cluster without a leader for a year.
inline constexpr std::chrono::seconds kMaxLeaseDuration{3600};

struct LeaseElectionSettings {
  ObjectKey lease;
  std::string identity;
  std::chrono::milliseconds lease_duration;
  std::chrono::milliseconds renew_deadline;
  std::chrono::milliseconds retry_period;
};

class LeaseElection {
 public:
  using Time = std::chrono::steady_clock::time_point;

  enum class Act {
    kCall,   // send `request`, then Answered
    kWait,   // for `wait`, or until Release
    kStart,  // leading has begun
    kStop,   // leading has ended
    kEnd,    // after Release: there is nothing left to do
  };
  struct Step {
    Act act;
    ApiRequest request;
    std::chrono::milliseconds wait{0};
  };

  LeaseElection(LeaseElectionSettings settings, uint32_t seed);

  Step Next(Time now, Timestamp date);
  // What is worth telling people, if anything; losing a race is not.
  std::optional<Error> Answered(const Result<ApiResponse>& answer, Time now);
  // From now on: stop leading, give the Lease up, end.
  void Release();

  // We lead while now is before this.
  Time leading_until() const { return leading_until_; }
  // Who leads as far as we know, and until when that is sure; "" for nobody.
  struct Leader {
    std::string identity;
    Time until = Time::min();
  };
  Leader leader() const;

 private:
  enum class Call { kNone, kRead, kCreate, kUpdate, kGiveUp };

  Step NextOfRelease(Time now, Timestamp date);
  Step Send(Call call, Time now, Timestamp date);
  std::string Body(Call call, Timestamp date) const;
  std::optional<Error> Read(const Result<ApiResponse>& answer, Time now);
  std::optional<Error> Written(Call call, const Result<ApiResponse>& answer, Time now);
  std::optional<Error> AnsweredInRelease(Call call, const Result<ApiResponse>& answer, Time now);
  void Observe(LeaseRecord record, Time now);
  void Decide(Time now);
  void Retry(Time now);
  bool ours() const { return record_ && record_->holder == settings_.identity; }
  Time expiry() const;

  LeaseElectionSettings settings_;
  std::minstd_rand random_;

  std::optional<LeaseRecord> record_;  // as we saw it last
  Time observed_at_ = Time::min();     // when we first saw it so
  Call pending_ = Call::kNone;         // its answer is awaited
  Time sent_at_ = Time::min();
  Call plan_ = Call::kNone;  // what the last answer asks for
  std::chrono::milliseconds wait_{0};
  bool reread_ = false;  // already since the last wait
  bool unsure_ = false;  // a write may have been carried out without our hearing of it

  Time leading_until_ = Time::min();
  bool started_ = false;
  bool releasing_ = false;
  bool released_ = false;
  int release_calls_ = 0;
};

}  // namespace plimsoll::kube
