#include "signals.h"

#include <ctime>

namespace plimsoll::controller {

Signals::Signals() {
  sigemptyset(&set_);
  sigaddset(&set_, SIGHUP);
  sigaddset(&set_, SIGINT);
  sigaddset(&set_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

Signal Signals::Wait(std::chrono::milliseconds timeout) const {
  constexpr int64_t kMillisecondsPerSecond = 1000;
  constexpr int64_t kNanosecondsPerMillisecond = 1'000'000;
  timespec wait{};
  wait.tv_sec = timeout.count() / kMillisecondsPerSecond;
  wait.tv_nsec = timeout.count() % kMillisecondsPerSecond * kNanosecondsPerMillisecond;
  switch (sigtimedwait(&set_, nullptr, &wait)) {
    case SIGHUP:
      return Signal::kReload;
    case SIGINT:
    case SIGTERM:
      return Signal::kStop;
    default:
      return Signal::kNone;
  }
}

}  // namespace plimsoll::controller
