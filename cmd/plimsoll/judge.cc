#include "judge.h"

#include <memory>
#include <utility>

#include "plimsoll/codec/related_objects.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/policy/evaluator.h"

namespace plimsoll::cli {

std::shared_ptr<const RelatedObjects> RelatedAmong(const std::vector<JsonView>& objects,
                                                   std::string_view default_namespace) {
  RelatedIndex index;
  AddAllRelated(index, objects, default_namespace);
  return index.Snapshot();
}

Verdict JudgeWorkload(Evaluator& evaluator, const Workload& workload, const WorkloadTerms& terms,
                      const Namespaces::Facts& facts, const RelatedObjects& related) {
  EvaluationContext context;
  context.now = terms.now;
  context.namespace_name = workload.namespace_name();
  context.namespace_labels = facts.labels;
  context.namespace_annotations = facts.annotations;
  context.waivers = terms.waivers;
  context.related = &related;
  context.directory = terms.directory;
  context.report_all = terms.report_all;
  return evaluator.Evaluate(terms.policies, workload, context);
}

std::vector<JudgedWorkload> JudgeWorkloads(const std::vector<JsonView>& objects,
                                           const WorkloadTerms& terms, Namespaces& namespaces) {
  const std::shared_ptr<const RelatedObjects> related =
      RelatedAmong(objects, terms.default_namespace);
  std::vector<JudgedWorkload> judged;
  Evaluator evaluator;
  Workload workload;
  for (const JsonView object : objects) {
    if (!workload.Assign(object, terms.default_namespace)) continue;
    JudgedWorkload one;
    one.kind = WorkloadKindName(workload.kind());
    one.namespace_name = workload.namespace_name();
    one.name = workload.name();
    one.verdict = JudgeWorkload(evaluator, workload, terms,
                                namespaces.Find(workload.namespace_name()), *related);
    one.policies.assign(one.verdict.policies.begin(), one.verdict.policies.end());
    judged.push_back(std::move(one));
  }
  return judged;
}

}  // namespace plimsoll::cli
