#include "rules/probe.h"

#include <algorithm>
#include <array>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

// Headers are compared pair by pair; nobody's probe has more, and a hostile one must not cost its square.
constexpr size_t kMaxComparedHeaders = 64;
// What a message shows of a path or a command.
constexpr size_t kMaxShownBytes = 80;

bool AllDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// As the kubelet asks for it: without fragment, with a leading "/" whether or not it is written (which is why the
// slash is dropped here), and "?" without a query is none.
std::string_view RequestPath(JsonView action) {
  std::string_view path = action["path"].StringOrEmpty();
  path = path.substr(0, path.find('#'));
  if (path.ends_with('?')) path.remove_suffix(1);
  if (path.starts_with('/')) path.remove_prefix(1);
  return path;
}

std::string_view Scheme(JsonView action) {
  return action["scheme"].StringOrEmpty() == "HTTPS" ? "HTTPS" : "HTTP";
}

bool HasHeader(JsonView headers, JsonView wanted) {
  for (JsonView header : headers.elements()) {
    if (EqualsIgnoreCase(header["name"].StringOrEmpty(), wanted["name"].StringOrEmpty()) &&
        header["value"].StringOrEmpty() == wanted["value"].StringOrEmpty()) {
      return true;
    }
  }
  return false;
}

bool SameHeaders(JsonView a, JsonView b) {
  const size_t size = a.size();
  if (size != b.size()) return false;
  if (size > kMaxComparedHeaders) return DeepEquals(a, b);
  for (JsonView header : a.elements()) {
    if (!HasHeader(b, header)) return false;
  }
  for (JsonView header : b.elements()) {
    if (!HasHeader(a, header)) return false;
  }
  return true;
}

bool SamePort(const Probe& a, const Probe& b) {
  if (a.port_number || b.port_number) return a.port_number == b.port_number;
  return a.port.StringOrEmpty() == b.port.StringOrEmpty();
}

std::string DescribePort(const Probe& probe) {
  std::string text = "port " + SanitizeLine(probe.port.text(), kMaxShownBytes);
  if (probe.port.is_string() && probe.port_number) {
    text += " (" + std::to_string(*probe.port_number) + ")";
  }
  if (const std::string_view host = probe.action["host"].StringOrEmpty(); !host.empty()) {
    text += " of host " + SanitizeLine(host, kMaxShownBytes);
  }
  return text;
}

bool SpeaksHttp(const ContainerPort& port) {
  for (const std::string_view prefix : {"http", "web", "api", "rest"}) {
    if (port.name.starts_with(prefix)) return true;
  }
  if (!port.name.empty()) return false;
  static constexpr std::array<int64_t, 9> kUsual = {80,   443,  3000, 5000, 8000,
                                                    8080, 8081, 8443, 8888};
  return std::find(kUsual.begin(), kUsual.end(), port.number) != kUsual.end();
}

// By name where the name leads to this port, so that the number stays in one place.
Yaml PortReference(const Container& container, const ContainerPort& port) {
  if (!port.name.empty() && !AllDigits(port.name)) {
    const std::optional<ContainerPort> found = FindPortByName(container, port.name);
    if (found && found->number == port.number) return Yaml::String(port.name);
  }
  return Yaml::Int(port.number);
}

std::string_view WhatToReplaceWith(ProbeRole role, bool path) {
  switch (role) {
    case ProbeRole::kReadiness:
      return path ? "replace with the path that answers 200 once this container can serve"
                  : "replace with a command that succeeds once this container can serve";
    case ProbeRole::kLiveness:
      return path ? "replace with the path that fails only when a restart would help"
                  : "replace with a command that fails only when a restart would help";
    case ProbeRole::kStartup:
      return path ? "replace with the path that answers 200 once start-up is over"
                  : "replace with a command that succeeds once start-up is over";
  }
  return "";
}

std::string_view SuggestedPath(ProbeRole role) {
  switch (role) {
    case ProbeRole::kReadiness:
      return "/readyz";
    case ProbeRole::kLiveness:
      return "/livez";
    case ProbeRole::kStartup:
      return "/livez";
  }
  return "/";
}

Yaml SuggestHttpGet(const Container& container, const ContainerPort& port, ProbeRole role,
                    JsonView existing) {
  Yaml action = Yaml::Map();
  action.Set("path", Yaml::String(SuggestedPath(role)).Commented(WhatToReplaceWith(role, true)));
  action.Set("port", PortReference(container, port));
  if (port.name.starts_with("https") || port.number == 443 || port.number == 8443) {
    action.Set("scheme", Yaml::String("HTTPS"));
  } else if (existing["httpGet"]["scheme"].present()) {
    action.Set("scheme", Yaml::Null());
  }
  if (existing["httpGet"]["host"].present()) action.Set("host", Yaml::Null());
  return action;
}

}  // namespace

std::optional<ContainerPort> TrafficPort(const Container& container) {
  std::optional<ContainerPort> first;
  for (JsonView entry : container.Field(ContainerField::kPorts).elements()) {
    const std::optional<ContainerPort> port = ReadContainerPort(entry);
    if (!port || !port->tcp) continue;
    for (const std::string_view prefix : {"http", "grpc", "web"}) {
      // "http-metrics" is scraped, not served.
      if (port->name.starts_with(prefix) && port->name.find("metrics") == std::string_view::npos) {
        return port;
      }
    }
    if (!first) first = port;
  }
  return first;
}

bool DeclaresTcpPort(const Container& container, int64_t number) {
  for (JsonView entry : container.Field(ContainerField::kPorts).elements()) {
    const std::optional<ContainerPort> port = ReadContainerPort(entry);
    if (port && port->tcp && port->number == number) return true;
  }
  return false;
}

bool IsTrafficContainer(const Container& container) {
  if (!container.long_running()) return false;
  for (JsonView entry : container.Field(ContainerField::kPorts).elements()) {
    const std::optional<ContainerPort> port = ReadContainerPort(entry);
    if (port && port->tcp) return true;
  }
  return false;
}

bool HasUnreadablePorts(const Container& container) {
  const JsonView ports = container.Field(ContainerField::kPorts);
  if (!ports.present()) return false;
  if (!ports.is_array()) return true;
  bool any = false;
  for (JsonView entry : ports.elements()) {
    if (ReadContainerPort(entry)) return false;
    any = true;
  }
  return any;
}

bool SameTarget(const Probe& a, const Probe& b) {
  if (!a.valid() || !b.valid() || a.handler != b.handler) return false;
  if (a.handler == ProbeHandler::kExec) return DeepEquals(a.action["command"], b.action["command"]);
  if (!SamePort(a, b)) return false;
  if (a.handler == ProbeHandler::kGrpc) {
    return a.action["service"].StringOrEmpty() == b.action["service"].StringOrEmpty();
  }
  if (!EqualsIgnoreCase(a.action["host"].StringOrEmpty(), b.action["host"].StringOrEmpty())) {
    return false;
  }
  if (a.handler == ProbeHandler::kTcpSocket) return true;
  return Scheme(a.action) == Scheme(b.action) && RequestPath(a.action) == RequestPath(b.action) &&
         SameHeaders(a.action["httpHeaders"], b.action["httpHeaders"]);
}

std::string ContainerLabel(const Container& container) {
  std::string label;
  switch (container.role) {
    case ContainerRole::kMain:
      label = "container ";
      break;
    case ContainerRole::kSidecar:
      label = "sidecar ";
      break;
    case ContainerRole::kInit:
      label = "init container ";
      break;
    case ContainerRole::kEphemeral:
      label = "ephemeral container ";
      break;
  }
  if (container.name.empty()) return label + std::to_string(container.index);
  return label + "\"" + SanitizeLine(container.name, kMaxShownBytes) + "\"";
}

std::string DescribeTarget(const Probe& probe) {
  std::string text(ProbeHandlerField(probe.handler));
  switch (probe.handler) {
    case ProbeHandler::kHttpGet: {
      const std::string_view path = probe.action["path"].StringOrEmpty();
      text += " " + SanitizeLine(path.empty() ? "/" : path, kMaxShownBytes);
      return text + " on " + DescribePort(probe);
    }
    case ProbeHandler::kTcpSocket:
      return text + " on " + DescribePort(probe);
    case ProbeHandler::kGrpc: {
      const std::string_view service = probe.action["service"].StringOrEmpty();
      if (!service.empty()) text += " service " + SanitizeLine(service, kMaxShownBytes);
      return text + " on " + DescribePort(probe);
    }
    case ProbeHandler::kExec:
      break;
  }
  std::string command;
  for (JsonView word : probe.action["command"].elements()) {
    if (command.size() > kMaxShownBytes) break;
    if (!command.empty()) command += ' ';
    command += SanitizeLine(Trim(word.StringOrEmpty()), kMaxShownBytes);
  }
  return text + " " + SanitizeLine(command, kMaxShownBytes);
}

std::string ProbeIdentity(const Container& container, std::string_view what) {
  if (container.name.empty()) return {};
  std::string identity(container.name);
  identity += '/';
  identity += what;
  return identity;
}

Yaml SuggestHandler(const Container& container, ProbeRole role, JsonView existing) {
  ProbeHandler handler = ProbeHandler::kExec;
  Yaml action = Yaml::Map();
  if (const std::optional<ContainerPort> port = TrafficPort(container); !port) {
    action.Set("command",
               Yaml::Strings({"/bin/app", "health"}).Commented(WhatToReplaceWith(role, false)));
  } else if (port->name.starts_with("grpc")) {
    handler = ProbeHandler::kGrpc;
    action.Set("port", Yaml::Int(port->number));
    if (existing["grpc"]["service"].present()) action.Set("service", Yaml::Null());
  } else if (SpeaksHttp(*port)) {
    handler = ProbeHandler::kHttpGet;
    action = SuggestHttpGet(container, *port, role, existing);
  } else {
    handler = ProbeHandler::kTcpSocket;
    action.Set("port", PortReference(container, *port));
    if (existing["tcpSocket"]["host"].present()) action.Set("host", Yaml::Null());
  }
  Yaml probe = Yaml::Map();
  for (const ProbeHandler other : kProbeHandlers) {
    const std::string_view field = ProbeHandlerField(other);
    if (other != handler && existing[field].present()) probe.Set(field, Yaml::Null());
  }
  probe.Set(ProbeHandlerField(handler), std::move(action));
  return probe;
}

Yaml SuggestProbe(const Container& container, ProbeRole role, JsonView existing) {
  Yaml probe = SuggestHandler(container, role, existing);
  // Out of service after 15 s of failures, restarted after 60: a pod that drains may still recover.
  const bool readiness = role == ProbeRole::kReadiness;
  probe.Set("periodSeconds", Yaml::Int(readiness ? 5 : 10));
  probe.Set("failureThreshold", Yaml::Int(readiness ? 3 : 6));
  return probe;
}

}  // namespace plimsoll
