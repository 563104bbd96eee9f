#include "controllers/timetable.h"

#include <algorithm>

namespace plimsoll::controllers {
namespace {

// The policy's own timetable is in use where a rule has no other; the finding about an unknown tier always follows it.
bool UsesOwnStages(const ReadinessPolicy& policy) {
  return !policy.tiers.values.empty() ||
         std::any_of(policy.rules.begin(), policy.rules.end(),
                     [](const PolicyRule& rule) { return rule.stages.empty(); });
}

template <class Visit>
void ForEachTimetable(const ReadinessPolicy& policy, Visit visit) {
  if (UsesOwnStages(policy)) visit(policy.stages);
  for (const PolicyRule& rule : policy.rules) {
    if (!rule.stages.empty()) visit(rule.stages);
  }
}

}  // namespace

Action StageInForce(const ReadinessPolicy& policy, Timestamp now) {
  if (UsesOwnStages(policy)) return StageAt(policy.stages, now).action;
  Action strongest = Action::kAudit;
  for (const PolicyRule& rule : policy.rules) {
    strongest = std::max(strongest, StageAt(rule.stages, now).action);
  }
  return strongest;
}

std::optional<Stage> NextChange(const ReadinessPolicy& policy, Timestamp now) {
  std::optional<Stage> earliest;
  ForEachTimetable(policy, [&](const std::vector<Stage>& stages) {
    const std::optional<Stage> next = NextStage(stages, now);
    if (!next) return;
    const bool sooner = !earliest || *next->from < *earliest->from;
    const bool stronger =
        earliest && *next->from == *earliest->from && next->action > earliest->action;
    if (sooner || stronger) earliest = next;
  });
  return earliest;
}

std::vector<Timestamp> DatesOf(const ReadinessPolicy& policy) {
  std::vector<Timestamp> dates;
  ForEachTimetable(policy, [&](const std::vector<Stage>& stages) {
    for (const Stage& stage : stages) {
      if (stage.from) dates.push_back(*stage.from);
    }
  });
  std::sort(dates.begin(), dates.end());
  dates.erase(std::unique(dates.begin(), dates.end()), dates.end());
  return dates;
}

}  // namespace plimsoll::controllers
