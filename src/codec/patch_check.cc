#include "codec/patch_check.h"

#include <array>
#include <utility>

namespace plimsoll {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kMergeKeys = {{
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
}};

bool IsPatchedList(JsonView before, JsonView patch, JsonView after, std::string_view merge_key) {
  size_t added = 0;
  for (const JsonView item : patch.elements()) {
    const JsonView there = CounterpartOf(item, before, merge_key);
    if (!there.exists()) ++added;
    if (!IsPatched(there, item, CounterpartOf(item, after, merge_key))) return false;
  }
  if (after.size() != before.size() + added) return false;
  // What was there is there in the same place; what is new comes after it.
  size_t place = 0;
  for (const JsonView item : before.elements()) {
    const JsonView now = after.At(place++);
    if (!DeepEquals(item[merge_key], now[merge_key])) return false;
    if (CounterpartOf(item, patch, merge_key).exists()) continue;
    if (!DeepEquals(item, now)) return false;
  }
  return true;
}

bool IsPatchedMap(JsonView before, JsonView patch, JsonView after) {
  for (const JsonMember member : patch.members()) {
    const JsonView now = after[member.key];
    if (!member.value.present()) {
      if (now.exists()) return false;
    } else if (!IsPatched(before[member.key], member.value, now, member.key)) {
      return false;
    }
  }
  for (const JsonMember member : before.members()) {
    if (patch[member.key].exists()) continue;
    if (!DeepEquals(member.value, after[member.key])) return false;
  }
  for (const JsonMember member : after.members()) {
    if (!before[member.key].exists() && !patch[member.key].exists()) return false;
  }
  return true;
}

}  // namespace

std::string_view MergeKeyOf(std::string_view field) {
  for (const auto& [list, key] : kMergeKeys) {
    if (list == field) return key;
  }
  return {};
}

JsonView CounterpartOf(JsonView item, JsonView list, std::string_view merge_key) {
  const JsonView value = item[merge_key];
  if (!value.present()) return {};
  for (const JsonView one : list.elements()) {
    if (one[merge_key].present() && DeepEquals(one[merge_key], value)) return one;
  }
  return {};
}

bool IsPatched(JsonView before, JsonView patch, JsonView after, std::string_view field) {
  if (patch.is_object()) {
    return after.is_object() &&
           IsPatchedMap(before.is_object() ? before : JsonView(), patch, after);
  }
  const std::string_view merge_key = MergeKeyOf(field);
  if (patch.is_array() && !merge_key.empty() && before.is_array()) {
    return after.is_array() && IsPatchedList(before, patch, after, merge_key);
  }
  return DeepEquals(patch, after);
}

}  // namespace plimsoll
