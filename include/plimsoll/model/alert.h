// Alert: one alerting rule of Prometheus, as far as it matters to a workload: of whom it speaks, how severe it is and where
// its runbook is. AlertIndex: those of all rule objects and files, found by the workload that they may speak of.
//
// Of whom an alert speaks is worked out from its expression (model/promql.h) and its own labels: matchers of labels that
// name a namespace, a workload, a pod or a service. Others (code=~"5..") are left aside. docs/adr/0072.
//
// Thread-safety: value types; AlertIndex is immutable after construction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/model/object_key.h"
#include "plimsoll/model/selected.h"
#include "plimsoll/model/value_pattern.h"
#include "plimsoll/model/workload.h"

namespace plimsoll {

// What a label of a series names.
enum class AlertRole : uint8_t {
  kNamespace,
  kWorkload,  // a workload of whatever kind
  kKind,      // a workload of one kind
  kPod,
  kContainer,
  kService,  // a Service, a job of Prometheus, an application
};

struct AlertMatcher {
  AlertRole role = AlertRole::kService;
  WorkloadKind kind = WorkloadKind::kDeployment;  // kKind
  bool negative = false;
  ValuePattern pattern;
};

// All of them hold. None: series of everybody.
struct AlertSubject {
  std::vector<AlertMatcher> matchers;
};

struct Alert {
  std::string name;
  std::string group;
  ObjectKey object;      // that it stands in
  bool in_file = false;  // `object` is a ConfigMap, not a PrometheusRule
  // Its own, without summaries and descriptions: of annotations only those that may hold a link.
  LabelPairs labels;
  LabelPairs annotations;
  std::vector<AlertSubject> subjects;  // any of them
  bool known = true;                   // false: the expression is not understood
};

// A workload, as alerts name it. Views must outlive it; asking allocates nothing.
struct AlertCandidate {
  std::string_view namespace_name;
  WorkloadKind kind = WorkloadKind::kDeployment;
  std::string_view name;
  // What the controllers put behind the name of its pods (and of what is between): "-5d4f8c7b9d-x2c4z".
  std::span<const std::string_view> pod_ends;
  std::span<const Container> containers;
  std::vector<std::string_view> services;  // names by which Prometheus may know it
};

enum class AlertScope : uint8_t {
  kElsewhere,  // it speaks of others
  kGeneral,    // of everybody, naming nobody
  kNamespace,  // of its namespace
  kWorkload,   // of the workload itself
};
// Of a known alert: the most that any of its subjects says.
AlertScope ScopeOf(const Alert& alert, const AlertCandidate& candidate);

class AlertIndex {
 public:
  AlertIndex() = default;
  explicit AlertIndex(std::vector<std::shared_ptr<const Alert>> alerts);

  // Those that may name the candidate or its namespace: ScopeOf says whether they do. Each may come more than once.
  void ForEachNear(const AlertCandidate& candidate,
                   const std::function<void(const Alert&)>& visit) const;
  // By its name; several may have the same.
  void ForEachNamed(std::string_view name, const std::function<void(const Alert&)>& visit) const;
  // Those that are not understood, of objects in this namespace.
  bool HasUnknownIn(std::string_view namespace_name) const;
  size_t size() const { return alerts_.size(); }

 private:
  using Visitor = std::function<void(const Alert&)>;

  void Add(uint32_t number, const AlertSubject& subject);
  void Visit(const TextIndex& index, uint64_t hash, const Visitor& visit) const;
  // Those filed under what `text` begins with, from the length `from` on; `hasher` has hashed so much of it.
  TextHasher VisitBeginnings(std::string_view text, size_t from, TextHasher hasher,
                             const Visitor& visit) const;

  std::vector<std::shared_ptr<const Alert>> alerts_;
  TextIndex by_name_;       // alert names
  TextIndex by_subject_;    // names of workloads, services, containers
  TextIndex by_beginning_;  // what such names, or those of pods, begin with
  TextIndex by_namespace_;
  // Whether by_beginning_ has a key of this length; the last one that is, has.
  std::vector<bool> beginnings_;
  std::vector<uint32_t> rest_;           // name somebody, in ways that no index has
  std::vector<std::string> unknown_in_;  // sorted
};

// More are no rules but an accident; what is beyond is not read. A PrometheusRule of 1.5 MiB has some three thousand.
inline constexpr size_t kMaxAlertsPerObject = 5000;

// The alerts of `groups` (spec.groups of a PrometheusRule, or those of a rule file).
std::vector<std::shared_ptr<const Alert>> ReadAlerts(JsonView groups, const ObjectKey& object,
                                                     bool in_file);

}  // namespace plimsoll
