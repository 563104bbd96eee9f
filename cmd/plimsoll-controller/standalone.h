// The controller without a cluster: policies from a folder, certificates of its own.
#pragma once

#include "options.h"
#include "signals.h"

namespace plimsoll::controller {

// Serves until it is told to stop. Returns the exit code.
int RunStandalone(const Options& options, const Signals& signals);

}  // namespace plimsoll::controller
