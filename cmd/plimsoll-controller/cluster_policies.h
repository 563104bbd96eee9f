// ClusterPolicies: the ReadinessPolicies of the cluster as an informer brings them, compiled. Requests take a shared
// pointer and keep what they began with.
//
// A policy that cannot be read at all is not in force, one with wrong entries is in force without them; the status of both
// says so.
//
// Thread-safety: Current, Policies and standing from any thread; the handler's methods from the informer's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "plimsoll/controllers/policy_status.h"
#include "plimsoll/kube/informer.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "plimsoll/telemetry/logger.h"
#include "plimsoll/telemetry/metrics.h"

namespace plimsoll::controller {

// One ReadinessPolicy as the API server has it. Immutable.
struct ClusterPolicy {
  std::string name;
  std::string uid;
  int64_t generation = 0;
  ParsedPolicy parsed;
  std::optional<controllers::PolicyStatus> status;  // as stored
};

class ClusterPolicies final : public kube::ObjectHandler {
 public:
  // `changed` is called from the informer's thread after what is in force has changed, and at the first sync. `strongest`:
  // what any of them may do at most; below Deny none of them closes a namespace while nobody answers, either.
  ClusterPolicies(const Clock& clock, Logger& logger, Metrics& metrics, Action strongest,
                  std::function<void()> changed);

  // Null until all have been read for the first time.
  std::shared_ptr<const PolicySnapshot> Current() const;
  // All of them by name, those not in force among them.
  std::vector<std::shared_ptr<const ClusterPolicy>> Policies() const;

  void Upsert(const ObjectKey& key, JsonView object) override;
  void Remove(const ObjectKey& key, std::string_view uid) override;
  void Synced() override;

 private:
  // Compiles what there is; nothing before the first sync.
  void Publish();
  void Report(const PolicySnapshot& snapshot);

  const Clock& clock_;
  Logger& logger_;
  Metrics& metrics_;
  Action strongest_;
  std::function<void()> changed_;
  bool synced_ = false;  // of the informer's thread
  // Held for the copy of pointers.
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const ClusterPolicy>> policies_;  // guarded by mutex_
  std::shared_ptr<const PolicySnapshot> current_;                         // guarded by mutex_
};

}  // namespace plimsoll::controller
