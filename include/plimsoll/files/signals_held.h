// While something is put in its place, SIGINT, SIGTERM and SIGHUP wait: they are delivered when this goes, and end the program
// then. Without it they would leave half of it, or a temporary file, behind.
//
// Thread-safety: holds them back from the calling thread; another thread that does not would still take them.
#pragma once

#include <signal.h>

namespace plimsoll {

class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t held;
    ::sigemptyset(&held);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&held, signal);
    ::pthread_sigmask(SIG_BLOCK, &held, &before_);
  }
  ~SignalsHeld() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_;
};

}  // namespace plimsoll
