// The resources Plimsoll speaks of, and their paths.
//
// Thread-safety: pure functions and constants. Semantics: API concepts, "Resource URIs".
#pragma once

#include <string>
#include <string_view>

#include "plimsoll/model/object_key.h"
#include "plimsoll/model/related_kind.h"
#include "plimsoll/model/workload.h"

namespace plimsoll::kube {

struct ResourceType {
  std::string_view group;  // "" for the core group
  std::string_view version;
  std::string_view plural;
  std::string_view kind;
  bool namespaced = true;

  std::string api_version() const;  // "v1", "apps/v1"
  friend bool operator==(const ResourceType&, const ResourceType&) = default;
};

inline constexpr ResourceType kNamespaces{"", "v1", "namespaces", "Namespace", false};
inline constexpr ResourceType kSecrets{"", "v1", "secrets", "Secret", true};
inline constexpr ResourceType kConfigMaps{"", "v1", "configmaps", "ConfigMap", true};
inline constexpr ResourceType kPods{"", "v1", "pods", "Pod", true};
inline constexpr ResourceType kLeases{"coordination.k8s.io", "v1", "leases", "Lease", true};
inline constexpr ResourceType kEvents{"events.k8s.io", "v1", "events", "Event", true};
inline constexpr ResourceType kPolicies{"plimsoll.dev", "v1alpha1", "readinesspolicies",
                                        "ReadinessPolicy", false};
inline constexpr ResourceType kWaivers{"plimsoll.dev", "v1alpha1", "readinesswaivers",
                                       "ReadinessWaiver", true};
inline constexpr ResourceType kRecords{"plimsoll.dev", "v1alpha1", "workloadreadinesses",
                                       "WorkloadReadiness", true};
inline constexpr ResourceType kValidatingWebhookConfigurations{
    "admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations",
    "ValidatingWebhookConfiguration", false};
inline constexpr ResourceType kControllerRevisions{"apps", "v1", "controllerrevisions",
                                                   "ControllerRevision", true};
inline constexpr ResourceType kSubjectAccessReviews{
    "authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview", false};
inline constexpr ResourceType kTokenReviews{"authentication.k8s.io", "v1", "tokenreviews",
                                            "TokenReview", false};

// The resource that serves related objects of a kind; for rule files ConfigMaps, of which a label says that they are.
ResourceType ResourceOf(RelatedKind kind);
// The resource that serves workloads of a kind: apps/v1 deployments and so on.
ResourceType ResourceOf(WorkloadKind kind);

// "/apis/apps/v1/namespaces/shop/deployments"; of every namespace where `namespace_name` is empty.
std::string CollectionPath(const ResourceType& type, std::string_view namespace_name = {});
// "/apis/apps/v1/namespaces/shop/deployments/web"; names are percent-encoded.
std::string ObjectPath(const ResourceType& type, const ObjectKey& key);
// For a query: everything but unreserved characters as %XX.
std::string PercentEncode(std::string_view text);

}  // namespace plimsoll::kube
