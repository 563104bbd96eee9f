#include <algorithm>
#include <string>

#include "rules/builtin.h"
#include "rules/probe.h"

namespace plimsoll {
namespace {

enum Spec : size_t { kStrict };

constexpr ParameterSpec kParameters[] = {
    {.name = "strict",
     .type = ParameterType::kBoolean,
     .default_json = "false",
     .description = "Refuse the same target for both probes even where the livenessProbe gives up "
                    "later than the "
                    "readinessProbe."},
};

std::string Seconds(int64_t seconds) { return std::to_string(seconds) + " s"; }

// The least number of failures after which liveness acts clearly later than readiness: at least twice as late.
Yaml LaterLiveness(const Probe& readiness, const Probe& liveness) {
  const int64_t window = 2 * readiness.failure_window_seconds();
  const int64_t threshold = (window + liveness.period_seconds - 1) / liveness.period_seconds;
  return Yaml::Map({{"failureThreshold", Yaml::Int(std::max<int64_t>(threshold, 2))}});
}

// Another question on the same handler; only its people know which one the program answers.
Yaml OtherTarget(const Probe& liveness) {
  static constexpr std::string_view kComment =
      "replace with what fails only when a restart would help";
  Yaml action = Yaml::Map();
  switch (liveness.handler) {
    case ProbeHandler::kHttpGet: {
      const bool taken = liveness.action["path"].StringOrEmpty() == "/livez";
      action.Set("path", Yaml::String(taken ? "/alivez" : "/livez").Commented(kComment));
      break;
    }
    case ProbeHandler::kGrpc: {
      const bool taken = liveness.action["service"].StringOrEmpty() == "liveness";
      action.Set("service", Yaml::String(taken ? "alive" : "liveness").Commented(kComment));
      break;
    }
    case ProbeHandler::kExec:
      action.Set("command", Yaml::Strings({"/bin/app", "alive"}).Commented(kComment));
      break;
    case ProbeHandler::kTcpSocket:
      return Yaml::Map(
          {{"tcpSocket", Yaml::Null()},
           {"exec",
            Yaml::Map({{"command", Yaml::Strings({"/bin/app", "alive"}).Commented(kComment)}})}});
  }
  Yaml probe = Yaml::Map();
  probe.Set(ProbeHandlerField(liveness.handler), std::move(action));
  return probe;
}

Violation SameProbe(const RuleInput& input, const Container& container, const Probe& readiness,
                    const Probe& liveness, bool strict) {
  const int64_t restart = liveness.failure_window_seconds();
  const int64_t drain = readiness.failure_window_seconds();
  const bool too_early = restart <= drain;
  Violation violation;
  violation.path = input.workload.ContainerPath(container) + ".livenessProbe";
  violation.container = container.name;
  violation.message = ContainerLabel(container) + " asks " + DescribeTarget(liveness) +
                      " for both liveness and readiness";
  if (too_early) {
    violation.message += ", so after " + Seconds(restart) + " of failures it is restarted " +
                         (restart == drain ? "at the moment it leaves its Service"
                                           : "before it leaves its Service, at " + Seconds(drain));
    violation.observed =
        "liveness gives up after " + Seconds(restart) + ", readiness after " + Seconds(drain);
    violation.required = "another target, or liveness giving up later than readiness";
  } else {
    violation.message += ", which the policy does not accept even though liveness gives up later";
    violation.observed = "the same target for both";
  }
  if (strict) violation.required = "another target than the readinessProbe's";
  violation.fix =
      ContainerFix(input.workload, container,
                   Yaml::Map({{"livenessProbe", strict ? OtherTarget(liveness)
                                                       : LaterLiveness(readiness, liveness)}}));
  violation.identity = ProbeIdentity(container, "same target");
  return violation;
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  const bool strict = input.parameters.Boolean(kStrict);
  bool any = false;
  for (const Container& container : input.workload.containers()) {
    if (!container.long_running()) continue;
    const Probe* const readiness = input.workload.ProbeOf(container, ProbeRole::kReadiness);
    const Probe* const liveness = input.workload.ProbeOf(container, ProbeRole::kLiveness);
    if (readiness == nullptr || liveness == nullptr || !readiness->valid() || !liveness->valid())
      continue;
    any = true;
    if (!SameTarget(*readiness, *liveness)) continue;
    if (!strict && liveness->failure_window_seconds() > readiness->failure_window_seconds()) {
      continue;
    }
    outcome.Fail([&] { return SameProbe(input, container, *readiness, *liveness, strict); });
  }
  if (!any) outcome.NotApplicable("no container has both a readinessProbe and a livenessProbe");
}

constexpr Rule kRule = {
    .id = "health.probes-distinct",
    .title = "A container that is busy is drained before it is restarted",
    .rationale =
        "Where liveness and readiness ask the same question and liveness gives up first, a "
        "container that is slow under "
        "load is killed instead of being taken out of its Service. Its requests move to the other "
        "replicas, which are "
        "then killed in turn: a load peak becomes an outage, and every restart starts with a cold "
        "cache.",
    .remediation =
        "Give the livenessProbe a target of its own that fails only when a restart would help, or "
        "let it give up later: "
        "periodSeconds times failureThreshold well above the readinessProbe's.",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources =
        "https://kubernetes.io/docs/concepts/workloads/pods/probes/; defaults from "
        "pkg/apis/core/v1/defaults.go of "
        "kubernetes/kubernetes",
};

}  // namespace

const Rule& ProbesDistinctRule() { return kRule; }

}  // namespace plimsoll
