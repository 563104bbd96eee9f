#include <malloc.h>

#include <exception>
#include <iostream>

#include "cluster.h"
#include "options.h"
#include "signals.h"
#include "standalone.h"

namespace {

// glibc gives each thread an arena of its own, which is never given back: two are enough for two serving threads, and
// keep the process small.
constexpr int kMaxArenas = 2;

}  // namespace

int main(int argc, char** argv) {
  namespace controller = plimsoll::controller;
  mallopt(M_ARENA_MAX, kMaxArenas);
  try {
    const controller::ParsedOptions parsed = controller::ParseOptions(argc, argv);
    if (parsed.exit) return *parsed.exit;
    if (parsed.options.self_test) return controller::RunSelfTest(parsed.options);
    // Before the first thread is started, as threads inherit what is blocked.
    controller::Signals signals;
    return parsed.options.standalone ? controller::RunStandalone(parsed.options, signals)
                                     : controller::RunInCluster(parsed.options, signals);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
    return controller::kExitFault;
  }
}
