#include <malloc.h>

#include <exception>
#include <iostream>

#include "options.h"
#include "signals.h"
#include "standalone.h"

namespace {

// glibc gives each thread an arena of its own, which is never given back: two are enough for two serving threads, and
// keep the process small.
constexpr int kMaxArenas = 2;

}  // namespace

int main(int argc, char** argv) {
  using namespace plimsoll::controller;
  mallopt(M_ARENA_MAX, kMaxArenas);
  try {
    const ParsedOptions parsed = ParseOptions(argc, argv);
    if (parsed.exit) return *parsed.exit;
    // Before the first thread is started, as threads inherit what is blocked.
    Signals signals;
    return RunStandalone(parsed.options, signals);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
    return kExitFault;
  }
}
