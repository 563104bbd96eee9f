// FigureBook: the audit's figures, kept by adding what one workload contributes and taking away what it contributed
// before. Nothing is ever counted anew.
//
// Names of policies and rules are kept once and numbered; a policy's number is given to another once the policy is gone
// and nothing refers to it any more. Thread-safety: one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/model/action.h"
#include "plimsoll/model/audit_figures.h"
#include "plimsoll/model/object_key.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll::controllers {

using PolicyId = uint32_t;

// What one workload adds to the figures.
struct Contribution {
  struct OfPolicy {
    PolicyId policy = 0;
    bool failing = false;
    bool waived = false;
    bool would_block = false;
    bool blocked = false;
    friend bool operator==(const OfPolicy&, const OfPolicy&) = default;
  };
  struct OfRule {
    PolicyId policy = 0;
    uint16_t rule = 0;
    Action action = Action::kAudit;
    uint32_t findings = 0;
    friend bool operator==(const OfRule&, const OfRule&) = default;
  };
  struct OfWaiver {
    ObjectKey waiver;
    uint32_t findings = 0;
    friend bool operator==(const OfWaiver&, const OfWaiver&) = default;
  };
  // False: policies are about the workload, but it is not judged and counts nowhere.
  bool counted = false;
  ReadinessState state = ReadinessState::kReady;
  std::string tier;
  std::string owner;
  std::vector<OfPolicy> policies;  // those that apply
  std::vector<OfRule> rules;
  std::vector<OfWaiver> waivers;  // that excuse something of it
  friend bool operator==(const Contribution&, const Contribution&) = default;
};

class FigureBook {
 public:
  // From now on these policies have figures.
  void SetPolicies(const PolicySnapshot& policies);
  // Of one of the policies set last.
  PolicyId IdOf(std::string_view policy) const { return ids_.find(policy)->second; }
  const std::string& NameOf(PolicyId policy) const { return slots_[policy].name; }
  uint16_t RuleId(std::string_view rule);

  // Makes `before` what is contributed now.
  void Replace(Contribution& before, Contribution now);

  struct WaiverUse {
    uint32_t workloads = 0;
    uint32_t findings = 0;
  };
  // What the waiver excuses.
  WaiverUse UseOf(const ObjectKey& waiver) const;

  // Everything but waivers, `waiting` and the times.
  AuditFigures Figures() const;

 private:
  struct Slot {
    std::string name;
    uint32_t contributions = 0;  // that name the policy
    bool in_force = false;
    PolicyFigures figures;
  };

  void Count(const Contribution& contribution, int sign);
  void Free(PolicyId id);

  std::vector<Slot> slots_;
  std::vector<PolicyId> free_;
  std::map<std::string, PolicyId, std::less<>> ids_;
  // Rules are the program's own: there are as many as the catalog has.
  std::vector<std::string> rule_names_;
  std::map<std::string, uint16_t, std::less<>> rule_ids_;
  std::map<ObjectKey, WaiverUse> waivers_;
  AuditFigures figures_;
};

}  // namespace plimsoll::controllers
