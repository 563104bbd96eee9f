#include "plimsoll/controllers/audit.h"

#include <algorithm>
#include <bitset>
#include <functional>
#include <utility>

#include "controllers/audit_state.h"
#include "controllers/object_copy.h"
#include "controllers/policy_changes.h"
#include "controllers/timetable.h"
#include "plimsoll/policy/matching.h"

namespace plimsoll::controllers {
namespace {

using Parked = AuditedWorkload::Parked;

size_t HashOf(const WorkloadKey& key) {
  const std::hash<std::string_view> hash;
  return (hash(key.name) * 31 + hash(key.namespace_name)) * kWorkloadKindCount +
         static_cast<size_t>(key.kind);
}

// Another object under the same name: what is known of the one before does not hold for it.
bool IsAnother(const AuditedWorkload& workload, std::string_view uid) {
  return !workload.uid.empty() && !uid.empty() && workload.uid != uid;
}

// Of a record that has no history yet: it is written first.
Timestamp LastObserved(const WorkloadRecord& record) {
  Timestamp last = record.first_seen;
  for (const RecordedFinding& finding : record.findings) {
    last = std::max(last, finding.first_observed);
  }
  return last;
}

void AdoptHistory(AuditedWorkload& workload, const WorkloadRecord& record) {
  workload.first_seen = record.first_seen;
  workload.first_seen_by = record.first_seen_by;
  workload.observed = ObservedIn(record);
}

}  // namespace

// ---- state ----

AuditedWorkload& Audit::State::At(const WorkloadKey& key) {
  const auto [found, added] = workloads.try_emplace(key);
  AuditedWorkload& workload = found->second;
  if (added) {
    workload.key = &found->first;
    workload.home = &NamespaceAt(key.namespace_name);
    ++workload.home->workloads;
    // There is a record under its name, and it is to be replaced or deleted as one of this workload.
    if (!strays.empty() && strays.erase({key.namespace_name, RecordName(key)}) > 0) {
      workload.stored = AuditedWorkload::Stored::kUnknown;
    }
  }
  return workload;
}

AuditedWorkload* Audit::State::Find(const WorkloadKey& key) {
  const auto found = workloads.find(key);
  return found == workloads.end() ? nullptr : &found->second;
}

void Audit::State::Forget(const AuditedWorkload& workload) {
  AuditedNamespace& home = *workload.home;
  workloads.erase(workloads.find(*workload.key));
  --home.workloads;
  ForgetNamespace(home);
}

AuditedNamespace& Audit::State::NamespaceAt(std::string_view name) {
  auto found = namespaces.find(name);
  if (found == namespaces.end()) {
    found = namespaces.emplace(name, AuditedNamespace{std::string(name), false, {}, 0}).first;
  }
  return found->second;
}

void Audit::State::ForgetNamespace(const AuditedNamespace& home) {
  if (home.known || home.workloads > 0) return;
  if (parsed_namespace == &home) parsed_namespace = nullptr;
  namespaces.erase(namespaces.find(home.name));
}

bool Audit::State::SetOwner(AuditedWorkload& workload, std::optional<OwnerLink> owner) {
  const bool had = workload.owner != nullptr;
  if (had) {
    if (owner && *owner == *workload.owner) return false;
    auto [first, last] = controlled.equal_range(HashOf(workload.owner->owner));
    const auto found =
        std::find_if(first, last, [&](const auto& entry) { return entry.second == &workload; });
    if (found != last) controlled.erase(found);
    workload.owner.reset();
  }
  if (!owner) return had;
  controlled.emplace(HashOf(owner->owner), &workload);
  workload.owner = std::make_unique<OwnerLink>(*std::move(owner));
  return true;
}

void Audit::State::Remove(AuditedWorkload& workload, Why why) {
  if (!workload.present) return;
  const WorkloadKey key = *workload.key;
  Unpark(workload);
  SettleLater(workload, std::nullopt);
  if (workload.waiting != 0) waiting.erase(std::exchange(workload.waiting, 0));
  SetOwner(workload, std::nullopt);
  workload.owner_missing_since.reset();
  if (why == Why::kUnwatched) {
    if (last_now) Hold(workload, *last_now);  // before that: HoldUnwatched
  } else {
    LetGo(workload);
    workload.ForgetHistory();
    workload.uid = {};
  }
  book.Replace(workload.contribution, {});
  links.Replace(workload, nullptr, {});
  workload.present = false;
  workload.judged = false;
  workload.outcome = AuditedWorkload::Outcome::kNoRecord;
  workload.policies_changed = why == Why::kUnwatched;
  workload.text = {};
  --present;
  Refresh(workload);  // may forget it
  WakeControlled(key);
}

void Audit::State::Wait(AuditedWorkload& workload) {
  if (!workload.present || workload.waiting != 0) return;
  Unpark(workload);
  workload.waiting = ++sequence;
  waiting.emplace(workload.waiting, &workload);
  // Keeps its place among the changes for when it has been judged.
  if (workload.change != 0) changes.erase(workload.change);
}

void Audit::State::SettleLater(AuditedWorkload& workload, std::optional<Timestamp> at) {
  if (workload.settles_at) {
    auto [first, last] = settling.equal_range(*workload.settles_at);
    const auto found =
        std::find_if(first, last, [&](const auto& entry) { return entry.second == &workload; });
    if (found != last) settling.erase(found);
  }
  workload.settles_at = at;
  if (at) settling.emplace(*at, &workload);
}

void Audit::State::Unpark(AuditedWorkload& workload) {
  const std::optional<Timestamp> since = workload.owner_missing_since;
  if (workload.parked == Parked::kForOwner && since) {
    auto [first, last] = late.equal_range(*since + kOwnerGrace);
    const auto found =
        std::find_if(first, last, [&](const auto& entry) { return entry.second == &workload; });
    if (found != last) late.erase(found);
  }
  workload.parked = Parked::kNo;
}

void Audit::State::WakeControlled(const WorkloadKey& owner) {
  auto [first, last] = controlled.equal_range(HashOf(owner));
  for (; first != last; ++first) {
    AuditedWorkload& workload = *first->second;
    if (workload.owner->owner != owner) continue;
    Wait(workload);
    WakeControlled(*workload.key);  // two steps at most: ReadOwnerLink allows no circles
  }
}

void Audit::State::WakeAllIn(const std::string& namespace_name) {
  for (size_t kind = 0; kind < kWorkloadKindCount; ++kind) {
    const WorkloadKey begin{static_cast<WorkloadKind>(kind), namespace_name, ""};
    for (auto at = workloads.lower_bound(begin); at != workloads.end(); ++at) {
      if (at->first.kind != begin.kind || at->first.namespace_name != namespace_name) break;
      Wait(at->second);
    }
  }
}

// Those that a changed policy was about, and those of a kind and namespace that one is about now.
void Audit::State::WakeForPolicies(const PolicySnapshot& now) {
  using Kinds = std::bitset<kWorkloadKindCount>;
  const PolicyChanges changed = ChangesBetween(policies.get(), now);
  const OwnerRule rule(now);
  const bool owners_changed = rule != owner_rule;
  if (changed.none()) return;
  std::set<PolicyId> before;
  for (const std::string& name : changed.before) before.insert(book.IdOf(name));
  std::map<const AuditedNamespace*, Kinds> about;
  for (auto& [name, home] : namespaces) {
    if (!home.known) continue;
    const EvaluationContext context = ContextOf(home, {});
    Kinds& kinds = about[&home];
    for (const ReadinessPolicy* policy : changed.now) {
      if (!AppliesInNamespace(policy->match, context)) continue;
      for (const WorkloadKind kind : policy->match.kinds) kinds.set(static_cast<size_t>(kind));
    }
  }
  for (auto& [key, workload] : workloads) {
    const auto& matched = workload.contribution.policies;
    if (about[workload.home][static_cast<size_t>(key.kind)] ||
        (owners_changed && workload.owner != nullptr) ||
        std::any_of(matched.begin(), matched.end(),
                    [&](const auto& part) { return before.contains(part.policy); })) {
      workload.policies_changed = true;
      Wait(workload);
    }
  }
  owner_rule = rule;
  if (owners_changed) SettleUnlisted(unlisted);
}

// ---- what has changed ----

Audit::Audit(Stopwatch stopwatch) : state_(std::make_unique<State>()) {
  state_->stopwatch = std::move(stopwatch);
}
Audit::~Audit() = default;

void Audit::SetPolicies(std::shared_ptr<const PolicySnapshot> policies) {
  if (policies == nullptr) return;
  state_->WakeForPolicies(*policies);
  state_->policies = std::move(policies);
  state_->book.SetPolicies(*state_->policies);
  state_->links.SetPolicies(*state_->policies);
  state_->dates.clear();
  for (const ReadinessPolicy& policy : state_->policies->policies()) {
    const PolicyId id = state_->book.IdOf(policy.name);
    for (const Timestamp date : DatesOf(policy)) state_->dates.emplace_back(date, id);
  }
  std::sort(state_->dates.begin(), state_->dates.end());
}

void Audit::SetNamespace(std::string_view name, JsonView metadata) {
  AuditedNamespace& home = state_->NamespaceAt(name);
  std::string text = CompactNamespace(metadata);
  if (home.known && home.text == text) return;
  home.known = true;
  home.text = std::move(text);
  if (state_->parsed_namespace == &home) state_->parsed_namespace = nullptr;
  state_->WakeAllIn(home.name);
}

void Audit::RemoveNamespace(std::string_view name) {
  const auto found = state_->namespaces.find(name);
  if (found == state_->namespaces.end()) return;
  found->second.known = false;
  state_->ForgetNamespace(found->second);
}

void Audit::SetWorkload(const WorkloadKey& key, JsonView object) {
  AuditedWorkload& workload = state_->At(key);
  const JsonView metadata = object["metadata"];
  const std::string_view uid = metadata["uid"].StringOrEmpty();
  std::string text = CompactWorkload(key.kind, object);
  const bool another = IsAnother(workload, uid);
  const bool came = !workload.present;
  if (!came && !another && workload.text == text) return;
  if (another) workload.ForgetHistory();
  if (came) ++state_->present;
  workload.present = true;
  workload.uid = uid;
  workload.text = std::move(text);
  workload.object_changed = true;
  state_->Unpark(workload);
  // Who controls it decides about those that it controls (a ReplicaSet that is orphaned, and its Pods).
  const bool led_elsewhere =
      state_->SetOwner(workload, ReadOwnerLink(key.kind, key.namespace_name, metadata));
  state_->Wait(workload);
  if (came || another || led_elsewhere) state_->WakeControlled(key);
}

void Audit::RemoveWorkload(const WorkloadKey& key) {
  if (AuditedWorkload* workload = state_->Find(key))
    state_->Remove(*workload, State::Why::kDeleted);
}

void Audit::RemoveKind(WorkloadKind kind) {
  std::vector<WorkloadKey> keys;
  for (auto at = state_->workloads.lower_bound({kind, "", ""});
       at != state_->workloads.end() && at->first.kind == kind; ++at) {
    keys.push_back(at->first);
  }
  for (const WorkloadKey& key : keys) {
    if (AuditedWorkload* workload = state_->Find(key)) {
      state_->Remove(*workload, State::Why::kUnwatched);
    }
  }
}

void Audit::SetRelated(std::shared_ptr<const RelatedObjects> related, const RelatedChange& change,
                       std::chrono::seconds grace) {
  state_->related = std::move(related);
  state_->grace = grace;
  if (change.any_namespace) {
    for (auto& [key, workload] : state_->workloads) state_->Wait(workload);
    return;
  }
  for (const std::string& name : change.namespaces) state_->WakeAllIn(name);
}

void Audit::SetRecord(const ObjectKey& key, const WorkloadRecord& record,
                      std::optional<Timestamp> last_event) {
  const WorkloadKey& about = record.workload;
  if (about.namespace_name != key.namespace_name || RecordName(about) != key.name) {
    // Somebody has written it by hand.
    if (AuditedWorkload* workload = state_->FindByRecord(key)) {
      workload->stored = AuditedWorkload::Stored::kUnknown;
      state_->Refresh(*workload);
    } else {
      state_->strays.insert(key);
    }
    return;
  }
  AuditedWorkload& workload = state_->At(about);
  workload.stored = AuditedWorkload::Stored::kKnown;
  workload.stored_fingerprint = FingerprintOf(record);
  if (!workload.present) workload.uid = record.uid;
  if (!workload.judged && !IsAnother(workload, record.uid)) AdoptHistory(workload, record);
  if (!workload.present && record.uid.empty()) {
    state_->HoldUntil(workload, last_event.value_or(LastObserved(record)) + kNeverAdmittedTtl);
  }
  state_->Refresh(workload);
}

std::vector<Happening> Audit::TakeObservations() { return std::exchange(state_->observations, {}); }

void Audit::RemoveRecord(const ObjectKey& key) {
  state_->strays.erase(key);
  AuditedWorkload* workload = state_->FindByRecord(key);
  if (workload == nullptr) return;
  workload->stored = AuditedWorkload::Stored::kNone;
  state_->Refresh(*workload);
}

}  // namespace plimsoll::controllers
