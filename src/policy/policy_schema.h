// The fields of a ReadinessPolicy as data: names, types, limits and formats, one constexpr table an object. The parser
// checks documents against these tables; a test holds them equal to the CRD's schema, both ways.
//
// Thread-safety: constants.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>

namespace plimsoll {

enum class FieldType : uint8_t { kString, kObject, kList, kMap, kAnything };

// What a string has to look like. policy/text_format.h says which texts each accepts.
enum class TextFormat : uint8_t {
  kAny,
  kDateTime,       // RFC 3339 with time and zone
  kDuration,       // Go's, of hours, minutes and seconds
  kUrl,            // http or https
  kLabelKey,       // [prefix/]name
  kLabelValue,     // also ""
  kTierName,       // a label value, not ""
  kNamespaceGlob,  // a namespace name with * and ?
  kRuleId,         // area.name
  kPolicyName,     // DNS-1123 subdomain
  kNotBlank,       // says something
};

struct FieldSpec {
  std::string_view name = {};
  FieldType type = FieldType::kString;
  bool required = false;
  // Characters of a string, entries of a list, members of a map. 0 as maximum: not limited (kObject, kAnything).
  size_t minimum = 0;
  size_t maximum = 0;
  TextFormat format = TextFormat::kAny;            // kString; kMap: of its keys
  std::span<const std::string_view> allowed = {};  // kString: an enum
  const FieldSpec* element = nullptr;              // kList and kMap: what is in them
  std::span<const FieldSpec> fields = {};          // kObject
};

namespace policy_schema {

inline constexpr std::string_view kActions[] = {"Audit", "Warn", "Deny"};
// In byTier only. Not "Off": YAML 1.1, which kubectl reads, takes that for the boolean false.
inline constexpr std::string_view kSkip = "Skip";
inline constexpr std::string_view kTierCaps[] = {"Skip", "Audit", "Warn", "Deny"};
inline constexpr std::string_view kKinds[] = {"Deployment", "StatefulSet", "DaemonSet",
                                              "ReplicaSet", "Pod",         "Job",
                                              "CronJob",    "Rollout",     "ReplicationController"};
inline constexpr std::string_view kOperators[] = {"In", "NotIn", "Exists", "DoesNotExist"};
inline constexpr std::string_view kFailurePolicies[] = {"Ignore", "Fail"};
inline constexpr std::string_view kApprovals[] = {"Required", "NotRequired"};

// Label syntax: k8s.io/apimachinery/pkg/util/validation (qualified names, label values).
inline constexpr size_t kMaxLabelKey = 317;  // 253 of prefix, a slash, 63 of name
inline constexpr size_t kMaxLabelValue = 63;
// Actions only ever get stronger, so there are at most as many stages as actions (docs/adr/0010).
inline constexpr size_t kMaxStages = 3;
// Room for every built-in rule twice over; keeps one policy's evaluation bounded.
inline constexpr size_t kMaxRules = 64;
inline constexpr size_t kMaxTiers = 16;
inline constexpr size_t kMaxSelectorEntries = 32;
inline constexpr size_t kMaxSelectorValues = 64;
inline constexpr size_t kMaxExcludedNamespaces = 64;
// Printed in every denial, which is at most 8 KiB long.
inline constexpr size_t kMaxDescription = 1024;
inline constexpr size_t kMaxContact = 256;
inline constexpr size_t kMaxUrl = 2048;
inline constexpr size_t kMaxDateTime = 40;
inline constexpr size_t kMaxDuration = 32;
inline constexpr size_t kMaxRuleId = 63;

inline constexpr FieldSpec kAction = {
    .name = "action", .required = true, .maximum = 8, .allowed = kActions};

inline constexpr FieldSpec kStageFields[] = {
    kAction,
    {.name = "from", .minimum = 1, .maximum = kMaxDateTime, .format = TextFormat::kDateTime},
};
inline constexpr FieldSpec kStage = {.type = FieldType::kObject, .fields = kStageFields};

inline constexpr FieldSpec kSelectorValue = {.maximum = kMaxLabelValue,
                                             .format = TextFormat::kLabelValue};
inline constexpr FieldSpec kRequirementFields[] = {
    {.name = "key",
     .required = true,
     .minimum = 1,
     .maximum = kMaxLabelKey,
     .format = TextFormat::kLabelKey},
    {.name = "operator", .required = true, .maximum = 16, .allowed = kOperators},
    {.name = "values",
     .type = FieldType::kList,
     .maximum = kMaxSelectorValues,
     .element = &kSelectorValue},
};
inline constexpr FieldSpec kRequirement = {.type = FieldType::kObject,
                                           .fields = kRequirementFields};
inline constexpr FieldSpec kSelectorFields[] = {
    {.name = "matchLabels",
     .type = FieldType::kMap,
     .maximum = kMaxSelectorEntries,
     .format = TextFormat::kLabelKey,
     .element = &kSelectorValue},
    {.name = "matchExpressions",
     .type = FieldType::kList,
     .maximum = kMaxSelectorEntries,
     .element = &kRequirement},
};

inline constexpr FieldSpec kKind = {.maximum = 32, .allowed = kKinds};
inline constexpr FieldSpec kNamespaceGlobSpec = {
    .minimum = 1, .maximum = 63, .format = TextFormat::kNamespaceGlob};
inline constexpr FieldSpec kMatchFields[] = {
    {.name = "kinds",
     .type = FieldType::kList,
     .minimum = 1,
     .maximum = std::size(kKinds),
     .element = &kKind},
    {.name = "namespaceSelector", .type = FieldType::kObject, .fields = kSelectorFields},
    {.name = "excludeNamespaces",
     .type = FieldType::kList,
     .maximum = kMaxExcludedNamespaces,
     .element = &kNamespaceGlobSpec},
    {.name = "objectSelector", .type = FieldType::kObject, .fields = kSelectorFields},
};

inline constexpr FieldSpec kExistingViolationsFields[] = {
    kAction,
    {.name = "until", .minimum = 1, .maximum = kMaxDateTime, .format = TextFormat::kDateTime},
};

inline constexpr FieldSpec kTierName = {
    .minimum = 1, .maximum = kMaxLabelValue, .format = TextFormat::kTierName};
inline constexpr FieldSpec kTiersFields[] = {
    {.name = "label", .minimum = 1, .maximum = kMaxLabelKey, .format = TextFormat::kLabelKey},
    {.name = "values",
     .type = FieldType::kList,
     .required = true,
     .minimum = 1,
     .maximum = kMaxTiers,
     .element = &kTierName},
    {.name = "default",
     .required = true,
     .minimum = 1,
     .maximum = kMaxLabelValue,
     .format = TextFormat::kTierName},
};

inline constexpr FieldSpec kWaiversFields[] = {
    {.name = "approval", .maximum = 16, .allowed = kApprovals},
    {.name = "maxDuration", .minimum = 2, .maximum = kMaxDuration, .format = TextFormat::kDuration},
};

inline constexpr FieldSpec kTierCap = {.maximum = 8, .allowed = kTierCaps};
inline constexpr FieldSpec kRuleFields[] = {
    {.name = "rule",
     .required = true,
     .minimum = 1,
     .maximum = kMaxRuleId,
     .format = TextFormat::kRuleId},
    // Each rule has its own; rules/rule.h, CompileParameters.
    {.name = "parameters", .type = FieldType::kAnything},
    {.name = "stages",
     .type = FieldType::kList,
     .minimum = 1,
     .maximum = kMaxStages,
     .element = &kStage},
    {.name = "byTier",
     .type = FieldType::kMap,
     .maximum = kMaxTiers,
     .format = TextFormat::kTierName,
     .element = &kTierCap},
};
inline constexpr FieldSpec kRule = {.type = FieldType::kObject, .fields = kRuleFields};

inline constexpr FieldSpec kSpecFields[] = {
    {.name = "description", .maximum = kMaxDescription},
    {.name = "contact", .maximum = kMaxContact},
    {.name = "documentation", .minimum = 1, .maximum = kMaxUrl, .format = TextFormat::kUrl},
    {.name = "match", .type = FieldType::kObject, .fields = kMatchFields},
    {.name = "failurePolicy", .maximum = 8, .allowed = kFailurePolicies},
    {.name = "stages",
     .type = FieldType::kList,
     .minimum = 1,
     .maximum = kMaxStages,
     .element = &kStage},
    {.name = "existingViolations", .type = FieldType::kObject, .fields = kExistingViolationsFields},
    {.name = "tiers", .type = FieldType::kObject, .fields = kTiersFields},
    {.name = "waivers", .type = FieldType::kObject, .fields = kWaiversFields},
    {.name = "rules",
     .type = FieldType::kList,
     .required = true,
     .minimum = 1,
     .maximum = kMaxRules,
     .element = &kRule},
};

// Of metav1.ObjectMeta, what is not ours to check: the API server does.
inline constexpr std::string_view kUncheckedMetadata[] = {
    "labels",
    "annotations",
    "uid",
    "resourceVersion",
    "generation",
    "generateName",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "ownerReferences",
    "finalizers",
    "managedFields",
    "selfLink",
};

// These fields of metav1.ObjectMeta and all others, so that misspelt ones are noticed on the command line too.
template <size_t kChecked>
constexpr auto ObjectMeta(const FieldSpec (&checked)[kChecked]) {
  std::array<FieldSpec, kChecked + std::size(kUncheckedMetadata)> fields;
  auto* end = std::copy(std::begin(checked), std::end(checked), fields.begin());
  for (const std::string_view name : kUncheckedMetadata) {
    *end++ = {.name = name, .type = FieldType::kAnything};
  }
  return fields;
}

inline constexpr FieldSpec kCheckedMetadata[] = {
    {.name = "name",
     .required = true,
     .minimum = 1,
     .maximum = 253,
     .format = TextFormat::kPolicyName},
};
inline constexpr auto kMetadataFields = ObjectMeta(kCheckedMetadata);

inline constexpr std::string_view kApiVersions[] = {"plimsoll.dev/v1alpha1"};
inline constexpr std::string_view kKindNames[] = {"ReadinessPolicy"};
inline constexpr FieldSpec kRootFields[] = {
    {.name = "apiVersion", .required = true, .maximum = 64, .allowed = kApiVersions},
    {.name = "kind", .required = true, .maximum = 64, .allowed = kKindNames},
    {.name = "metadata", .type = FieldType::kObject, .required = true, .fields = kMetadataFields},
    {.name = "spec", .type = FieldType::kObject, .required = true, .fields = kSpecFields},
    {.name = "status", .type = FieldType::kAnything},
};
inline constexpr FieldSpec kRoot = {.type = FieldType::kObject, .fields = kRootFields};

}  // namespace policy_schema
}  // namespace plimsoll
