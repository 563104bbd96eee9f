// How objects of the API server are named in caches, queues and logs.
//
// Thread-safety: value types.
#pragma once

#include <compare>
#include <string>

#include "plimsoll/model/workload.h"

namespace plimsoll {

struct ObjectKey {
  std::string namespace_name;  // "" for cluster-scoped objects
  std::string name;
  friend auto operator<=>(const ObjectKey&, const ObjectKey&) = default;
};

// One workload of the cluster, whatever its version or uid.
struct WorkloadKey {
  WorkloadKind kind = WorkloadKind::kDeployment;
  std::string namespace_name;
  std::string name;
  friend auto operator<=>(const WorkloadKey&, const WorkloadKey&) = default;
};

}  // namespace plimsoll
