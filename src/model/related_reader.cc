#include "model/related_reader.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace plimsoll {
namespace {

constexpr int64_t kMaxPort = 65535;

// k8s.io/apimachinery/pkg/util/intstr: an int32, or a percentage that IsValidPercent accepts.
Amount ReadAmount(JsonView value) {
  Amount amount;
  if (!value.present()) return amount;
  amount.form = Amount::Form::kInvalid;
  if (const std::optional<int64_t> count = value.AsInt()) {
    if (*count < 0 || *count > INT32_MAX) return amount;
    return {Amount::Form::kCount, *count};
  }
  std::string_view text = value.StringOrEmpty();
  if (!text.ends_with('%')) return amount;
  text.remove_suffix(1);
  int64_t percent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
  const bool read = !text.empty() && text.front() != '-' && error == std::errc() &&
                    end == text.data() + text.size() && percent <= INT32_MAX;
  if (!read) return amount;
  return {Amount::Form::kPercent, percent};
}

int64_t PortOr(JsonView value, int64_t otherwise) {
  const std::optional<int64_t> port = value.AsInt();
  return port && *port > 0 && *port <= kMaxPort ? *port : otherwise;
}

LabelPairs ReadLabels(JsonView labels) {
  LabelPairs pairs;
  DocumentLabels{labels}.ForEach(
      [&](std::string_view key, std::string_view value) { pairs.emplace_back(key, value); });
  pairs.shrink_to_fit();
  return pairs;
}

ServicePort ReadServicePort(JsonView entry) {
  ServicePort port;
  port.name = entry["name"].StringOrEmpty();
  port.number = PortOr(entry["port"], 0);
  const JsonView target = entry["targetPort"];
  port.target_name = target.StringOrEmpty();
  if (port.target_name.empty()) port.target_number = PortOr(target, port.number);
  return port;
}

// ServiceMonitors name the Service's port or the container's, PodMonitors the container's, or its number.
Monitor::Endpoint ReadEndpoint(JsonView entry) {
  Monitor::Endpoint endpoint;
  endpoint.port = entry["port"].StringOrEmpty();
  if (!endpoint.port.empty()) return endpoint;
  endpoint.target_number = PortOr(entry["portNumber"], 0);
  if (endpoint.target_number != 0) return endpoint;
  const JsonView target = entry["targetPort"];
  endpoint.target_name = target.StringOrEmpty();
  endpoint.target_number = PortOr(target, 0);
  return endpoint;
}

}  // namespace

PodDisruptionBudget ReadBudget(std::string_view name, JsonView object) {
  PodDisruptionBudget budget;
  budget.name = name;
  const JsonView spec = object["spec"];
  std::optional<LabelSelector> selector = ReadLabelSelector(spec["selector"]);
  budget.selects = selector.has_value();
  if (selector) budget.selector = *std::move(selector);
  // In policy/v1beta1 an empty selector selected nothing.
  if (budget.selector.requirements.empty() &&
      object["apiVersion"].StringOrEmpty() == "policy/v1beta1") {
    budget.selects = false;
  }
  budget.min_available = ReadAmount(spec["minAvailable"]);
  budget.max_unavailable = ReadAmount(spec["maxUnavailable"]);
  return budget;
}

std::optional<Autoscaler> ReadAutoscaler(std::string_view name, JsonView object) {
  Autoscaler scaler;
  scaler.name = name;
  const JsonView spec = object["spec"];
  const JsonView target = spec["scaleTargetRef"];
  const bool keda = object["kind"].StringOrEmpty() == "ScaledObject";
  std::string_view version = target["apiVersion"].StringOrEmpty();
  std::string_view kind = target["kind"].StringOrEmpty();
  if (keda && kind.empty()) kind = "Deployment";
  // Without an apiVersion the kind says which is meant.
  std::optional<WorkloadKind> target_kind =
      version.empty() ? ParseWorkloadKind(kind) : WorkloadKindOf(version, kind);
  scaler.target_name = target["name"].StringOrEmpty();
  if (!target_kind || scaler.target_name.empty()) return std::nullopt;
  scaler.target_kind = *target_kind;
  const JsonView least = spec[keda ? "minReplicaCount" : "minReplicas"];
  scaler.min_replicas = std::max<int64_t>(0, least.AsInt().value_or(keda ? 0 : 1));
  scaler.scaled_object = keda;
  // The HorizontalPodAutoscaler that KEDA makes of a ScaledObject is changed there.
  for (const JsonView owner : object["metadata"]["ownerReferences"].elements()) {
    if (owner["kind"].StringOrEmpty() != "ScaledObject") continue;
    scaler.scaled_object = true;
    scaler.name = owner["name"].StringOrEmpty();
  }
  return scaler;
}

Service ReadService(std::string_view name, JsonView object) {
  Service service;
  service.name = name;
  const JsonView metadata = object["metadata"];
  const JsonView spec = object["spec"];
  service.labels = ReadLabels(metadata["labels"]);
  service.scraped = metadata["annotations"]["prometheus.io/scrape"].StringOrEmpty() == "true";
  std::optional<LabelSelector> selector = ReadLabelMap(spec["selector"]);
  service.selects =
      selector && !selector->requirements.empty() && spec["type"].StringOrEmpty() != "ExternalName";
  if (selector) service.selector = *std::move(selector);
  for (const JsonView port : spec["ports"].elements())
    service.ports.push_back(ReadServicePort(port));
  service.ports.shrink_to_fit();
  return service;
}

Monitor ReadMonitor(RelatedKind kind, const ObjectKey& key, JsonView object) {
  Monitor monitor;
  monitor.key = key;
  const JsonView spec = object["spec"];
  const JsonView where = spec["namespaceSelector"];
  monitor.any_namespace = where["any"].AsBool().value_or(false);
  for (const JsonView name : where["matchNames"].elements()) {
    if (name.is_string()) monitor.namespaces.emplace_back(name.text());
  }
  if (monitor.namespaces.empty()) monitor.namespaces.push_back(key.namespace_name);
  std::optional<LabelSelector> selector = ReadLabelSelector(spec["selector"]);
  monitor.selects = selector.has_value();
  if (selector) monitor.selector = *std::move(selector);
  const bool pods = kind == RelatedKind::kPodMonitor;
  for (const JsonView entry : spec[pods ? "podMetricsEndpoints" : "endpoints"].elements()) {
    monitor.endpoints.push_back(ReadEndpoint(entry));
  }
  monitor.endpoints.shrink_to_fit();
  return monitor;
}

}  // namespace plimsoll
