// Puts objects into a RelatedIndex (model/related_objects.h), rule files inside ConfigMaps among them, which are YAML in
// strings.
//
// Thread-safety: as the index. Errors: what cannot be read counts as not there; Prometheus says what is wrong with it.
#pragma once

#include <string_view>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/model/related_objects.h"

namespace plimsoll {

// RelatedIndex::Set, or SetRuleFile where it is a ConfigMap.
RelatedChange SetRelated(RelatedIndex& index, RelatedKind kind, const ObjectKey& key,
                         JsonView object);

// Everything in `objects` that is related to workloads; what is there is all there is, so every kind is known.
// `default_namespace`: of objects that name none.
void AddAllRelated(RelatedIndex& index, const std::vector<JsonView>& objects,
                   std::string_view default_namespace);

}  // namespace plimsoll
