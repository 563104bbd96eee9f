// LeaderElector: at most one process at a time leads, by a Lease. It renews from a thread of its own; whoever writes as
// the leader asks `leading()` before each write, which turns false by our own clock before anybody else may take over.
//
// Thread-safety: all methods from any thread; the callbacks come from the elector's thread. Ownership: `api` and what the
// callbacks use must outlive it. Semantics: client-go tools/leaderelection: lease 15 s, renew deadline 10 s, retry 2 s;
// another's expiry is judged by our monotonic clock from when we last saw the record change, never from its timestamps
// (docs/adr/0048-leading-ends-by-our-own-clock.md). RBAC: get, create and update on leases.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/kube/api_client.h"
#include "plimsoll/model/object_key.h"

namespace plimsoll::kube {

// For a leader's writes that no resourceVersion protects: begun while leading, they have ended before another one leads
// (lease_duration - renew_deadline).
inline constexpr std::chrono::milliseconds kLeadersWriteTimeout{5'000};

struct LeaderElectorOptions {
  ObjectKey lease;
  std::string identity;  // unique: the pod's name and something random
  std::chrono::milliseconds lease_duration{15'000};
  std::chrono::milliseconds renew_deadline{10'000};
  std::chrono::milliseconds retry_period{2'000};
  // Called when leading begins, which may be again after it had ended. Return soon: renewing waits for it.
  std::function<void()> started;
  // Called when it has ended: by loss, or by Release. After it has returned nothing must be written any more.
  std::function<void()> stopped;
  // For logs: what the elector has trouble with. It goes on trying.
  std::function<void(const Error&)> failed;
  const Clock* clock = nullptr;  // for the record's timestamps only
  // What leading is measured by. Called from any thread. Tests turn it themselves.
  std::function<std::chrono::steady_clock::time_point()> now;
};

// kInvalidArgument where nobody could lead safely with them: the lease must last longer than the renew deadline, and that
// longer than the longest wait between two tries. An elector with such options never leads, and says so by `failed`.
Status CheckLeaderElection(const LeaderElectorOptions& options);

class LeaderElector {
 public:
  LeaderElector(ApiCaller& api, LeaderElectorOptions options);
  // As Release.
  ~LeaderElector();
  LeaderElector(const LeaderElector&) = delete;
  LeaderElector& operator=(const LeaderElector&) = delete;

  // True while we lead and our last renewal is younger than the renew deadline. Cheap; ask before every write. A write that
  // is begun while it is true and ends within lease_duration - renew_deadline has ended before anybody else leads.
  bool leading() const;
  // Who leads as far as we know; "" for nobody.
  std::string leader() const;
  // Stops leading (calls `stopped`), gives the Lease up so that another need not wait, ends the thread. Returns when that
  // is done, at the latest after four calls that time out (renew_deadline / 2 each); from a callback at once.
  void Release();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll::kube
