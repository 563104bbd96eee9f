#include "cluster_policies.h"

#include <utility>

#include "plimsoll/files/policy_folder.h"
#include "plimsoll/kube/record_codec.h"

namespace plimsoll::controller {
namespace {

// One bad policy must not fill the log; its status has every problem.
constexpr size_t kMaxLoggedProblems = 10;

}  // namespace

ClusterPolicies::ClusterPolicies(const Clock& clock, Logger& logger, Metrics& metrics,
                                 Action strongest, std::function<void()> changed)
    : clock_(clock),
      logger_(logger),
      metrics_(metrics),
      strongest_(strongest),
      changed_(std::move(changed)) {}

std::shared_ptr<const PolicySnapshot> ClusterPolicies::Current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

std::vector<std::shared_ptr<const ClusterPolicy>> ClusterPolicies::Policies() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<const ClusterPolicy>> policies;
  policies.reserve(policies_.size());
  for (const auto& [name, policy] : policies_) policies.push_back(policy);
  return policies;
}

void ClusterPolicies::Upsert(const ObjectKey& key, JsonView object) {
  auto policy = std::make_shared<ClusterPolicy>();
  policy->name = key.name;
  policy->uid = object["metadata"]["uid"].StringOrEmpty();
  policy->generation = object["metadata"]["generation"].AsInt().value_or(0);
  policy->status = kube::ReadPolicyStatus(object);
  bool status_only = false;
  {
    const std::lock_guard lock(mutex_);
    const auto known = policies_.find(key.name);
    status_only = known != policies_.end() && known->second->uid == policy->uid &&
                  known->second->generation == policy->generation;
    // The generation changes with the spec, and nothing but the name and the spec is read.
    if (status_only) policy->parsed = known->second->parsed;
  }
  if (!status_only) policy->parsed = ParseReadinessPolicy(object);
  {
    const std::lock_guard lock(mutex_);
    policies_[key.name] = policy;
  }
  if (status_only) return;
  size_t logged = 0;
  for (const Diagnostic& problem : policy->parsed.problems) {
    if (logged++ == kMaxLoggedProblems) break;
    logger_.Log(LogLevel::kError, "problem in a policy",
                {{"policy", policy->name}, {"path", problem.path}, {"problem", problem.message}});
  }
  Publish();
}

void ClusterPolicies::Remove(const ObjectKey& key, std::string_view /*uid*/) {
  {
    const std::lock_guard lock(mutex_);
    policies_.erase(key.name);
  }
  Publish();
}

void ClusterPolicies::Synced() {
  synced_ = true;
  Publish();
}

void ClusterPolicies::Publish() {
  if (!synced_) return;
  std::vector<ReadinessPolicy> policies;
  for (const auto& policy : Policies()) {
    const std::optional<ReadinessPolicy>& parsed = policy->parsed.policy;
    if (!parsed) continue;
    if (policies.size() == kMaxPolicies) {
      logger_.Log(LogLevel::kError,
                  "too many policies: this one and those after it are not in force",
                  {{"policy", policy->name}, {"limit", static_cast<int64_t>(kMaxPolicies)}});
      break;
    }
    policies.push_back(HeldBack(*parsed, strongest_));
  }
  auto snapshot = std::make_shared<const PolicySnapshot>(std::move(policies));
  {
    const std::lock_guard lock(mutex_);
    current_ = snapshot;
  }
  Report(*snapshot);
  changed_();
}

void ClusterPolicies::Report(const PolicySnapshot& snapshot) {
  PolicyLoad load;
  for (const auto& policy : Policies()) {
    load.health.push_back({policy->name, policy->parsed.problems.empty()});
    load.problems += policy->parsed.problems.size();
  }
  load.policies = Current();
  load.at = clock_.Now();
  const auto problems = static_cast<int64_t>(load.problems);
  metrics_.SetPolicies(std::move(load));
  // Last, because whoever reads this line may rely on all of the above.
  logger_.Log(
      LogLevel::kInfo, "policies in force",
      {{"policies", static_cast<int64_t>(snapshot.policies().size())}, {"problems", problems}});
}

}  // namespace plimsoll::controller
