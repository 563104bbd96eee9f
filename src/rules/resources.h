// Requests and limits as the scheduler and the kubelet see them: what a container says, what Kubernetes puts in its place,
// and what the pod says for all of them.
//
// A container's limit supplies a request that is missing (pkg/apis/core/v1/defaults.go, SetDefaults_Pod), for memory as for
// CPU; an explicit request of 0 stays 0. Pod-level resources (spec.resources, KEP-2837) hold for all containers of the pod,
// and their limit supplies their request likewise.
#pragma once

#include <string_view>

#include "plimsoll/rules/rule.h"

namespace plimsoll {

struct ResourceQuestion {
  std::string_view resource;     // "cpu", "memory"
  std::string_view field;        // "requests", "limits"
  std::string_view noun;         // "CPU request"
  std::string_view consequence;  // follows `container "web" has no CPU request, so`
  std::string_view suggested;    // a quantity, where the workload gives no better one
  std::string_view comment;      // for the fix
};

// In the order in which the three rules list them.
enum ResourceSpec : size_t { kResourceExemptContainers, kResourceInitContainers };
extern const ParameterSpec kResourceParameters[2];

void EvaluateResource(const ResourceQuestion& question, const RuleInput& input,
                      RuleOutcome& outcome);

}  // namespace plimsoll
