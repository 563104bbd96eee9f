// What an Audit holds, and the parts of it that are in files of their own: audit.cc takes in what has changed,
// audit_environment.cc what workloads are judged by besides, audit_judge.cc judges, audit_waivers.cc knows what waivers change,
// audit_records.cc works out what must be written.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "controllers/figure_book.h"
#include "controllers/link_book.h"
#include "controllers/owner_rule.h"
#include "controllers/record_builder.h"
#include "plimsoll/base/fingerprint.h"
#include "plimsoll/codec/json_parser.h"
#include "plimsoll/controllers/audit.h"
#include "plimsoll/model/team_directory.h"
#include "plimsoll/policy/evaluator.h"

namespace plimsoll::controllers {

struct AuditedNamespace {
  std::string name;
  bool known = false;    // false: only by workloads that name it
  std::string text;      // CompactNamespace
  size_t workloads = 0;  // that point here
};

struct AuditedWorkload {
  const WorkloadKey* key = nullptr;  // of its node in State::workloads
  AuditedNamespace* home = nullptr;

  // ---- the object ----
  bool present = false;  // false: only its record is known
  std::string uid;
  std::string text;  // CompactWorkload
  std::unique_ptr<OwnerLink> owner;

  // ---- the last judgement ----
  enum class Outcome : uint8_t {
    kNoRecord,
    kRecord,  // `wanted` is its fingerprint
    kKeep,    // whatever is recorded stays
  };
  bool judged = false;
  Outcome outcome = Outcome::kNoRecord;
  Timestamp judged_at;
  // Policies have changed since, or it has not been judged here yet.
  bool policies_changed = true;
  // The object has changed since it was judged last, or has not been judged yet.
  bool object_changed = true;
  bool waived = false;  // some of its findings were
  std::optional<Timestamp> first_seen;
  Sighting first_seen_by = Sighting::kAudit;
  std::vector<Observed> observed;
  Contribution contribution;
  Fingerprint wanted;

  // ---- its record in the cluster ----
  enum class Stored : uint8_t { kNone, kKnown, kUnknown };
  Stored stored = Stored::kNone;
  Fingerprint stored_fingerprint;       // kKnown
  std::optional<Timestamp> held_until;  // its place in State::held

  // ---- queues ----
  enum class Parked : uint8_t { kNo, kForNamespace, kForOwner };
  Parked parked = Parked::kNo;
  // Another claim is no new grace: it starts anew once an owner was there, or none is claimed.
  std::optional<Timestamp> owner_missing_since;
  std::optional<Timestamp> settles_at;  // its place in State::settling
  uint64_t waiting = 0;                 // its place in State::waiting; 0: does not wait
  uint64_t change =
      0;  // its place among the changes, kept while it waits to be judged again; 0: nothing to write

  bool unsettled() const { return waiting != 0 || parked != Parked::kNo; }
  void ForgetHistory() {
    first_seen.reset();
    observed = {};
  }
};

struct Audit::State {
  // ---- audit.cc ----
  AuditedWorkload& At(const WorkloadKey& key);
  AuditedWorkload* Find(const WorkloadKey& key);
  // Erases what nothing is known about.
  void Forget(const AuditedWorkload& workload);
  AuditedNamespace& NamespaceAt(std::string_view name);
  void ForgetNamespace(const AuditedNamespace& home);
  // Whether it is another than before.
  bool SetOwner(AuditedWorkload& workload, std::optional<OwnerLink> owner);
  enum class Why { kDeleted, kUnwatched };
  void Remove(AuditedWorkload& workload, Why why);
  // Puts it into the queue of those to be judged.
  void Wait(AuditedWorkload& workload);
  void Unpark(AuditedWorkload& workload);
  // Those that an owner which came or went controls, directly or not.
  void WakeControlled(const WorkloadKey& owner);
  void WakeAllIn(const std::string& namespace_name);
  // It is judged again when what it lacks beside it is no longer pending; nothing: nothing is.
  void SettleLater(AuditedWorkload& workload, std::optional<Timestamp> at);
  void WakeForPolicies(const PolicySnapshot& now);

  // ---- audit_environment.cc ----
  void WakeForDirectory();

  // ---- audit_unlisted.cc ----
  // Its kind may not be listed: whether it exists is not known.
  bool IsUnlisted(const AuditedWorkload& workload) const;
  // After a change of what may be listed of these kinds, or of whether they are judged.
  void SettleUnlisted(const WorkloadKindSet& kinds);

  // ---- audit_judge.cc ----
  void AdvanceTo(Timestamp now);
  void JudgeOne(AuditedWorkload& workload, Timestamp now);
  enum class OwnerAnswer { kNone, kConfirmed, kMissing, kUnlisted };
  OwnerAnswer ConfirmOwner(const AuditedWorkload& workload);
  // False: it is parked until its owner comes.
  bool OwnerKnown(AuditedWorkload& workload, OwnerAnswer answer, Timestamp now);
  // Its text parsed; null where it is no workload.
  const Workload* Parse(const AuditedWorkload& workload);
  EvaluationContext ContextOf(AuditedNamespace& home, Timestamp now);
  // With all that a workload is judged by.
  EvaluationContext ContextFor(const Workload& object, AuditedNamespace& home, Timestamp now);
  WorkloadRecord RecordOf(const AuditedWorkload& workload, const Workload& object,
                          const Verdict& verdict, const std::vector<uint64_t>& identities) const;
  Contribution ContributionOf(const std::string& namespace_name, const Verdict& verdict,
                              Timestamp now);
  std::vector<Contribution::OfPolicy> PoliciesAbout(const Workload& object,
                                                    const EvaluationContext& context);
  // What a judgement came to.
  void SettleRecord(AuditedWorkload& workload, const Workload& object, const Verdict& verdict,
                    Timestamp now);
  void Observe(const WorkloadRecord& record, bool asked_differently, const Verdict& verdict,
               const Stamps& stamps, Timestamp now);
  void SettleOtherwise(AuditedWorkload& workload, AuditedWorkload::Outcome outcome,
                       Contribution contribution);

  // ---- audit_waivers.cc ----
  // Those that waivers name which expire after `from`, until `to`.
  void WakeForExpiries(Timestamp from, Timestamp to);
  std::optional<Timestamp> NextExpiry(Timestamp now) const;
  void AddWaivers(AuditFigures& figures) const;

  // ---- audit_records.cc ----
  // Notes whether its record must be written or deleted; forgets it where nothing is left of it.
  void Refresh(AuditedWorkload& workload);
  // Its record, if it has one, is not deleted before now + kPolicyGrace. Held already: no longer than that.
  void Hold(AuditedWorkload& workload, Timestamp now);
  void HoldUntil(AuditedWorkload& workload, Timestamp until);
  void LetGo(AuditedWorkload& workload);
  void LetGoUntil(Timestamp now);
  // Of kinds that no policy is about when the first judgement begins: what became of these workloads is not known.
  void HoldUnwatched(Timestamp now);
  AuditedWorkload* FindByRecord(const ObjectKey& key);
  // Nothing where the workload must be judged again first.
  std::optional<RecordChange> TakeChange(AuditedWorkload& workload);

  // ---- known ----
  std::shared_ptr<const PolicySnapshot> policies;
  OwnerRule owner_rule;
  WorkloadKindSet unlisted;
  std::vector<std::pair<Timestamp, PolicyId>> dates;        // of the policies' timetables, sorted
  std::shared_ptr<const WaiverSet> waivers;                 // null: there are none
  std::vector<std::pair<Timestamp, WorkloadKey>> expiries;  // of those, sorted
  std::shared_ptr<const TeamDirectory> directory;           // may be null
  std::vector<Timestamp> directory_dates;                   // sorted
  LinkBook links;
  std::map<std::string, AuditedNamespace, std::less<>> namespaces;
  std::shared_ptr<const RelatedObjects> related;
  std::chrono::seconds grace = kRelatedGrace;
  std::map<WorkloadKey, AuditedWorkload> workloads;
  size_t present = 0;
  // By the hash of the owner's key; others may have the same.
  std::unordered_multimap<size_t, AuditedWorkload*> controlled;

  // ---- to do ----
  uint64_t sequence = 0;
  std::map<uint64_t, AuditedWorkload*> waiting;
  std::multimap<Timestamp, AuditedWorkload*> late;      // parked for their owner until then
  std::multimap<Timestamp, AuditedWorkload*> settling;  // have something that is pending until then
  std::map<uint64_t, AuditedWorkload*> changes;
  std::multimap<Timestamp, AuditedWorkload*> held;  // whose records are not deleted until then
  std::set<ObjectKey> strays;                       // records of nothing

  // ---- told ----
  std::vector<Happening> observations;
  FigureBook book;
  Stopwatch stopwatch;
  std::optional<Timestamp> last_now;
  Timestamp last_success;
  std::optional<std::chrono::nanoseconds> round_begun;
  std::chrono::nanoseconds last_duration{};

  // ---- scratch ----
  Evaluator evaluator;
  JsonParser object_parser;
  std::string object_text;
  Workload object;
  JsonParser namespace_parser;
  std::string namespace_text;
  const AuditedNamespace* parsed_namespace = nullptr;
};

}  // namespace plimsoll::controllers
