// The one place where the controller asks for the time.
#pragma once

#include <chrono>

#include "plimsoll/base/time.h"

namespace plimsoll::controller {

class SystemClock final : public Clock {
 public:
  Timestamp Now() const override {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }
};

}  // namespace plimsoll::controller
