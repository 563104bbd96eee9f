// Waivers: reading them, what becomes of each by the terms of its policy, and WaiverSet, all that are known, found by the
// workload they name. A request holds one set for its life, as it does a PolicySnapshot.
//
// Pure. Thread-safety: a set is immutable after construction.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/position.h"
#include "plimsoll/base/time.h"
#include "plimsoll/model/readiness_waiver.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll {

// ---- reading ----

struct ParsedWaiver {
  // Absent where anything is wrong: what its author did not mean excuses nothing.
  std::optional<ReadinessWaiver> waiver;
  // Every problem of the document, in its order.
  std::vector<Diagnostic> problems;
};

// True for a ReadinessWaiver of our group, whatever its version.
bool IsMeantAsWaiver(JsonView object);

// Reads one document: strict about names, types, formats, lengths and dates, as the CRD is, and about the ids of rules. What
// names no namespace is in `default_namespace`.
ParsedWaiver ParseReadinessWaiver(JsonView document, std::string_view default_namespace = {});

// ---- what becomes of one ----

// `policy`: the one it names, null where there is none. A waiver is Expired from the second that `expires` names; Invalid
// where there is no such policy, where the policy has none of its rules, where who approved may be who requested, or
// where it was to last longer, from its creation, than the policy allows. What has not been created is created at `now`.
WaiverState StateOf(const ReadinessWaiver& waiver, const ReadinessPolicy* policy, Timestamp now);

// What `reason` is where only the policy is missing, which may come yet.
inline constexpr std::string_view kUnknownPolicyReason = "UnknownPolicy";

// The same, with one sentence for people; `reason` is one word for programs ("Approved", "TooLong").
struct WaiverStanding {
  WaiverState state = WaiverState::kInvalid;
  std::string_view reason;
  std::string message;
};
WaiverStanding ExplainState(const ReadinessWaiver& waiver, const PolicySnapshot& policies,
                            Timestamp now);

// What about a waiver can never come true under these policies, with the nearest names, each with the path of its field:
// for the person who writes one. `created`: from when on it lasts, as maxDuration counts it.
std::vector<Diagnostic> CheckTerms(const ReadinessWaiver& waiver, const PolicySnapshot& policies,
                                   Timestamp created, Timestamp now);

// ---- all of them ----

class WaiverSet {
 public:
  using Pointer = std::shared_ptr<const ReadinessWaiver>;
  // Null pointers are left out; of two with one namespace and name the first stays.
  explicit WaiverSet(std::vector<Pointer> waivers);
  WaiverSet(const WaiverSet&) = delete;
  WaiverSet& operator=(const WaiverSet&) = delete;

  // By namespace and name.
  std::span<const Pointer> all() const { return waivers_; }
  const ReadinessWaiver* Find(std::string_view namespace_name, std::string_view name) const;
  size_t CountIn(std::string_view namespace_name) const;

  // Those that name the workload, by name, whether in force or not. Allocates nothing.
  std::span<const ReadinessWaiver* const> For(WorkloadKind kind, std::string_view namespace_name,
                                              std::string_view name) const;

  // Calls visit(kind, namespace, name) for each workload that some waiver names, once.
  template <class Visit>
  void ForEachWorkload(Visit visit) const {
    for (const auto& [key, waivers] : by_workload_) visit(key.kind, key.namespace_name, key.name);
  }

 private:
  struct Key {  // views into the waivers
    WorkloadKind kind;
    std::string_view namespace_name;
    std::string_view name;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    size_t operator()(const Key& key) const {
      const std::hash<std::string_view> hash;
      return (hash(key.name) * 31 + hash(key.namespace_name)) * kWorkloadKindCount +
             static_cast<size_t>(key.kind);
    }
  };

  std::vector<Pointer> waivers_;
  std::unordered_map<Key, std::vector<const ReadinessWaiver*>, Hash> by_workload_;
};

// What a set of waivers says about one rule of one policy for a workload.
struct Excuse {
  const ReadinessWaiver* active = nullptr;  // the one that lasts longest
  const ReadinessWaiver* near =
      nullptr;  // without an active one: of those that are not, the most promising
  WaiverState near_state = WaiverState::kInvalid;
};
// `waivers`: of WaiverSet::For. Allocates nothing.
Excuse FindExcuse(std::span<const ReadinessWaiver* const> waivers, const ReadinessPolicy& policy,
                  std::string_view rule, Timestamp now);

}  // namespace plimsoll
