// Audit: knows every workload of the cluster that a policy may be about, and judges each again when it, its namespace, a
// policy or the date has changed; nothing else makes work. It holds what must be written (records) and what is to be told
// (figures), and writes and tells nothing itself.
//
// A workload is judged as if it were created now, as `plimsoll check` does: the ratchet and other mercies are for updates.
// Workloads controlled by another one that is itself judged are left to it; of Pods and ReplicaSets that means nearly all.
//
// Dates: NextDate() is when some verdict changes by the calendar alone; judging at or after it is in force from that second.
//
// Thread-safety: serves one thread at a time. Ownership: keeps its own compact copy of each object; a view handed over is
// not kept. Time is an argument. Memory: some 3 KiB a workload.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/time.h"
#include "plimsoll/model/audit_figures.h"
#include "plimsoll/model/object_key.h"
#include "plimsoll/model/workload_record.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll::controllers {

// What the cluster's record of a workload must become.
struct RecordChange {
  ObjectKey key;
  // Nothing: the record is to be deleted (its workload is gone or no policy is about it any more).
  std::optional<WorkloadRecord> record;
};

class Audit {
 public:
  Audit();
  ~Audit();
  Audit(const Audit&) = delete;
  Audit& operator=(const Audit&) = delete;

  // ---- what has changed ----
  void SetPolicies(std::shared_ptr<const PolicySnapshot> policies);
  // `metadata`: of the Namespace object.
  void SetNamespace(std::string_view name, JsonView metadata);
  void RemoveNamespace(std::string_view name);
  // `object`: as the API server has it; managedFields, status and last-applied are not kept.
  void SetWorkload(const WorkloadKey& key, JsonView object);
  void RemoveWorkload(const WorkloadKey& key);
  // Workloads of a kind that is no longer watched.
  void RemoveKind(WorkloadKind kind);
  // The record as the cluster has it: so that nothing is written that is there already, and what it alone knows (first
  // seen, first observed) is kept. A record that nobody wrote for any workload of ours is deleted by the next change.
  void SetRecord(const ObjectKey& key, const WorkloadRecord& record);
  void RemoveRecord(const ObjectKey& key);

  // ---- work ----
  // Judges up to `max` of those that wait. Returns how many still wait.
  size_t Judge(Timestamp now, size_t max);
  std::optional<Timestamp> NextDate() const;

  // ---- what came of it ----
  // Up to `max` changes, oldest first. One that could not be written is given back by PutBack.
  std::vector<RecordChange> TakeChanges(size_t max);
  void PutBack(RecordChange change);
  size_t changes() const;
  AuditFigures Figures() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// "deployment-checkout": the name of a workload's record, in the workload's namespace. Long names end in a digest.
std::string RecordName(const WorkloadKey& key);

}  // namespace plimsoll::controllers
