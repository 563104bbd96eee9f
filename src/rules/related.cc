#include "rules/related.h"

#include <array>

#include "rules/metadata.h"
#include "rules/selector.h"
#include "rules/slug.h"

namespace plimsoll {
namespace {

// By RelatedKind.
constexpr std::array<std::string_view, kRelatedKindCount> kNotKnown = {
    "the PodDisruptionBudgets of the cluster are not known yet",
    "the HorizontalPodAutoscalers of the cluster are not known yet",
    "the Services of the cluster are not known yet",
    "the ServiceMonitors of the cluster are not known yet",
    "the PodMonitors of the cluster are not known yet",
    "the PrometheusRules of the cluster are not known yet",
    "the rule files of the cluster are not known yet",
};
constexpr std::array<std::string_view, kRelatedKindCount> kNotThere = {
    "PodDisruptionBudgets are not installed",
    "HorizontalPodAutoscalers are not installed",
    "Services are not installed",
    "ServiceMonitors are not installed",
    "PodMonitors are not installed",
    "PrometheusRules are not installed",
    "there are no rule files",
};

}  // namespace

Neighbours* KnownBeside(const RuleInput& input, RelatedKind kind) {
  Neighbours* const beside = input.environment.beside;
  return beside != nullptr && beside->objects().Knows(kind) ? beside : nullptr;
}

Neighbours* BesideOf(const RuleInput& input, RelatedKind kind, RuleOutcome& outcome) {
  Neighbours* const beside = input.environment.beside;
  if (beside == nullptr) {
    outcome.NotApplicable("other objects are not known here");
    return nullptr;
  }
  const Knowledge knowledge = beside->objects().KnowledgeOf(kind);
  if (knowledge == Knowledge::kKnown) return beside;
  const auto& reasons = knowledge == Knowledge::kUnknown ? kNotKnown : kNotThere;
  outcome.NotApplicable(reasons[static_cast<size_t>(kind)]);
  return nullptr;
}

Neighbours* BudgetsFor(const RuleInput& input, RuleOutcome& outcome) {
  if (!HasReplicas(input.workload.kind())) {
    outcome.NotApplicable("a budget is for replicas, and its kind has none");
    return nullptr;
  }
  return BesideOf(input, RelatedKind::kPodDisruptionBudget, outcome);
}

Scale ScaleOf(const RuleInput& input) {
  if (Neighbours* const beside = KnownBeside(input, RelatedKind::kAutoscaler)) {
    const Autoscaler* const scaler = beside->Scaler();
    if (scaler != nullptr) return {scaler->min_replicas, scaler};
  }
  return {input.workload.replicas(), nullptr};
}

bool HasReplicas(WorkloadKind kind) {
  return kind != WorkloadKind::kDaemonSet && kind != WorkloadKind::kPod &&
         kind != WorkloadKind::kJob && kind != WorkloadKind::kCronJob;
}

Yaml SelectorFor(const Workload& workload) {
  const JsonView selector = workload.spec()["selector"];
  if (workload.kind() != WorkloadKind::kReplicationController && selector.is_object() &&
      selector.size() > 0 && SelectorMatches(selector, {workload.template_labels()})) {
    return Yaml::Copy(selector);
  }
  Yaml labels = Yaml::Map();
  DocumentLabels{workload.template_labels()}.ForEach(
      [&](std::string_view key, std::string_view value) { labels.Set(key, Yaml::String(value)); });
  return Yaml::Map({{"matchLabels", std::move(labels)}});
}

Yaml ObjectAt(const ObjectKey& key, std::string_view api_version, std::string_view kind,
              Yaml spec) {
  Yaml metadata = Yaml::Map({{"name", Yaml::String(key.name)}});
  if (!key.namespace_name.empty()) metadata.Set("namespace", Yaml::String(key.namespace_name));
  return Yaml::Map({{"apiVersion", Yaml::String(api_version)},
                    {"kind", Yaml::String(kind)},
                    {"metadata", std::move(metadata)},
                    {"spec", std::move(spec)}});
}

Yaml ObjectIn(const Workload& workload, std::string_view api_version, std::string_view kind,
              std::string_view name, Yaml spec) {
  return ObjectAt({std::string(workload.namespace_name()), std::string(name)}, api_version, kind,
                  std::move(spec));
}

std::string ScaleFix(const Workload& workload, const Autoscaler* scaler, int64_t replicas) {
  if (scaler == nullptr) {
    return ObjectFix(Yaml::Map({{"spec", Yaml::Map({{"replicas", Yaml::Int(replicas)}})}}));
  }
  const std::string_view field = scaler->scaled_object ? "minReplicaCount" : "minReplicas";
  return ObjectIn(workload, scaler->scaled_object ? "keda.sh/v1alpha1" : "autoscaling/v2",
                  scaler->scaled_object ? "ScaledObject" : "HorizontalPodAutoscaler", scaler->name,
                  Yaml::Map({{std::string(field), Yaml::Int(replicas)}}))
      .Render();
}

std::string NameOf(const Autoscaler& scaler) {
  return std::string(scaler.scaled_object ? "ScaledObject" : "HorizontalPodAutoscaler") + " \"" +
         scaler.name + "\"";
}

std::string ObjectName(const Workload& workload) {
  return MakeSlug(SuggestedName(workload), "workload");
}

}  // namespace plimsoll
