// Strategic merge patch on JSON values, as `kubectl patch` and the API server do it for the built-in workload kinds
// (apimachinery, util/strategicpatch): maps merge, null deletes, lists with a merge key merge by it, other lists replace.
// For tests that apply a finding's fix. Header-only.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace plimsoll::testing {

using Json = nlohmann::ordered_json;

// The patchMergeKey of the lists in k8s.io/api/core/v1 PodSpec and Container that are merged; "" for all others.
inline std::string MergeKey(const std::string& field) {
  static const std::map<std::string, std::string> kKeys = {
      {"containers", "name"},
      {"initContainers", "name"},
      {"ephemeralContainers", "name"},
      {"volumes", "name"},
      {"env", "name"},
      {"ports", "containerPort"},
      {"volumeMounts", "mountPath"},
      {"topologySpreadConstraints", "topologyKey"},
      {"imagePullSecrets", "name"},
      {"hostAliases", "ip"},
  };
  const auto found = kKeys.find(field);
  return found == kKeys.end() ? "" : found->second;
}

inline Json StrategicMerge(const Json& base, const Json& patch, const std::string& field = {});

inline Json MergeLists(const Json& base, const Json& patch, const std::string& field) {
  const std::string key = MergeKey(field);
  Json merged = base.is_array() && !key.empty() ? base : Json::array();
  for (const Json& item : patch) {
    bool found = false;
    for (Json& existing : merged) {
      if (!existing.is_object() || !item.is_object() || key.empty()) continue;
      if (!existing.contains(key) || !item.contains(key) || existing[key] != item[key]) continue;
      existing = StrategicMerge(existing, item);
      found = true;
      break;
    }
    if (!found) merged.push_back(StrategicMerge(Json(), item));
  }
  return merged;
}

inline Json StrategicMerge(const Json& base, const Json& patch, const std::string& field) {
  if (patch.is_array()) return MergeLists(base, patch, field);
  if (!patch.is_object()) return patch;
  Json merged = base.is_object() ? base : Json::object();
  for (const auto& [key, value] : patch.items()) {
    if (value.is_null()) {
      merged.erase(key);
    } else {
      merged[key] = StrategicMerge(merged.contains(key) ? merged[key] : Json(), value, key);
    }
  }
  return merged;
}

}  // namespace plimsoll::testing
