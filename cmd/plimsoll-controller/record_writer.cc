#include "record_writer.h"

#include <algorithm>
#include <utility>

namespace plimsoll::controller {
namespace {

constexpr std::chrono::milliseconds kWritePause(static_cast<int64_t>(1000 / kRecordsPerSecond));

// What PutBack needs of it; what it says is worked out anew when its turn comes.
controllers::RecordChange OnlyItsWorkload(controllers::RecordChange change) {
  if (change.record) {
    WorkloadRecord only;
    only.workload = std::move(change.record->workload);
    change.record = std::move(only);
  }
  return change;
}

}  // namespace

std::chrono::milliseconds RecordWriter::Pass() {
  const Time now = ports_.now();
  PutBackRefused(now);
  if (now < not_before_) return Until(not_before_);
  std::optional<controllers::RecordChange> change = ports_.changes->Take();
  if (!change) return refused_.empty() ? kIdleWriter : Until(refused_.front().due);
  // The time that the write takes counts: what limits a slow API server is the API server.
  not_before_ = now + kWritePause;
  const Status written = Write(*change);
  if (!written && written.error().code == ErrorCode::kUnavailable) {
    ports_.changes->PutBack(*change);
    not_before_ = ports_.now() + kWriteRetryDelay;
  } else if (!written) {
    refused_.push_back({ports_.now() + kRefusedRetryDelay, OnlyItsWorkload(*std::move(change))});
    refused_count_ = refused_.size();
  }
  return Until(not_before_);
}

void RecordWriter::PutBackRefused(Time now) {
  while (!refused_.empty() && refused_.front().due <= now) {
    ports_.changes->PutBack(refused_.front().change);
    refused_.pop_front();
    refused_count_ = refused_.size();
  }
}

Status RecordWriter::Write(const controllers::RecordChange& change) {
  if (!ports_.may_write()) return Fail(ErrorCode::kUnavailable, "no longer leading");
  Status status = change.record ? ports_.records->Write(change.key, *change.record)
                                : ports_.records->Delete(change.key);
  if (!status) Say(change, status.error(), ports_.now());
  return status;
}

void RecordWriter::Say(const controllers::RecordChange& change, const Error& error, Time now) {
  if (said_ && now - *said_ < kWriteLogInterval) {
    ++unsaid_;
    return;
  }
  said_ = now;
  ports_.logger->Log(LogLevel::kWarning, "a record could not be written; it is tried again",
                     {{"resource_namespace", change.key.namespace_name},
                      {"name", change.key.name},
                      {"error", error.message},
                      {"not_said", std::exchange(unsaid_, 0)}});
}

std::chrono::milliseconds RecordWriter::Until(Time when) const {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - ports_.now());
  return std::max(left, std::chrono::milliseconds(0));
}

}  // namespace plimsoll::controller
