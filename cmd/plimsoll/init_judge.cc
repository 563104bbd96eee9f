#include <algorithm>
#include <memory>
#include <utility>

#include "init.h"
#include "judge.h"
#include "namespaces.h"

namespace plimsoll::cli {
namespace {

// When all that is announced holds.
Timestamp StrictestTime(const PolicySnapshot& policies, Timestamp now) {
  Timestamp last = now;
  const auto take = [&last](const std::vector<Stage>& stages) {
    for (const Stage& stage : stages) last = std::max(last, stage.from.value_or(last));
  };
  for (const ReadinessPolicy& policy : policies.policies()) {
    take(policy.stages);
    for (const PolicyRule& rule : policy.rules) take(rule.stages);
  }
  return last;
}

}  // namespace

ServiceJudgement JudgeService(const ServicePlan& plan, const ServiceTerms& terms,
                              const PolicySnapshot& policies,
                              const std::vector<InputFile>& beside_them, Timestamp now) {
  const std::unique_ptr<Manifests> objects = ParseManifests(RenderedObjects(plan, terms));
  Namespaces namespaces(plan.namespace_name, terms.namespace_labels);
  namespaces.Learn(beside_them);
  ServiceJudgement judgement;
  const WorkloadTerms judge{.policies = policies,
                            .default_namespace = plan.namespace_name,
                            .now = StrictestTime(policies, now)};
  for (JudgedWorkload& object : JudgeWorkloads(objects->objects, judge, namespaces)) {
    judgement.policies.insert(judgement.policies.end(), object.policies.begin(),
                              object.policies.end());
    for (Finding& finding : object.verdict.findings) {
      if (finding.result == RuleResult::kFail) judgement.findings.push_back(std::move(finding));
    }
  }
  return judgement;
}

}  // namespace plimsoll::cli
