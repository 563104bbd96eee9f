// The fields of a ReadinessWaiver as data, as policy/policy_schema.h has those of a policy: the parser checks documents
// against these tables; a test holds them equal to the CRD's schema, both ways.
//
// Thread-safety: constants.
#pragma once

#include <cstddef>
#include <iterator>
#include <string_view>

#include "policy/policy_schema.h"

namespace plimsoll::waiver_schema {

// One release of one team, not a whole namespace: who needs more needs another policy.
inline constexpr size_t kMaxWorkloads = 16;
inline constexpr size_t kMaxRules = 16;
// A DNS-1123 subdomain: what names of policies and workloads are.
inline constexpr size_t kMaxName = 253;
// Shown in lists and read by the one who approves.
inline constexpr size_t kMaxReason = 1024;
// "system:serviceaccount:NAMESPACE:NAME" has 339 at most; names of other users are as long as their issuer makes them.
inline constexpr size_t kMaxUser = 512;

inline constexpr FieldSpec kWorkloadFields[] = {
    {.name = "kind", .required = true, .maximum = 32, .allowed = policy_schema::kKinds},
    {.name = "name",
     .required = true,
     .minimum = 1,
     .maximum = kMaxName,
     .format = TextFormat::kPolicyName},
};
inline constexpr FieldSpec kWorkload = {.type = FieldType::kObject, .fields = kWorkloadFields};
inline constexpr FieldSpec kRule = {
    .minimum = 1, .maximum = policy_schema::kMaxRuleId, .format = TextFormat::kRuleId};

inline constexpr FieldSpec kApprovalFields[] = {
    {.name = "approvedBy", .required = true, .minimum = 1, .maximum = kMaxUser},
};

inline constexpr FieldSpec kSpecFields[] = {
    {.name = "workloads",
     .type = FieldType::kList,
     .required = true,
     .minimum = 1,
     .maximum = kMaxWorkloads,
     .element = &kWorkload},
    {.name = "policy",
     .required = true,
     .minimum = 1,
     .maximum = kMaxName,
     .format = TextFormat::kPolicyName},
    {.name = "rules",
     .type = FieldType::kList,
     .required = true,
     .minimum = 1,
     .maximum = kMaxRules,
     .element = &kRule},
    {.name = "reason",
     .required = true,
     .minimum = 1,
     .maximum = kMaxReason,
     .format = TextFormat::kNotBlank},
    {.name = "requestedBy", .required = true, .minimum = 1, .maximum = kMaxUser},
    {.name = "expires",
     .required = true,
     .minimum = 1,
     .maximum = policy_schema::kMaxDateTime,
     .format = TextFormat::kDateTime},
    {.name = "approval", .type = FieldType::kObject, .fields = kApprovalFields},
};

inline constexpr FieldSpec kCheckedMetadata[] = {
    {.name = "name",
     .required = true,
     .minimum = 1,
     .maximum = kMaxName,
     .format = TextFormat::kPolicyName},
    {.name = "namespace", .minimum = 1, .maximum = 63, .format = TextFormat::kLabelValue},
};
inline constexpr auto kMetadataFields = policy_schema::ObjectMeta(kCheckedMetadata);

inline constexpr std::string_view kKindNames[] = {"ReadinessWaiver"};
inline constexpr FieldSpec kRootFields[] = {
    {.name = "apiVersion", .required = true, .maximum = 64, .allowed = policy_schema::kApiVersions},
    {.name = "kind", .required = true, .maximum = 64, .allowed = kKindNames},
    {.name = "metadata", .type = FieldType::kObject, .required = true, .fields = kMetadataFields},
    {.name = "spec", .type = FieldType::kObject, .required = true, .fields = kSpecFields},
    {.name = "status", .type = FieldType::kAnything},
};
inline constexpr FieldSpec kRoot = {.type = FieldType::kObject, .fields = kRootFields};

}  // namespace plimsoll::waiver_schema
