#include "history_writer.h"

#include <algorithm>
#include <functional>

#include "plimsoll/controllers/audit.h"
#include "plimsoll/kube/history_codec.h"
#include "plimsoll/kube/record_codec.h"
#include "review_happening.h"
#include "watch_log.h"

namespace plimsoll::controller {
namespace {

uint64_t HashOf(std::string_view namespace_name, WorkloadKind kind, std::string_view name) {
  const std::hash<std::string_view> hash;
  uint64_t mixed = hash(namespace_name) * 0x9E3779B97F4A7C15U + static_cast<uint64_t>(kind);
  mixed = (mixed ^ (mixed >> 32U)) * 0x9E3779B97F4A7C15U;
  return mixed ^ hash(name);
}

uint64_t HashOf(const WorkloadKey& key) { return HashOf(key.namespace_name, key.kind, key.name); }

ObjectKey KeyOf(const Happening& happening) {
  return {happening.workload.namespace_name, controllers::RecordName(happening.workload)};
}

const Attempt* AttemptOf(const Happening& happening) {
  return std::get_if<Attempt>(&happening.what);
}

// The last attempt among what waits; null where there is none.
const Happening* LastAttempt(const std::vector<Happening>& pending) {
  const auto last = std::find_if(pending.rbegin(), pending.rend(), [](const Happening& happening) {
    return AttemptOf(happening) != nullptr;
  });
  return last == pending.rend() ? nullptr : &*last;
}

// Whether its workload came to be, or was there before.
bool Exists(const Attempt& attempt) { return !attempt.denied || !attempt.creates; }

// The record of a workload that is not there: what is known of it is what it was refused for.
WorkloadRecord NeverAdmitted(const Happening& happening, const Attempt& attempt) {
  WorkloadRecord record;
  record.workload = happening.workload;
  record.api_version = happening.api_version;
  record.owner = happening.owner;
  record.tier = happening.tier;
  record.service = happening.service;
  record.state = attempt.denied ? ReadinessState::kBlocked : ReadinessState::kNotReady;
  record.failing = static_cast<uint32_t>(attempt.findings.size());
  record.first_seen = attempt.at;
  record.first_seen_by = attempt.denied ? Sighting::kDenial : Sighting::kWarning;
  if (attempt.stamps.checked && *attempt.stamps.checked < record.first_seen) {
    record.first_seen = *attempt.stamps.checked;
    record.first_seen_by = Sighting::kChecked;
  }
  if (attempt.stamps.kickoff && *attempt.stamps.kickoff < record.first_seen) {
    record.first_seen = *attempt.stamps.kickoff;
    record.first_seen_by = Sighting::kKickoff;
  }
  for (const AnsweredFinding& finding : attempt.findings) {
    record.policies.push_back(finding.policy);
    RecordedFinding recorded;
    recorded.policy = finding.policy;
    recorded.rule = finding.rule;
    recorded.path = finding.path;
    recorded.container = finding.container;
    recorded.message = finding.message;
    recorded.action = finding.action;
    recorded.first_observed = attempt.at;
    record.findings.push_back(std::move(recorded));
  }
  std::sort(record.policies.begin(), record.policies.end());
  record.policies.erase(std::unique(record.policies.begin(), record.policies.end()),
                        record.policies.end());
  return record;
}

}  // namespace

HistoryWriter::HistoryWriter(HistoryPorts ports)
    : ports_(std::move(ports)), thread_([this] { Run(); }) {}

HistoryWriter::~HistoryWriter() { Stop(); }

// ---- what comes in ----

void HistoryWriter::Observe(const ObservedReview& review) {
  if (!MayBeNews(review)) return;
  const std::string_view name = StoredName(review);
  if (name.empty()) return;
  if (review.verdict.decision == Decision::kAllow) {
    // Most reviews end here: nothing is told, and its first rollout under enforcement is long past.
    const uint64_t hash = HashOf(review.request.namespace_name, review.workload->kind(), name);
    if (enforced_.Contains(hash) || !IsRollout(review)) return;
  }
  Enqueue(HappeningOf(review, ports_.clock->Now()));
}

void HistoryWriter::Enqueue(Happening happening) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= kMaxQueuedHappenings) {
      ++dropped_;
      return;
    }
    queue_.push_back(std::move(happening));
  }
  changed_.notify_one();
}

void HistoryWriter::Observed(std::vector<Happening> happenings) {
  for (Happening& happening : happenings) Enqueue(std::move(happening));
}

void HistoryWriter::Upsert(const ObjectKey& key, JsonView object) {
  const WorkloadHistory history = kube::ReadWorkloadHistory(object);
  const WorkloadRecord record = kube::ReadWorkloadRecord(object);
  if (history.first_enforced) enforced_.Add(HashOf(record.workload));
  const std::lock_guard lock(keeper_mutex_);
  keeper_.SetRecord(key, history, record.first_seen, record.owner);
}

void HistoryWriter::Remove(const ObjectKey& key, std::string_view /*uid*/) {
  HistoryKeeper::Gone gone;
  {
    const std::lock_guard lock(keeper_mutex_);
    gone = keeper_.RemoveRecord(key);
  }
  if (!gone.ended.empty() && ports_.leading()) ports_.gone(key, gone);
}

void HistoryWriter::Synced() {
  const std::lock_guard lock(mutex_);
  synced_ = true;
  changed_.notify_one();
}

// ---- what goes out ----

std::optional<ObjectKey> HistoryWriter::TakeIn() {
  std::vector<Happening> queue;
  {
    const std::lock_guard lock(mutex_);
    // Before everything is known, everything would be a surprise.
    if (!synced_) return std::nullopt;
    queue.swap(queue_);
  }
  const std::lock_guard lock(keeper_mutex_);
  for (Happening& happening : queue) {
    const ObjectKey key = KeyOf(happening);
    keeper_.Add(key, std::move(happening));
  }
  pending_ = keeper_.pending();
  forgotten_ = keeper_.dropped();
  while (const std::optional<ObjectKey> next = keeper_.Next(ports_.clock->Now())) {
    if (!AwaitsRecord(*next)) return next;
  }
  return std::nullopt;
}

// A rollout of a thousand workloads would otherwise ask for a thousand records, again and again, which are not there yet.
bool HistoryWriter::AwaitsRecord(const ObjectKey& key) {
  if (keeper_.HasRecord(key)) return false;
  const Happening* last = LastAttempt(keeper_.PendingOf(key));
  if (last == nullptr || !Exists(*AttemptOf(*last))) return false;
  const Timestamp until = AttemptOf(*last)->at + kRecordGrace;
  if (until <= ports_.clock->Now()) return false;
  keeper_.AwaitRecord(key, until);
  return true;
}

std::chrono::milliseconds HistoryWriter::Pause() const {
  return ports_.pause.value_or(
      std::chrono::milliseconds(static_cast<int64_t>(1000 / kHistoriesPerSecond)));
}

void HistoryWriter::Run() {
  std::optional<std::chrono::steady_clock::time_point> flush_until;
  while (true) {
    const std::optional<ObjectKey> key = TakeIn();
    const std::chrono::milliseconds wait = key ? WriteOne(*key) : kLookInterval;
    std::unique_lock lock(mutex_);
    if (stopping_) {
      const auto now = std::chrono::steady_clock::now();
      if (!flush_until) flush_until = now + ports_.flush.value_or(kHistoryFlush);
      // Nothing waits, not even for its record.
      const bool done = !key && pending_ == 0 && queue_.empty();
      if (done || !synced_ || now >= *flush_until) return;
      // What could not be written now is not asked for in a circle.
      changed_.wait_for(lock, std::min(wait, kFlushRetryDelay));
      continue;
    }
    if (key) {
      changed_.wait_for(lock, wait, [this] { return stopping_; });
    } else {
      changed_.wait_for(lock, wait, [this] { return stopping_ || (synced_ && !queue_.empty()); });
    }
  }
}

std::chrono::milliseconds HistoryWriter::WriteOne(const ObjectKey& key) {
  for (int attempt = 0; attempt < kMaxHistoryConflicts; ++attempt) {
    Result<controllers::StoredHistory> stored = ports_.histories->Read(key);
    if (!stored && stored.error().code == ErrorCode::kNotFound) return NoRecord(key);
    if (!stored) return GiveUp(key, stored.error());
    HistoryKeeper::Merged merged;
    size_t waiting = 0;
    {
      const std::lock_guard lock(keeper_mutex_);
      waiting = keeper_.PendingOf(key).size();
      merged = keeper_.Merge(key, stored->history);
      CountUnanswered(key, merged);
    }
    if (merged.changed()) {
      const Status written =
          ports_.histories->Write(key, {stored->resource_version, merged.history});
      if (!written && (written.error().code == ErrorCode::kConflict ||
                       written.error().code == ErrorCode::kNotFound)) {
        continue;  // somebody was faster: read what they wrote
      }
      if (!written) {
        Remember(key, waiting, merged, written.error());
        return GiveUp(key, written.error());
      }
    }
    created_.erase(key);
    const std::lock_guard lock(keeper_mutex_);
    Count(merged);
    keeper_.Done(key, waiting, merged.history);
    return Pause();
  }
  const std::lock_guard lock(keeper_mutex_);
  keeper_.Delay(key, ports_.clock->Now() + kNoRecordDelay);
  return Pause();
}

std::chrono::milliseconds HistoryWriter::NoRecord(const ObjectKey& key) {
  std::optional<WorkloadRecord> record;
  {
    const std::lock_guard lock(keeper_mutex_);
    const std::vector<Happening>& pending = keeper_.PendingOf(key);
    const Happening* last = LastAttempt(pending);
    if (last == nullptr) {
      // Its workload is gone, and nobody asked for another.
      Forget(key);
      return std::chrono::milliseconds(0);
    }
    const Attempt& attempt = *AttemptOf(*last);
    const Timestamp now = ports_.clock->Now();
    if (Exists(attempt) && now - attempt.at < kRecordGrace) {
      keeper_.AwaitRecord(key, attempt.at + kRecordGrace);
      return std::chrono::milliseconds(0);
    }
    if (created_.erase(key) != 0) {
      // Written, and gone again: somebody else wants it gone. A namespace that is going takes no record, which is no error.
      if (now - attempt.at > kVanishingGrace) {
        dropped_ += pending.size();
        Forget(key);
      } else {
        keeper_.Delay(key, now + kNoRecordDelay);
      }
      return Pause();
    }
    record = NeverAdmitted(*last, attempt);
  }
  const Status written = ports_.records->Write(key, *record);
  if (!written) return GiveUp(key, written.error());
  created_.insert(key);
  return Pause();
}

std::chrono::milliseconds HistoryWriter::GiveUp(const ObjectKey& key, const Error& error) {
  const bool later = error.code == ErrorCode::kUnavailable;
  const auto now = std::chrono::steady_clock::now();
  if (!said_ || now - *said_ >= kWatchLogInterval) {
    said_ = now;
    ports_.logger->Log(
        LogLevel::kWarning,
        later ? "a history could not be written; it is tried again" : "a history could not be kept",
        {{"resource_namespace", key.namespace_name}, {"name", key.name}, {"error", error.message}});
  }
  if (later) return kHistoryRetryDelay;
  // It is counted all the same: what was refused was refused, whether or not a record may be written there.
  const std::lock_guard lock(keeper_mutex_);
  Count(keeper_.Merge(key, {}));
  dropped_ += keeper_.PendingOf(key).size();
  Forget(key);
  return Pause();
}

void HistoryWriter::Forget(const ObjectKey& key) {
  keeper_.Drop(key, keeper_.PendingOf(key).size());
  created_.erase(key);
  unanswered_.erase(key);
}

void HistoryWriter::Count(const HistoryKeeper::Merged& merged) {
  for (const auto& [happening, effects] : merged.effects) CountOne(*happening, effects);
}

void HistoryWriter::CountOne(const Happening& happening, const HistoryEffects& effects) {
  ports_.counted(happening, effects);
  if (!effects.first_enforced) return;
  enforced_.Add(HashOf(happening.workload));
  if (const auto lead = keeper_.LeadTime(happening.service, *effects.first_enforced)) {
    ports_.lead_time(*lead, happening.owner);
  }
}

void HistoryWriter::Remember(const ObjectKey& key, size_t waiting,
                             const HistoryKeeper::Merged& merged, const Error& error) {
  if (error.code != ErrorCode::kUnavailable) return;
  Unanswered unanswered{waiting, {}};
  for (const auto& [happening, effects] : merged.effects) {
    unanswered.effects.emplace_back(*happening, effects);
  }
  unanswered_.insert_or_assign(key, std::move(unanswered));
}

void HistoryWriter::CountUnanswered(const ObjectKey& key, const HistoryKeeper::Merged& merged) {
  const auto found = unanswered_.find(key);
  if (found == unanswered_.end()) return;
  const Unanswered unanswered = std::move(found->second);
  unanswered_.erase(found);
  const std::vector<Happening>& pending = keeper_.PendingOf(key);
  if (pending.size() < unanswered.waiting) return;  // others than those
  const Happening* const newer = pending.data() + unanswered.waiting;
  const bool arrived = std::none_of(merged.effects.begin(), merged.effects.end(),
                                    [&](const auto& effect) { return effect.first < newer; });
  if (!arrived) return;
  for (const auto& [happening, effects] : unanswered.effects) CountOne(happening, effects);
}

void HistoryWriter::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace plimsoll::controller
