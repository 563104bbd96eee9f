#include <algorithm>
#include <string>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/metadata.h"
#include "rules/probe.h"
#include "rules/related.h"

namespace plimsoll {
namespace {

constexpr std::string_view kScopes[] = {"traffic", "all", "any"};

enum Spec : size_t { kScope, kExemptContainers };

constexpr ParameterSpec kParameters[] = {
    {.name = "scope",
     .type = ParameterType::kEnum,
     .default_json = "\"traffic\"",
     .description =
         "Which containers need a readinessProbe: `traffic`, each one that keeps "
         "running and declares a TCP "
         "port (where none does and a Service selects the pods, at least one); `all`, each one that keeps running; `any`, at least one of the pod "
         "where one declares a TCP "
         "port.",
     .allowed = kScopes},
    {.name = "exemptContainers",
     .type = ParameterType::kGlobList,
     .default_json = "[]",
     .description = "Names of containers that need none, for injected sidecars with a health check "
                    "of their own; `*` and "
                    "`?` are wildcards."},
};

bool IsExempt(const RuleInput& input, const Container& container) {
  const std::vector<std::string>& globs = input.parameters.List(kExemptContainers);
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return GlobMatch(glob, container.name); });
}

// `probe` is there and the API server refuses it, or it is not there at all.
Violation Missing(const RuleInput& input, const Container& container, const Probe* probe) {
  const std::optional<ContainerPort> port = TrafficPort(container);
  Violation violation;
  violation.path = input.workload.ContainerPath(container) + ".readinessProbe";
  violation.container = container.name;
  violation.message = ContainerLabel(container);
  if (port) violation.message += " takes connections on port " + std::to_string(port->number);
  if (probe != nullptr) {
    violation.message += port ? ", but the API server refuses its readinessProbe because "
                              : " has a readinessProbe that the API server refuses because ";
    violation.message += probe->problem;
    violation.observed = probe->problem;
  } else {
    violation.message += port ? " and has no readinessProbe, so it gets requests before it can "
                                "answer them"
                              : " has no readinessProbe, so its pod counts as ready as soon as "
                                "the process has started";
    violation.observed = "not set";
  }
  violation.required = "a readinessProbe";
  violation.fix = ContainerFix(
      input.workload, container,
      Yaml::Map(
          {{"readinessProbe", SuggestProbe(container, ProbeRole::kReadiness,
                                           container.Field(ContainerField::kReadinessProbe))}}));
  violation.identity = ProbeIdentity(container, "readinessProbe");
  return violation;
}

// One container's answer is enough for the pod.
void EvaluateAny(const RuleInput& input, RuleOutcome& outcome) {
  const Container* first = nullptr;
  for (const Container& container : input.workload.containers()) {
    if (!container.long_running()) continue;
    const Probe* const probe = input.workload.ProbeOf(container, ProbeRole::kReadiness);
    if (probe != nullptr && probe->valid()) return;
    if (first == nullptr && IsTrafficContainer(container) && !IsExempt(input, container)) {
      first = &container;
    }
  }
  if (first != nullptr) {
    outcome.Fail([&] {
      return Missing(input, *first, input.workload.ProbeOf(*first, ProbeRole::kReadiness));
    });
  }
}

void EvaluateEach(const RuleInput& input, bool only_traffic, RuleOutcome& outcome) {
  for (const Container& container : input.workload.containers()) {
    if (!container.long_running() || IsExempt(input, container)) continue;
    if (only_traffic && !IsTrafficContainer(container)) continue;
    const Probe* const probe = input.workload.ProbeOf(container, ProbeRole::kReadiness);
    if (probe != nullptr && probe->valid()) continue;
    outcome.Fail([&] { return Missing(input, container, probe); });
  }
}

// Why no container is in question; "" if there is one.
std::string_view WhyNoContainer(const RuleInput& input, bool all) {
  bool exempt = false;
  bool unreadable = false;
  for (const Container& container : input.workload.containers()) {
    if (!container.long_running()) continue;
    if (all || IsTrafficContainer(container)) {
      if (!IsExempt(input, container)) return "";
      exempt = true;
    } else if (HasUnreadablePorts(container)) {
      unreadable = true;
    }
  }
  if (exempt) return "exemptContainers names every container in question";
  if (unreadable) return "no container declares a TCP port that the API server would accept";
  return "no container that keeps running declares a TCP port";
}

// The Service that sends requests to the pods; "" where none does, or none is known. Of several the first by name.
std::string ServiceOf(const RuleInput& input) {
  std::string first;
  Neighbours* const beside = KnownBeside(input, RelatedKind::kService);
  if (beside == nullptr) return first;
  for (const Service* service : beside->Services()) {
    if (!service->ports.empty() && (first.empty() || service->name < first)) first = service->name;
  }
  return first;
}

// No container declares a port, which is documentation only: a Service that selects the pods sends requests all the same.
// To which container is not said, so one that answers is enough.
void EvaluateServed(const RuleInput& input, const std::string& service, RuleOutcome& outcome) {
  const Container* first = nullptr;
  for (const Container& container : input.workload.containers()) {
    if (!container.long_running()) continue;
    const Probe* const probe = input.workload.ProbeOf(container, ProbeRole::kReadiness);
    if (probe != nullptr && probe->valid()) return;
    if (first == nullptr && !IsExempt(input, container)) first = &container;
  }
  if (first == nullptr) {
    outcome.NotApplicable("exemptContainers names every container in question");
    return;
  }
  outcome.Fail([&] {
    const Probe* const probe = input.workload.ProbeOf(*first, ProbeRole::kReadiness);
    Violation violation = Missing(input, *first, probe);
    violation.message = "Service \"" + service + "\" sends requests to the pods of " +
                        Subject(input.workload) + ", and " + violation.message;
    violation.related = true;
    return violation;
  });
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  if (input.workload.runs_to_completion()) {
    outcome.NotApplicable("it runs to completion, so nothing waits for it to become ready");
    return;
  }
  const std::string& scope = input.parameters.String(kScope);
  const std::string_view why = WhyNoContainer(input, scope == "all");
  const auto& containers = input.workload.containers();
  if (!why.empty()) {
    const bool no_ports = std::none_of(containers.begin(), containers.end(), IsTrafficContainer);
    const std::string service = no_ports && scope != "all" ? ServiceOf(input) : std::string();
    if (service.empty()) {
      outcome.NotApplicable(why);
    } else {
      EvaluateServed(input, service, outcome);
    }
  } else if (scope == "any") {
    EvaluateAny(input, outcome);
  } else {
    EvaluateEach(input, scope == "traffic", outcome);
  }
}

constexpr Rule kRule = {
    .id = "health.readiness-probe",
    .title = "Containers that take connections say when they are ready",
    .rationale =
        "Without a readinessProbe a pod is ready the moment its process starts. During a rollout "
        "Services send requests "
        "to containers that still load caches or wait for a database, clients see errors on every "
        "deploy, and the "
        "rollout goes on to replace the last working pods because nothing tells it that the new "
        "ones do not answer.",
    .remediation =
        "Add a readinessProbe to the container, on the port that serves the traffic. Let it check "
        "what the container "
        "itself needs to answer, and not the services it calls: or one slow dependency takes every "
        "replica out of "
        "service at once. A startupProbe is no substitute: it stops being asked once it has "
        "succeeded.",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources =
        "https://kubernetes.io/docs/concepts/workloads/pods/probes/, KEP-753 (sidecar containers)",
    .needs = {RelatedKind::kService},
};

}  // namespace

const Rule& ReadinessProbeRule() { return kRule; }

}  // namespace plimsoll
