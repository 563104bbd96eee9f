// HistoryWriter: keeps the histories of workloads (record/history_keeper.h). Every replica has one: it is told of every
// answered review and, on the leader, of what the audit finds; a thread of its own decides what is news and merges it into
// the records, at a bounded rate. No review waits for it.
//
// Thread-safety: Observe and Observed from any thread; the handler's methods from its informer. Ownership: what the ports
// point to must outlive it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "key_set.h"
#include "plimsoll/base/time.h"
#include "plimsoll/controllers/ports.h"
#include "plimsoll/kube/informer.h"
#include "plimsoll/policy/verdict_observer.h"
#include "plimsoll/record/history_keeper.h"
#include "plimsoll/telemetry/logger.h"

namespace plimsoll::controller {

// Reviews that were answered and not looked at yet. The thread looks at thousands a second; beyond this they are counted.
inline constexpr size_t kMaxQueuedHappenings = 20'000;
// Of each replica: a read and a write each. A rollout of 1,000 Deployments is told within half a minute.
inline constexpr double kHistoriesPerSecond = 50;
// The leader writes the record of a workload that has just come to be. Within so long it has, or nobody leads.
inline constexpr std::chrono::seconds kRecordGrace(30);
// A record that was written for a workload that never came, and is gone again: its namespace is going. Tried for so long.
inline constexpr std::chrono::seconds kVanishingGrace(60);
inline constexpr std::chrono::seconds kNoRecordDelay(1);
// After a write that the API server could not take now: nothing else is written meanwhile.
inline constexpr std::chrono::seconds kHistoryRetryDelay(2);
// Replicas that meet at one record; each of them writes once and reads again once for each other.
inline constexpr int kMaxHistoryConflicts = 8;
// What waits is written before the replica ends, as far as that is possible within so long.
inline constexpr std::chrono::seconds kHistoryFlush(5);
inline constexpr std::chrono::milliseconds kFlushRetryDelay(250);
// Where nothing can be written: for what waits until a time, or for its record.
inline constexpr std::chrono::milliseconds kLookInterval(500);

struct HistoryPorts {
  controllers::HistoryStore* histories = nullptr;
  // For records of workloads that were refused and never came.
  controllers::RecordStore* records = nullptr;
  const Clock* clock = nullptr;
  Logger* logger = nullptr;
  // Kept: to be counted. `happening`: what it came of.
  std::function<void(const Happening& happening, const HistoryEffects& effects)> counted;
  // Of a workload that is gone: findings that ended with it. Asked only where `leading` says so, as every replica sees it.
  std::function<void(const ObjectKey& key, const HistoryKeeper::Gone& gone)> gone;
  std::function<void(std::chrono::seconds lead, const std::string& owner)> lead_time;
  std::function<bool()> leading;
  // Between two writes; for tests. Empty: kHistoriesPerSecond.
  std::optional<std::chrono::milliseconds> pause;
  // When it ends; for tests. Empty: kHistoryFlush.
  std::optional<std::chrono::milliseconds> flush;
};

class HistoryWriter final : public VerdictObserver, public kube::ObjectHandler {
 public:
  explicit HistoryWriter(HistoryPorts ports);
  ~HistoryWriter() override;
  HistoryWriter(const HistoryWriter&) = delete;
  HistoryWriter& operator=(const HistoryWriter&) = delete;

  void Observe(const ObservedReview& review) override;
  void ObserveUndecided(std::string_view, std::string_view, std::string_view,
                        std::chrono::nanoseconds) override {}
  // What the audit found.
  void Observed(std::vector<Happening> happenings);

  // Of WorkloadReadiness objects. Nothing is written before Synced.
  void Upsert(const ObjectKey& key, JsonView object) override;
  void Remove(const ObjectKey& key, std::string_view uid) override;
  void Synced() override;

  // Writes what waits, for kHistoryFlush at most, and ends. Twice is once.
  void Stop();

  size_t pending() const { return pending_; }
  size_t dropped() const { return dropped_ + forgotten_; }

 private:
  void Run();
  // Takes in what has come. True where something can be written now.
  std::optional<ObjectKey> TakeIn();
  // While keeper_mutex_ is held: its record is still to be written by the leader, and it is held back until it comes.
  bool AwaitsRecord(const ObjectKey& key);
  // How long to wait before the next one.
  std::chrono::milliseconds WriteOne(const ObjectKey& key);
  std::chrono::milliseconds NoRecord(const ObjectKey& key);
  std::chrono::milliseconds GiveUp(const ObjectKey& key, const Error& error);
  // While keeper_mutex_ is held: nothing waits for it any more, and nothing of it is remembered.
  void Forget(const ObjectKey& key);
  // While keeper_mutex_ is held.
  void Count(const HistoryKeeper::Merged& merged);
  void CountOne(const Happening& happening, const HistoryEffects& effects);
  // The answer to a write may be lost when it was done: its happenings change nothing when they are merged again, and
  // would not be counted. These are kept until then.
  void Remember(const ObjectKey& key, size_t waiting, const HistoryKeeper::Merged& merged,
                const Error& error);
  // While keeper_mutex_ is held: `merged` is of the same happenings, and maybe of newer ones.
  void CountUnanswered(const ObjectKey& key, const HistoryKeeper::Merged& merged);
  void Enqueue(Happening happening);
  std::chrono::milliseconds Pause() const;

  HistoryPorts ports_;
  KeySet enforced_;  // records that have their first enforced rollout
  std::atomic<size_t> pending_{0};
  std::atomic<size_t> dropped_{0};
  std::atomic<size_t> forgotten_{0};  // by the keeper

  std::mutex mutex_;  // a review may wait for it: held for as long as it takes to move a pointer
  std::condition_variable changed_;
  std::vector<Happening> queue_;  // guarded by mutex_
  bool synced_ = false;           // guarded by mutex_
  bool stopping_ = false;         // guarded by mutex_
  // Between the informer's thread and ours; never taken together with mutex_.
  std::mutex keeper_mutex_;
  HistoryKeeper keeper_;                                       // guarded by keeper_mutex_
  std::optional<std::chrono::steady_clock::time_point> said_;  // of the thread
  std::set<ObjectKey> created_;  // likewise: records that were written here for what waits
  struct Unanswered {
    size_t waiting;  // how many happenings were merged
    std::vector<std::pair<Happening, HistoryEffects>> effects;
  };
  std::map<ObjectKey, Unanswered>
      unanswered_;  // likewise: writes of which nobody knows whether they were done
  std::thread thread_;
};

}  // namespace plimsoll::controller
