// What the spelling of an object showed and its values cannot: keys that stand twice, merge keys (Document::Note).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/rules/rule.h"
#include "rules/fix.h"

namespace plimsoll {

// The notes about something inside the workload's own object, not about its neighbour in a List.
std::vector<const Document::Note*> NotesAbout(const Workload& workload, Document::Note::Kind kind);

// "spec.template.spec.containers[0].env" for the node of that index; "" for the object itself.
std::string PathOfNode(JsonView object, uint32_t node);

// The value at that node once more, as a patch rooted at the object, below the comment: what Kubernetes reads is what is to
// be written. Only the comment and an empty patch where the value is too long to be read in a finding.
std::string RestatementFix(JsonView object, uint32_t node, std::string_view comment);

// A pod or ReplicaSet that a controller made: nobody wrote its manifest.
bool IsMadeByController(const Workload& workload);

// Where the note's value stands in the file: two of one path are two.
std::string IdentityOf(const std::string& path, const Document::Note& note);

// Fails with `violation(workload, note)` for each note of that kind.
template <class MakeViolation>
void FailForNotes(const RuleInput& input, Document::Note::Kind kind, MakeViolation violation,
                  RuleOutcome& outcome) {
  if (IsMadeByController(input.workload)) {
    outcome.NotApplicable("a controller made it, so nobody wrote its manifest");
    return;
  }
  for (const Document::Note* note : NotesAbout(input.workload, kind)) {
    outcome.Fail(violation(input.workload, *note));
  }
}

// "at line 12 and line 30", "twice at line 12".
std::string LinesOf(SourcePosition first, SourcePosition second);
// "line 12", or "an unknown line".
std::string LineOf(SourcePosition position);

}  // namespace plimsoll
