#include "plimsoll/kube/resources.h"

namespace plimsoll::kube {
namespace {

// RFC 3986, section 2.3.
bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string_view PluralOf(WorkloadKind kind) {
  switch (kind) {
    case WorkloadKind::kDeployment:
      return "deployments";
    case WorkloadKind::kStatefulSet:
      return "statefulsets";
    case WorkloadKind::kDaemonSet:
      return "daemonsets";
    case WorkloadKind::kReplicaSet:
      return "replicasets";
    case WorkloadKind::kPod:
      return "pods";
    case WorkloadKind::kJob:
      return "jobs";
    case WorkloadKind::kCronJob:
      return "cronjobs";
    case WorkloadKind::kRollout:
      return "rollouts";
    case WorkloadKind::kReplicationController:
      return "replicationcontrollers";
  }
  return "";
}

}  // namespace

std::string ResourceType::api_version() const {
  return group.empty() ? std::string(version) : std::string(group) + "/" + std::string(version);
}

ResourceType ResourceOf(RelatedKind kind) {
  switch (kind) {
    case RelatedKind::kPodDisruptionBudget:
      return {"policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget"};
    case RelatedKind::kAutoscaler:
      return {"autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler"};
    case RelatedKind::kService:
      return {"", "v1", "services", "Service"};
    case RelatedKind::kServiceMonitor:
      return {"monitoring.coreos.com", "v1", "servicemonitors", "ServiceMonitor"};
    case RelatedKind::kPodMonitor:
      return {"monitoring.coreos.com", "v1", "podmonitors", "PodMonitor"};
    case RelatedKind::kPrometheusRule:
      return {"monitoring.coreos.com", "v1", "prometheusrules", "PrometheusRule"};
    case RelatedKind::kRuleFile:
      return {"", "v1", "configmaps", "ConfigMap"};
  }
  return {};
}

ResourceType ResourceOf(WorkloadKind kind) {
  ResourceType type{"apps", "v1", PluralOf(kind), WorkloadKindName(kind), true};
  switch (kind) {
    case WorkloadKind::kPod:
    case WorkloadKind::kReplicationController:
      type.group = "";
      break;
    case WorkloadKind::kJob:
    case WorkloadKind::kCronJob:
      type.group = "batch";
      break;
    case WorkloadKind::kRollout:
      type.group = "argoproj.io";
      type.version = "v1alpha1";
      break;
    default:
      break;
  }
  return type;
}

std::string CollectionPath(const ResourceType& type, std::string_view namespace_name) {
  std::string path = type.group.empty() ? "/api/" : "/apis/" + std::string(type.group) + "/";
  path += type.version;
  if (type.namespaced && !namespace_name.empty()) {
    path += "/namespaces/" + PercentEncode(namespace_name);
  }
  return path.append("/").append(type.plural);
}

std::string ObjectPath(const ResourceType& type, const ObjectKey& key) {
  return CollectionPath(type, key.namespace_name) + "/" + PercentEncode(key.name);
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (IsUnreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4U];
    out += kHex[byte & 0xFU];
  }
  return out;
}

}  // namespace plimsoll::kube
