#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rules/builtin.h"
#include "rules/metadata.h"
#include "rules/probe.h"
#include "rules/related.h"

namespace plimsoll {
namespace {

constexpr std::string_view kAnnotation = "prometheus.io/scrape";
constexpr std::string_view kProviderNames[] = {"annotations", "operator"};
// Only looked at for the words of a finding; the next thousand would say no more.
constexpr size_t kMaxSearchedMonitors = 1000;

enum Spec : size_t { kProviders };

constexpr ParameterSpec kParameters[] = {
    {.name = "providers",
     .type = ParameterType::kStringList,
     .default_json = R"(["annotations","operator"])",
     .description = "What finds targets in this cluster: `annotations` (prometheus.io/scrape on "
                    "pods and Services), `operator` (ServiceMonitors and PodMonitors).",
     .allowed = kProviderNames},
};

// How far a chain goes before it breaks, and in which words.
struct Break {
  int link = 0;  // the higher, the nearer to its end
  std::string message;
  std::string observed;
  std::string fix;  // "": the usual one
};

// ---- ports ----

bool HasContainerPort(const Workload& workload, std::string_view name, int64_t number) {
  for (const Container& container : workload.containers()) {
    if (!container.long_running()) continue;
    for (const JsonView entry : container.Field(ContainerField::kPorts).elements()) {
      const std::optional<ContainerPort> port = ReadContainerPort(entry);
      if (port && (name.empty() ? port->number == number : port->name == name)) return true;
    }
  }
  return false;
}

// A Service's port leads to the pods: by number it always does, by name a container must have it.
bool LeadsToPods(const ServicePort& port, const Workload& workload) {
  return port.target_name.empty() || HasContainerPort(workload, port.target_name, 0);
}

bool EndpointReaches(const Monitor::Endpoint& endpoint, const Service& service,
                     const Workload& workload) {
  return std::any_of(service.ports.begin(), service.ports.end(), [&](const ServicePort& port) {
    if (!LeadsToPods(port, workload)) return false;
    if (endpoint.any()) return true;
    if (!endpoint.port.empty()) return endpoint.port == port.name;
    // The container's port, by name or number, behind whatever port of the Service.
    if (!endpoint.target_name.empty()) {
      return HasContainerPort(workload, endpoint.target_name, 0);
    }
    return port.target_number == endpoint.target_number ||
           HasContainerPort(workload, "", endpoint.target_number);
  });
}

bool EndpointReaches(const Monitor::Endpoint& endpoint, const Workload& workload) {
  if (endpoint.any()) return true;
  const std::string& name = endpoint.port.empty() ? endpoint.target_name : endpoint.port;
  return HasContainerPort(workload, name, endpoint.target_number);
}

std::string PortsOf(const Monitor& monitor) {
  std::string text;
  for (const Monitor::Endpoint& endpoint : monitor.endpoints) {
    if (!text.empty()) text += ", ";
    if (!endpoint.port.empty()) {
      text += endpoint.port;
    } else if (!endpoint.target_name.empty()) {
      text += endpoint.target_name;
    } else {
      text += std::to_string(endpoint.target_number);
    }
  }
  return text.empty() ? "none" : text;
}

std::string PortsOf(const Service& service) {
  std::string text;
  for (const ServicePort& port : service.ports) {
    text += (text.empty() ? "" : ", ") +
            (port.name.empty() ? std::to_string(port.number) + " (without a name)" : port.name);
  }
  return text.empty() ? "none" : text;
}

// ---- fixes ----

// The port that metrics are most likely on: one called so, else that of the traffic.
std::optional<ContainerPort> MetricsPort(const Workload& workload) {
  std::optional<ContainerPort> traffic;
  for (const Container& container : workload.containers()) {
    if (!container.long_running()) continue;
    for (const JsonView entry : container.Field(ContainerField::kPorts).elements()) {
      const std::optional<ContainerPort> port = ReadContainerPort(entry);
      if (port && port->tcp && port->name.find("metrics") != std::string_view::npos) return port;
    }
    if (!traffic) traffic = TrafficPort(container);
  }
  return traffic;
}

std::string AnnotateTemplate(const Workload& workload) {
  Yaml annotations = Yaml::Map({{std::string(kAnnotation), Yaml::String("true")}});
  if (const std::optional<ContainerPort> port = MetricsPort(workload)) {
    annotations.Set(
        "prometheus.io/port",
        Yaml::String(std::to_string(port->number)).Commented("the port that serves /metrics"));
  }
  return TemplateFix(
      workload, Yaml::Map({{"metadata", Yaml::Map({{"annotations", std::move(annotations)}})}}));
}

std::string AddPodMonitor(const Workload& workload) {
  const std::optional<ContainerPort> port = MetricsPort(workload);
  Yaml endpoint = Yaml::Map();
  if (port && !port->name.empty()) {
    endpoint.Set("port", Yaml::String(port->name).Commented("the port that serves /metrics"));
  } else if (port) {
    endpoint.Set("portNumber", Yaml::Int(port->number).Commented("the port that serves /metrics"));
  }
  return ObjectIn(workload, "monitoring.coreos.com/v1", "PodMonitor", ObjectName(workload),
                  Yaml::Map({{"selector", SelectorFor(workload)},
                             {"podMetricsEndpoints", Yaml::List({std::move(endpoint)})}}))
      .Render();
}

// ---- chains ----

class Search {
 public:
  Search(const RuleInput& input, const RelatedObjects& related)
      : workload_(input.workload), related_(related) {}

  // True if a chain is whole; `Broken` says where the longest one breaks.
  bool ByPodMonitor() {
    bool whole = false;
    related_.ForEachPodMonitor(
        workload_.namespace_name(), workload_.template_labels(), [&](const Monitor& monitor) {
          whole = whole || std::any_of(monitor.endpoints.begin(), monitor.endpoints.end(),
                                       [&](const Monitor::Endpoint& endpoint) {
                                         return EndpointReaches(endpoint, workload_);
                                       });
          if (!whole) PodPortMissing(monitor);
        });
    return whole;
  }

  bool ByServiceMonitor() {
    bool whole = false;
    std::vector<const Service*> services;
    related_.ForEachService(workload_.namespace_name(), workload_.template_labels(),
                            [&](const Service& service) { services.push_back(&service); });
    for (const Service* service : services) {
      bool monitored = false;
      related_.ForEachServiceMonitor(
          workload_.namespace_name(), *service, [&](const Monitor& monitor) {
            monitored = true;
            whole = whole || std::any_of(monitor.endpoints.begin(), monitor.endpoints.end(),
                                         [&](const Monitor::Endpoint& endpoint) {
                                           return EndpointReaches(endpoint, *service, workload_);
                                         });
            if (!whole) ServicePortMissing(monitor, *service);
          });
      if (whole) return true;
      if (!monitored) services_without_monitor_.push_back(service);
    }
    if (services.empty()) no_service_ = true;
    return false;
  }

  // Only once nothing is whole.
  Break Broken() {
    if (!best_) LookForMonitorsElsewhere();
    if (!best_ && !services_without_monitor_.empty()) {
      const Service& service = *services_without_monitor_.front();
      Offer(
          {1,
           "no ServiceMonitor selects Service \"" + service.name + "\" and no PodMonitor its pods",
           "no monitor selects Service \"" + service.name + "\" or the pods", ""});
    }
    if (!best_ && no_service_) LookForServicesThatMiss();
    if (!best_) {
      Offer(
          {0,
           "no Service selects its pods, so no ServiceMonitor can find them, and no PodMonitor does",
           "neither a scrape annotation nor a monitor", ""});
    }
    return *best_;
  }

 private:
  void Offer(Break candidate) {
    if (!best_ || candidate.link > best_->link) best_ = std::move(candidate);
  }

  void PodPortMissing(const Monitor& monitor) {
    const std::string why = "its pods have no container port " + PortsOf(monitor);
    Offer({4, "PodMonitor \"" + monitor.key.name + "\" selects its pods, but " + why, why, ""});
  }

  void ServicePortMissing(const Monitor& monitor, const Service& service) {
    for (const Monitor::Endpoint& endpoint : monitor.endpoints) {
      for (const ServicePort& port : service.ports) {
        if (endpoint.port.empty() || endpoint.port != port.name) continue;
        Offer({5,
               "ServiceMonitor \"" + monitor.key.name + "\" asks for port " + port.name +
                   " of Service \"" + service.name + "\", whose targetPort " + port.target_name +
                   " no container has",
               "targetPort " + port.target_name + " is no container's port", ""});
        return;
      }
    }
    std::string fix;
    if (!service.ports.empty() && !service.ports.front().name.empty()) {
      Yaml endpoint = Yaml::Map(
          {{"port",
            Yaml::String(service.ports.front().name).Commented("the port that serves /metrics")}});
      fix = ObjectAt(monitor.key, "monitoring.coreos.com/v1", "ServiceMonitor",
                     Yaml::Map({{"endpoints", Yaml::List({std::move(endpoint)})}}))
                .Render();
    }
    Offer({4,
           "ServiceMonitor \"" + monitor.key.name + "\" selects Service \"" + service.name +
               "\", but none of its endpoints' ports (" + PortsOf(monitor) +
               ") is a port of the Service (" + PortsOf(service) + ")",
           "endpoints " + PortsOf(monitor) + "; ports of the Service: " + PortsOf(service),
           std::move(fix)});
  }

  // Monitors that would select, and look at other namespaces.
  void LookForMonitorsElsewhere() {
    const std::string here(workload_.namespace_name());
    for (const auto& monitor :
         related_.Monitors(RelatedKind::kServiceMonitor, kMaxSearchedMonitors)) {
      if (monitor->LooksAt(here) || !monitor->selects || monitor->selector.requirements.empty()) {
        continue;
      }
      for (const Service* service : services_without_monitor_) {
        if (!Selects(monitor->selector, KeptLabels{service->labels})) continue;
        LooksElsewhere("ServiceMonitor", *monitor, "Service \"" + service->name + "\"");
        return;
      }
    }
    for (const auto& monitor : related_.Monitors(RelatedKind::kPodMonitor, kMaxSearchedMonitors)) {
      if (monitor->LooksAt(here) || !monitor->selects || monitor->selector.requirements.empty() ||
          !Selects(monitor->selector, DocumentLabels{workload_.template_labels()})) {
        continue;
      }
      LooksElsewhere("PodMonitor", *monitor, "its pods");
      return;
    }
  }

  void LooksElsewhere(std::string_view kind, const Monitor& monitor, const std::string& what) {
    const std::string where =
        monitor.namespaces.size() == 1 ? "namespace " + monitor.namespaces[0] : "other namespaces";
    Offer({2,
           std::string(kind) + " \"" + monitor.key.name + "\" of namespace " +
               monitor.key.namespace_name + " would select " + what + ", but looks only at " +
               where,
           "its namespaceSelector leaves this namespace out", ""});
  }

  // The Service by the workload's name, monitored, whose selector misses the pods.
  void LookForServicesThatMiss() {
    const Service* const service =
        related_.FindService(workload_.namespace_name(), workload_.name());
    if (service == nullptr || !service->selects) return;
    Offer(
        {3,
         "Service \"" + service->name + "\" selects " + DescribeSelector(service->selector) +
             ", which its pods are not, so no ServiceMonitor can find them, and no PodMonitor does",
         "Service \"" + service->name + "\" does not select its pods", ""});
  }

  const Workload& workload_;
  const RelatedObjects& related_;
  std::vector<const Service*> services_without_monitor_;
  bool no_service_ = false;
  std::optional<Break> best_;
};

// ---- the rule ----

bool Uses(const RuleInput& input, std::string_view provider) {
  const std::vector<std::string>& providers = input.parameters.List(kProviders);
  return std::find(providers.begin(), providers.end(), provider) != providers.end();
}

bool Annotated(const RuleInput& input, const RelatedObjects* related) {
  const Workload& workload = input.workload;
  if (workload.TemplateAnnotation(kAnnotation) == "true") return true;
  bool by_service = false;
  if (related != nullptr && related->Knows(RelatedKind::kService)) {
    related->ForEachService(workload.namespace_name(), workload.template_labels(),
                            [&](const Service& service) { by_service |= service.scraped; });
  }
  return by_service;
}

// On the workload's own metadata, where no Prometheus looks.
bool Misplaced(const Workload& workload) {
  return workload.kind() != WorkloadKind::kPod && workload.Annotation(kAnnotation) == "true";
}

Violation NotScraped(const RuleInput& input, const Break& broken, bool by_operator) {
  const Workload& workload = input.workload;
  Violation violation;
  violation.message = "nothing scrapes " + Subject(workload) + ": " + broken.message;
  violation.path = std::string(workload.template_path());
  if (violation.path.empty()) violation.path = "metadata";
  violation.observed = broken.observed;
  violation.required = "a target of Prometheus";
  violation.fix = broken.fix;
  if (violation.fix.empty()) {
    violation.fix = by_operator ? AddPodMonitor(workload) : AnnotateTemplate(workload);
  }
  violation.identity = "scraped";
  return violation;
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  const Workload& workload = input.workload;
  if (workload.runs_to_completion()) {
    outcome.NotApplicable("it runs to completion, so it is gone before it is scraped");
    return;
  }
  const RelatedObjects* const related = RelatedOf(input, RelatedKind::kService, outcome);
  if (related == nullptr) return;
  if (Uses(input, "annotations") && Annotated(input, related)) return;
  const bool services = related->Knows(RelatedKind::kServiceMonitor);
  const bool pods = related->Knows(RelatedKind::kPodMonitor);
  Search search(input, *related);
  if (Uses(input, "operator")) {
    if (related->KnowledgeOf(RelatedKind::kServiceMonitor) == Knowledge::kUnknown ||
        related->KnowledgeOf(RelatedKind::kPodMonitor) == Knowledge::kUnknown) {
      outcome.NotApplicable("the monitors of the cluster are not known yet");
      return;
    }
    if ((pods && search.ByPodMonitor()) || (services && search.ByServiceMonitor())) return;
  }
  if (Uses(input, "annotations") && Misplaced(workload)) {
    outcome.Fail([&] {
      return NotScraped(input,
                        {0,
                         "its annotation prometheus.io/scrape has no effect on the workload "
                         "itself, it counts on the pod template",
                         "prometheus.io/scrape on the workload's own metadata", ""},
                        false);
    });
    return;
  }
  if (!services && !pods && Uses(input, "operator")) {
    outcome.NotApplicable("ServiceMonitors and PodMonitors are not installed");
    return;
  }
  if (!MetricsPort(workload)) {
    outcome.NotApplicable("no container that keeps running declares a TCP port");
    return;
  }
  outcome.Fail([&] {
    if (!Uses(input, "operator")) {
      return NotScraped(
          input, {0, "its pod template has no annotation prometheus.io/scrape", "not set", ""},
          false);
    }
    return NotScraped(input, search.Broken(), pods);
  });
}

constexpr Rule kRule = {
    .id = "alerting.scraped",
    .title = "Prometheus scrapes it",
    .rationale =
        "The dashboard was there, the alert rules were there, and for two months nobody noticed "
        "that they had no data: the ServiceMonitor asked for a port called metrics, and the Service "
        "calls it http-metrics. An alert on a series that does not exist never fires, and looks "
        "exactly like an alert on a service that is well.",
    .remediation =
        "Let a ServiceMonitor or PodMonitor find it: the monitor's namespaceSelector must include "
        "the namespace (by default it looks at its own only), its selector must match the labels of "
        "the Service (not of the pods), an endpoint's port must be the name of a port of that "
        "Service, and the Service's selector must match the pods. Without the operator, put the "
        "annotation prometheus.io/scrape: \"true\" on the pod template; on the workload itself it "
        "has no effect.",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources =
        "https://prometheus-operator.dev/docs/api-reference/api/, "
        "prometheus-operator pkg/prometheus/promcfg.go",
    .rule_class = RuleClass::kCrossObject,
    .needs = {RelatedKind::kService, RelatedKind::kServiceMonitor, RelatedKind::kPodMonitor},
};

}  // namespace

const Rule& AlertingScrapedRule() { return kRule; }

}  // namespace plimsoll
