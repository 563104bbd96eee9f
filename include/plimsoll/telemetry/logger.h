// Logger: one JSON object per line and event: time (UTC), level, msg, then the event's fields. Text from requests is
// escaped, made valid UTF-8 and cut, so that a line is always one line and always JSON.
//
// Log never waits for the reader of the log: lines are queued and written by a thread of the logger; where the queue is
// full (a pipe nobody reads), the line is dropped and counted.
//
// Thread-safety: every method from any thread. The destructor writes what is queued, but gives up after kMaxFlushTime.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "plimsoll/policy/verdict_observer.h"

namespace plimsoll {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError };
// "debug", "info", "warning", "error".
std::optional<LogLevel> ParseLogLevel(std::string_view text);

// About 2,000 lines: a burst of some seconds at the review log's own limit.
inline constexpr size_t kMaxQueuedLogBytes = 1024 * 1024;
// One text in a line. Messages of ours are shorter; objects may hold megabytes.
inline constexpr size_t kMaxLogTextBytes = 2 * 1024;
// A reader that has not taken the last lines by then will not; shutting down goes first.
inline constexpr std::chrono::milliseconds kMaxFlushTime{2000};
// Reviews beyond this are counted, not logged one by one: somebody who floods us must not fill the disk as well.
inline constexpr uint64_t kMaxReviewLinesPerSecond = 100;

struct LogField {
  std::string_view key;  // of ours: plain, not escaped
  std::variant<std::string_view, int64_t, bool> value;
};

class Logger {
 public:
  // Writes to a file descriptor that stays open for the logger's life (not owned).
  Logger(LogLevel level, int descriptor);
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  bool Enabled(LogLevel level) const;
  void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});
  // Lines lost since the start.
  uint64_t dropped() const;
  void CountDropped(uint64_t lines);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Reviews as log lines: denied and warned ones and those without a verdict at info and above, allowed ones at debug.
class ReviewLog final : public VerdictObserver {
 public:
  // `logger` must outlive this.
  explicit ReviewLog(Logger& logger);
  ~ReviewLog() override;

  void Observe(const ObservedReview& review) override;
  void ObserveUndecided(std::string_view uid, std::string_view reason, std::string_view detail,
                        std::chrono::nanoseconds duration) override;

 private:
  class RateLimit;
  Logger& logger_;
  std::unique_ptr<RateLimit> limit_;
};

}  // namespace plimsoll
