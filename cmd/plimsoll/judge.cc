#include "judge.h"

#include <memory>
#include <utility>

#include "plimsoll/codec/related_objects.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/policy/evaluator.h"

namespace plimsoll::cli {

std::vector<JudgedWorkload> JudgeWorkloads(const std::vector<JsonView>& objects,
                                           const WorkloadTerms& terms, Namespaces& namespaces) {
  RelatedIndex index;
  AddAllRelated(index, objects, terms.default_namespace);
  const std::shared_ptr<const RelatedObjects> related = index.Snapshot();
  std::vector<JudgedWorkload> judged;
  Evaluator evaluator;
  Workload workload;
  for (const JsonView object : objects) {
    if (!workload.Assign(object, terms.default_namespace)) continue;
    const Namespaces::Facts facts = namespaces.Find(workload.namespace_name());
    EvaluationContext context;
    context.now = terms.now;
    context.namespace_name = workload.namespace_name();
    context.namespace_labels = facts.labels;
    context.namespace_annotations = facts.annotations;
    context.waivers = terms.waivers;
    context.related = related.get();
    context.directory = terms.directory;
    JudgedWorkload one;
    one.kind = WorkloadKindName(workload.kind());
    one.namespace_name = workload.namespace_name();
    one.name = workload.name();
    one.verdict = evaluator.Evaluate(terms.policies, workload, context);
    one.policies.assign(one.verdict.policies.begin(), one.verdict.policies.end());
    judged.push_back(std::move(one));
  }
  return judged;
}

}  // namespace plimsoll::cli
