// RelatedObjects: what there is beside a workload that decides whether it is ready: budgets, autoscalers, Services, monitors
// and alert rules. Small values, read once from their objects, found by the labels of the workload at hand.
//
// A RelatedObjects is immutable: a review and an audit hold one (std::shared_ptr<const RelatedObjects>) for as long as they
// judge. A RelatedIndex is what it is made from: one thread sets and removes objects, and takes snapshots; what has not
// changed is shared by them.
//
// Which kinds are known, and which are not installed, is part of it: a rule that needs an unknown kind does not apply.
//
// Memory: some 0.5 KB an object, 1 KB an alert. Thread-safety: RelatedObjects is immutable, RelatedIndex serves one thread
// at a time. Ownership: both keep what they need; views handed over are not kept.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/model/alert.h"
#include "plimsoll/model/object_key.h"
#include "plimsoll/model/related_kind.h"
#include "plimsoll/model/selected.h"
#include "plimsoll/model/selector.h"
#include "plimsoll/model/text_index.h"
#include "plimsoll/model/workload.h"

namespace plimsoll {

// An IntOrString of a budget.
struct Amount {
  enum class Form : uint8_t { kAbsent, kCount, kPercent, kInvalid };
  Form form = Form::kAbsent;
  int64_t value = 0;
  // Of `total`, rounded up, as the disruption controller does both for minAvailable and maxUnavailable.
  int64_t Of(int64_t total) const;
  std::string Text() const;  // "1", "50%"
  friend bool operator==(const Amount&, const Amount&) = default;
};

struct PodDisruptionBudget {
  std::string name;
  LabelSelector selector;
  bool selects = true;  // false: no pods at all
  Amount min_available;
  Amount max_unavailable;
  friend bool operator==(const PodDisruptionBudget&, const PodDisruptionBudget&) = default;
};

struct Autoscaler {
  std::string
      name;  // of the object that people write: the HorizontalPodAutoscaler or the ScaledObject
  bool scaled_object = false;  // KEDA's
  WorkloadKind target_kind = WorkloadKind::kDeployment;
  std::string target_name;
  int64_t min_replicas = 1;
  friend bool operator==(const Autoscaler&, const Autoscaler&) = default;
};

struct ServicePort {
  std::string name;  // "" where there is only one
  int64_t number = 0;
  std::string target_name;    // the name of a container's port, or ""
  int64_t target_number = 0;  // 0 where it has a name
  friend bool operator==(const ServicePort&, const ServicePort&) = default;
};

struct Service {
  std::string name;
  LabelPairs labels;
  LabelSelector selector;
  bool selects = true;   // false: without a selector, or ExternalName
  bool scraped = false;  // annotation prometheus.io/scrape: "true"
  std::vector<ServicePort> ports;
  friend bool operator==(const Service&, const Service&) = default;
};

// ServiceMonitor or PodMonitor.
struct Monitor {
  struct Endpoint {
    std::string port;  // the name of the Service's port, or of the container's for a PodMonitor
    std::string target_name;    // the container's port by name ...
    int64_t target_number = 0;  // ... or by number
    bool any() const { return port.empty() && target_name.empty() && target_number == 0; }
    friend bool operator==(const Endpoint&, const Endpoint&) = default;
  };
  ObjectKey key;
  bool any_namespace = false;
  std::vector<std::string> namespaces;  // its own where it names none
  LabelSelector selector;
  bool selects = true;
  std::vector<Endpoint> endpoints;
  friend bool operator==(const Monitor&, const Monitor&) = default;

  bool LooksAt(std::string_view namespace_name) const;
};

class RelatedObjects {
 public:
  Knowledge KnowledgeOf(RelatedKind kind) const { return knowledge_[static_cast<size_t>(kind)]; }
  bool Knows(RelatedKind kind) const { return KnowledgeOf(kind) == Knowledge::kKnown; }
  bool has_rule_files() const { return rule_files_; }

  // Calls `visit(const PodDisruptionBudget&)` for each whose selector the pods' labels satisfy.
  template <class Visit>
  void ForEachBudget(std::string_view namespace_name, JsonView pod_labels, Visit visit) const {
    if (const Home* home = HomeOf(namespace_name)) {
      home->budgets.ForEach(DocumentLabels{pod_labels}, visit);
    }
  }
  template <class Visit>
  void ForEachService(std::string_view namespace_name, JsonView pod_labels, Visit visit) const {
    if (const Home* home = HomeOf(namespace_name)) {
      home->services.ForEach(DocumentLabels{pod_labels}, visit);
    }
  }
  // Null where nothing scales it.
  const Autoscaler* AutoscalerOf(std::string_view namespace_name, WorkloadKind kind,
                                 std::string_view name) const;
  // Those that look at the Service's namespace and select it.
  template <class Visit>
  void ForEachServiceMonitor(std::string_view namespace_name, const Service& service,
                             Visit visit) const {
    service_monitors_->ForEach(namespace_name, KeptLabels{service.labels}, visit);
  }
  template <class Visit>
  void ForEachPodMonitor(std::string_view namespace_name, JsonView pod_labels, Visit visit) const {
    pod_monitors_->ForEach(namespace_name, DocumentLabels{pod_labels}, visit);
  }
  const AlertIndex& alerts() const { return *alerts_; }

  // For the words of a finding; these look at everything there is.
  const PodDisruptionBudget* FindBudget(std::string_view namespace_name,
                                        std::string_view name) const;
  const Service* FindService(std::string_view namespace_name, std::string_view name) const;
  // Service or pod monitors, at most `max` of them.
  std::vector<std::shared_ptr<const Monitor>> Monitors(RelatedKind kind, size_t max) const;

 private:
  friend class RelatedIndex;

  struct Home {
    Selected<PodDisruptionBudget> budgets;
    Selected<Service> services;
    std::vector<std::shared_ptr<const Autoscaler>> autoscalers;
    TextIndex by_target;  // of autoscalers: the name of what they scale
  };
  struct MonitorIndex {
    std::unordered_map<std::string, Selected<Monitor>, TextHash, std::equal_to<>> by_namespace;
    Selected<Monitor> anywhere;
    std::vector<std::shared_ptr<const Monitor>> all;

    template <class Labels, class Visit>
    void ForEach(std::string_view namespace_name, const Labels& labels, Visit visit) const {
      if (const auto here = by_namespace.find(namespace_name); here != by_namespace.end()) {
        here->second.ForEach(labels, visit);
      }
      anywhere.ForEach(labels, visit);
    }
  };
  using Homes =
      std::unordered_map<std::string, std::shared_ptr<const Home>, TextHash, std::equal_to<>>;

  const Home* HomeOf(std::string_view namespace_name) const {
    const auto found = homes_.find(namespace_name);
    return found == homes_.end() ? nullptr : found->second.get();
  }

  std::array<Knowledge, kRelatedKindCount> knowledge_{};
  bool rule_files_ = false;
  Homes homes_;
  std::shared_ptr<const MonitorIndex> service_monitors_;
  std::shared_ptr<const MonitorIndex> pod_monitors_;
  std::shared_ptr<const AlertIndex> alerts_;
};

// Where a change of a related object may make a difference: workloads of one namespace, or of any.
struct RelatedChange {
  bool any_namespace = false;
  std::vector<std::string> namespaces;
  bool none() const { return !any_namespace && namespaces.empty(); }
};

class RelatedIndex {
 public:
  RelatedIndex();
  ~RelatedIndex();
  RelatedIndex(RelatedIndex&&) noexcept;
  RelatedIndex& operator=(RelatedIndex&&) noexcept;

  // `key`: what it is kept under; the object's own name, where it has one, is what findings say (files may have several of
  // one name). `object`: of that kind (a ScaledObject where kAutoscaler); apiVersion and kind may be left out, as in lists. One that
  // cannot be read counts as there and selecting nothing. An object that says what it said before changes nothing.
  RelatedChange Set(RelatedKind kind, const ObjectKey& key, JsonView object);
  // `name`: of the ConfigMap; `files`: what each of its files holds, parsed by who can.
  RelatedChange SetRuleFile(const ObjectKey& key, std::string_view name,
                            const std::vector<JsonView>& files);
  RelatedChange Remove(RelatedKind kind, const ObjectKey& key);
  // Forgets all objects of a kind that is no longer known.
  RelatedChange SetKnowledge(RelatedKind kind, Knowledge knowledge);
  Knowledge KnowledgeOf(RelatedKind kind) const;

  // What is known now. Costs something only where something has changed.
  std::shared_ptr<const RelatedObjects> Snapshot();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The kind of an object by its own words, for files; nothing where it is none of these. A ConfigMap counts by its label.
std::optional<RelatedKind> RelatedKindOf(JsonView object);

}  // namespace plimsoll
