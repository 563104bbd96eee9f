// Audit: knows every workload of the cluster that a policy may be about, and judges each again when it, its namespace, a
// policy or the date has changed; nothing else makes work. It holds what must be written (records) and what is to be told
// (figures), and writes and tells nothing itself.
//
// A workload is judged as if it were created now, as `plimsoll check` does: the ratchet and other mercies are for updates.
// What is not judged (docs/adr/0053):
// - controlled by another workload of a kind that some policy is about, confirmed by uid: no record, counted nowhere;
// - scaled to zero or being deleted: its record stays as it was, one that has none gets none, counted nowhere;
// - in a namespace that is not known, or controlled by a workload that is not known (yet): waits for it, for
//   kOwnerGrace where it is the owner, and stays as it was until then.
// - controlled by a workload of a kind that may not be listed (SetUnlisted): waits until it may, and stays as it was.
//
// Where a change of policies, not of the workload, leaves nobody to judge it, its record stays for kPolicyGrace, and what it
// knows (first seen, first observed) for as long as it does.
//
// A waiver that comes, changes, goes or expires makes those workloads be judged again that it names, and no others.
//
// Dates: NextDate() is when some verdict changes by the calendar alone; judging at or after it is in force from that second.
//
// Start: hand over what exists (records, namespaces, policies, workloads, in any order) before the first Judge and
// TakeChanges. What is not known by then is taken for gone, and its record is deleted. Kinds to hand over: those of the
// policies, and those that may control them: ReplicaSets where policies are about Pods and about Deployments.
//
// Thread-safety: serves one thread at a time. Ownership: keeps its own compact copy of each object; a view handed over is
// not kept. Time is an argument. Memory: the object's text without managedFields and status, and some 900 bytes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/time.h"
#include "plimsoll/controllers/owner_index.h"
#include "plimsoll/model/audit_figures.h"
#include "plimsoll/model/link.h"
#include "plimsoll/model/object_key.h"
#include "plimsoll/model/related_objects.h"
#include "plimsoll/model/team_directory.h"
#include "plimsoll/model/workload_record.h"
#include "plimsoll/policy/evaluator.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "plimsoll/policy/waiver_set.h"
#include "plimsoll/record/history_keeper.h"

namespace plimsoll::controllers {

// Watches of different kinds are not in step: a Pod may be told of before its ReplicaSet, and outlives it while both are
// deleted. Within so long it has caught up, or the owner does not exist.
inline constexpr std::chrono::seconds kOwnerGrace{30};

// A policy that is deleted and made again (a reinstall, kubectl replace --force), or whose selector is mistyped for a moment,
// must not erase since when workloads fail. Within so long somebody has noticed.
inline constexpr std::chrono::minutes kPolicyGrace{5};

// What the cluster's record of a workload must become.
struct RecordChange {
  ObjectKey key;
  // Nothing: the record is to be deleted (its workload is gone or no policy is about it any more).
  std::optional<WorkloadRecord> record;
};

class Audit {
 public:
  // A monotonic clock's reading, for AuditFigures::last_duration; empty: that stays 0.
  using Stopwatch = std::function<std::chrono::nanoseconds()>;

  explicit Audit(Stopwatch stopwatch = {});
  ~Audit();
  Audit(const Audit&) = delete;
  Audit& operator=(const Audit&) = delete;

  // ---- what has changed ----
  // Nothing is judged before the first call.
  void SetPolicies(std::shared_ptr<const PolicySnapshot> policies);
  // All of them; null: there are none.
  void SetWaivers(std::shared_ptr<const WaiverSet> waivers);
  // `metadata`: of the Namespace object.
  void SetNamespace(std::string_view name, JsonView metadata);
  void RemoveNamespace(std::string_view name);
  // `object`: as the API server has it; managedFields, status and last-applied are not kept. An object that has changed in
  // these alone is not judged again.
  void SetWorkload(const WorkloadKey& key, JsonView object);
  void RemoveWorkload(const WorkloadKey& key);
  // Workloads of a kind that is no longer watched: they may well go on existing.
  void RemoveKind(WorkloadKind kind);
  // What there is beside workloads (null: nothing is known), whom the difference to before may concern, and for how long
  // after its creation a workload may lack it: what it lacks until then is pending, and NextDate has the end of that.
  void SetRelated(std::shared_ptr<const RelatedObjects> related, const RelatedChange& change,
                  std::chrono::seconds grace = kRelatedGrace);
  // Kinds that could not be listed, of all that are followed: what exists of them is not known. Records of such workloads
  // stay as they are, and nothing of theirs is counted; everything else is judged. To be said before the first Judge, and
  // of a kind that has been listed after all, after all of it has been handed over.
  void SetUnlisted(WorkloadKindSet kinds);
  // The record as the cluster has it: so that nothing is written that is there already, and what it alone knows (first
  // seen, first observed) is kept where the workload has not been judged yet. A record that nobody wrote for any workload
  // of ours is deleted by the next change.
  // `last_event`: of its history. A record of a workload that was never admitted stays for kNeverAdmittedTtl after it.
  void SetRecord(const ObjectKey& key, const WorkloadRecord& record,
                 std::optional<Timestamp> last_event = std::nullopt);
  void RemoveRecord(const ObjectKey& key);
  // The directory of teams; null: there is none. Workloads of policies that ask it are judged again where it differs, and
  // when a team in it comes to its end.
  void SetDirectory(std::shared_ptr<const TeamDirectory> directory);
  // What has been found out about links. Those that link what has changed are judged again.
  void SetLinks(std::shared_ptr<const LinkResults> results);

  // ---- work ----
  // Judges up to `max` of those that wait, the longest waiting first. Returns how many still wait. Costs nothing where
  // nothing waits: call it every few seconds, as AuditFigures::last_success says that somebody does.
  size_t Judge(Timestamp now, size_t max);
  // When Judge will find work that nobody tells of: a stage that begins, a waiver that expires, an owner that has not come,
  // a record that is no longer held. Nothing before the
  // first Judge.
  std::optional<Timestamp> NextDate() const;

  // ---- what came of it ----
  // Up to `max` changes, the one first made necessary first. What is handed over counts as written; one that could not be
  // is given back by PutBack, and comes again after those that wait now. A workload that waits to be judged again has no
  // change until then: one that changes twice is written once.
  std::vector<RecordChange> TakeChanges(size_t max);
  void PutBack(const RecordChange& change);
  size_t changes() const;
  // What was found since the last call, for the histories: of each workload when it was judged for the first time here, and
  // whenever it has other findings than before.
  std::vector<Happening> TakeObservations();
  AuditFigures Figures() const;
  // The links that somebody should look at (rule runbook.alive), where they are others than at the last call.
  std::optional<WantedLinks> TakeWantedLinks();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// "deployment-checkout": the name of a workload's record, in the workload's namespace. Long names end in a digest.
std::string RecordName(const WorkloadKey& key);

}  // namespace plimsoll::controllers
