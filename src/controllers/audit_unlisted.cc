#include <vector>

#include "controllers/audit_state.h"

namespace plimsoll::controllers {

bool Audit::State::IsUnlisted(const AuditedWorkload& workload) const {
  const WorkloadKind kind = workload.key->kind;
  return !workload.present && unlisted[static_cast<size_t>(kind)] && owner_rule.IsJudged(kind);
}

void Audit::State::SettleUnlisted(const WorkloadKindSet& kinds) {
  std::vector<AuditedWorkload*> absent;  // settled afterwards: settling may forget them
  for (auto& [key, workload] : workloads) {
    if (workload.parked == AuditedWorkload::Parked::kForOwner) Wait(workload);
    if (!workload.present && kinds[static_cast<size_t>(key.kind)]) absent.push_back(&workload);
  }
  for (AuditedWorkload* workload : absent) {
    if (!owner_rule.IsJudged(workload->key->kind) && last_now) Hold(*workload, *last_now);
    Refresh(*workload);
  }
}

void Audit::SetUnlisted(WorkloadKindSet kinds) {
  const WorkloadKindSet changed = kinds ^ state_->unlisted;
  if (changed.none()) return;
  state_->unlisted = kinds;
  state_->SettleUnlisted(changed);
}

}  // namespace plimsoll::controllers
