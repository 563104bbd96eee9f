// What the spelling of an object showed and its values cannot: keys that stand twice, merge keys (Document::Note).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/model/workload.h"
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

// "at line 12 and line 30", "twice at line 12".
std::string LinesOf(SourcePosition first, SourcePosition second);
// "line 12", or "an unknown line".
std::string LineOf(SourcePosition position);

}  // namespace plimsoll
