// The controller in a cluster: policies, namespaces and certificates come from the API server; the leader audits,
// configures the webhook and writes status.
#pragma once

#include "options.h"
#include "signals.h"

namespace plimsoll::controller {

// Serves until it is told to stop. Returns the exit code.
int RunInCluster(const Options& options, const Signals& signals);

// --self-test: what held is printed, what did not is an error. Returns the exit code.
int RunSelfTest(const Options& options);

}  // namespace plimsoll::controller
