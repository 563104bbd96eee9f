// HistoryKeeper: what one replica knows of every workload's history, and what it has to add to it. It decides at once
// whether something that happened is news and whether a rejection was a surprise, and hands out what must be written; it
// writes nothing itself. The truth is in the records: several replicas keep histories, and whoever writes merges with what
// is stored (Advance), so nothing is counted twice.
//
// Histories outlive their records here, so that a development namespace that was torn down has still warned its service.
//
// Pure. Thread-safety: serves one thread at a time. Memory: some 300 bytes and 150 for each finding that was told.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "plimsoll/base/time.h"
#include "plimsoll/model/object_key.h"
#include "plimsoll/model/workload_history.h"
#include "plimsoll/record/advance.h"

namespace plimsoll {

// Waiting to be written. A rollout of everything at once is not that large; beyond it the API server is not coming back
// soon, and what was told meanwhile is forgotten, the oldest first, and counted.
inline constexpr size_t kMaxPendingHistories = 20'000;
// Of one workload. A record keeps twenty events.
inline constexpr size_t kMaxPendingHappenings = 50;
// Histories whose record is gone.
inline constexpr size_t kMaxFormerHistories = 5'000;

// Something that happened to one workload.
struct Happening {
  WorkloadKey workload;
  std::string service;
  std::string owner;  // as figures have it
  std::string tier;
  std::string api_version;  // of the workload; "" of an Observation
  std::variant<Attempt, Observation> what;
};

class HistoryKeeper {
 public:
  // ---- what the cluster has ----
  // `first_seen`: of the record. `key`: the record's, which tells workloads apart.
  void SetRecord(const ObjectKey& key, const WorkloadHistory& history, Timestamp first_seen,
                 std::string_view owner = {});
  // What ended with it: findings that were told and are gone with the workload.
  struct Gone {
    std::string owner;
    std::vector<HistoryEffects::Ended> ended;
  };
  Gone RemoveRecord(const ObjectKey& key);

  // ---- what happened ----
  // True where it is news, and waits to be written. An Observation of a workload that nothing was told of is none.
  bool Add(const ObjectKey& key, Happening happening);

  // ---- what must be written ----
  // One whose time has come, or else the one that has waited longest and is not held back; nothing where none is.
  std::optional<ObjectKey> Next(Timestamp now) const;
  // What waits for it, oldest first; empty where nothing does.
  const std::vector<Happening>& PendingOf(const ObjectKey& key) const;
  // `stored`, with what waits, and what is to be counted once that is kept.
  struct Merged {
    WorkloadHistory history;
    std::vector<std::pair<const Happening*, HistoryEffects>>
        effects;  // of those that changed something
    bool changed() const { return !effects.empty(); }
  };
  Merged Merge(const ObjectKey& key, const WorkloadHistory& stored) const;
  // It is kept: nothing waits for it any more but what came since Merge (`merged`: how many it had).
  void Done(const ObjectKey& key, size_t merged, const WorkloadHistory& history);
  // What was merged cannot be kept, and is known here alone.
  void Drop(const ObjectKey& key, size_t merged);
  // Not before then.
  void Delay(const ObjectKey& key, Timestamp until);
  // Not before then, unless its record comes sooner: nobody has to ask for it meanwhile.
  void AwaitRecord(const ObjectKey& key, Timestamp until);

  // ---- what is known ----
  // Whether the cluster has the record, as far as it has been told (SetRecord, RemoveRecord).
  bool HasRecord(const ObjectKey& key) const;
  // From the first sighting of the service anywhere until `now`. Nothing where it has not been seen.
  std::optional<std::chrono::seconds> LeadTime(const std::string& service, Timestamp now) const;
  size_t pending() const { return pending_.size(); }
  size_t dropped() const { return dropped_; }

 private:
  struct Known {
    WorkloadHistory history;  // without events: nobody asks for them here
    Timestamp first_seen = Timestamp::max();
    std::string owner;
    bool present = false;                // there is a record
    std::vector<CheckedFinding> former;  // told of workloads of that name that are gone
  };
  struct Pending {
    std::vector<Happening> happenings;
    uint64_t place = 0;                   // in queue_, or with not_before in held_
    std::optional<Timestamp> not_before;  // it is held back
    bool awaits_record = false;
  };
  using Pendings = std::map<ObjectKey, Pending>;

  bool ToldElsewhere(const ObjectKey& key, const std::string& service,
                     const Attempt& attempt) const;
  void SetService(const ObjectKey& key, Known& known, const std::string& service);
  void Forget(const ObjectKey& key);
  void ForgetOldest();
  // Puts it at the end of those that may be written, or holds it back; TakeOut is the other way.
  void PutIn(Pendings::iterator waiting, std::optional<Timestamp> not_before);
  void TakeOut(Pendings::iterator waiting);

  std::map<ObjectKey, Known> known_;
  std::unordered_map<std::string, std::set<ObjectKey>> services_;
  std::deque<ObjectKey> former_;  // without a record, the first one longest
  Pendings pending_;
  std::map<uint64_t, ObjectKey> queue_;
  std::map<std::pair<Timestamp, uint64_t>, ObjectKey> held_;
  uint64_t sequence_ = 0;
  size_t dropped_ = 0;
};

}  // namespace plimsoll
