#include <string>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/probe.h"

namespace plimsoll {
namespace {

enum Spec : size_t { kRequireDeclared };

constexpr ParameterSpec kParameters[] = {
    {.name = "requireDeclared",
     .type = ParameterType::kBoolean,
     .default_json = "false",
     .description = "Also require that a port given as a number is declared as a TCP port of the "
                    "container. Kubernetes "
                    "does not ask for that: `ports` is documentation, except for names."},
};

constexpr int64_t kMaxPort = 65535;
// Other containers are searched for the name only to say a better sentence. Beyond this a hostile object could make
// that quadratic.
constexpr size_t kMaxSearchedContainers = 64;
// What stands in a fix where no port of the container is known.
constexpr int64_t kSomePort = 8080;

enum class Fault : uint8_t { kNone, kNoSuchName, kNotTcp, kQuotedNumber, kOutOfRange, kUndeclared };

Fault Judge(const Container& container, const Probe& probe, bool require_declared) {
  if (const std::optional<int64_t> number = probe.port.AsInt()) {
    if (*number < 1 || *number > kMaxPort) return Fault::kOutOfRange;
    return require_declared && !DeclaresTcpPort(container, *number) ? Fault::kUndeclared
                                                                    : Fault::kNone;
  }
  const std::optional<ContainerPort> named = FindPortByName(container, probe.port.text());
  // The kubelet takes no more than the number from the name; DNS servers declare 53 twice.
  if (named) {
    return named->tcp || DeclaresTcpPort(container, named->number) ? Fault::kNone : Fault::kNotTcp;
  }
  return probe.port_number ? Fault::kQuotedNumber : Fault::kNoSuchName;
}

// The other container of the pod that has a port of this name.
const Container* OwnerOfName(const RuleInput& input, const Container& container,
                             std::string_view name) {
  if (input.workload.containers().size() > kMaxSearchedContainers) return nullptr;
  for (const Container& other : input.workload.containers()) {
    if (&other != &container && FindPortByName(other, name)) return &other;
  }
  return nullptr;
}

void Describe(const RuleInput& input, const Container& container, const Probe& probe, Fault fault,
              Violation& violation) {
  const std::string port = SanitizeLine(probe.port.text(), 40);
  violation.message = "the " + std::string(ProbeField(probe.role)) + " of " +
                      ContainerLabel(container) + " asks port ";
  violation.observed = port;
  switch (fault) {
    case Fault::kNone:
      break;
    case Fault::kNoSuchName: {
      violation.message += "\"" + port + "\", which is no port of that container";
      if (const Container* owner = OwnerOfName(input, container, probe.port.text())) {
        violation.message += " but of " + ContainerLabel(*owner);
      }
      violation.message += ", so it can never succeed";
      violation.required = "the name of a TCP port of the same container, or a number";
      break;
    }
    case Fault::kNotTcp:
      violation.message += "\"" + port + "\", which is not a TCP port, so nothing answers there";
      violation.required = "a TCP port";
      break;
    case Fault::kQuotedNumber:
      violation.message +=
          "\"" + port + "\" in quotes, which Kubernetes takes for a name and refuses";
      violation.observed = "\"" + port + "\"";
      violation.required = port + " without quotes";
      break;
    case Fault::kOutOfRange:
      violation.message += port + ", which no port can be";
      violation.required = "1 to 65535";
      break;
    case Fault::kUndeclared:
      violation.message += port + ", which the container does not declare as a TCP port";
      violation.required = "a declared TCP port";
      break;
  }
}

Yaml SetPort(const Probe& probe, Yaml port) {
  Yaml action = Yaml::Map({{"port", std::move(port)}});
  Yaml handler = Yaml::Map();
  handler.Set(ProbeHandlerField(probe.handler), std::move(action));
  Yaml change = Yaml::Map();
  change.Set(ProbeField(probe.role), std::move(handler));
  return change;
}

Yaml DeclarePort(Yaml name, Yaml number) {
  Yaml port = Yaml::Map();
  port.Set("containerPort", std::move(number));
  port.Set("protocol", Yaml::String("TCP"));
  port.Set("name", std::move(name));
  return Yaml::List({std::move(port)});
}

// A port name Kubernetes accepts: at most 15 of [a-z0-9-] with a letter (apimachinery, IsValidPortName).
bool IsPortName(std::string_view name) {
  bool letter = false;
  for (char c : name) {
    const bool lower = c >= 'a' && c <= 'z';
    if (!lower && c != '-' && (c < '0' || c > '9')) return false;
    letter = letter || lower;
  }
  return letter && name.size() <= 15 && name.front() != '-' && name.back() != '-' &&
         name.find("--") == std::string_view::npos;
}

std::string NewPortName(int64_t number) { return "probe-" + std::to_string(number); }

// Where no port is known, each name that has to be declared gets a number of its own.
int64_t SomePort(const Workload& workload, const Container& container, const Probe& probe) {
  int64_t number = kSomePort;
  for (const ProbeRole role : kProbeRoles) {
    const Probe* const other = workload.ProbeOf(container, role);
    if (role == probe.role || (other != nullptr && other->port.text() == probe.port.text())) break;
    ++number;
  }
  return number;
}

Yaml Change(const Workload& workload, const Container& container, const Probe& probe, Fault fault,
            bool require_declared) {
  static constexpr std::string_view kReplace = "replace with the TCP port that answers the probe";
  if (fault == Fault::kUndeclared || fault == Fault::kQuotedNumber) {
    const int64_t number = probe.port_number.value_or(0);  // these faults have one
    Yaml change = fault == Fault::kUndeclared ? Yaml::Map() : SetPort(probe, Yaml::Int(number));
    if (require_declared && !DeclaresTcpPort(container, number)) {
      change.Set("ports", DeclarePort(Yaml::String(NewPortName(number)), Yaml::Int(number)));
    }
    return change;
  }
  if (const std::optional<ContainerPort> port = TrafficPort(container)) {
    const bool by_name = probe.handler != ProbeHandler::kGrpc && IsPortName(port->name) &&
                         FindPortByName(container, port->name)->number == port->number;
    return SetPort(probe, by_name ? Yaml::String(port->name) : Yaml::Int(port->number));
  }
  // No TCP port is declared: declare the one that is meant.
  const bool keeps_name = fault == Fault::kNoSuchName && IsPortName(probe.port.text());
  const int64_t number = SomePort(workload, container, probe);
  Yaml change = keeps_name ? Yaml::Map() : SetPort(probe, Yaml::Int(number).Commented(kReplace));
  const std::string name = keeps_name ? std::string(probe.port.text()) : NewPortName(number);
  change.Set("ports", DeclarePort(Yaml::String(name), Yaml::Int(number).Commented(kReplace)));
  return change;
}

Violation BadPort(const RuleInput& input, const Container& container, const Probe& probe,
                  Fault fault, bool require_declared) {
  Violation violation;
  violation.path = input.workload.ContainerPath(container);
  violation.path += '.';
  violation.path += ProbeField(probe.role);
  violation.path += '.';
  violation.path += ProbeHandlerField(probe.handler);
  violation.path += ".port";
  violation.container = container.name;
  Describe(input, container, probe, fault, violation);
  violation.fix = ContainerFix(input.workload, container,
                               Change(input.workload, container, probe, fault, require_declared));
  violation.identity =
      ProbeIdentity(container, std::string(ProbeField(probe.role)) + " port " + violation.observed);
  return violation;
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  const bool require_declared = input.parameters.Boolean(kRequireDeclared);
  bool any = false;
  for (const Container& container : input.workload.containers()) {
    if (!container.long_running()) continue;
    for (const ProbeRole role : kProbeRoles) {
      const Probe* const probe = input.workload.ProbeOf(container, role);
      if (probe == nullptr || !probe->valid() || probe->handler == ProbeHandler::kExec) continue;
      any = true;
      const Fault fault = Judge(container, *probe, require_declared);
      if (fault == Fault::kNone) continue;
      outcome.Fail([&] { return BadPort(input, container, *probe, fault, require_declared); });
    }
  }
  if (!any) outcome.NotApplicable("no container that keeps running has a probe that asks a port");
}

constexpr Rule kRule = {
    .id = "health.probe-port",
    .title = "Probes ask a port that exists",
    .rationale =
        "A probe may name a port that its container does not have: a renamed port, a typing error, "
        "the neighbour's port. "
        "The API server accepts that, and the kubelet then fails every probe with an error that "
        "only the pod's events "
        "show. With readiness the rollout hangs until its deadline; with liveness the container "
        "restarts for ever.",
    .remediation =
        "Use the name of a TCP port in the same container's `ports`, or the port's number without "
        "quotes.",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources =
        "ResolveContainerPort in pkg/probe/util.go of kubernetes/kubernetes; "
        "kubernetes/kubernetes#139283 (unknown "
        "names are accepted), #99678 (names of UDP ports)",
};

}  // namespace

const Rule& ProbePortRule() { return kRule; }

}  // namespace plimsoll
