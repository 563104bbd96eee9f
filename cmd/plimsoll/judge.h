// Objects that are all there is, judged against each other: for commands that judge what they have written or been given
// themselves. (`check` has more to say about its input, and judges in parallel.)
//
// Thread-safety: a function.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "namespaces.h"
#include "plimsoll/base/json_view.h"
#include "plimsoll/base/time.h"
#include "plimsoll/model/finding.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll {
class TeamDirectory;
class WaiverSet;
}  // namespace plimsoll

namespace plimsoll::cli {

struct JudgedWorkload {
  std::string kind;
  std::string namespace_name;
  std::string name;
  Verdict verdict;
  // The policies that apply, as texts of their own.
  std::vector<std::string> policies;
};

struct WorkloadTerms {
  const PolicySnapshot& policies;
  const WaiverSet* waivers = nullptr;
  const TeamDirectory* directory = nullptr;
  std::string_view default_namespace = {};
  Timestamp now = {};
};

// The workloads among `objects`, in that order; partial ones and those that no policy is meant for have no findings.
std::vector<JudgedWorkload> JudgeWorkloads(const std::vector<JsonView>& objects,
                                           const WorkloadTerms& terms, Namespaces& namespaces);

}  // namespace plimsoll::cli
