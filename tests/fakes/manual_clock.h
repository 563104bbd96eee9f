// Time that a test turns: a monotonic clock and a wall clock that need not agree.
//
// Thread-safety: all methods from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>

#include "plimsoll/base/time.h"

namespace plimsoll::testing {

class ManualClock final : public Clock {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Both go on.
  void Advance(std::chrono::nanoseconds by) {
    elapsed_ += by.count();
    date_ += by.count();
  }
  // Somebody sets the wall clock.
  void JumpDate(std::chrono::nanoseconds by) { date_ += by.count(); }

  // Not at the clock's beginning: nothing may depend on that.
  Time Monotonic() const {
    return Time(std::chrono::hours(1) + std::chrono::nanoseconds(elapsed_));
  }
  std::function<Time()> monotonic() const {
    return [this] { return Monotonic(); };
  }
  // 2026-11-24T10:00:00Z and what has passed.
  Timestamp Now() const override {
    return std::chrono::floor<std::chrono::seconds>(Timestamp(std::chrono::seconds(1'795'514'400)) +
                                                    std::chrono::nanoseconds(date_));
  }

 private:
  std::atomic<int64_t> elapsed_ = 0;
  std::atomic<int64_t> date_ = 0;
};

}  // namespace plimsoll::testing
