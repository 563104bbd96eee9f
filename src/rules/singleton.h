// Workloads that may run only once, and say why: a lock they hold, a volume that one node mounts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/model/workload.h"
#include "rules/placeholder.h"

namespace plimsoll {

inline constexpr std::string_view kDefaultSingletonKeys = R"(["plimsoll.dev/singleton-reason"])";
inline constexpr std::string_view kSingletonKeysDescription =
    "Annotations that may hold the reason why there must be only one replica.";

// A reason is given, in words that are no placeholder.
inline bool StatesSingletonReason(const Workload& workload, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    for (const std::optional<std::string_view> reason :
         {workload.Annotation(key), workload.TemplateAnnotation(key)}) {
      if (reason && !IsPlaceholder(*reason)) return true;
    }
  }
  return false;
}

}  // namespace plimsoll
