// What rules of the class kCrossObject have in common: whether other objects are known, how many replicas a workload has,
// and fixes that are objects of their own.
//
// Such a fix begins with apiVersion and kind: `kubectl apply` takes it where the object is not there yet, `kubectl patch`
// or `kubectl apply --server-side` where it is (docs/adr/0070).
//
// Pure. Views live as long as the workload's document and the related objects.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "plimsoll/model/neighbours.h"
#include "plimsoll/model/related_objects.h"
#include "plimsoll/rules/rule.h"
#include "rules/fix.h"

namespace plimsoll {

// What there is beside the workload, where that kind of it is known; else null.
Neighbours* KnownBeside(const RuleInput& input, RelatedKind kind);
// The same; where it is not known, the outcome is told why the rule does not apply.
Neighbours* BesideOf(const RuleInput& input, RelatedKind kind, RuleOutcome& outcome);

// The same for budgets, which are for workloads that have replicas.
Neighbours* BudgetsFor(const RuleInput& input, RuleOutcome& outcome);

struct Scale {
  std::optional<int64_t>
      replicas;  // the least there are; nothing where the kind has no number, or it is none
  const Autoscaler* scaler = nullptr;  // that decides it
};
// What an autoscaler says where one is known, else spec.replicas with its default.
Scale ScaleOf(const RuleInput& input);

// True if an eviction or a drain takes the pods one by one: not those of DaemonSets, Jobs and bare Pods.
bool HasReplicas(WorkloadKind kind);

// The pods' labels as a selector: the workload's own selector where it has one that selects them, else all their labels.
Yaml SelectorFor(const Workload& workload);
// {apiVersion, kind, metadata: {name, namespace}, spec}, in the workload's namespace.
Yaml ObjectIn(const Workload& workload, std::string_view api_version, std::string_view kind,
              std::string_view name, Yaml spec);
// The same for an object of another namespace.
Yaml ObjectAt(const ObjectKey& key, std::string_view api_version, std::string_view kind, Yaml spec);

// A patch of what decides the number of replicas.
std::string ScaleFix(const Workload& workload, const Autoscaler* scaler, int64_t replicas);
// `HorizontalPodAutoscaler "checkout"`, `ScaledObject "checkout"`.
std::string NameOf(const Autoscaler& scaler);

// A name for an object that belongs to the workload.
std::string ObjectName(const Workload& workload);

}  // namespace plimsoll
