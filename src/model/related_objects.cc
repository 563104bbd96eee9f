#include "plimsoll/model/related_objects.h"

#include <algorithm>

namespace plimsoll {
namespace {

template <class T>
const T* FindIn(const std::vector<std::shared_ptr<const T>>& sorted, std::string_view name) {
  const auto found =
      std::lower_bound(sorted.begin(), sorted.end(), name,
                       [](const std::shared_ptr<const T>& object, std::string_view wanted) {
                         return object->name < wanted;
                       });
  return found == sorted.end() || (*found)->name != name ? nullptr : found->get();
}

}  // namespace

std::string_view RelatedKindName(RelatedKind kind) {
  switch (kind) {
    case RelatedKind::kPodDisruptionBudget:
      return "PodDisruptionBudget";
    case RelatedKind::kAutoscaler:
      return "HorizontalPodAutoscaler";
    case RelatedKind::kService:
      return "Service";
    case RelatedKind::kServiceMonitor:
      return "ServiceMonitor";
    case RelatedKind::kPodMonitor:
      return "PodMonitor";
    case RelatedKind::kPrometheusRule:
      return "PrometheusRule";
    case RelatedKind::kRuleFile:
      return "ConfigMap";
  }
  return "";
}

std::optional<RelatedKind> RelatedKindOf(JsonView object) {
  struct Served {
    std::string_view group;  // with the slash behind it
    std::string_view kind;
    RelatedKind means;
  };
  static constexpr Served kServed[] = {
      {"policy/", "PodDisruptionBudget", RelatedKind::kPodDisruptionBudget},
      {"autoscaling/", "HorizontalPodAutoscaler", RelatedKind::kAutoscaler},
      {"keda.sh/", "ScaledObject", RelatedKind::kAutoscaler},
      {"", "Service", RelatedKind::kService},
      {"monitoring.coreos.com/", "ServiceMonitor", RelatedKind::kServiceMonitor},
      {"monitoring.coreos.com/", "PodMonitor", RelatedKind::kPodMonitor},
      {"monitoring.coreos.com/", "PrometheusRule", RelatedKind::kPrometheusRule},
      {"", "ConfigMap", RelatedKind::kRuleFile},
  };
  const std::string_view version = object["apiVersion"].StringOrEmpty();
  const std::string_view kind = object["kind"].StringOrEmpty();
  for (const Served& served : kServed) {
    if (served.kind != kind) continue;
    const bool core = served.group.empty();
    if (core ? version != "v1" : !version.starts_with(served.group)) continue;
    if (served.means == RelatedKind::kRuleFile &&
        object["metadata"]["labels"][kRuleFileLabel].StringOrEmpty() != "true") {
      return std::nullopt;
    }
    return served.means;
  }
  return std::nullopt;
}

int64_t Amount::Of(int64_t total) const {
  if (form == Form::kCount) return value;
  if (form != Form::kPercent || total <= 0) return 0;
  return (value * total + 99) / 100;
}

std::string Amount::Text() const {
  return std::to_string(value) + (form == Form::kPercent ? "%" : "");
}

bool Monitor::LooksAt(std::string_view namespace_name) const {
  return any_namespace ||
         std::find(namespaces.begin(), namespaces.end(), namespace_name) != namespaces.end();
}

const Autoscaler* RelatedObjects::AutoscalerOf(std::string_view namespace_name, WorkloadKind kind,
                                               std::string_view name) const {
  const Home* home = HomeOf(namespace_name);
  if (home == nullptr) return nullptr;
  for (const uint32_t index : home->by_target.Find(HashOfText(name))) {
    const Autoscaler& scaler = *home->autoscalers[index];
    if (scaler.target_kind == kind && scaler.target_name == name) return &scaler;
  }
  return nullptr;
}

const PodDisruptionBudget* RelatedObjects::FindBudget(std::string_view namespace_name,
                                                      std::string_view name) const {
  const Home* home = HomeOf(namespace_name);
  return home == nullptr ? nullptr : FindIn(home->budgets.all(), name);
}

const Service* RelatedObjects::FindService(std::string_view namespace_name,
                                           std::string_view name) const {
  const Home* home = HomeOf(namespace_name);
  return home == nullptr ? nullptr : FindIn(home->services.all(), name);
}

std::vector<std::shared_ptr<const Monitor>> RelatedObjects::Monitors(RelatedKind kind,
                                                                     size_t max) const {
  const auto& all = kind == RelatedKind::kPodMonitor ? pod_monitors_->all : service_monitors_->all;
  return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(max, all.size()))};
}

}  // namespace plimsoll
