// Reads related objects into the small values that are kept of them. What the API server would refuse counts as unset, or
// as selecting nothing: met in files only.
//
// Semantics: policy/v1 and v1beta1, autoscaling/v2 and v1, core/v1, monitoring.coreos.com/v1, keda.sh/v1alpha1.
// Thread-safety: pure functions.
#pragma once

#include "plimsoll/model/related_objects.h"

namespace plimsoll {

PodDisruptionBudget ReadBudget(std::string_view name, JsonView object);
// Nothing where it scales none of the kinds we know.
std::optional<Autoscaler> ReadAutoscaler(std::string_view name, JsonView object);
Service ReadService(std::string_view name, JsonView object);
Monitor ReadMonitor(RelatedKind kind, const ObjectKey& key, JsonView object);

}  // namespace plimsoll
