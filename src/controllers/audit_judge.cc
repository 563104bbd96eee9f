#include <algorithm>
#include <set>
#include <utility>

#include "controllers/audit_state.h"
#include "controllers/timetable.h"
#include "plimsoll/base/text.h"
#include "plimsoll/policy/matching.h"
#include "plimsoll/record/service.h"
#include "plimsoll/record/stamps.h"

namespace plimsoll::controllers {
namespace {

using Outcome = AuditedWorkload::Outcome;
using Parked = AuditedWorkload::Parked;

bool HasPending(const Verdict& verdict) {
  return std::any_of(verdict.findings.begin(), verdict.findings.end(),
                     [](const Finding& finding) { return finding.result == RuleResult::kPending; });
}

void CountWaived(ObjectKey waiver, std::vector<Contribution::OfWaiver>& waivers) {
  const auto found = std::find_if(waivers.begin(), waivers.end(),
                                  [&](const auto& entry) { return entry.waiver == waiver; });
  if (found == waivers.end()) {
    waivers.push_back({std::move(waiver), 1});
  } else {
    ++found->findings;
  }
}

// What the manifest says of its past counts where it is earlier than what we know.
void SetFirstSeen(AuditedWorkload& workload, const Stamps& stamps, Timestamp now) {
  const auto see = [&](Timestamp at, Sighting how) {
    if (workload.first_seen && *workload.first_seen <= at) return;
    workload.first_seen = at;
    workload.first_seen_by = how;
  };
  see(now, Sighting::kAudit);
  if (stamps.checked) see(*stamps.checked, Sighting::kChecked);
  if (stamps.kickoff) see(*stamps.kickoff, Sighting::kKickoff);
}

}  // namespace

size_t Audit::Judge(Timestamp now, size_t max) {
  State& state = *state_;
  if (state.policies == nullptr) return state.waiting.size();
  state.AdvanceTo(now);
  // All of them wait: an audit of everything begins.
  if (state.stopwatch && !state.round_begun && state.present > 0 &&
      state.waiting.size() == state.present) {
    state.round_begun = state.stopwatch();
  }
  for (; max > 0 && !state.waiting.empty(); --max) {
    AuditedWorkload& workload = *state.waiting.begin()->second;
    state.waiting.erase(state.waiting.begin());
    workload.waiting = 0;
    state.JudgeOne(workload, now);
  }
  if (state.waiting.empty()) {
    state.last_success = now;
    if (const auto begun = std::exchange(state.round_begun, std::nullopt)) {
      state.last_duration = state.stopwatch() - *begun;
    }
  }
  return state.waiting.size();
}

std::optional<Timestamp> Audit::NextDate() const {
  const std::optional<Timestamp> judged = state_->last_now;
  if (!judged) return std::nullopt;
  std::optional<Timestamp> next;
  const auto stage = std::upper_bound(
      state_->dates.begin(), state_->dates.end(), *judged,
      [](Timestamp now, const std::pair<Timestamp, PolicyId>& date) { return now < date.first; });
  if (stage != state_->dates.end()) next = stage->first;
  if (const auto expiry = state_->NextExpiry(*judged))
    next = next ? std::min(*next, *expiry) : expiry;
  const auto retired =
      std::upper_bound(state_->directory_dates.begin(), state_->directory_dates.end(), *judged);
  if (retired != state_->directory_dates.end()) {
    next = next ? std::min(*next, *retired) : *retired;
  }
  for (const auto* timers : {&state_->late, &state_->held, &state_->settling}) {
    if (timers->empty()) continue;
    const Timestamp first = timers->begin()->first;
    next = next ? std::min(*next, first) : first;
  }
  return next;
}

AuditFigures Audit::Figures() const {
  AuditFigures figures = state_->book.Figures();
  state_->AddWaivers(figures);
  figures.waiting = static_cast<uint32_t>(state_->waiting.size());
  figures.unwritten = static_cast<uint32_t>(changes());
  figures.last_success = state_->last_success;
  figures.last_duration = state_->last_duration;
  for (size_t kind = 0; kind < kWorkloadKindCount; ++kind) {
    if (state_->unlisted[kind]) figures.unlisted.push_back(static_cast<WorkloadKind>(kind));
  }
  return figures;
}

// A clock that is set back takes stages back, too.
void Audit::State::AdvanceTo(Timestamp now) {
  const Timestamp from = std::min(last_now.value_or(now), now);
  const Timestamp to = std::max(last_now.value_or(now), now);
  if (!last_now) HoldUnwatched(now);
  last_now = now;
  LetGoUntil(now);
  while (!late.empty() && late.begin()->first <= now) Wait(*late.begin()->second);
  while (!settling.empty() && settling.begin()->first <= now) {
    AuditedWorkload& workload = *settling.begin()->second;
    SettleLater(workload, std::nullopt);
    Wait(workload);
  }
  if (from == to) return;
  WakeForExpiries(from, to);
  const auto retired = std::upper_bound(directory_dates.begin(), directory_dates.end(), from);
  if (retired != directory_dates.end() && *retired <= to) WakeForDirectory();
  std::set<PolicyId> moved;
  for (const auto& [date, policy] : dates) {
    if (from < date && date <= to) moved.insert(policy);
  }
  if (moved.empty()) return;
  for (auto& [key, workload] : workloads) {
    const auto& matched = workload.contribution.policies;
    if (std::any_of(matched.begin(), matched.end(),
                    [&](const auto& part) { return moved.contains(part.policy); })) {
      Wait(workload);
    }
  }
}

Audit::State::OwnerAnswer Audit::State::ConfirmOwner(const AuditedWorkload& workload) {
  const AuditedWorkload* at = &workload;
  while (at->owner != nullptr && owner_rule.LeadsToJudged(at->owner->owner.kind)) {
    const AuditedWorkload* owner = Find(at->owner->owner);
    if (owner == nullptr || !owner->present || owner->uid != at->owner->uid) {
      const bool listed = !unlisted[static_cast<size_t>(at->owner->owner.kind)];
      return listed ? OwnerAnswer::kMissing : OwnerAnswer::kUnlisted;
    }
    if (owner_rule.IsJudged(owner->key->kind)) return OwnerAnswer::kConfirmed;
    at = owner;
  }
  return OwnerAnswer::kNone;
}

bool Audit::State::OwnerKnown(AuditedWorkload& workload, OwnerAnswer answer, Timestamp now) {
  if (answer != OwnerAnswer::kMissing) workload.owner_missing_since.reset();
  if (answer == OwnerAnswer::kUnlisted) {
    workload.parked = Parked::kForOwner;  // until SettleUnlisted
    return false;
  }
  if (answer != OwnerAnswer::kMissing) return true;
  if (!workload.owner_missing_since) workload.owner_missing_since = now;
  const Timestamp deadline = *workload.owner_missing_since + kOwnerGrace;
  if (deadline <= now) return true;
  workload.parked = Parked::kForOwner;
  late.emplace(deadline, &workload);
  return false;
}

const Workload* Audit::State::Parse(const AuditedWorkload& workload) {
  object_text = workload.text;
  const Result<JsonView> root = object_parser.Parse(object_text);
  if (!root || !object.Assign(*root, workload.key->namespace_name)) return nullptr;
  return object.kind() == workload.key->kind ? &object : nullptr;
}

EvaluationContext Audit::State::ContextOf(AuditedNamespace& home, Timestamp now) {
  if (parsed_namespace != &home) {
    namespace_text = home.text;
    parsed_namespace = namespace_parser.Parse(namespace_text) ? &home : nullptr;
  }
  const JsonView facts =
      parsed_namespace == &home ? namespace_parser.document().root() : JsonView();
  EvaluationContext context;
  context.now = now;
  context.namespace_name = home.name;
  context.namespace_labels = facts["labels"];
  context.namespace_annotations = facts["annotations"];
  context.locate = false;
  context.waivers = waivers.get();
  context.directory = directory.get();
  context.links = links.results();
  return context;
}

EvaluationContext Audit::State::ContextFor(const Workload& parsed, AuditedNamespace& home,
                                           Timestamp now) {
  EvaluationContext context = ContextOf(home, now);
  context.related = related.get();
  if (related != nullptr) context.settles_at = SettlesAt(parsed, false, now, grace);
  return context;
}

void Audit::State::JudgeOne(AuditedWorkload& workload, Timestamp now) {
  if (!workload.home->known) {
    workload.parked = Parked::kForNamespace;
    return;
  }
  const OwnerAnswer owner = ConfirmOwner(workload);
  if (!OwnerKnown(workload, owner, now)) return;
  workload.judged = true;
  workload.judged_at = now;
  SettleLater(workload, std::nullopt);
  const Workload* parsed = Parse(workload);
  if (parsed == nullptr || owner == OwnerAnswer::kConfirmed) {
    LetGo(workload);  // its owner has a record in its place
    links.Replace(workload, nullptr, {});
    SettleOtherwise(workload, Outcome::kNoRecord, {});
    return;
  }
  const EvaluationContext context = ContextFor(*parsed, *workload.home, now);
  const Verdict verdict = evaluator.Evaluate(*policies, *parsed, context);
  links.Replace(workload, verdict.exemption == Exemption::kNone ? parsed : nullptr,
                verdict.policies);
  switch (verdict.exemption) {
    case Exemption::kNone:
      if (HasPending(verdict)) SettleLater(workload, context.settles_at);
      SettleRecord(workload, *parsed, verdict, now);
      return;
    case Exemption::kScaledToZero:
    case Exemption::kBeingDeleted: {
      Contribution contribution;
      contribution.policies = PoliciesAbout(*parsed, context);
      if (contribution.policies.empty()) break;
      SettleOtherwise(workload, Outcome::kKeep, std::move(contribution));
      return;
    }
    default:
      break;
  }
  if (workload.policies_changed) Hold(workload, now);
  SettleOtherwise(workload, Outcome::kNoRecord, {});
}

std::vector<Contribution::OfPolicy> Audit::State::PoliciesAbout(const Workload& parsed,
                                                                const EvaluationContext& context) {
  std::vector<Contribution::OfPolicy> about;
  for (const ReadinessPolicy& policy : policies->policies()) {
    if (Applies(policy.match, parsed, context)) about.push_back({book.IdOf(policy.name)});
  }
  return about;
}

void Audit::State::SettleOtherwise(AuditedWorkload& workload, Outcome outcome,
                                   Contribution contribution) {
  book.Replace(workload.contribution, std::move(contribution));
  workload.outcome = outcome;
  workload.policies_changed = false;
  Refresh(workload);
}

WorkloadRecord Audit::State::RecordOf(const AuditedWorkload& workload, const Workload& parsed,
                                      const Verdict& verdict,
                                      const std::vector<uint64_t>& identities) const {
  return BuildRecord(
      {*workload.key, parsed.api_version(), workload.uid,
       ServiceOf(parsed, RecordedOwner(verdict), workload.key->namespace_name, workload.key->name),
       workload.first_seen.value_or(workload.judged_at), workload.first_seen_by, identities,
       workload.observed},
      verdict);
}

void Audit::State::SettleRecord(AuditedWorkload& workload, const Workload& parsed,
                                const Verdict& verdict, Timestamp now) {
  const Stamps stamps = ReadStamps(parsed, now);
  SetFirstSeen(workload, stamps, now);
  const std::vector<uint64_t> identities = IdentitiesOf(verdict);
  std::vector<Observed> observed = ObservedIn(identities, workload.observed, now);
  const bool waived = verdict.waived > 0;
  const bool told =
      workload.object_changed || waived || workload.waived || observed != workload.observed;
  workload.observed = std::move(observed);
  const WorkloadRecord record = RecordOf(workload, parsed, verdict, identities);
  if (told) Observe(record, !workload.object_changed, verdict, stamps, now);
  workload.object_changed = false;
  workload.waived = waived;
  workload.outcome = Outcome::kRecord;
  workload.policies_changed = false;
  workload.wanted = FingerprintOf(record);
  book.Replace(workload.contribution, ContributionOf(workload.key->namespace_name, verdict, now));
  Refresh(workload);
}

void Audit::State::Observe(const WorkloadRecord& record, bool asked_differently,
                           const Verdict& verdict, const Stamps& stamps, Timestamp now) {
  Happening happening;
  happening.workload = record.workload;
  happening.owner = record.owner;
  happening.tier = record.tier;
  happening.service = record.service;
  Observation observation;
  observation.at = now;
  observation.asked_differently = asked_differently;
  observation.stamps = stamps;
  for (const Finding& finding : verdict.findings) {
    if (finding.result != RuleResult::kFail) continue;
    observation.findings.push_back({finding.rule,
                                    SanitizeLine(finding.container, kMaxRecordedNameBytes),
                                    !finding.waiver.empty()});
  }
  happening.what = std::move(observation);
  observations.push_back(std::move(happening));
}

Contribution Audit::State::ContributionOf(const std::string& namespace_name, const Verdict& verdict,
                                          Timestamp now) {
  Contribution out;
  out.counted = true;
  out.state = StateOf(verdict);
  out.tier = verdict.tier;
  out.owner = RecordedOwner(verdict);
  std::vector<std::optional<Stage>> next;
  for (const std::string_view name : verdict.policies) {
    out.policies.push_back({book.IdOf(name)});
    next.push_back(NextChange(*policies->Find(name), now));
  }
  for (const Finding& finding : verdict.findings) {
    if (finding.result != RuleResult::kFail) continue;
    const auto about = std::lower_bound(verdict.policies.begin(), verdict.policies.end(),
                                        std::string_view(finding.policy));
    const auto index = static_cast<size_t>(about - verdict.policies.begin());
    Contribution::OfPolicy& part = out.policies[index];
    if (finding.waiver.empty()) {
      part.failing = true;
    } else {
      part.waived = true;
      CountWaived({namespace_name, finding.waiver}, out.waivers);
    }
    const std::optional<Stage>& stage = next[index];
    const std::optional<Timestamp> change = stage ? stage->from : std::nullopt;
    const bool then = change && finding.waiver.empty() && finding.upcoming &&
                      finding.upcoming->action == Action::kDeny &&
                      finding.upcoming->from <= *change;
    part.blocked = part.blocked || finding.action == Action::kDeny;
    part.would_block = part.would_block || part.blocked || then;
    const uint16_t rule = book.RuleId(finding.rule);
    // Findings are sorted by action, policy and rule: those of one class stand together.
    if (out.rules.empty() || out.rules.back().policy != part.policy ||
        out.rules.back().rule != rule || out.rules.back().action != finding.action) {
      out.rules.push_back({part.policy, rule, finding.action, 0});
    }
    ++out.rules.back().findings;
  }
  for (Contribution::OfPolicy& part : out.policies) part.waived = part.waived && !part.failing;
  out.policies.shrink_to_fit();
  out.rules.shrink_to_fit();
  return out;
}

}  // namespace plimsoll::controllers
