#include <algorithm>
#include <memory>
#include <utility>

#include "init.h"
#include "namespaces.h"
#include "plimsoll/codec/related_objects.h"
#include "plimsoll/policy/evaluator.h"

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

Judgement JudgeService(const ServicePlan& plan, const ServiceTerms& terms,
                       const PolicySnapshot& policies, const std::vector<InputFile>& beside_them,
                       Timestamp now) {
  const std::unique_ptr<Manifests> objects = ParseManifests(RenderedObjects(plan, terms));
  RelatedIndex index;
  AddAllRelated(index, objects->objects, plan.namespace_name);
  const std::shared_ptr<const RelatedObjects> related = index.Snapshot();
  Namespaces namespaces(plan.namespace_name, terms.namespace_labels);
  namespaces.Learn(beside_them);
  Judgement judgement;
  Evaluator evaluator;
  Workload workload;
  for (const JsonView object : objects->objects) {
    if (!workload.Assign(object, plan.namespace_name)) continue;
    const Namespaces::Facts facts = namespaces.Find(workload.namespace_name());
    EvaluationContext context;
    context.now = StrictestTime(policies, now);
    context.namespace_name = workload.namespace_name();
    context.namespace_labels = facts.labels;
    context.namespace_annotations = facts.annotations;
    context.related = related.get();
    Verdict verdict = evaluator.Evaluate(policies, workload, context);
    judgement.policies.insert(judgement.policies.end(), verdict.policies.begin(),
                              verdict.policies.end());
    for (Finding& finding : verdict.findings) {
      if (finding.result == RuleResult::kFail) judgement.findings.push_back(std::move(finding));
    }
  }
  return judgement;
}

}  // namespace plimsoll::cli
