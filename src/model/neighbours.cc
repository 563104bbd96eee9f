#include "plimsoll/model/neighbours.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <tuple>

namespace plimsoll {
namespace {

// As the controllers name what they make: letters and digits of k8s.io/apimachinery/pkg/util/rand. All of the template's
// digest are hexadecimal, too, for expressions that think it is. A ReplicaSet is one digest less than its pods.
constexpr std::array<std::string_view, 4> kOfReplicaSets = {"-5d4f8c7b9d", "-5d4f8c7b9d-x2c4z",
                                                            "-5d4f8c7b9-x2c4z", "-5d4f8c7b-x2c4z"};
constexpr std::array<std::string_view, 3> kInOrder = {"-0", "-1", "-2"};
constexpr std::array<std::string_view, 1> kAtRandom = {"-x2c4z"};
constexpr std::array<std::string_view, 2> kOfCronJobs = {"-29012345", "-29012345-x2c4z"};
constexpr std::array<std::string_view, 1> kItself = {""};

std::span<const std::string_view> PodEnds(WorkloadKind kind) {
  switch (kind) {
    case WorkloadKind::kDeployment:
    case WorkloadKind::kRollout:
      return kOfReplicaSets;
    case WorkloadKind::kStatefulSet:
      return kInOrder;
    case WorkloadKind::kCronJob:
      return kOfCronJobs;
    case WorkloadKind::kPod:
      return kItself;
    default:
      return kAtRandom;
  }
}

void AddService(std::string_view name, AlertCandidate& candidate) {
  std::vector<std::string_view>& services = candidate.services;
  if (name.empty() || std::find(services.begin(), services.end(), name) != services.end()) return;
  services.push_back(name);
}

bool Before(const Alert* a, const Alert* b) {
  return std::tie(a->name, a->object, a->group) < std::tie(b->name, b->object, b->group);
}

}  // namespace

void SortAlerts(std::vector<const Alert*>& alerts) {
  std::sort(alerts.begin(), alerts.end());
  alerts.erase(std::unique(alerts.begin(), alerts.end()), alerts.end());
  if (alerts.size() > 1) std::stable_sort(alerts.begin(), alerts.end(), Before);
}

const std::vector<const Service*>& Neighbours::Services() {
  if (Needs(kServices)) {
    services_.clear();
    objects_->ForEachService(workload_->namespace_name(), workload_->template_labels(),
                             [&](const Service& service) { services_.push_back(&service); });
  }
  return services_;
}

const std::vector<const PodDisruptionBudget*>& Neighbours::Budgets() {
  if (Needs(kBudgets)) {
    budgets_.clear();
    objects_->ForEachBudget(
        workload_->namespace_name(), workload_->template_labels(),
        [&](const PodDisruptionBudget& budget) { budgets_.push_back(&budget); });
    if (budgets_.size() > 1) {
      std::stable_sort(budgets_.begin(), budgets_.end(),
                       [](const auto* a, const auto* b) { return a->name < b->name; });
    }
  }
  return budgets_;
}

const std::vector<const Monitor*>& Neighbours::PodMonitors() {
  if (Needs(kPodMonitors)) {
    pod_monitors_.clear();
    objects_->ForEachPodMonitor(workload_->namespace_name(), workload_->template_labels(),
                                [&](const Monitor& monitor) { pod_monitors_.push_back(&monitor); });
  }
  return pod_monitors_;
}

const Autoscaler* Neighbours::Scaler() {
  if (Needs(kScaler)) {
    scaler_ =
        objects_->AutoscalerOf(workload_->namespace_name(), workload_->kind(), workload_->name());
  }
  return scaler_;
}

const std::vector<const Alert*>& Neighbours::AlertsOfWorkload() {
  FindAlerts();
  return alerts_of_workload_;
}

const std::vector<const Alert*>& Neighbours::AlertsOfNamespace() {
  FindAlerts();
  return alerts_of_namespace_;
}

void Neighbours::NameCandidate() {
  candidate_.namespace_name = workload_->namespace_name();
  candidate_.kind = workload_->kind();
  candidate_.name = workload_->name();
  candidate_.pod_ends = PodEnds(workload_->kind());
  candidate_.containers = workload_->containers();
  candidate_.services.clear();
  AddService(candidate_.name, candidate_);
  for (const std::string_view key :
       {"app.kubernetes.io/name", "app.kubernetes.io/instance", "app", "k8s-app"}) {
    AddService(workload_->TemplateLabel(key).value_or(std::string_view()), candidate_);
  }
  for (const Service* service : Services()) AddService(service->name, candidate_);
  for (const Monitor* monitor : PodMonitors()) AddService(monitor->key.name, candidate_);
}

void Neighbours::FindAlerts() {
  if (!Needs(kAlerts)) return;
  alerts_of_workload_.clear();
  alerts_of_namespace_.clear();
  NameCandidate();
  objects_->alerts().ForEachNear(candidate_, [&](const Alert& alert) {
    const AlertScope scope = ScopeOf(alert, candidate_);
    if (scope == AlertScope::kWorkload) alerts_of_workload_.push_back(&alert);
    if (scope == AlertScope::kNamespace) alerts_of_namespace_.push_back(&alert);
  });
  SortAlerts(alerts_of_workload_);
  SortAlerts(alerts_of_namespace_);
}

}  // namespace plimsoll
