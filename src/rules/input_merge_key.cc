#include <string>

#include "rules/builtin.h"
#include "rules/metadata.h"
#include "rules/notes.h"

namespace plimsoll {
namespace {

Violation Merged(const Workload& workload, const Document::Note& note) {
  const JsonView object = workload.object();
  Violation violation;
  violation.path = PathOfNode(object, note.node);
  violation.message = "the manifest of " + Subject(workload) + " uses a merge key (<<) at " +
                      LineOf(note.position) + ", which not every YAML reader resolves";
  violation.observed = "<< at " + LineOf(note.position);
  violation.required = "the fields themselves";
  violation.fix =
      RestatementFix(object, note.node, "write the fields out; this is what they come to");
  violation.identity = IdentityOf(violation.path, note);
  return violation;
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  FailForNotes(input, Document::Note::Kind::kMergeKey, Merged, outcome);
}

constexpr Rule kRule = {
    .id = "input.merge-key",
    .title = "The manifest needs no merge keys",
    .rationale =
        "Merge keys (<<) were taken out of YAML 1.2 and live on by custom. kubectl resolves them, "
        "other readers keep a field called \"<<\" or drop it: the scanner in CI sees a container "
        "without limits, or a probe that is not there, and judges another object than the one that "
        "is deployed.",
    .remediation =
        "Write the shared fields out where they are used, or let kustomize or Helm put them there.",
    .parameters = {},
    .evaluate = Evaluate,
    .sources = "https://yaml.org/type/merge.html, https://github.com/jbeder/yaml-cpp/issues/353",
};

}  // namespace

const Rule& InputMergeKeyRule() { return kRule; }

}  // namespace plimsoll
