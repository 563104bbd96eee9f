#include <string>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/metadata.h"
#include "rules/notes.h"

namespace plimsoll {
namespace {

constexpr size_t kShownBytes = 80;

Violation Duplicate(const Workload& workload, const Document::Note& note) {
  const JsonView object = workload.object();
  const std::string key = "\"" + SanitizeLine(note.key, kShownBytes) + "\"";
  Violation violation;
  violation.path = PathOfNode(object, note.node);
  violation.message = "key " + key + " of " + Subject(workload) + " stands more than once, " +
                      LinesOf(note.first, note.position) + ", and Kubernetes keeps only the last";
  violation.observed = LinesOf(note.first, note.position);
  violation.required = "once";
  violation.fix =
      RestatementFix(object, note.node, "keep one " + key + "; this is what Kubernetes reads");
  violation.identity = IdentityOf(violation.path, note);
  return violation;
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  FailForNotes(input, Document::Note::Kind::kDuplicateKey, Duplicate, outcome);
}

constexpr Rule kRule = {
    .id = "input.duplicate-key",
    .title = "No key stands twice in the manifest",
    .rationale =
        "Two changes to one manifest are merged and each brings its own env: block. The file is "
        "valid YAML to most tools, the API server keeps the last block without a word, and the "
        "service starts without half of its settings. Reviewers saw both blocks and approved both.",
    .remediation =
        "Merge the two blocks by hand and keep one. Reviews sent to the webhook cannot have "
        "duplicate keys: they are refused.",
    .parameters = {},
    .evaluate = Evaluate,
    .sources = "YAML 1.2.2 section 3.2.1.1 (keys are unique), sigs.k8s.io/yaml",
};

}  // namespace

const Rule& InputDuplicateKeyRule() { return kRule; }

}  // namespace plimsoll
