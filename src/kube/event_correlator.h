// EventCorrelator: which Events are to be written when; EventRecorder writes them. It makes series of repetitions, limits
// each subject, and tries again what failed, all as EventRecorder's header says.
//
// Thread-safety: none. Time is an argument.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "kube/event_json.h"
#include "kube/token_bucket.h"
#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/controllers/ports.h"
#include "plimsoll/kube/api_client.h"

namespace plimsoll::kube {

class EventCorrelator {
 public:
  using Time = std::chrono::steady_clock::time_point;

  EventCorrelator(EventSource source, uint64_t seed);

  // `event` fits (FittingEvent).
  void Take(const controllers::ClusterEvent& event, Time now, Timestamp date);

  struct Write {
    uint64_t series;
    ApiRequest request;
  };
  // The next that is due, if any. The caller owes Wrote.
  std::optional<Write> Next(Time now);
  // Returns why it is given up, if it is.
  std::optional<Error> Wrote(uint64_t series, const Result<ApiResponse>& answer, Time now);
  // When Next may have something; nothing for never.
  std::optional<Time> due() const;

  // The end: from now on what is to be written is due, once.
  void Finish();
  // Gives up all that is not written.
  void Abandon();

  uint64_t dropped() const { return dropped_; }

 private:
  struct Series {
    std::string key;
    controllers::ClusterEvent event;
    std::string name;
    Timestamp first;
    Timestamp last;
    Time last_seen;
    Time last_written;
    int64_t count = 1;    // times it was seen
    int64_t written = 0;  // of those, in the cluster
    int64_t sending = 0;
    int failures = 0;
    Time due;
  };
  using SeriesMap = std::map<uint64_t, Series>;

  bool Admit(const controllers::ClusterEvent& event, Time now);
  bool MakeRoom();
  void Begin(std::string key, const controllers::ClusterEvent& event, Time now, Timestamp date);
  void Schedule(uint64_t id, Series& series, Time due);
  void ScheduleNormally(uint64_t id, Series& series, Time now);
  ApiRequest Request(Series& series);
  std::optional<Error> Failed(uint64_t id, Series& series, const Error& error, Time now);
  void Forget(uint64_t id);
  uint64_t Random() { return random_(); }

  EventSource source_;
  std::mt19937_64 random_;
  bool finishing_ = false;
  uint64_t dropped_ = 0;

  SeriesMap series_;
  uint64_t next_id_ = 0;
  std::unordered_map<std::string, uint64_t> id_of_;
  std::set<std::pair<Time, uint64_t>> schedule_;

  struct Subject {
    std::string name;
    TokenBucket bucket;
  };
  std::list<Subject> subjects_;  // the one that had an Event last is first
  std::unordered_map<std::string, std::list<Subject>::iterator> subject_of_;
};

}  // namespace plimsoll::kube
