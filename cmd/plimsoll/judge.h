// Objects that are all there is, judged against each other: what `check`, `init` and `policy test` have in common.
//
// Thread-safety: functions; what is only read may be shared, an evaluator and namespaces may not.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "namespaces.h"
#include "plimsoll/base/json_view.h"
#include "plimsoll/base/time.h"
#include "plimsoll/model/finding.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll {
class Evaluator;
class RelatedObjects;
class TeamDirectory;
class WaiverSet;
class Workload;
}  // namespace plimsoll

namespace plimsoll::cli {

struct WorkloadTerms {
  const PolicySnapshot& policies;
  const WaiverSet* waivers = nullptr;
  const TeamDirectory* directory = nullptr;
  std::string_view default_namespace = {};
  Timestamp now = {};
  bool report_all = false;  // also what passed and what did not apply
};

// What rules that look beside a workload see: these objects and no others. Valid as long as their documents are.
std::shared_ptr<const RelatedObjects> RelatedAmong(const std::vector<JsonView>& objects,
                                                   std::string_view default_namespace);

// One workload, by an evaluator of the caller's. `facts`: of its namespace.
Verdict JudgeWorkload(Evaluator& evaluator, const Workload& workload, const WorkloadTerms& terms,
                      const Namespaces::Facts& facts, const RelatedObjects& related);

struct JudgedWorkload {
  std::string kind;
  std::string namespace_name;
  std::string name;
  Verdict verdict;
  // The policies that apply, as texts of their own.
  std::vector<std::string> policies;
};

// The workloads among `objects`, in that order; partial ones and those that no policy is meant for have no findings.
std::vector<JudgedWorkload> JudgeWorkloads(const std::vector<JsonView>& objects,
                                           const WorkloadTerms& terms, Namespaces& namespaces);

}  // namespace plimsoll::cli
