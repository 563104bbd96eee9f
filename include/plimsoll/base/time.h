// Time is a value: functions that depend on the date take a Timestamp. Only composition roots and adapters hold a
// Clock. All times are UTC with a precision of one second, as Kubernetes' metav1.Time.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace plimsoll {

using Timestamp = std::chrono::sys_seconds;

class Clock {
 public:
  virtual ~Clock() = default;
  // Safe to call from any thread.
  virtual Timestamp Now() const = 0;
};

// RFC 3339 date-time ("2026-12-01T00:00:00Z", any offset, fractions truncated) or a plain date ("2026-12-01", midnight
// UTC). Years 1970 to 9999. Anything else, including impossible dates such as 02-30, gives nothing.
std::optional<Timestamp> ParseTimestamp(std::string_view text);

// "2026-12-01T00:00:00Z".
std::string FormatTimestamp(Timestamp time);

// "2026-12-01" where the time is midnight, else as FormatTimestamp.
std::string FormatDate(Timestamp time);

// Go's duration syntax as Kubernetes uses it ("2160h", "1h30m", "90s"; also fractions), truncated to seconds.
std::optional<std::chrono::seconds> ParseDuration(std::string_view text);

}  // namespace plimsoll
