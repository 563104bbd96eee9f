// LinkBook: which links the workloads declare that a policy wants looked at (rule runbook.alive), and whom a result concerns.
//
// Thread-safety: one thread at a time. Ownership: workloads must be taken out (Replace with nothing) before they end.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "plimsoll/model/link.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll::controllers {

struct AuditedWorkload;

class LinkBook {
 public:
  // The workloads of policies that have changed are judged again, and handed over again, afterwards.
  void SetPolicies(const PolicySnapshot& policies);

  // What `workload` links by the policies that are about it, in place of what it linked before. `object` null: nothing.
  void Replace(AuditedWorkload& workload, const Workload* object,
               const std::vector<std::string_view>& policies);

  // All that is wanted, where it differs from what was taken last.
  std::optional<WantedLinks> TakeWanted();

  const LinkResults* results() const { return results_.get(); }
  // Calls `wake` for each workload whose link is not what it was, or may be out of date by now.
  void SetResults(std::shared_ptr<const LinkResults> results,
                  const std::function<void(AuditedWorkload&)>& wake);

 private:
  struct Entry {
    // By policy: how many workloads link it.
    std::map<std::string, size_t, std::less<>> policies;
    std::set<AuditedWorkload*> workloads;
  };
  using Link = std::pair<std::string, std::string>;  // url, policy

  void Remove(AuditedWorkload& workload, const std::vector<Link>& links);
  LinkTerms TermsOf(const Entry& entry) const;

  std::map<std::string, std::vector<Parameters>, std::less<>>
      rules_;                                        // by policy, those that have some
  std::map<std::string, Entry, std::less<>> links_;  // by URL
  std::unordered_map<AuditedWorkload*, std::vector<Link>> of_workload_;
  std::shared_ptr<const LinkResults> results_;
  bool changed_ = false;
  WantedLinks taken_;
};

}  // namespace plimsoll::controllers
