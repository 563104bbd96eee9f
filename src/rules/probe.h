// Probes as the kubelet runs them: the handler with its port resolved in its own container, and the numbers after the
// API server's defaults, so that `port: http` and `port: 8080` are the same probe where they are the same port.
//
// Semantics: k8s.io/api/core/v1 Probe, pkg/apis/core/v1/defaults.go (SetDefaults_Probe, SetDefaults_HTTPGetAction),
// pkg/apis/core/validation (validateProbe), pkg/probe/util.go (ResolveContainerPort) of kubernetes/kubernetes.
//
// A field of the wrong type is one that the API server refuses: the probe says so in `problem`, or the field counts as
// unset. Ownership: views into the workload's Document. Reading allocates nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "plimsoll/base/json_view.h"
#include "plimsoll/model/workload.h"
#include "rules/fix.h"

namespace plimsoll {

// ---- ports ----

struct ContainerPort {
  std::string_view name;  // "" where it has none
  int64_t number = 0;     // 1 to 65535
  bool tcp = true;        // the default protocol
};

// Nothing where the API server would refuse the entry.
std::optional<ContainerPort> ReadContainerPort(JsonView entry);
// The first declared port of that name, as the kubelet looks it up: whatever its protocol.
std::optional<ContainerPort> FindPortByName(const Container& container, std::string_view name);
// The TCP port that most likely serves the traffic: one called http, https, grpc or web, else the first.
std::optional<ContainerPort> TrafficPort(const Container& container);
bool DeclaresTcpPort(const Container& container, int64_t number);

// A container that keeps running and declares a TCP port: others connect to it.
bool IsTrafficContainer(const Container& container);
// `ports` is there, and nothing in it can be read as a port.
bool HasUnreadablePorts(const Container& container);

// ---- probes ----

enum class ProbeRole : uint8_t { kReadiness, kLiveness, kStartup };
inline constexpr ProbeRole kProbeRoles[] = {ProbeRole::kReadiness, ProbeRole::kLiveness,
                                            ProbeRole::kStartup};
// "readinessProbe", "livenessProbe", "startupProbe".
std::string_view ProbeField(ProbeRole role);

enum class ProbeHandler : uint8_t { kHttpGet, kTcpSocket, kGrpc, kExec };
// "httpGet", "tcpSocket", "grpc", "exec".
std::string_view ProbeHandlerField(ProbeHandler handler);

struct Probe {
  ProbeRole role = ProbeRole::kReadiness;
  JsonView object;
  // Why the API server refuses it, in words that follow "because" ("it has no handler"); "" where it does not. Where
  // there is a problem, only `role`, `object` and the numbers mean anything.
  std::string_view problem;

  ProbeHandler handler = ProbeHandler::kHttpGet;
  JsonView action;  // the handler's own map
  // Not for exec. `port` is what is written; `port_number` what it resolves to, where it does.
  JsonView port;
  std::optional<int64_t> port_number;

  int64_t initial_delay_seconds = 0;
  int64_t timeout_seconds = 1;
  int64_t period_seconds = 10;
  int64_t success_threshold = 1;
  int64_t failure_threshold = 3;

  bool valid() const { return problem.empty(); }
  // How long the target must fail before the kubelet acts.
  int64_t failure_window_seconds() const { return period_seconds * failure_threshold; }
};

// Nothing where the field is absent or null.
std::optional<Probe> ReadProbe(const Container& container, ProbeRole role);

// The default and the least value that the API server accepts for one of the five number fields.
struct ProbeNumber {
  std::string_view field;
  int64_t fallback;
  int64_t Probe::* member;
};
inline constexpr ProbeNumber kProbeNumbers[] = {
    {"initialDelaySeconds", 0, &Probe::initial_delay_seconds},
    {"timeoutSeconds", 1, &Probe::timeout_seconds},
    {"periodSeconds", 10, &Probe::period_seconds},
    {"successThreshold", 1, &Probe::success_threshold},
    {"failureThreshold", 3, &Probe::failure_threshold},
};
// True if the API server accepts this value for a number field: absent, null, or an int32 that is not negative.
bool IsProbeNumber(JsonView value);

// Asks the same target the same question: handler, resolved port, host, scheme, path, headers, gRPC service, command.
bool SameTarget(const Probe& a, const Probe& b);

// ---- words and fixes ----

// `container "web"`, `sidecar "proxy"`; `container 2` where it has no name.
std::string ContainerLabel(const Container& container);
// "httpGet /healthz on port http (8080)", "exec pg_isready -q".
std::string DescribeTarget(const Probe& probe);
// A violation's identity: the container and what is wrong there. "" where the container has no name.
std::string ProbeIdentity(const Container& container, std::string_view what);

// A handler for this container, derived from its ports, with what only its people know marked by comments. Merged over
// `existing` (the probe that is there, or a missing view) it leaves exactly one handler.
Yaml SuggestHandler(const Container& container, ProbeRole role, JsonView existing);
// SuggestHandler with timings: readiness gives up long before liveness does.
Yaml SuggestProbe(const Container& container, ProbeRole role, JsonView existing);

}  // namespace plimsoll
