#include <algorithm>
#include <utility>

#include "controllers/audit_state.h"
#include "plimsoll/base/text.h"

namespace plimsoll::controllers {
namespace {

using Outcome = AuditedWorkload::Outcome;
using Stored = AuditedWorkload::Stored;

// Names that are longer end in a digest (RecordName), from which no name can be read.
constexpr size_t kLongestRecordName = 253;

bool MustBeWritten(const AuditedWorkload& workload) {
  switch (workload.outcome) {
    case Outcome::kKeep:
      return false;
    case Outcome::kNoRecord:
      return workload.stored != Stored::kNone && !workload.held_until;
    case Outcome::kRecord:
      return workload.stored != Stored::kKnown || workload.stored_fingerprint != workload.wanted;
  }
  return false;
}

}  // namespace

void Audit::State::Hold(AuditedWorkload& workload, Timestamp now) {
  if (workload.held_until || workload.stored == Stored::kNone) return;
  HoldUntil(workload, now + kPolicyGrace);
}

void Audit::State::HoldUntil(AuditedWorkload& workload, Timestamp until) {
  LetGo(workload);
  workload.held_until = until;
  held.emplace(until, &workload);
}

void Audit::State::LetGo(AuditedWorkload& workload) {
  if (!workload.held_until) return;
  auto [first, last] = held.equal_range(*workload.held_until);
  const auto found =
      std::find_if(first, last, [&](const auto& entry) { return entry.second == &workload; });
  if (found != last) held.erase(found);
  workload.held_until.reset();
}

void Audit::State::LetGoUntil(Timestamp now) {
  while (!held.empty() && held.begin()->first <= now) {
    AuditedWorkload& workload = *held.begin()->second;
    LetGo(workload);
    Refresh(workload);
  }
}

void Audit::State::HoldUnwatched(Timestamp now) {
  for (auto& [key, workload] : workloads) {
    if (workload.present || owner_rule.IsJudged(key.kind)) continue;
    Hold(workload, now);
    Refresh(workload);
  }
}

void Audit::State::Refresh(AuditedWorkload& workload) {
  if (workload.outcome != Outcome::kNoRecord || workload.stored == Stored::kNone) LetGo(workload);
  if (workload.judged && workload.outcome == Outcome::kNoRecord &&
      workload.stored == Stored::kNone) {
    // Nothing is remembered that no record holds: after a restart it would be as here.
    workload.ForgetHistory();
  }
  if (workload.unsettled()) return;
  const bool unlisted_one = IsUnlisted(workload);
  if (!MustBeWritten(workload) || unlisted_one) {
    if (workload.change != 0) changes.erase(std::exchange(workload.change, 0));
    const bool recorded = unlisted_one && workload.stored != Stored::kNone;
    if (!workload.present && !workload.held_until && !recorded) Forget(workload);
    return;
  }
  if (workload.change == 0) workload.change = ++sequence;
  changes.emplace(workload.change, &workload);
}

AuditedWorkload* Audit::State::FindByRecord(const ObjectKey& key) {
  if (key.name.size() >= kLongestRecordName) {
    for (auto& [about, workload] : workloads) {
      if (about.namespace_name == key.namespace_name && RecordName(about) == key.name) {
        return &workload;
      }
    }
    return nullptr;
  }
  const size_t dash = key.name.find('-');
  if (dash == std::string::npos) return nullptr;
  const std::string_view prefix = std::string_view(key.name).substr(0, dash);
  for (size_t i = 0; i < kWorkloadKindCount; ++i) {
    const auto kind = static_cast<WorkloadKind>(i);
    if (EqualsIgnoreCase(prefix, WorkloadKindName(kind))) {
      return Find({kind, key.namespace_name, key.name.substr(dash + 1)});
    }
  }
  return nullptr;
}

std::optional<RecordChange> Audit::State::TakeChange(AuditedWorkload& workload) {
  RecordChange change{{workload.key->namespace_name, RecordName(*workload.key)}, std::nullopt};
  if (workload.outcome == Outcome::kNoRecord) {
    workload.stored = Stored::kNone;
    return change;
  }
  // Records wait for their turn as fingerprints; the record itself is worked out again, as of when it was judged.
  const Workload* parsed = Parse(workload);
  if (parsed == nullptr) return std::nullopt;
  const Verdict verdict = evaluator.Evaluate(
      *policies, *parsed, ContextFor(*parsed, *workload.home, workload.judged_at));
  if (verdict.exemption != Exemption::kNone) return std::nullopt;
  change.record = RecordOf(workload, *parsed, verdict, IdentitiesOf(verdict));
  workload.wanted = FingerprintOf(*change.record);
  workload.stored = Stored::kKnown;
  workload.stored_fingerprint = workload.wanted;
  return change;
}

std::vector<RecordChange> Audit::TakeChanges(size_t max) {
  State& state = *state_;
  std::vector<RecordChange> taken;
  while (taken.size() < max && !state.strays.empty()) {
    taken.push_back({*state.strays.begin(), std::nullopt});
    state.strays.erase(state.strays.begin());
  }
  while (taken.size() < max && !state.changes.empty()) {
    AuditedWorkload& workload = *state.changes.begin()->second;
    state.changes.erase(state.changes.begin());
    workload.change = 0;
    if (std::optional<RecordChange> change = state.TakeChange(workload)) {
      taken.push_back(*std::move(change));
      state.Refresh(workload);  // forgets it where its record was all that was left
    } else {
      state.Wait(workload);
    }
  }
  return taken;
}

void Audit::PutBack(const RecordChange& change) {
  AuditedWorkload* workload =
      change.record ? state_->Find(change.record->workload) : state_->FindByRecord(change.key);
  if (workload != nullptr) {
    workload->stored = Stored::kUnknown;
    state_->Refresh(*workload);
  } else if (!change.record) {
    state_->strays.insert(change.key);
  }
}

size_t Audit::changes() const { return state_->strays.size() + state_->changes.size(); }

}  // namespace plimsoll::controllers
