#include "plimsoll/admission/policy_review.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "admission/refusal.h"
#include "plimsoll/base/text.h"
#include "plimsoll/model/readiness_policy.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll {
namespace {

constexpr size_t kMaxPolicyNameBytes = 253;

// Path and message: a problem that was there before is there again.
bool Had(const std::vector<Diagnostic>& before, const Diagnostic& problem) {
  return std::any_of(before.begin(), before.end(), [&](const Diagnostic& other) {
    return other.path == problem.path && other.message == problem.message;
  });
}

// When a rule begins to deny; nothing where it never does.
std::optional<Timestamp> DenyDate(const ReadinessPolicy& policy, const PolicyRule& rule) {
  const std::vector<Stage>& stages = rule.stages.empty() ? policy.stages : rule.stages;
  for (const Stage& stage : stages) {
    if (stage.action == Action::kDeny) return stage.from.value_or(Timestamp{});
  }
  return std::nullopt;
}

const PolicyRule* FindRule(const ReadinessPolicy& policy, const Rule* rule) {
  for (const PolicyRule& candidate : policy.rules) {
    if (candidate.rule == rule) return &candidate;
  }
  return nullptr;
}

// A published date is a promise; whoever breaks it should know that they do.
void WarnOfSurprises(const ReadinessPolicy& policy, const ReadinessPolicy* old, Timestamp now,
                     AdmissionResponse& response) {
  // Later than any date a policy can have: never.
  constexpr Timestamp kNever = Timestamp::max();
  for (const PolicyRule& rule : policy.rules) {
    const Timestamp date = DenyDate(policy, rule).value_or(kNever);
    const PolicyRule* before = old == nullptr ? nullptr : FindRule(*old, rule.rule);
    const Timestamp published =
        before == nullptr ? kNever : DenyDate(*old, *before).value_or(kNever);
    if (published <= date) continue;
    const std::string name(rule.rule->id);
    if (published == kNever && date <= now) {
      AddWarning(name + " denies at once: nobody has been told before (Audit and Warn first)",
                 response);
    } else if (published != kNever && published > now) {
      AddWarning(name + " now denies from " + FormatDate(date) + ", published was " +
                     FormatDate(published),
                 response);
    }
  }
}

}  // namespace

Result<AdmissionResponse> ReviewPolicy(const AdmissionRequest& request, Timestamp now) {
  AdmissionResponse response;
  response.uid = std::string(request.uid);
  if (request.kind != kPolicyKind || !request.sub_resource.empty() ||
      (request.operation != Operation::kCreate && request.operation != Operation::kUpdate)) {
    response.audit_annotations.emplace_back("reason",
                                            "not judged: no ReadinessPolicy that is written");
    return response;
  }
  if (!request.object.is_object()) {
    return Fail(ErrorCode::kInvalidArgument, "request.object: expected an object, got " +
                                                 std::string(JsonKindName(request.object.kind())));
  }
  const bool update = request.operation == Operation::kUpdate && request.old_object.is_object();
  if (request.object["metadata"]["deletionTimestamp"].present()) return response;
  if (update && DeepEquals(request.object["spec"], request.old_object["spec"])) return response;

  const ParsedPolicy parsed = ParseReadinessPolicy(request.object);
  const ParsedPolicy old = update ? ParseReadinessPolicy(request.old_object) : ParsedPolicy{};
  const bool worse =
      std::any_of(parsed.problems.begin(), parsed.problems.end(),
                  [&](const Diagnostic& problem) { return !Had(old.problems, problem); });
  if (worse) {
    Refuse(request, kPolicyKind,
           "ReadinessPolicy " + SanitizeLine(request.name, kMaxPolicyNameBytes) +
               " cannot be in force as it is written",
           parsed.problems, response);
    return response;
  }
  for (const Diagnostic& problem : parsed.problems) {
    AddWarning("still not in force as written: " + FieldOf(problem) + ": " + problem.message,
               response);
  }
  if (parsed.policy) {
    WarnOfSurprises(*parsed.policy, old.policy ? &*old.policy : nullptr, now, response);
  }
  return response;
}

}  // namespace plimsoll
