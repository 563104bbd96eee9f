#include "plimsoll/kube/history_codec.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>
#include <utility>

#include "plimsoll/base/text.h"
#include "plimsoll/model/workload_record.h"

namespace plimsoll::kube {
namespace {

using Json = nlohmann::ordered_json;

Json FindingJson(const ToldFinding& finding) {
  Json out = {{"rule", finding.rule}};
  if (!finding.container.empty()) out["container"] = finding.container;
  out["firstShown"] = FormatTimestamp(finding.first_shown);
  out["shownBy"] = SightingName(finding.shown_by);
  if (finding.first_denied) out["firstDenied"] = FormatTimestamp(*finding.first_denied);
  out["outcome"] = FindingOutcomeName(finding.outcome);
  if (finding.ended) out["ended"] = FormatTimestamp(*finding.ended);
  return out;
}

Json HistoryJson(const WorkloadHistory& history) {
  Json out;
  if (history.first_enforced) out["firstEnforced"] = FormatTimestamp(*history.first_enforced);
  out["blockedReleases"] = history.blocked_releases;
  out["surprises"] = history.surprises;
  out["blocked"] = Json::array();
  for (const BlockedRelease& blocked : history.blocked) {
    out["blocked"].push_back({{"release", blocked.release},
                              {"at", FormatTimestamp(blocked.at)},
                              {"surprise", blocked.surprise}});
  }
  out["findings"] = Json::array();
  for (const ToldFinding& finding : history.findings) {
    out["findings"].push_back(FindingJson(finding));
  }
  out["events"] = Json::array();
  for (const HistoryEvent& event : history.events) {
    out["events"].push_back({{"at", FormatTimestamp(event.at)},
                             {"type", HistoryEventName(event.type)},
                             {"note", event.note}});
  }
  return out;
}

// ---- reading ----

std::optional<Timestamp> ReadTime(JsonView value) { return ParseTimestamp(value.StringOrEmpty()); }

uint32_t ReadCount(JsonView value) {
  return static_cast<uint32_t>(
      std::clamp<int64_t>(value.AsInt().value_or(0), 0, std::numeric_limits<uint32_t>::max()));
}

ToldFinding ReadFinding(JsonView object) {
  ToldFinding finding;
  finding.rule = object["rule"].StringOrEmpty();
  finding.container = object["container"].StringOrEmpty();
  finding.first_shown = ReadTime(object["firstShown"]).value_or(Timestamp());
  finding.shown_by = ParseSighting(object["shownBy"].StringOrEmpty()).value_or(Sighting::kWarning);
  finding.first_denied = ReadTime(object["firstDenied"]);
  finding.outcome =
      ParseFindingOutcome(object["outcome"].StringOrEmpty()).value_or(FindingOutcome::kOpen);
  if (finding.outcome != FindingOutcome::kOpen) {
    finding.ended = ReadTime(object["ended"]).value_or(finding.first_shown);
  }
  return finding;
}

// Whoever edits a record by hand must not make it grow.
template <typename T>
void KeepFirst(std::vector<T>& list, size_t count) {
  if (list.size() > count) list.resize(count);
}

}  // namespace

std::string WriteHistoryPatch(const WorkloadHistory& history, std::string_view resource_version) {
  const Json patch = {{"metadata", {{"resourceVersion", resource_version}}},
                      {"status", {{"history", HistoryJson(history)}}}};
  // Texts have been made valid UTF-8 long before; nothing is to throw here all the same.
  return patch.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Timestamp> LastEvent(JsonView object) {
  std::optional<Timestamp> last;
  for (const JsonView event : object["status"]["history"]["events"].elements()) {
    const std::optional<Timestamp> at = ReadTime(event["at"]);
    if (at && (!last || *at > *last)) last = at;
  }
  return last;
}

WorkloadHistory ReadWorkloadHistory(JsonView object) {
  const JsonView from = object["status"]["history"];
  WorkloadHistory history;
  history.service = SanitizeLine(object["status"]["service"].StringOrEmpty(), kMaxServiceBytes);
  history.first_enforced = ReadTime(from["firstEnforced"]);
  history.blocked_releases = ReadCount(from["blockedReleases"]);
  history.surprises = ReadCount(from["surprises"]);
  for (const JsonView blocked : from["blocked"].elements()) {
    history.blocked.push_back({std::string(blocked["release"].StringOrEmpty()),
                               ReadTime(blocked["at"]).value_or(Timestamp()),
                               blocked["surprise"].AsBool().value_or(false)});
  }
  for (const JsonView finding : from["findings"].elements()) {
    history.findings.push_back(ReadFinding(finding));
  }
  std::sort(history.findings.begin(), history.findings.end(),
            [](const ToldFinding& a, const ToldFinding& b) {
              return std::tie(a.rule, a.container) < std::tie(b.rule, b.container);
            });
  for (const JsonView event : from["events"].elements()) {
    history.events.push_back(
        {ReadTime(event["at"]).value_or(Timestamp()),
         ParseHistoryEvent(event["type"].StringOrEmpty()).value_or(HistoryEventType::kShown),
         SanitizeLine(event["note"].StringOrEmpty(), kMaxEventNoteBytes)});
  }
  KeepFirst(history.findings, kMaxToldFindings);
  KeepFirst(history.blocked, kMaxBlockedReleases);
  KeepFirst(history.events, kMaxHistoryEvents);
  return history;
}

}  // namespace plimsoll::kube
