// The signals the controller acts on, taken by asking instead of by a handler that interrupts.
#pragma once

#include <signal.h>

#include <chrono>

namespace plimsoll::controller {

enum class Signal { kNone, kReload, kStop };

class Signals {
 public:
  // Blocks them for this thread and all it will start; a peer that closes its end is an error of write, not a signal.
  Signals();
  // Waits for the next one, for at most `timeout`.
  Signal Wait(std::chrono::milliseconds timeout) const;

 private:
  sigset_t set_;
};

}  // namespace plimsoll::controller
