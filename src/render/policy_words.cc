#include "render/policy_words.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "plimsoll/base/text.h"
#include "plimsoll/rules/parameter_text.h"

namespace plimsoll {
namespace {

std::string_view Word(std::optional<Action> action) {
  if (!action) return "not asked";
  switch (*action) {
    case Action::kDeny:
      return "denied";
    case Action::kWarn:
      return "warned about";
    default:
      return "only recorded";
  }
}

std::string InWords(const LabelSelector& selector) {
  std::vector<std::string> parts;
  for (const LabelSelector::Requirement& one : selector.requirements) {
    const std::string values = Join(one.values, " or ");
    switch (one.op) {
      case LabelSelector::Operator::kIn:
        parts.push_back(one.key + '=' + values);
        break;
      case LabelSelector::Operator::kNotIn:
        parts.push_back(one.key + " other than " + values);
        break;
      case LabelSelector::Operator::kExists:
        parts.push_back("any " + one.key);
        break;
      case LabelSelector::Operator::kDoesNotExist:
        parts.push_back("no " + one.key);
        break;
    }
  }
  return Join(parts, ", ");
}

// "Deployment, StatefulSet and DaemonSet"
std::string Listed(std::vector<std::string> words) {
  if (words.size() < 2) return Join(words, ", ");
  const std::string last = std::move(words.back());
  words.pop_back();
  return Join(words, ", ") + " and " + last;
}

std::vector<std::string> Who(const ReadinessPolicy& policy) {
  std::vector<std::string> kinds;
  for (const WorkloadKind kind : policy.match.kinds) {
    kinds.emplace_back(WorkloadKindName(kind));
  }
  std::string where = "Every " + Listed(std::move(kinds));
  if (!policy.match.object_selector.requirements.empty()) {
    where += " with the label " + InWords(policy.match.object_selector);
  }
  where += policy.match.namespace_selector.requirements.empty()
               ? " in any namespace"
               : " in namespaces with the label " + InWords(policy.match.namespace_selector);
  if (!policy.match.exclude_namespaces.empty()) {
    where += ", but not in " + Join(policy.match.exclude_namespaces, ", ");
  }
  std::vector<std::string> who = {where + '.'};
  const Tiers& tiers = policy.tiers;
  if (!tiers.values.empty()) {
    std::string text = "The tier is the label " + tiers.label +
                       " of the workload, else of its namespace (" + Join(tiers.values, ", ") + ")";
    if (!tiers.default_tier.empty()) text += "; without it: " + tiers.default_tier;
    who.push_back(text + '.');
  }
  return who;
}

// What is done about a rule's findings now and what more (or less) from when.
struct Schedule {
  std::optional<Action> now;
  std::vector<std::pair<Timestamp, Action>> changes;
  friend bool operator==(const Schedule&, const Schedule&) = default;
};

// `most`: what the tier's cap lets it be at most.
Schedule ScheduleOf(const std::vector<Stage>& stages, Action most, Timestamp now) {
  Schedule schedule;
  Action last = std::min(StageAt(stages, now).action, most);
  schedule.now = last;
  Timestamp at = now;
  while (const std::optional<Stage> next = NextStage(stages, at)) {
    at = next->from.value_or(Timestamp::max());
    const Action action = std::min(next->action, most);
    if (action != last) schedule.changes.emplace_back(at, action);
    last = action;
  }
  return schedule;
}

Schedule ScheduleFor(const std::vector<Stage>& stages, const PolicyRule& rule,
                     const std::string& tier, Timestamp now) {
  for (const auto& [name, cap] : rule.by_tier) {
    if (name != tier) continue;
    const TierCap& most = cap;
    return most ? ScheduleOf(stages, *most, now) : Schedule{};
  }
  return ScheduleOf(stages, Action::kDeny, now);
}

std::string InWords(const Schedule& schedule) {
  std::string text(Word(schedule.now));
  if (schedule.now) text += " now";
  for (const auto& [from, action] : schedule.changes) {
    text += ", " + std::string(Word(action)) + " from " + FormatDate(from);
  }
  return text;
}

// Tiers with one schedule, together; the name is "" where there are no tiers.
struct Group {
  std::vector<std::string> tiers;
  Schedule schedule;
};

std::vector<Group> GroupsOf(const ReadinessPolicy& policy, const PolicyRule& rule, Timestamp now) {
  const std::vector<Stage>& stages = rule.stages.empty() ? policy.stages : rule.stages;
  if (policy.tiers.values.empty()) return {{{}, ScheduleOf(stages, Action::kDeny, now)}};
  std::vector<Group> groups;
  for (const std::string& tier : policy.tiers.values) {
    const Schedule schedule = ScheduleFor(stages, rule, tier, now);
    const auto same = std::find_if(groups.begin(), groups.end(),
                                   [&](const Group& group) { return group.schedule == schedule; });
    if (same != groups.end()) {
      same->tiers.push_back(tier);
    } else {
      groups.push_back({{tier}, schedule});
    }
  }
  return groups;
}

std::string TiersOf(const Group& group, size_t of) {
  if (group.tiers.empty() || group.tiers.size() == of) return {};
  return Join(group.tiers, ", ");
}

class Writer {
 public:
  Writer(const ReadinessPolicy& policy, Timestamp now) : policy_(policy), now_(now) {}

  PolicyWords Write() && {
    words_.name = policy_.name;
    words_.description = policy_.description;
    words_.as_of = FormatTimestamp(now_).substr(0, std::string_view("2026-11-27").size());
    words_.who = Who(policy_);
    for (const PolicyRule& rule : policy_.rules) AddRule(rule);
    for (auto& [date, what] : changes_) {
      words_.changes.push_back({FormatDate(date), std::move(what)});
    }
    AddExisting();
    AddWaivers();
    AddHelp();
    return std::move(words_);
  }

 private:
  void AddRule(const PolicyRule& rule) {
    PolicyWords::Asked asked;
    asked.rule = rule.rule->id;
    asked.title = rule.rule->title;
    asked.why = rule.rule->rationale;
    asked.what_to_do = rule.rule->remediation;
    asked.parameters = ParametersThatDiffer(*rule.rule, rule.parameters);
    for (const Group& group : GroupsOf(policy_, rule, now_)) {
      const std::string tiers = TiersOf(group, policy_.tiers.values.size());
      asked.when.push_back((tiers.empty() ? "" : tiers + ": ") + InWords(group.schedule));
      for (const auto& [from, action] : group.schedule.changes) {
        changes_[from].push_back(std::string(Word(action)) + ": " + asked.rule +
                                 (tiers.empty() ? "" : " (" + tiers + ')'));
      }
    }
    words_.asked.push_back(std::move(asked));
  }

  void AddExisting() {
    const ExistingViolations& existing = policy_.existing_violations;
    if (existing.action == Action::kDeny) {
      words_.already.emplace_back(
          "What runs already is asked as what is new: an update is denied "
          "like a first release.");
      return;
    }
    std::string text =
        "An update of what runs already goes through " +
        std::string(existing.action == Action::kWarn ? "with a warning" : "without a word") +
        ", as long as it makes nothing worse";
    if (existing.until) text += "; this ends on " + FormatDate(*existing.until);
    words_.already.push_back(text + '.');
    words_.already.emplace_back(
        "Rolling back, scaling and restarting are never denied for what was admitted before.");
  }

  void AddWaivers() {
    const auto days = std::chrono::floor<std::chrono::days>(policy_.waivers.max_duration).count();
    std::string text =
        "A ReadinessWaiver excuses named workloads from named rules until a date, at most " +
        std::to_string(days) + " days away.";
    if (policy_.waivers.approval_required) {
      text += " It counts once somebody else who may approve it has done so.";
    }
    words_.waivers.push_back(text);
    words_.waivers.push_back("plimsoll waiver request Deployment/NAME -n NAMESPACE --policy " +
                             policy_.name + " --rule RULE --expires DATE --reason \"...\"");
  }

  void AddHelp() {
    if (!policy_.contact.empty()) words_.help.push_back("Ask: " + policy_.contact);
    if (!policy_.documentation.empty()) words_.help.push_back("Read on: " + policy_.documentation);
    words_.help.emplace_back("See it on your own manifests: plimsoll check --policy POLICY FILE");
  }

  const ReadinessPolicy& policy_;
  const Timestamp now_;
  PolicyWords words_;
  std::map<Timestamp, std::vector<std::string>> changes_;
};

}  // namespace

PolicyWords InWords(const ReadinessPolicy& policy, Timestamp now) {
  return Writer(policy, now).Write();
}

}  // namespace plimsoll
