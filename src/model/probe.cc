#include "plimsoll/model/probe.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "plimsoll/model/workload.h"

namespace plimsoll {
namespace {

constexpr int64_t kMaxPort = 65535;
constexpr int64_t kMaxInt32 = 2147483647;

bool AllDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The kubelet falls back to reading a name that no port has as a number.
std::optional<int64_t> NumberInName(std::string_view name) {
  if (!AllDigits(name) || name.size() > 5) return std::nullopt;
  int64_t number = 0;
  for (char c : name) number = number * 10 + (c - '0');
  return number >= 1 && number <= kMaxPort ? std::optional(number) : std::nullopt;
}

std::optional<int64_t> ResolvePort(const Container& container, JsonView port) {
  if (const std::optional<int64_t> number = port.AsInt()) return number;
  if (!port.is_string()) return std::nullopt;
  if (const std::optional<ContainerPort> named = FindPortByName(container, port.text())) {
    return named->number;
  }
  return NumberInName(port.text());
}

// "" or a string; everything else is refused.
bool IsOptionalString(JsonView value) { return !value.present() || value.is_string(); }

std::string_view CommandProblem(JsonView command) {
  if (!command.present()) return "its exec has no command";
  if (!command.is_array()) return "its command is not a list of strings";
  bool empty = true;
  for (JsonView word : command.elements()) {
    if (!word.is_string()) return "its command is not a list of strings";
    empty = false;
  }
  return empty ? "its command is empty" : "";
}

std::string_view ActionProblem(const Probe& probe) {
  if (!probe.action.is_object()) return "its handler is not a map";
  if (probe.handler == ProbeHandler::kExec) return CommandProblem(probe.action["command"]);
  if (!probe.port.present()) return "its handler has no port";
  if (probe.handler == ProbeHandler::kGrpc) {
    if (!probe.port.AsInt()) return "its grpc port is not a number";
    if (!IsOptionalString(probe.action["service"])) return "its grpc service is not a string";
    return "";
  }
  if (!probe.port.AsInt() && !probe.port.is_string()) {
    return "its port is neither a number nor a name";
  }
  if (!IsOptionalString(probe.action["host"])) return "its host is not a string";
  if (probe.handler == ProbeHandler::kTcpSocket) return "";
  if (!IsOptionalString(probe.action["path"])) return "its path is not a string";
  const JsonView scheme = probe.action["scheme"];
  const std::string_view text = scheme.StringOrEmpty();
  const bool known = text == "HTTP" || text == "HTTPS" || (text.empty() && scheme.is_string());
  if (scheme.present() && !known) return "its scheme is neither HTTP nor HTTPS";
  return "";
}

// What a probe's map says, found in one pass: its rules ask for nearly all of it.
struct ProbeFields {
  std::array<JsonView, std::size(kProbeHandlers)> actions;
  std::array<JsonView, std::size(kProbeNumbers)> numbers;
};

ProbeFields FieldsOf(JsonView object) {
  ProbeFields fields;
  for (const JsonMember member : object.members()) {
    for (size_t i = 0; i < std::size(kProbeHandlers); ++i) {
      if (member.key == ProbeHandlerField(kProbeHandlers[i])) fields.actions[i] = member.value;
    }
    for (size_t i = 0; i < std::size(kProbeNumbers); ++i) {
      if (member.key == kProbeNumbers[i].field) fields.numbers[i] = member.value;
    }
  }
  return fields;
}

void ReadHandler(const Container& container, const ProbeFields& fields, Probe& probe) {
  if (!probe.object.is_object()) {
    probe.problem = "it is not a map";
    return;
  }
  int handlers = 0;
  for (size_t i = 0; i < std::size(kProbeHandlers); ++i) {
    if (!fields.actions[i].present()) continue;
    ++handlers;
    probe.handler = kProbeHandlers[i];
    probe.action = fields.actions[i];
  }
  if (handlers != 1) {
    probe.problem = handlers == 0 ? "it has no handler (httpGet, tcpSocket, grpc or exec)"
                                  : "it has more than one handler";
    return;
  }
  if (probe.handler != ProbeHandler::kExec) {
    probe.port = probe.action["port"];
    probe.port_number = ResolvePort(container, probe.port);
  }
  probe.problem = ActionProblem(probe);
}

ContainerField FieldOf(ProbeRole role) {
  switch (role) {
    case ProbeRole::kReadiness:
      return ContainerField::kReadinessProbe;
    case ProbeRole::kLiveness:
      return ContainerField::kLivenessProbe;
    case ProbeRole::kStartup:
      break;
  }
  return ContainerField::kStartupProbe;
}

}  // namespace

std::optional<ContainerPort> ReadContainerPort(JsonView entry) {
  JsonView port;
  JsonView protocol;
  JsonView name;
  for (const JsonMember member : entry.members()) {
    if (member.key == "containerPort") port = member.value;
    if (member.key == "protocol") protocol = member.value;
    if (member.key == "name") name = member.value;
  }
  const std::optional<int64_t> number = port.AsInt();
  if (!number || *number < 1 || *number > kMaxPort) return std::nullopt;
  if (protocol.present() && !protocol.is_string()) return std::nullopt;
  const std::string_view text = protocol.StringOrEmpty();
  return ContainerPort{name.StringOrEmpty(), *number, text.empty() || text == "TCP"};
}

std::optional<ContainerPort> FindPortByName(const Container& container, std::string_view name) {
  if (name.empty()) return std::nullopt;
  for (JsonView entry : container.Field(ContainerField::kPorts).elements()) {
    const std::optional<ContainerPort> port = ReadContainerPort(entry);
    if (port && port->name == name) return port;
  }
  return std::nullopt;
}

std::string_view ProbeField(ProbeRole role) {
  switch (role) {
    case ProbeRole::kReadiness:
      return "readinessProbe";
    case ProbeRole::kLiveness:
      return "livenessProbe";
    case ProbeRole::kStartup:
      return "startupProbe";
  }
  return "";
}

std::string_view ProbeHandlerField(ProbeHandler handler) {
  switch (handler) {
    case ProbeHandler::kHttpGet:
      return "httpGet";
    case ProbeHandler::kTcpSocket:
      return "tcpSocket";
    case ProbeHandler::kGrpc:
      return "grpc";
    case ProbeHandler::kExec:
      return "exec";
  }
  return "";
}

bool IsProbeNumber(JsonView value) {
  if (!value.present()) return true;
  const std::optional<int64_t> number = value.AsInt();
  return number && *number >= 0 && *number <= kMaxInt32;
}

std::optional<Probe> ReadProbe(const Container& container, ProbeRole role) {
  Probe probe;
  probe.role = role;
  probe.object = container.Field(FieldOf(role));
  if (!probe.object.present()) return std::nullopt;
  const ProbeFields fields = FieldsOf(probe.object);
  ReadHandler(container, fields, probe);
  for (size_t i = 0; i < std::size(kProbeNumbers); ++i) {
    const ProbeNumber& number = kProbeNumbers[i];
    if (!fields.numbers[i].present()) continue;
    const std::optional<int64_t> given = fields.numbers[i].AsInt();
    if (!given || *given < 0 || *given > kMaxInt32) {  // as IsProbeNumber
      probe.numbers_accepted = false;
      continue;
    }
    // The API server's defaults replace a zero, too.
    probe.*number.member = *given == 0 ? number.fallback : *given;
  }
  return probe;
}

}  // namespace plimsoll
