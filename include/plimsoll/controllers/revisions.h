// Revisions: the pod templates that a workload has had, as its controller keeps them: a Deployment's and an Argo Rollout's
// in ReplicaSets, a StatefulSet's and a DaemonSet's in ControllerRevisions. Here: which objects to look for, and whether one
// of them is a revision of that workload with that template. What can be forged of them, and what not:
// docs/adr/0082-a-rollback-goes-to-what-was-admitted.md.
//
// Pure. Thread-safety: value types and functions. Semantics: kubernetes pkg/controller/deployment/util, pkg/controller/history,
// pkg/controller/daemon/update.go; argo-rollouts utils/replicaset.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plimsoll/base/json_view.h"
#include "plimsoll/model/workload.h"

namespace plimsoll::controllers {

enum class RevisionKeeper { kReplicaSet, kControllerRevision };

// What keeps the revisions of a kind; nothing where nobody does.
std::optional<RevisionKeeper> RevisionKeeperOf(WorkloadKind kind);

// Whose revisions.
struct RevisionOwner {
  WorkloadKind kind = WorkloadKind::kDeployment;
  std::string name;
  std::string uid;
};

// A LabelSelector as a query has it: "app=web,tier in (a,b),!canary". Nothing where it selects everything or is not
// understood: then nothing is to be looked for.
std::optional<std::string> SelectorQuery(JsonView selector);

// True if `object` (of the keeper's kind, as a list has it) is a revision of `owner` made by its controller, as far as that
// shows, and its pod template is `pod_template` but for what tells revisions apart (SameRevision).
bool IsRevision(const RevisionOwner& owner, JsonView object, JsonView pod_template);

}  // namespace plimsoll::controllers
