// RelatedIndex: what RelatedObjects are made from.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "model/related_reader.h"
#include "plimsoll/model/related_objects.h"

namespace plimsoll {
namespace {

template <class T>
using Named = std::map<std::string, std::shared_ptr<const T>, std::less<>>;

template <class T>
std::vector<std::shared_ptr<const T>> ValuesOf(const Named<T>& named) {
  std::vector<std::shared_ptr<const T>> values;
  values.reserve(named.size());
  for (const auto& [name, value] : named) values.push_back(value);
  return values;
}

// Sets what stands under a name; false if it says what it said before.
template <class T>
bool Put(Named<T>& named, const std::string& name, T value) {
  std::shared_ptr<const T>& place = named[name];
  if (place != nullptr && *place == value) return false;
  place = std::make_shared<const T>(std::move(value));
  return true;
}

RelatedChange InNamespace(std::string name) { return {false, {std::move(name)}}; }

}  // namespace

struct RelatedIndex::State {
  struct Home {
    Named<PodDisruptionBudget> budgets;
    Named<Service> services;
    Named<Autoscaler> autoscalers;
    bool empty() const { return budgets.empty() && services.empty() && autoscalers.empty(); }
  };
  struct Rules {
    size_t fingerprint = 0;  // of what it was read from, to see whether it has changed
    std::vector<std::shared_ptr<const Alert>> alerts;
  };
  using Monitors = std::map<ObjectKey, std::shared_ptr<const Monitor>>;

  Monitors& MonitorsOf(RelatedKind kind) {
    return kind == RelatedKind::kPodMonitor ? pod_monitors : service_monitors;
  }
  bool& StaleOf(RelatedKind kind) {
    return kind == RelatedKind::kPodMonitor ? pod_monitors_stale : service_monitors_stale;
  }

  RelatedChange SetMonitor(RelatedKind kind, const ObjectKey& key, std::string_view name,
                           JsonView object);
  // `text`: what the alerts are read from; `read` reads them.
  template <class Read>
  RelatedChange SetRules(RelatedKind kind, const ObjectKey& key, std::string_view text, Read read);
  // Erases `name` of what stands in a namespace.
  template <class T>
  RelatedChange Erase(Named<T> Home::* which, const ObjectKey& key);
  void BuildHomes();
  std::shared_ptr<const RelatedObjects::MonitorIndex> BuildMonitors(const Monitors& monitors) const;

  std::map<std::string, Home, std::less<>> homes;
  std::set<std::string> stale_homes;
  Monitors service_monitors;
  Monitors pod_monitors;
  bool service_monitors_stale = true;
  bool pod_monitors_stale = true;
  std::map<std::pair<RelatedKind, ObjectKey>, Rules> rules;
  bool rules_stale = true;
  RelatedObjects current;
  std::shared_ptr<const RelatedObjects> snapshot;  // null: something has changed
};

namespace {

RelatedChange WhereItLooks(const Monitor& monitor) {
  return {monitor.any_namespace, monitor.namespaces};
}

void Merge(RelatedChange more, RelatedChange& into) {
  into.any_namespace = into.any_namespace || more.any_namespace;
  std::move(more.namespaces.begin(), more.namespaces.end(), std::back_inserter(into.namespaces));
}

// The namespaces that alerts speak of, where all of them say so.
RelatedChange WhereTheySpeak(const std::vector<std::shared_ptr<const Alert>>& alerts) {
  RelatedChange change;
  std::set<std::string> namespaces;
  for (const auto& alert : alerts) {
    if (!alert->known) namespaces.insert(alert->object.namespace_name);
    for (const AlertSubject& subject : alert->subjects) {
      if (subject.matchers.empty()) continue;  // general: names nobody
      const auto named = std::find_if(
          subject.matchers.begin(), subject.matchers.end(), [](const AlertMatcher& matcher) {
            return matcher.role == AlertRole::kNamespace && !matcher.negative &&
                   matcher.pattern.selective() && matcher.pattern.is_list();
          });
      bool listed = named != subject.matchers.end();
      if (listed) {
        for (const ValuePattern::Piece& piece : named->pattern.pieces()) {
          listed = listed && !piece.open;
          namespaces.insert(piece.text);
        }
      }
      change.any_namespace = change.any_namespace || !listed;
    }
  }
  change.namespaces.assign(namespaces.begin(), namespaces.end());
  return change;
}

}  // namespace

RelatedIndex::RelatedIndex() : state_(std::make_unique<State>()) {}
RelatedIndex::~RelatedIndex() = default;
RelatedIndex::RelatedIndex(RelatedIndex&&) noexcept = default;
RelatedIndex& RelatedIndex::operator=(RelatedIndex&&) noexcept = default;

RelatedChange RelatedIndex::State::SetMonitor(RelatedKind kind, const ObjectKey& key,
                                              std::string_view name, JsonView object) {
  std::shared_ptr<const Monitor>& place = MonitorsOf(kind)[key];
  Monitor monitor = ReadMonitor(kind, {key.namespace_name, std::string(name)}, object);
  if (place != nullptr && *place == monitor) return {};
  RelatedChange change = WhereItLooks(monitor);
  if (place != nullptr) Merge(WhereItLooks(*place), change);
  place = std::make_shared<const Monitor>(std::move(monitor));
  StaleOf(kind) = true;
  snapshot = nullptr;
  return change;
}

template <class Read>
RelatedChange RelatedIndex::State::SetRules(RelatedKind kind, const ObjectKey& key,
                                            std::string_view text, Read read) {
  const auto [found, added] = rules.try_emplace({kind, key});
  Rules& place = found->second;
  const size_t fingerprint = TextHash()(text);
  if (!added && place.fingerprint == fingerprint) return {};
  std::vector<std::shared_ptr<const Alert>> alerts = read();
  RelatedChange change = WhereTheySpeak(alerts);
  Merge(WhereTheySpeak(place.alerts), change);
  place = {fingerprint, std::move(alerts)};
  rules_stale = true;
  snapshot = nullptr;
  return change;
}

RelatedChange RelatedIndex::Set(RelatedKind kind, const ObjectKey& key, JsonView object) {
  State& state = *state_;
  const std::string_view written = object["metadata"]["name"].StringOrEmpty();
  const std::string_view name = written.empty() ? std::string_view(key.name) : written;
  const auto home_changed = [&](bool changed) -> RelatedChange {
    if (!changed) return {};
    state.stale_homes.insert(key.namespace_name);
    state.snapshot = nullptr;
    return InNamespace(key.namespace_name);
  };
  switch (kind) {
    case RelatedKind::kPodDisruptionBudget:
      return home_changed(
          Put(state.homes[key.namespace_name].budgets, key.name, ReadBudget(name, object)));
    case RelatedKind::kService:
      return home_changed(
          Put(state.homes[key.namespace_name].services, key.name, ReadService(name, object)));
    case RelatedKind::kAutoscaler: {
      std::optional<Autoscaler> scaler = ReadAutoscaler(name, object);
      if (!scaler) return Remove(kind, key);
      // Before the HorizontalPodAutoscaler that KEDA makes of it, and apart from somebody else's of its name.
      const bool keda = object["kind"].StringOrEmpty() == "ScaledObject";
      return home_changed(Put(state.homes[key.namespace_name].autoscalers,
                              (keda ? "!" : "") + key.name, *std::move(scaler)));
    }
    case RelatedKind::kServiceMonitor:
    case RelatedKind::kPodMonitor:
      return state.SetMonitor(kind, key, name, object);
    case RelatedKind::kPrometheusRule: {
      const JsonView groups = object["spec"]["groups"];
      return state.SetRules(kind, key, ToJson(groups), [&] {
        return ReadAlerts(groups, {key.namespace_name, std::string(name)}, false);
      });
    }
    case RelatedKind::kRuleFile:
      return {};  // SetRuleFile
  }
  return {};
}

RelatedChange RelatedIndex::SetRuleFile(const ObjectKey& key, std::string_view name,
                                        const std::vector<JsonView>& files) {
  const ObjectKey object{key.namespace_name, std::string(name)};
  std::string text;
  for (const JsonView file : files) text += ToJson(file["groups"]) + '\n';
  return state_->SetRules(RelatedKind::kRuleFile, key, text, [&] {
    std::vector<std::shared_ptr<const Alert>> alerts;
    for (const JsonView file : files) {
      for (auto& alert : ReadAlerts(file["groups"], object, true))
        alerts.push_back(std::move(alert));
    }
    return alerts;
  });
}

template <class T>
RelatedChange RelatedIndex::State::Erase(Named<T> Home::* which, const ObjectKey& key) {
  const auto home = homes.find(key.namespace_name);
  if (home == homes.end() || (home->second.*which).erase(key.name) == 0) return {};
  stale_homes.insert(key.namespace_name);
  snapshot = nullptr;
  return InNamespace(key.namespace_name);
}

RelatedChange RelatedIndex::Remove(RelatedKind kind, const ObjectKey& key) {
  State& state = *state_;
  switch (kind) {
    case RelatedKind::kPodDisruptionBudget:
      return state.Erase(&State::Home::budgets, key);
    case RelatedKind::kService:
      return state.Erase(&State::Home::services, key);
    case RelatedKind::kAutoscaler:
      return state.Erase(&State::Home::autoscalers, key);
    case RelatedKind::kServiceMonitor:
    case RelatedKind::kPodMonitor: {
      State::Monitors& monitors = state.MonitorsOf(kind);
      const auto found = monitors.find(key);
      if (found == monitors.end()) return {};
      RelatedChange change = WhereItLooks(*found->second);
      monitors.erase(found);
      state.StaleOf(kind) = true;
      state.snapshot = nullptr;
      return change;
    }
    case RelatedKind::kPrometheusRule:
    case RelatedKind::kRuleFile: {
      const auto found = state.rules.find({kind, key});
      if (found == state.rules.end()) return {};
      RelatedChange change = WhereTheySpeak(found->second.alerts);
      state.rules.erase(found);
      state.rules_stale = true;
      state.snapshot = nullptr;
      return change;
    }
  }
  return {};
}

Knowledge RelatedIndex::KnowledgeOf(RelatedKind kind) const {
  return state_->current.KnowledgeOf(kind);
}

RelatedChange RelatedIndex::SetKnowledge(RelatedKind kind, Knowledge knowledge) {
  State& state = *state_;
  Knowledge& known = state.current.knowledge_[static_cast<size_t>(kind)];
  if (known == knowledge) return {};
  known = knowledge;
  state.snapshot = nullptr;
  if (knowledge != Knowledge::kKnown) {
    const auto clear = [&](auto which) {
      for (auto& [name, home] : state.homes) {
        if ((home.*which).empty()) continue;
        (home.*which).clear();
        state.stale_homes.insert(name);
      }
    };
    if (kind == RelatedKind::kPodDisruptionBudget) clear(&State::Home::budgets);
    if (kind == RelatedKind::kService) clear(&State::Home::services);
    if (kind == RelatedKind::kAutoscaler) clear(&State::Home::autoscalers);
    if (kind == RelatedKind::kServiceMonitor || kind == RelatedKind::kPodMonitor) {
      state.MonitorsOf(kind).clear();
      state.StaleOf(kind) = true;
    }
    if (kind == RelatedKind::kPrometheusRule || kind == RelatedKind::kRuleFile) {
      std::erase_if(state.rules, [&](const auto& entry) { return entry.first.first == kind; });
      state.rules_stale = true;
    }
  }
  return {true, {}};
}

void RelatedIndex::State::BuildHomes() {
  for (const std::string& name : stale_homes) {
    const auto found = homes.find(name);
    if (found == homes.end() || found->second.empty()) {
      if (found != homes.end()) homes.erase(found);
      current.homes_.erase(name);
      continue;
    }
    const Home& home = found->second;
    auto built = std::make_shared<RelatedObjects::Home>();
    built->budgets = Selected<PodDisruptionBudget>(ValuesOf(home.budgets));
    built->services = Selected<Service>(ValuesOf(home.services));
    built->autoscalers = ValuesOf(home.autoscalers);
    for (uint32_t i = 0; i < built->autoscalers.size(); ++i) {
      built->by_target.Add(HashOfText(built->autoscalers[i]->target_name), i);
    }
    built->by_target.Build();
    current.homes_[name] = std::move(built);
  }
  stale_homes.clear();
}

std::shared_ptr<const RelatedObjects::MonitorIndex> RelatedIndex::State::BuildMonitors(
    const Monitors& monitors) const {
  auto index = std::make_shared<RelatedObjects::MonitorIndex>();
  std::map<std::string, std::vector<std::shared_ptr<const Monitor>>> by_namespace;
  std::vector<std::shared_ptr<const Monitor>> anywhere;
  for (const auto& [key, monitor] : monitors) {
    index->all.push_back(monitor);
    if (monitor->any_namespace) {
      anywhere.push_back(monitor);
      continue;
    }
    for (const std::string& name : monitor->namespaces) by_namespace[name].push_back(monitor);
  }
  for (auto& [name, here] : by_namespace) {
    index->by_namespace.emplace(name, Selected<Monitor>(std::move(here)));
  }
  index->anywhere = Selected<Monitor>(std::move(anywhere));
  return index;
}

std::shared_ptr<const RelatedObjects> RelatedIndex::Snapshot() {
  State& state = *state_;
  if (state.snapshot != nullptr) return state.snapshot;
  state.BuildHomes();
  if (std::exchange(state.service_monitors_stale, false)) {
    state.current.service_monitors_ = state.BuildMonitors(state.service_monitors);
  }
  if (std::exchange(state.pod_monitors_stale, false)) {
    state.current.pod_monitors_ = state.BuildMonitors(state.pod_monitors);
  }
  if (std::exchange(state.rules_stale, false)) {
    std::vector<std::shared_ptr<const Alert>> alerts;
    state.current.rule_files_ = false;
    for (const auto& [key, rules] : state.rules) {
      alerts.insert(alerts.end(), rules.alerts.begin(), rules.alerts.end());
      state.current.rule_files_ = state.current.rule_files_ || key.first == RelatedKind::kRuleFile;
    }
    state.current.alerts_ = std::make_shared<const AlertIndex>(std::move(alerts));
  }
  state.snapshot = std::make_shared<const RelatedObjects>(state.current);
  return state.snapshot;
}

}  // namespace plimsoll
