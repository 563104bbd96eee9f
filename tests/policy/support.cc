#include "tests/policy/support.h"

#include <stdexcept>

namespace plimsoll::test {
namespace {

void EvaluateOwner(const RuleInput& input, RuleOutcome& outcome) {
  if (input.workload.Annotation("owner")) return;
  Violation violation;
  violation.path = "metadata.annotations[owner]";
  violation.message = "nobody owns this";
  violation.fix = "metadata:\n  annotations:\n    owner: team\n";
  outcome.Fail(std::move(violation));
}

void EvaluateProbe(const RuleInput& input, RuleOutcome& outcome) {
  for (const Container& container : input.workload.containers()) {
    if (container.object["readinessProbe"].present()) continue;
    Violation violation;
    violation.path = input.workload.ContainerPath(container) + ".readinessProbe";
    violation.container = container.name;
    violation.message = "no readiness probe";
    outcome.Fail(std::move(violation));
  }
}

void EvaluateReplicas(const RuleInput& input, RuleOutcome& outcome) {
  const std::optional<int64_t> replicas = input.workload.replicas();
  if (!replicas || *replicas == 0) return outcome.NotApplicable("no replicas asked for");
  if (*replicas >= 2) return;
  Violation violation;
  violation.path = "spec.replicas";
  violation.message = "one replica";
  outcome.Fail(std::move(violation));
}

void EvaluateFaults(const RuleInput& input, RuleOutcome& outcome) {
  const int faults = std::stoi(std::string(input.workload.Annotation("faults").value_or("0")));
  for (int i = 0; i < faults; ++i) {
    Violation violation;
    violation.path = "metadata.annotations[faults]";
    violation.message = "fault " + std::to_string(i);
    violation.identity = violation.message;
    outcome.Fail(std::move(violation));
  }
}

void EvaluateLink(const RuleInput& input, RuleOutcome& outcome) {
  const std::string_view link = input.workload.Annotation("link").value_or("");
  if (link == "page") return;
  Violation violation;
  violation.path = "metadata.annotations[link]";
  violation.message = link == "root" ? "front page" : "no link";
  violation.strongest = link == "root" ? Action::kWarn : Action::kDeny;
  outcome.Fail(std::move(violation));
}

void EvaluateNothing(const RuleInput&, RuleOutcome&) {}

Rule MakeRule(std::string_view id, void (*evaluate)(const RuleInput&, RuleOutcome&)) {
  return {.id = id,
          .title = "A rule of the tests",
          .rationale = "",
          .remediation = "",
          .parameters = {},
          .evaluate = evaluate};
}

}  // namespace

Json::Json(std::string_view text)
    : text_(std::make_unique<std::string>(text)), parser_(std::make_unique<JsonParser>()) {
  Result<JsonView> root = parser_->Parse(*text_);
  if (!root) throw std::invalid_argument(root.error().message + " in " + std::string(text));
  view_ = *root;
}

ParsedWorkload::ParsedWorkload(std::string_view json) : json_(json) {
  if (!workload_.Assign(json_.view())) throw std::invalid_argument("not a workload");
}

ParsedWorkload Deployment(const DeploymentSpec& spec) {
  std::string json = R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web",)";
  json += R"("namespace":"shop")";
  if (!spec.metadata.empty()) json += "," + spec.metadata;
  json += R"(},"spec":{)";
  if (!spec.replicas.empty()) json += "\"replicas\":" + spec.replicas + ",";
  json += R"("template":{"metadata":{)" + spec.template_metadata + R"(},"spec":{"containers":)" +
          spec.containers + "}}}}";
  return ParsedWorkload(json);
}

Timestamp At(std::string_view text) {
  const std::optional<Timestamp> time = ParseTimestamp(text);
  if (!time) throw std::invalid_argument("not a time");
  return *time;
}

const Rule& NeedsOwner() {
  static const Rule kRule = MakeRule("test.owner", EvaluateOwner);
  return kRule;
}
const Rule& NeedsProbe() {
  static const Rule kRule = MakeRule("test.probe", EvaluateProbe);
  return kRule;
}
const Rule& NeedsReplicas() {
  static const Rule kRule = MakeRule("test.replicas", EvaluateReplicas);
  return kRule;
}
const Rule& CountsFaults() {
  static const Rule kRule = MakeRule("test.faults", EvaluateFaults);
  return kRule;
}
const Rule& GradedLink() {
  static const Rule kRule = MakeRule("test.link", EvaluateLink);
  return kRule;
}
const Rule& AlwaysPasses() {
  static const Rule kRule = MakeRule("test.passes", EvaluateNothing);
  return kRule;
}

ReadinessPolicy Policy(std::string name, std::vector<Stage> stages,
                       std::vector<const Rule*> rules) {
  ReadinessPolicy policy;
  policy.name = std::move(name);
  policy.match.kinds = {WorkloadKind::kDeployment, WorkloadKind::kStatefulSet,
                        WorkloadKind::kDaemonSet};
  policy.stages = std::move(stages);
  for (const Rule* rule : rules) {
    PolicyRule& entry = policy.rules.emplace_back();
    entry.rule = rule;
    std::vector<Diagnostic> problems;
    entry.parameters = CompileParameters(*rule, {}, "", problems);
  }
  return policy;
}

std::vector<std::string> Summary(const Verdict& verdict) {
  std::vector<std::string> out;
  for (const Finding& finding : verdict.findings) {
    std::string line = finding.result == RuleResult::kFail
                           ? std::string(ActionName(finding.action))
                           : std::string(RuleResultName(finding.result));
    out.push_back(line + " " + finding.policy + "/" + finding.rule + " " + finding.path);
  }
  return out;
}

}  // namespace plimsoll::test
