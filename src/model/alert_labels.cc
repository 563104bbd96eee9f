#include "model/alert_labels.h"

#include <algorithm>
#include <array>

namespace plimsoll {
namespace {

struct Entry {
  std::string_view label;
  AlertRole role;
  WorkloadKind kind = WorkloadKind::kDeployment;
};

// Sorted by label.
constexpr std::array kLabels = {
    Entry{"app", AlertRole::kService},
    Entry{"app.kubernetes.io/instance", AlertRole::kService},
    Entry{"app.kubernetes.io/name", AlertRole::kService},
    Entry{"app_kubernetes_io_instance", AlertRole::kService},
    Entry{"app_kubernetes_io_name", AlertRole::kService},
    Entry{"container", AlertRole::kContainer},
    Entry{"container_name", AlertRole::kContainer},
    Entry{"created_by_name", AlertRole::kWorkload},
    Entry{"cronjob", AlertRole::kKind, WorkloadKind::kCronJob},
    Entry{"daemonset", AlertRole::kKind, WorkloadKind::kDaemonSet},
    Entry{"deployment", AlertRole::kKind, WorkloadKind::kDeployment},
    Entry{"destination_app", AlertRole::kService},
    Entry{"destination_canonical_service", AlertRole::kService},
    Entry{"destination_service_name", AlertRole::kService},
    Entry{"destination_service_namespace", AlertRole::kNamespace},
    Entry{"destination_workload", AlertRole::kWorkload},
    Entry{"destination_workload_namespace", AlertRole::kNamespace},
    Entry{"exported_app", AlertRole::kService},
    Entry{"exported_container", AlertRole::kContainer},
    Entry{"exported_job", AlertRole::kService},
    Entry{"exported_namespace", AlertRole::kNamespace},
    Entry{"exported_pod", AlertRole::kPod},
    Entry{"exported_service", AlertRole::kService},
    Entry{"exported_workload", AlertRole::kWorkload},
    Entry{"horizontalpodautoscaler", AlertRole::kWorkload},
    Entry{"job", AlertRole::kService},
    Entry{"job_name", AlertRole::kKind, WorkloadKind::kJob},
    Entry{"k8s.container.name", AlertRole::kContainer},
    Entry{"k8s.cronjob.name", AlertRole::kKind, WorkloadKind::kCronJob},
    Entry{"k8s.daemonset.name", AlertRole::kKind, WorkloadKind::kDaemonSet},
    Entry{"k8s.deployment.name", AlertRole::kKind, WorkloadKind::kDeployment},
    Entry{"k8s.namespace.name", AlertRole::kNamespace},
    Entry{"k8s.pod.name", AlertRole::kPod},
    Entry{"k8s.statefulset.name", AlertRole::kKind, WorkloadKind::kStatefulSet},
    Entry{"k8s_app", AlertRole::kService},
    Entry{"k8s_container_name", AlertRole::kContainer},
    Entry{"k8s_cronjob_name", AlertRole::kKind, WorkloadKind::kCronJob},
    Entry{"k8s_daemonset_name", AlertRole::kKind, WorkloadKind::kDaemonSet},
    Entry{"k8s_deployment_name", AlertRole::kKind, WorkloadKind::kDeployment},
    Entry{"k8s_namespace_name", AlertRole::kNamespace},
    Entry{"k8s_pod_name", AlertRole::kPod},
    Entry{"k8s_statefulset_name", AlertRole::kKind, WorkloadKind::kStatefulSet},
    Entry{"kubernetes_name", AlertRole::kService},
    Entry{"kubernetes_namespace", AlertRole::kNamespace},
    Entry{"kubernetes_pod_name", AlertRole::kPod},
    Entry{"label_app", AlertRole::kService},
    Entry{"label_app_kubernetes_io_instance", AlertRole::kService},
    Entry{"label_app_kubernetes_io_name", AlertRole::kService},
    Entry{"label_k8s_app", AlertRole::kService},
    Entry{"namespace", AlertRole::kNamespace},
    Entry{"owner_name", AlertRole::kWorkload},
    Entry{"pod", AlertRole::kPod},
    Entry{"pod_name", AlertRole::kPod},
    Entry{"replicaset", AlertRole::kKind, WorkloadKind::kReplicaSet},
    Entry{"rollout", AlertRole::kKind, WorkloadKind::kRollout},
    Entry{"service", AlertRole::kService},
    Entry{"service.name", AlertRole::kService},
    Entry{"service_name", AlertRole::kService},
    Entry{"statefulset", AlertRole::kKind, WorkloadKind::kStatefulSet},
    Entry{"workload", AlertRole::kWorkload},
};

static_assert(std::is_sorted(kLabels.begin(), kLabels.end(),
                             [](const Entry& a, const Entry& b) { return a.label < b.label; }));

}  // namespace

std::optional<AlertLabel> AlertLabelOf(std::string_view label) {
  const auto found = std::lower_bound(
      kLabels.begin(), kLabels.end(), label,
      [](const Entry& entry, std::string_view wanted) { return entry.label < wanted; });
  if (found == kLabels.end() || found->label != label) return std::nullopt;
  return AlertLabel{found->role, found->kind};
}

}  // namespace plimsoll
