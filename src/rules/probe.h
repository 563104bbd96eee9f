// What rules ask about probes and ports (plimsoll/model/probe.h), and say about them.
//
// Pure; asking allocates nothing. Views live as long as the workload's document.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "plimsoll/base/json_view.h"
#include "plimsoll/model/probe.h"
#include "plimsoll/model/workload.h"
#include "rules/fix.h"

namespace plimsoll {

// The TCP port that most likely serves the traffic: one called http, https, grpc or web, else the first.
std::optional<ContainerPort> TrafficPort(const Container& container);
bool DeclaresTcpPort(const Container& container, int64_t number);

// A container that keeps running and declares a TCP port: others connect to it.
bool IsTrafficContainer(const Container& container);
// `ports` is there, and nothing in it can be read as a port.
bool HasUnreadablePorts(const Container& container);

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
