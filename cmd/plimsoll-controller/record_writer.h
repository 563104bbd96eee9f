// RecordWriter: writes what an audit wants changed in the cluster's records: one change at a time, at a bounded rate, and
// only while we lead. What the API server cannot take now (kUnavailable) is put back, and nothing else is tried for a while;
// what it will not take (a quota, somebody's admission policy) is put back a minute later, and the others go on meanwhile.
//
// It has neither a thread nor a clock: Pass is called when Wake would be worth it, and at the latest when the last one said
// (loop.h). Thread-safety: one thread at a time, but for `refused`. Ownership: what the ports point to must outlive it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "plimsoll/controllers/audit.h"
#include "plimsoll/controllers/ports.h"
#include "plimsoll/telemetry/logger.h"

namespace plimsoll::controller {

// 10,000 records after a change of policy are written in less than two minutes, and the API server has most of its
// capacity for others (its default share for one client is far above).
inline constexpr double kRecordsPerSecond = 100;
// After a write that the API server could not take now: nothing else is written meanwhile.
inline constexpr std::chrono::seconds kWriteRetryDelay(2);
// After a write that it would not take: the others go on.
inline constexpr std::chrono::seconds kRefusedRetryDelay(60);
// A full quota must not fill the log.
inline constexpr std::chrono::seconds kWriteLogInterval(60);
// While there is nothing to write: somebody calls Wake.
inline constexpr std::chrono::milliseconds kIdleWriter = std::chrono::minutes(1);

// Where changes come from; Audit, behind a lock.
class RecordChanges {
 public:
  virtual ~RecordChanges() = default;
  // The next one, which counts as written; nothing where there is none now.
  virtual std::optional<controllers::RecordChange> Take() = 0;
  // It could not be written, and is to come again. A record that is put back late has its workload only.
  virtual void PutBack(const controllers::RecordChange& change) = 0;
};

struct RecordWriterPorts {
  RecordChanges* changes = nullptr;
  controllers::RecordStore* records = nullptr;
  Logger* logger = nullptr;
  // Asked before each write (leader election's fence).
  std::function<bool()> may_write;
  std::function<std::chrono::steady_clock::time_point()> now;
};

class RecordWriter {
 public:
  explicit RecordWriter(RecordWriterPorts ports) : ports_(std::move(ports)) {}

  // Writes one change, if it is time and there is one. How long to wait for the next pass; sooner where there is something
  // new to write.
  std::chrono::milliseconds Pass();
  // Changes that the API server would not take, and that wait to be tried again. From any thread.
  size_t refused() const { return refused_count_; }

 private:
  using Time = std::chrono::steady_clock::time_point;

  void PutBackRefused(Time now);
  Status Write(const controllers::RecordChange& change);
  void Say(const controllers::RecordChange& change, const Error& error, Time now);
  std::chrono::milliseconds Until(Time when) const;

  RecordWriterPorts ports_;
  Time not_before_ = Time::min();
  // Changes that the API server would not take, the next to be tried again first.
  struct Refused {
    Time due;
    controllers::RecordChange change;  // its record without what is in it
  };
  std::deque<Refused> refused_;
  std::atomic<size_t> refused_count_{0};  // its size
  std::optional<Time> said_;
  int64_t unsaid_ = 0;
};

}  // namespace plimsoll::controller
