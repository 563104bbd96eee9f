#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "rules/builtin.h"
#include "rules/metadata.h"
#include "rules/probe.h"
#include "rules/related.h"
#include "rules/scrape_chains.h"

namespace plimsoll {
namespace {

constexpr std::string_view kAnnotation = "prometheus.io/scrape";
constexpr std::string_view kProviderNames[] = {"annotations", "operator"};

enum Spec : size_t { kProviders };

constexpr ParameterSpec kParameters[] = {
    {.name = "providers",
     .type = ParameterType::kStringList,
     .default_json = R"(["annotations","operator"])",
     .description = "What finds targets in this cluster: `annotations` (prometheus.io/scrape on "
                    "pods and Services), `operator` (ServiceMonitors and PodMonitors).",
     .allowed = kProviderNames},
};

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

// ---- the rule ----

bool Uses(const RuleInput& input, std::string_view provider) {
  const std::vector<std::string>& providers = input.parameters.List(kProviders);
  return std::find(providers.begin(), providers.end(), provider) != providers.end();
}

bool Annotated(const Workload& workload, Neighbours& beside) {
  if (workload.TemplateAnnotation(kAnnotation) == "true") return true;
  const std::vector<const Service*>& services = beside.Services();
  return std::any_of(services.begin(), services.end(),
                     [](const Service* service) { return service->scraped; });
}

// On the workload's own metadata, where no Prometheus looks.
bool Misplaced(const Workload& workload) {
  return workload.kind() != WorkloadKind::kPod && workload.Annotation(kAnnotation) == "true";
}

Violation NotScraped(const RuleInput& input, const BrokenChain& broken, bool by_operator) {
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
  Neighbours* const beside = BesideOf(input, RelatedKind::kService, outcome);
  if (beside == nullptr) return;
  if (Uses(input, "annotations") && Annotated(workload, *beside)) return;
  const RelatedObjects& related = beside->objects();
  const bool services = related.Knows(RelatedKind::kServiceMonitor);
  const bool pods = related.Knows(RelatedKind::kPodMonitor);
  ScrapeChains chains(workload, *beside);
  if (Uses(input, "operator")) {
    if (related.KnowledgeOf(RelatedKind::kServiceMonitor) == Knowledge::kUnknown ||
        related.KnowledgeOf(RelatedKind::kPodMonitor) == Knowledge::kUnknown) {
      outcome.NotApplicable("the monitors of the cluster are not known yet");
      return;
    }
    if ((pods && chains.ByPodMonitor()) || (services && chains.ByServiceMonitor())) return;
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
    return NotScraped(input, chains.Broken(), pods);
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
