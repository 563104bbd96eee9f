// What becomes of a waiver by the terms of its policy.
#include <algorithm>
#include <utility>

#include "plimsoll/base/text.h"
#include "plimsoll/policy/evaluator.h"
#include "plimsoll/policy/waiver_set.h"
#include "policy/schema_check.h"

namespace plimsoll {
namespace {

// Users' names in sentences: enough to recognise them.
constexpr size_t kMaxShownUser = 120;

bool HasRule(const ReadinessPolicy& policy, std::string_view rule) {
  if (rule == kTierRuleId) return !policy.tiers.values.empty();
  return std::any_of(policy.rules.begin(), policy.rules.end(),
                     [&](const PolicyRule& entry) { return entry.rule->id == rule; });
}

// Why a waiver cannot excuse, whatever the date.
enum class Flaw : uint8_t { kNone, kUnknownPolicy, kNoSuchRule, kSelfApproved, kTooLong };

Flaw FlawOf(const ReadinessWaiver& waiver, const ReadinessPolicy* policy, Timestamp now) {
  if (policy == nullptr || policy->name != waiver.policy) return Flaw::kUnknownPolicy;
  // A policy that drops one of its rules ends nobody's waiver of the others.
  if (std::none_of(waiver.rules.begin(), waiver.rules.end(),
                   [&](const std::string& rule) { return HasRule(*policy, rule); })) {
    return Flaw::kNoSuchRule;
  }
  if (!waiver.approved_by.empty() && MayBeSamePerson(waiver.approved_by, waiver.requested_by)) {
    return Flaw::kSelfApproved;
  }
  if (waiver.expires - waiver.created.value_or(now) > policy->waivers.max_duration) {
    return Flaw::kTooLong;
  }
  return Flaw::kNone;
}

// "90d", "36h", "45m", "30s": in the largest unit that says it exactly.
std::string DurationText(std::chrono::seconds duration) {
  constexpr std::pair<int64_t, char> kUnits[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}};
  for (const auto& [seconds, unit] : kUnits) {
    if (duration.count() % seconds == 0) return std::to_string(duration.count() / seconds) + unit;
  }
  return std::to_string(duration.count()) + 's';
}

std::string FlawText(Flaw flaw, const ReadinessWaiver& waiver, const ReadinessPolicy* policy) {
  switch (flaw) {
    case Flaw::kUnknownPolicy:
      return "There is no policy " + Quoted(waiver.policy) + ".";
    case Flaw::kNoSuchRule:
      return "The policy " + Quoted(waiver.policy) + " has none of the waiver's rules.";
    case Flaw::kSelfApproved:
      return Quoted(waiver.approved_by) + " requested and approved it; that takes two.";
    case Flaw::kTooLong:
      return "It was to last until " + FormatDate(waiver.expires) + ", longer than the " +
             DurationText(policy->waivers.max_duration) + " from its creation that the policy " +
             Quoted(waiver.policy) + " allows.";
    case Flaw::kNone:
      break;
  }
  return {};
}

std::string_view FlawReason(Flaw flaw) {
  switch (flaw) {
    case Flaw::kUnknownPolicy:
      return kUnknownPolicyReason;
    case Flaw::kNoSuchRule:
      return "UnknownRule";
    case Flaw::kSelfApproved:
      return "SelfApproved";
    case Flaw::kTooLong:
      return "TooLong";
    case Flaw::kNone:
      break;
  }
  return "Invalid";
}

std::string User(std::string_view name) { return SanitizeLine(name, kMaxShownUser); }

void CheckRules(const ReadinessWaiver& waiver, const ReadinessPolicy& policy,
                std::vector<Diagnostic>& problems) {
  std::vector<std::string_view> known;
  known.reserve(policy.rules.size());
  for (const PolicyRule& rule : policy.rules) known.push_back(rule.rule->id);
  for (size_t i = 0; i < waiver.rules.size(); ++i) {
    const std::string& rule = waiver.rules[i];
    if (HasRule(policy, rule)) continue;
    problems.push_back({{},
                        {},
                        ElementPath("spec.rules", i),
                        "the policy " + Quoted(policy.name) + " has no rule " + Quoted(rule) +
                            DidYouMean(rule, known)});
  }
}

void CheckKinds(const ReadinessWaiver& waiver, const ReadinessPolicy& policy,
                std::vector<Diagnostic>& problems) {
  std::vector<std::string_view> kinds;
  for (const WorkloadKind kind : policy.match.kinds) kinds.push_back(WorkloadKindName(kind));
  for (size_t i = 0; i < waiver.workloads.size(); ++i) {
    const std::string_view kind = WorkloadKindName(waiver.workloads[i].kind);
    if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) continue;
    problems.push_back({{},
                        {},
                        ElementPath("spec.workloads", i) + ".kind",
                        "the policy " + Quoted(policy.name) + " is not about a " +
                            std::string(kind) + "; expected " + OneOf(kinds)});
  }
}

void CheckExpiry(const ReadinessWaiver& waiver, const ReadinessPolicy& policy, Timestamp created,
                 Timestamp now, std::vector<Diagnostic>& problems) {
  const Timestamp latest = created + policy.waivers.max_duration;
  const auto add = [&](std::string message) {
    problems.push_back({{}, {}, "spec.expires", std::move(message)});
  };
  if (waiver.expires <= now) {
    add(FormatDate(waiver.expires) + " is past; the waiver would excuse nothing");
  } else if (waiver.expires > latest) {
    add(FormatDate(waiver.expires) + " is too late: the policy " + Quoted(policy.name) +
        " lets a waiver last " + DurationText(policy.waivers.max_duration) +
        " from its creation, here until " + FormatTimestamp(latest));
  }
}

}  // namespace

WaiverState StateOf(const ReadinessWaiver& waiver, const ReadinessPolicy* policy, Timestamp now) {
  if (now >= waiver.expires) return WaiverState::kExpired;
  if (FlawOf(waiver, policy, now) != Flaw::kNone) return WaiverState::kInvalid;
  return policy->waivers.approval_required && waiver.approved_by.empty() ? WaiverState::kPending
                                                                         : WaiverState::kActive;
}

WaiverStanding ExplainState(const ReadinessWaiver& waiver, const PolicySnapshot& policies,
                            Timestamp now) {
  const ReadinessPolicy* policy = policies.Find(waiver.policy);
  WaiverStanding standing{StateOf(waiver, policy, now), "", ""};
  switch (standing.state) {
    case WaiverState::kExpired:
      standing.reason = "Expired";
      standing.message = "It ended on " + FormatDate(waiver.expires) + " and excuses nothing.";
      break;
    case WaiverState::kInvalid: {
      const Flaw flaw = FlawOf(waiver, policy, now);
      standing.reason = FlawReason(flaw);
      standing.message = FlawText(flaw, waiver, policy);
      break;
    }
    case WaiverState::kPending:
      standing.reason = "NotApproved";
      standing.message = "Requested by " + User(waiver.requested_by) +
                         "; it excuses nothing until somebody else approves it.";
      break;
    case WaiverState::kActive:
      standing.reason = waiver.approved_by.empty() ? "ApprovalNotRequired" : "Approved";
      standing.message =
          "Requested by " + User(waiver.requested_by) +
          (waiver.approved_by.empty() ? ", which needs no approval"
                                      : ", approved by " + User(waiver.approved_by)) +
          "; it ends on " + FormatDate(waiver.expires) + ".";
      break;
  }
  return standing;
}

std::vector<Diagnostic> CheckTerms(const ReadinessWaiver& waiver, const PolicySnapshot& policies,
                                   Timestamp created, Timestamp now) {
  std::vector<Diagnostic> problems;
  const ReadinessPolicy* policy = policies.Find(waiver.policy);
  if (policy == nullptr) {
    std::vector<std::string_view> names;
    for (const ReadinessPolicy& known : policies.policies()) names.push_back(known.name);
    problems.push_back(
        {{},
         {},
         "spec.policy",
         "there is no policy " + Quoted(waiver.policy) + DidYouMean(waiver.policy, names)});
    return problems;
  }
  CheckKinds(waiver, *policy, problems);
  CheckRules(waiver, *policy, problems);
  CheckExpiry(waiver, *policy, created, now, problems);
  return problems;
}

}  // namespace plimsoll
