#include "plimsoll/model/workload_history.h"

#include <algorithm>
#include <array>
#include <utility>

namespace plimsoll {
namespace {

template <typename Enum>
using Names = std::pair<Enum, std::string_view>;

template <typename Enum, size_t N>
std::string_view NameIn(const std::array<Names<Enum>, N>& names, Enum value) {
  const auto found = std::find_if(names.begin(), names.end(),
                                  [&](const Names<Enum>& name) { return name.first == value; });
  return found == names.end() ? names.front().second : found->second;
}

template <typename Enum, size_t N>
std::optional<Enum> ParseIn(const std::array<Names<Enum>, N>& names, std::string_view text) {
  for (const Names<Enum>& name : names) {
    if (name.second == text) return name.first;
  }
  return std::nullopt;
}

constexpr std::array<Names<Sighting>, 5> kSightings = {{{Sighting::kAudit, "audit"},
                                                        {Sighting::kWarning, "warning"},
                                                        {Sighting::kDenial, "denial"},
                                                        {Sighting::kKickoff, "kickoff"},
                                                        {Sighting::kChecked, "checked"}}};

constexpr std::array<Names<FindingOutcome>, 5> kOutcomes = {
    {{FindingOutcome::kOpen, "open"},
     {FindingOutcome::kFixedBeforeEnforcement, "fixed_before_enforcement"},
     {FindingOutcome::kFixedAfterBlock, "fixed_after_block"},
     {FindingOutcome::kWaived, "waived"},
     {FindingOutcome::kRemoved, "removed"}}};

constexpr std::array<Names<HistoryEventType>, 8> kEvents = {
    {{HistoryEventType::kShown, "Shown"},
     {HistoryEventType::kDenied, "Denied"},
     {HistoryEventType::kFixed, "Fixed"},
     {HistoryEventType::kWaived, "Waived"},
     {HistoryEventType::kRemoved, "Removed"},
     {HistoryEventType::kRegressed, "Regressed"},
     {HistoryEventType::kRollback, "Rollback"},
     {HistoryEventType::kBreakGlass, "BreakGlass"}}};

}  // namespace

std::string_view SightingName(Sighting sighting) { return NameIn(kSightings, sighting); }
std::optional<Sighting> ParseSighting(std::string_view text) { return ParseIn(kSightings, text); }

std::string_view FindingOutcomeName(FindingOutcome outcome) { return NameIn(kOutcomes, outcome); }
std::optional<FindingOutcome> ParseFindingOutcome(std::string_view text) {
  return ParseIn(kOutcomes, text);
}

std::string_view HistoryEventName(HistoryEventType type) { return NameIn(kEvents, type); }
std::optional<HistoryEventType> ParseHistoryEvent(std::string_view text) {
  return ParseIn(kEvents, text);
}

const ToldFinding* WorkloadHistory::Find(std::string_view rule, std::string_view container) const {
  const auto found = std::lower_bound(findings.begin(), findings.end(), std::pair(rule, container),
                                      [](const ToldFinding& finding, const auto& wanted) {
                                        return std::pair<std::string_view, std::string_view>(
                                                   finding.rule, finding.container) < wanted;
                                      });
  return found != findings.end() && found->rule == rule && found->container == container ? &*found
                                                                                         : nullptr;
}

}  // namespace plimsoll
