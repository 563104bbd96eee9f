// What is kept of objects between two judgements: compact JSON text without what no rule asks for and what changes all the
// time, so that two versions with equal text need one judgement. A parsed Document takes three times the memory; parsing
// the text again takes some ten microseconds.
//
// Thread-safety: pure functions.
#pragma once

#include <string>

#include "plimsoll/base/json_view.h"
#include "plimsoll/model/workload.h"

namespace plimsoll::controllers {

// Without status, managedFields, resourceVersion, generation, selfLink, uid (kept beside the text) and the annotation
// kubectl.kubernetes.io/last-applied-configuration. Objects in lists do not say what they are: where apiVersion or kind is
// not set, it is that of `kind`.
std::string CompactWorkload(WorkloadKind kind, JsonView object);

// {"labels":{...},"annotations":{...}} of a Namespace's metadata.
std::string CompactNamespace(JsonView metadata);

}  // namespace plimsoll::controllers
