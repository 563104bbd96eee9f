#include "kube/event_correlator.h"

#include <algorithm>
#include <vector>

#include "kube/object_json.h"
#include "plimsoll/kube/event_recorder.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::kube {
namespace {

using controllers::ClusterEvent;

// An Event is small; a call that takes longer fails.
constexpr std::chrono::seconds kEventCallTimeout{10};

std::string SubjectOf(const ClusterEvent& event) {
  std::string text;
  for (const std::string* part : {&event.api_version, &event.kind, &event.regarding.namespace_name,
                                  &event.regarding.name, &event.uid}) {
    text.append(*part).push_back('\0');
  }
  return text;
}

// Two events are the same if all of this is. client-go leaves the note out, which then is the first one for ever.
std::string KeyOf(const ClusterEvent& event) {
  std::string text = SubjectOf(event);
  text += event.type == ClusterEvent::Type::kWarning ? 'W' : 'N';
  for (const std::string* part : {&event.reason, &event.action, &event.note}) {
    text.append(*part).push_back('\0');
  }
  return text;
}

bool MayPass(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kInternal ||
         error.code == ErrorCode::kConflict;
}

}  // namespace

EventCorrelator::EventCorrelator(EventSource source, uint64_t seed)
    : source_(FittingSource(std::move(source))), random_(seed) {}

void EventCorrelator::Take(const ClusterEvent& event, Time now, Timestamp date) {
  std::string key = KeyOf(event);
  if (const auto known = id_of_.find(key); known != id_of_.end()) {
    Series& series = series_.at(known->second);
    ++series.count;
    series.last = date;
    series.last_seen = now;
    // One that failed keeps its time, and so does one whose turn it is already.
    if (series.failures == 0 && series.due > now) ScheduleNormally(known->second, series, now);
    return;
  }
  if (!Admit(event, now) || !MakeRoom()) {
    ++dropped_;
    return;
  }
  Begin(std::move(key), event, now, date);
}

bool EventCorrelator::Admit(const ClusterEvent& event, Time now) {
  std::string name = SubjectOf(event);
  const auto known = subject_of_.find(name);
  if (known != subject_of_.end()) {
    subjects_.splice(subjects_.begin(), subjects_, known->second);
    return subjects_.front().bucket.Take(now);
  }
  if (subjects_.size() == kMaxEventSeries) {
    subject_of_.erase(subjects_.back().name);
    subjects_.pop_back();
  }
  constexpr double kPerSecond = 1.0 / std::chrono::seconds(kEventInterval).count();
  subjects_.push_front({name, TokenBucket(kPerSecond, static_cast<double>(kEventBurst))});
  subject_of_.emplace(std::move(name), subjects_.begin());
  return subjects_.front().bucket.Take(now);
}

// Forgets a series that has nothing left to say; a repetition will then be a new Event.
bool EventCorrelator::MakeRoom() {
  if (series_.size() < kMaxEventSeries) return true;
  for (const auto& [due, id] : schedule_) {
    const Series& series = series_.at(id);
    if (series.count == series.written) {
      Forget(id);
      return true;
    }
  }
  return false;
}

void EventCorrelator::Begin(std::string key, const ClusterEvent& event, Time now, Timestamp date) {
  const uint64_t id = next_id_++;
  Series& series = series_[id];
  series.name = EventName(event.regarding.name, Random());
  series.key = key;
  series.event = event;
  series.first = series.last = date;
  series.last_seen = series.last_written = now;
  id_of_.emplace(std::move(key), id);
  ScheduleNormally(id, series, now);
}

void EventCorrelator::Schedule(uint64_t id, Series& series, Time due) {
  schedule_.erase({series.due, id});
  series.due = due;
  if (series.sending == 0) schedule_.emplace(due, id);
}

void EventCorrelator::ScheduleNormally(uint64_t id, Series& series, Time now) {
  // That there is a series is news; how long it has become is not.
  const bool news = series.written < 2 && series.count > series.written;
  const Time idle = series.last_seen + kEventSeriesIdle;
  const bool grown = series.count > series.written;
  const Time refresh = series.last_written + kEventSeriesRefresh;
  Schedule(id, series,
           news || (finishing_ && grown) ? now
           : grown                       ? std::min(idle, refresh)
                                         : idle);
}

std::optional<EventCorrelator::Write> EventCorrelator::Next(Time now) {
  while (!schedule_.empty() && schedule_.begin()->first <= now) {
    const uint64_t id = schedule_.begin()->second;
    Series& series = series_.at(id);
    if (series.count == series.written) {
      Forget(id);  // quiet for long enough
      continue;
    }
    schedule_.erase(schedule_.begin());
    return Write{id, Request(series)};
  }
  return std::nullopt;
}

ApiRequest EventCorrelator::Request(Series& series) {
  series.sending = series.count;
  const EventCount seen{series.count, series.last};
  ApiRequest request;
  request.timeout = kEventCallTimeout;
  if (series.written == 0) {
    request.method = ApiMethod::kPost;
    request.path = CollectionPath(kEvents, EventNamespace(series.event));
    request.content_type = kJsonType;
    request.body = NewEvent(series.event, source_, series.name, series.first, seen);
  } else {
    request.method = ApiMethod::kPatch;
    request.path = ObjectPath(kEvents, {EventNamespace(series.event), series.name});
    request.content_type = kMergePatchType;
    request.body = SeriesPatch(seen);
  }
  return request;
}

std::optional<Error> EventCorrelator::Wrote(uint64_t id, const Result<ApiResponse>& answer,
                                            Time now) {
  const auto found = series_.find(id);
  if (found == series_.end()) return std::nullopt;
  Series& series = found->second;
  const int64_t sent = std::exchange(series.sending, 0);
  if (answer) {
    series.written = sent;
  } else if (answer.error().code == ErrorCode::kAlreadyExists) {
    series.written = 1;  // by a try whose answer was lost; it may have counted less than this one
  } else {
    return Failed(id, series, answer.error(), now);
  }
  series.failures = 0;
  series.last_written = now;
  ScheduleNormally(id, series, now);
  return std::nullopt;
}

std::optional<Error> EventCorrelator::Failed(uint64_t id, Series& series, const Error& error,
                                             Time now) {
  ++series.failures;
  const bool tries_left = !finishing_ && series.failures < kMaxEventTries;
  if (error.code == ErrorCode::kNotFound && series.written > 0 && tries_left) {
    // Events live for an hour: the series goes on in a new one.
    series.written = 0;
    series.name = EventName(series.event.regarding.name, Random());
    Schedule(id, series, now);
    return std::nullopt;
  }
  if (MayPass(error) && tries_left) {
    Schedule(id, series, now + kEventRetryInterval);
    return std::nullopt;
  }
  Forget(id);
  return error;
}

std::optional<EventCorrelator::Time> EventCorrelator::due() const {
  if (schedule_.empty()) return std::nullopt;
  return schedule_.begin()->first;
}

void EventCorrelator::Finish() {
  finishing_ = true;
  std::vector<uint64_t> grown;
  for (auto& [id, series] : series_) {
    if (series.count > series.written) grown.push_back(id);
  }
  for (const uint64_t id : grown) Schedule(id, series_.at(id), Time::min());
}

void EventCorrelator::Abandon() {
  while (!series_.empty()) Forget(series_.begin()->first);
}

void EventCorrelator::Forget(uint64_t id) {
  const auto found = series_.find(id);
  const Series& series = found->second;
  dropped_ += static_cast<uint64_t>(series.count - series.written);
  schedule_.erase({series.due, id});
  id_of_.erase(series.key);
  series_.erase(found);
}

}  // namespace plimsoll::kube
