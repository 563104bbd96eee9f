// A live cluster, read once and left as it is: every workload of the kinds that policies are about, page by page, with what
// stands beside it, its namespace's labels and the waivers that name it. Not those of namespaces that admission is never asked
// about: Kubernetes' own, and Plimsoll's.
//
// Thread-safety: one thread. Memory: a page of objects, and of what stands beside workloads a few hundred bytes each
// (model/related_objects.h). Errors: what policies are about and may not be listed is left out and noted, as a figure that
// is too low and says nothing is worse than none; nothing listed at all is an Error, and so is a server that does not answer,
// that does not know who asks, or that is no API server.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "input.h"
#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/kube/api_client.h"
#include "plimsoll/model/related_objects.h"
#include "plimsoll/model/team_directory.h"
#include "plimsoll/policy/evaluator.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll::cli {

struct ScanTerms {
  // Of all these policies: which kinds are listed, and what beside them.
  std::vector<const PolicySnapshot*> policies;
  const TeamDirectory* directory = nullptr;  // null: there is none
  std::string namespace_name;                // "": all
  Timestamp now;
};

struct ScanOutcome {
  size_t workloads = 0;  // that were handed over
  size_t owned = 0;      // that a workload of another kind makes, and which are judged there
  std::vector<std::string> notes;  // what could not be read, and what that means
};

// Calls `visit` for each workload with all there is to judge it by; both arguments live as long as the call.
Result<ScanOutcome> ScanCluster(
    kube::ApiCaller& api, const ScanTerms& terms,
    const std::function<void(const Workload& workload, EvaluationContext& context)>& visit);

}  // namespace plimsoll::cli
