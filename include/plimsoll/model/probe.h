// Probes as the kubelet runs them: the handler with its port resolved in its own container, and the numbers after the
// API server's defaults, so that `port: http` and `port: 8080` are the same probe where they are the same port.
//
// Semantics: k8s.io/api/core/v1 Probe, pkg/apis/core/v1/defaults.go (SetDefaults_Probe, SetDefaults_HTTPGetAction),
// pkg/apis/core/validation (validateProbe), pkg/probe/util.go (ResolveContainerPort) of kubernetes/kubernetes.
//
// A field of the wrong type is one that the API server refuses: the probe says so in `problem`, or the field counts as
// unset. Thread-safety: value types and pure functions. Ownership: views into the workload's Document. Reading allocates
// nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "plimsoll/base/json_view.h"

namespace plimsoll {

struct Container;

struct ContainerPort {
  std::string_view name;  // "" where it has none
  int64_t number = 0;     // 1 to 65535
  bool tcp = true;        // the default protocol
};

// Nothing where the API server would refuse the entry.
std::optional<ContainerPort> ReadContainerPort(JsonView entry);
// The first declared port of that name, as the kubelet looks it up: whatever its protocol.
std::optional<ContainerPort> FindPortByName(const Container& container, std::string_view name);

enum class ProbeRole : uint8_t { kReadiness, kLiveness, kStartup };
inline constexpr ProbeRole kProbeRoles[] = {ProbeRole::kReadiness, ProbeRole::kLiveness,
                                            ProbeRole::kStartup};
// "readinessProbe", "livenessProbe", "startupProbe".
std::string_view ProbeField(ProbeRole role);

enum class ProbeHandler : uint8_t { kHttpGet, kTcpSocket, kGrpc, kExec };
inline constexpr ProbeHandler kProbeHandlers[] = {ProbeHandler::kHttpGet, ProbeHandler::kTcpSocket,
                                                  ProbeHandler::kGrpc, ProbeHandler::kExec};
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
  bool numbers_accepted = true;  // the API server accepts the five of them (IsProbeNumber)

  bool valid() const { return problem.empty(); }
  // How long the target must fail before the kubelet acts.
  int64_t failure_window_seconds() const { return period_seconds * failure_threshold; }
};

// Nothing where the field is absent or null. Workload::ProbeOf has what this gives.
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

}  // namespace plimsoll
