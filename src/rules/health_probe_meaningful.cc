#include <algorithm>
#include <string>
#include <vector>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/probe.h"
#include "rules/shell_command.h"

namespace plimsoll {
namespace {

enum Spec : size_t { kDenylist, kAllowOtherHosts };

constexpr ParameterSpec kParameters[] = {
    {.name = "denylist",
     .type = ParameterType::kStringList,
     .default_json = R"(["cat /tmp/healthy"])",
     .description = "Further commands that say nothing about the container, such as those that "
                    "generators insert; `*` "
                    "and `?` are wildcards. Compared without `sh -c`, wrappers such as env and "
                    "timeout, and the "
                    "program's system directory."},
    {.name = "allowOtherHosts",
     .type = ParameterType::kBoolean,
     .default_json = "false",
     .description = "Accept httpGet and tcpSocket probes whose `host` is not the pod itself."},
};

// Nobody's probe has more words; a longer one is not read at all.
constexpr size_t kMaxCommandWords = 256;

std::vector<std::string> CommandOf(const Probe& probe) {
  std::vector<std::string> command;
  for (JsonView word : probe.action["command"].elements()) {
    if (command.size() == kMaxCommandWords) return {};
    command.emplace_back(word.StringOrEmpty());
  }
  return command;
}

enum class Fault : uint8_t { kNone, kRefused, kCannotFail, kDenied, kOtherHost };

bool IsLoopback(std::string_view host) {
  return host.starts_with("127.") || host == "::1" || EqualsIgnoreCase(host, "localhost");
}

// A probe's host is asked from the node. With hostNetwork the node's loopback is the pod's.
bool AsksOtherHost(const RuleInput& input, const Probe& probe) {
  const std::string_view host = probe.action["host"].StringOrEmpty();
  if (host.empty() || probe.handler == ProbeHandler::kGrpc) return false;
  return !IsLoopback(host) || !input.workload.pod_spec()["hostNetwork"].AsBool().value_or(false);
}

Fault Judge(const RuleInput& input, const Probe& probe) {
  if (!probe.valid()) return Fault::kRefused;
  if (probe.handler != ProbeHandler::kExec) {
    const bool other = !input.parameters.Boolean(kAllowOtherHosts) && AsksOtherHost(input, probe);
    return other ? Fault::kOtherHost : Fault::kNone;
  }
  const std::vector<std::string> command = CommandOf(probe);
  if (command.empty()) return Fault::kNone;
  if (CannotFail(command)) return Fault::kCannotFail;
  const std::vector<std::string>& denied = input.parameters.List(kDenylist);
  if (denied.empty()) return Fault::kNone;
  const std::string line = PlainCommandLine(command);
  const bool listed = std::any_of(denied.begin(), denied.end(), [&](const std::string& pattern) {
    return GlobMatch(pattern, line);
  });
  return listed ? Fault::kDenied : Fault::kNone;
}

void Describe(const Container& container, const Probe& probe, Fault fault, Violation& violation) {
  violation.message =
      "the " + std::string(ProbeField(probe.role)) + " of " + ContainerLabel(container);
  violation.required = "a probe that fails when the container cannot do its work";
  switch (fault) {
    case Fault::kNone:
      break;
    case Fault::kRefused:
      violation.message += " is refused by the API server because ";
      violation.message += probe.problem;
      violation.observed = probe.problem;
      violation.required = "exactly one well-formed handler";
      break;
    case Fault::kCannotFail:
      violation.observed = DescribeTarget(probe);
      violation.message +=
          " cannot fail: " + violation.observed + " succeeds whatever the container does";
      break;
    case Fault::kDenied:
      violation.observed = DescribeTarget(probe);
      violation.message +=
          " is a stock command that says nothing about the container: " + violation.observed;
      break;
    case Fault::kOtherHost:
      violation.observed = DescribeTarget(probe);
      violation.message += IsLoopback(probe.action["host"].StringOrEmpty())
                               ? " asks the node itself, from which probes are sent: "
                               : " asks another host than its pod: ";
      violation.message += violation.observed;
      violation.required = "no host, which means the pod itself";
      break;
  }
}

Yaml Change(const Container& container, const Probe& probe, Fault fault) {
  Yaml change = Yaml::Map();
  if (fault == Fault::kOtherHost) {
    Yaml handler = Yaml::Map();
    handler.Set(ProbeHandlerField(probe.handler), Yaml::Map({{"host", Yaml::Null()}}));
    change.Set(ProbeField(probe.role), std::move(handler));
  } else {
    change.Set(ProbeField(probe.role), SuggestHandler(container, probe.role, probe.object));
  }
  return change;
}

Violation Meaningless(const RuleInput& input, const Container& container, const Probe& probe,
                      Fault fault) {
  Violation violation;
  violation.path = input.workload.ContainerPath(container);
  violation.path += '.';
  violation.path += ProbeField(probe.role);
  if (fault == Fault::kOtherHost) {
    violation.path += '.';
    violation.path += ProbeHandlerField(probe.handler);
    violation.path += ".host";
  } else if (fault != Fault::kRefused) {
    violation.path += ".exec.command";
  }
  violation.container = container.name;
  Describe(container, probe, fault, violation);
  violation.fix = ContainerFix(input.workload, container, Change(container, probe, fault));
  violation.identity =
      ProbeIdentity(container, std::string(ProbeField(probe.role)) + " " + violation.observed);
  return violation;
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  bool any = false;
  for (const Container& container : input.workload.containers()) {
    if (!container.long_running()) continue;
    for (const ProbeRole role : kProbeRoles) {
      const Probe* const probe = input.workload.ProbeOf(container, role);
      if (probe == nullptr) continue;
      any = true;
      const Fault fault = Judge(input, *probe);
      if (fault == Fault::kNone) continue;
      outcome.Fail([&] { return Meaningless(input, container, *probe, fault); });
    }
  }
  if (!any) outcome.NotApplicable("no container that keeps running has a probe");
}

constexpr Rule kRule = {
    .id = "health.probe-meaningful",
    .title = "Probes can fail",
    .rationale =
        "Where a gate asks for probes, some are written for the gate: `true`, `echo ok`, `curl ... "
        "|| true`, or a stock "
        "command that a generator put there. Dashboards then show every pod as healthy during an "
        "outage, broken releases "
        "roll out to the end, and the gate has measured attendance instead of readiness.",
    .remediation =
        "Let the probe ask the program: an HTTP path, a gRPC health service, or a command that "
        "exits non-zero when the "
        "container cannot do its work. If a container really needs no probe, say so in the policy "
        "(exemptContainers of "
        "the probe's rule) or ask for a waiver; both are seen and dated.",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources =
        "grafana/helm-charts#1296 (probes for environments that require them); "
        "FairwindsOps/polaris, "
        "pkg/config/checks/livenessProbeMissing.yaml (the command it inserts)",
};

}  // namespace

const Rule& ProbeMeaningfulRule() { return kRule; }

}  // namespace plimsoll
