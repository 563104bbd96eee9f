#include <algorithm>
#include <string>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/probe.h"

namespace plimsoll {
namespace {

constexpr std::string_view kScopes[] = {"all", "traffic"};

enum Spec : size_t { kScope, kExemptContainers, kAnnotations };

constexpr ParameterSpec kParameters[] = {
    {.name = "scope",
     .type = ParameterType::kEnum,
     .default_json = "\"all\"",
     .description = "Which containers need a livenessProbe: `all` that keep running (a worker "
                    "hangs as well as a "
                    "server), or only those that declare a TCP port (`traffic`).",
     .allowed = kScopes},
    {.name = "exemptContainers",
     .type = ParameterType::kGlobList,
     .default_json = "[]",
     .description = "Names of containers that need none; `*` and `?` are wildcards."},
    {.name = "annotations",
     .type = ParameterType::kKeyList,
     .default_json = "[\"plimsoll.dev/crashes-on-its-own\"]",
     .description = "Annotations, on the workload or its pod template, by which its people declare "
                    "that a container "
                    "exits when it cannot go on: `true` for all containers, or their names "
                    "separated by commas."},
};

bool Matches(const std::vector<std::string>& globs, std::string_view name) {
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return GlobMatch(glob, name); });
}

// "true", or a list of names.
bool Names(std::string_view value, std::string_view container) {
  if (Trim(value) == "true") return true;
  for (;;) {
    const size_t comma = value.find(',');
    const std::string_view name = Trim(value.substr(0, comma));
    if (!name.empty() && name == container) return true;
    if (comma == std::string_view::npos) return false;
    value.remove_prefix(comma + 1);
  }
}

bool CrashesOnItsOwn(const RuleInput& input, const Container& container) {
  for (const std::string& key : input.parameters.List(kAnnotations)) {
    for (const std::optional<std::string_view> value :
         {input.workload.Annotation(key), input.workload.TemplateAnnotation(key)}) {
      if (value && Names(*value, container.name)) return true;
    }
  }
  return false;
}

Violation Missing(const RuleInput& input, const Container& container, const Probe* probe) {
  Violation violation;
  violation.path = input.workload.ContainerPath(container) + ".livenessProbe";
  violation.container = container.name;
  violation.message = ContainerLabel(container);
  if (probe != nullptr) {
    violation.message += " has a livenessProbe that the API server refuses because ";
    violation.message += probe->problem;
    violation.observed = probe->problem;
  } else {
    violation.message +=
        " has no livenessProbe and does not declare that it crashes on its own, so nobody restarts "
        "it when it hangs";
    violation.observed = "not set";
  }
  violation.required = "a livenessProbe";
  if (const std::vector<std::string>& keys = input.parameters.List(kAnnotations);
      probe == nullptr && !keys.empty()) {
    violation.required += ", or the annotation " + keys.front();
  }
  violation.fix = ContainerFix(
      input.workload, container,
      Yaml::Map(
          {{"livenessProbe", SuggestProbe(container, ProbeRole::kLiveness,
                                          container.Field(ContainerField::kLivenessProbe))}}));
  violation.identity = ProbeIdentity(container, "livenessProbe");
  return violation;
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  if (input.workload.runs_to_completion()) {
    outcome.NotApplicable("it runs to completion: a deadline ends it, not a probe");
    return;
  }
  const bool only_traffic = input.parameters.String(kScope) == "traffic";
  bool in_question = false;
  bool exempt = false;
  for (const Container& container : input.workload.containers()) {
    if (!container.long_running()) continue;
    if (only_traffic && !IsTrafficContainer(container)) continue;
    if (Matches(input.parameters.List(kExemptContainers), container.name)) {
      exempt = true;
      continue;
    }
    in_question = true;
    const Probe* const probe = input.workload.ProbeOf(container, ProbeRole::kLiveness);
    if (probe != nullptr && probe->valid()) continue;
    // Declared to need none; but a probe that is refused is refused.
    if (probe == nullptr && CrashesOnItsOwn(input, container)) continue;
    outcome.Fail([&] { return Missing(input, container, probe); });
  }
  if (in_question) return;
  outcome.NotApplicable(exempt         ? "exemptContainers names every container in question"
                        : only_traffic ? "no container that keeps running declares a TCP port"
                                       : "it has no containers that keep running");
}

constexpr Rule kRule = {
    .id = "health.liveness-probe",
    .title = "Containers are restarted when they hang, or exit on their own",
    .rationale =
        "A process that is deadlocked, or has lost the thread that does its work, still runs: "
        "Kubernetes sees a healthy "
        "container and leaves it. Queues grow or requests time out until a person notices and "
        "deletes the pod. A "
        "livenessProbe does that within a minute.",
    .remediation =
        "Add a livenessProbe that fails only when a restart would help: it checks the process "
        "itself, never a database "
        "or another service, and gives up later than the readinessProbe. A program that is known "
        "to exit on any "
        "unrecoverable error may declare that instead, by the annotation "
        "plimsoll.dev/crashes-on-its-own: \"true\" (or "
        "the names of its containers).",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources =
        "https://kubernetes.io/docs/concepts/workloads/pods/probes/, KEP-753 (sidecar containers)",
};

}  // namespace

const Rule& LivenessProbeRule() { return kRule; }

}  // namespace plimsoll
