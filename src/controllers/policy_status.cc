#include "plimsoll/controllers/policy_status.h"

#include <algorithm>
#include <utility>

#include "controllers/timetable.h"
#include "plimsoll/base/text.h"

namespace plimsoll::controllers {
namespace {

// Reasons are an interface for programs.
std::string_view ReasonOf(const ParsedPolicy& parsed) {
  if (!parsed.policy) return "NotInForce";
  if (parsed.unknown_rules) return "UnknownRule";
  if (parsed.unknown_fields) return "UnknownField";
  return parsed.problems.empty() ? "Accepted" : "InvalidField";
}

std::string_view Consequence(const ParsedPolicy& parsed) {
  if (!parsed.policy) return "Not in force";
  if (parsed.audits_only) return "Every rule only audits until this is put right";
  return "In force without what is wrong";
}

std::string MessageOf(const ParsedPolicy& parsed) {
  const std::vector<Diagnostic>& problems = parsed.problems;
  if (problems.empty()) return parsed.policy ? "In force as written." : "Not in force.";
  std::string message(Consequence(parsed));
  message += ": " + std::to_string(problems.size());
  message += problems.size() == 1 ? " problem." : " problems.";
  const size_t listed = std::min(problems.size(), kMaxListedProblems);
  for (size_t i = 0; i < listed; ++i) {
    const Diagnostic& problem = problems[i];
    const std::string line =
        problem.path.empty() ? problem.message : problem.path + ": " + problem.message;
    message += "\n- " + SanitizeLine(line, kMaxProblemBytes);
  }
  if (listed < problems.size()) {
    message += "\n- and " + std::to_string(problems.size() - listed) + " more";
  }
  return message;
}

const PolicyCondition* Find(const PolicyStatus* status, std::string_view type) {
  if (status == nullptr) return nullptr;
  for (const PolicyCondition& condition : status->conditions) {
    if (condition.type == type) return &condition;
  }
  return nullptr;
}

PolicyCondition Condition(std::string_view type, bool holds, const ParsedPolicy& parsed,
                          int64_t generation, const PolicyStatus* previous, Timestamp now) {
  PolicyCondition condition;
  condition.type = type;
  condition.status = holds;
  condition.observed_generation = generation;
  condition.reason = ReasonOf(parsed);
  condition.message = MessageOf(parsed);
  const PolicyCondition* before = Find(previous, type);
  const bool same = before != nullptr && before->status == holds;
  condition.last_transition = same ? before->last_transition : now;
  return condition;
}

}  // namespace

std::string StageSummary(const Upcoming& stage) {
  std::string text(ActionName(stage.action));
  return text.append(" ").append(FormatDate(stage.from));
}

PolicyStatus MakePolicyStatus(const ParsedPolicy& parsed, int64_t generation,
                              const std::optional<PolicyFigures>& figures,
                              const PolicyStatus* previous, Timestamp now) {
  PolicyStatus status;
  status.observed_generation = generation;
  const bool ready = parsed.policy && parsed.problems.empty();
  if (parsed.policy) {
    status.stage = StageInForce(*parsed.policy, now);
    const std::optional<Stage> next = NextChange(*parsed.policy, now);
    if (next && next->from) status.next_stage = Upcoming{next->action, *next->from};
    status.workloads = figures;
  }
  status.conditions.push_back(Condition(kReadyCondition, ready, parsed, generation, previous, now));
  if (!ready) {
    status.conditions.push_back(
        Condition(kStalledCondition, true, parsed, generation, previous, now));
  }
  return status;
}

void AddDirectoryCondition(const ParsedPolicy& parsed, const std::optional<std::string>& problem,
                           int64_t generation, const PolicyStatus* previous, Timestamp now,
                           PolicyStatus& status) {
  if (!problem || !parsed.policy) return;
  const auto& rules = parsed.policy->rules;
  const bool asks = std::any_of(rules.begin(), rules.end(), [](const PolicyRule& rule) {
    return rule.rule->id == "ownership.directory";
  });
  if (!asks) return;
  PolicyCondition condition;
  condition.type = kDirectoryCondition;
  condition.status = false;
  condition.observed_generation = generation;
  condition.reason = "Unreadable";
  condition.message =
      "The directory of teams cannot be read, so nobody is refused because of it: " +
      SanitizeLine(*problem, kMaxProblemBytes);
  const PolicyCondition* before = Find(previous, kDirectoryCondition);
  condition.last_transition = before != nullptr ? before->last_transition : now;
  status.conditions.push_back(std::move(condition));
}

void AddHeldBackCondition(const ParsedPolicy& parsed, Action strongest, int64_t generation,
                          const PolicyStatus* previous, Timestamp now, PolicyStatus& status) {
  if (strongest == Action::kDeny || !parsed.policy) return;
  if (status.stage) status.stage = std::min(*status.stage, strongest);
  PolicyCondition condition;
  condition.type = kHeldBackCondition;
  condition.status = true;
  condition.observed_generation = generation;
  condition.reason = "Mode";
  condition.message = "Plimsoll runs with --mode=";
  condition.message += strongest == Action::kAudit ? "audit" : "warn";
  condition.message += ": no policy does more than ";
  condition.message += ActionName(strongest);
  condition.message +=
      ", whatever its stages say. The next stage and wouldBlock are what holds with --mode=enforce.";
  const PolicyCondition* before = Find(previous, kHeldBackCondition);
  condition.last_transition = before != nullptr ? before->last_transition : now;
  status.conditions.insert(status.conditions.begin(), std::move(condition));
}

}  // namespace plimsoll::controllers
