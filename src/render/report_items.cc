#include "render/report_items.h"

#include <algorithm>
#include <map>
#include <utility>

#include "plimsoll/base/fingerprint.h"
#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

using Level = ReportItem::Level;

std::string Hex(const Fingerprint& fingerprint) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (uint64_t half : {fingerprint.high, fingerprint.low}) {
    for (int shift = 60; shift >= 0; shift -= 4) out += kDigits[(half >> shift) & 0xF];
  }
  return out;
}

// "containers[3].ports[0]" as "containers[].ports[]": where in a list something stands changes with its neighbours. Keys of
// labels and annotations, which stand in brackets, too, stay.
std::string WithoutIndices(std::string_view path) {
  std::string out;
  for (size_t i = 0; i < path.size(); ++i) {
    out += path[i];
    if (path[i] != '[') continue;
    const size_t end = path.find(']', i);
    if (end == std::string_view::npos) continue;
    const std::string_view inside = path.substr(i + 1, end - i - 1);
    if (inside.find_first_not_of("0123456789") == std::string_view::npos) i = end - 1;
  }
  return out;
}

Level LevelOf(const Finding& finding) {
  if (finding.result == RuleResult::kError) return Level::kUnjudged;
  if (!finding.waiver.empty()) return Level::kWaived;
  return finding.action == Action::kDeny   ? Level::kDeny
         : finding.action == Action::kWarn ? Level::kWarn
                                           : Level::kAudit;
}

ReportItem ItemOf(const CheckedWorkload& workload, const Finding& finding, std::string file) {
  ReportItem item;
  item.level = LevelOf(finding);
  item.workload = &workload;
  item.finding = &finding;
  item.rule = finding.rule;
  item.message =
      SanitizeLine(finding.message.empty() ? finding.reason : finding.message, std::string::npos);
  item.position = finding.position.known() ? finding.position : workload.position;
  item.fingerprint = FindingFingerprint(workload, finding, file);
  item.file = std::move(file);
  return item;
}

ReportItem ItemOf(const Diagnostic& error, std::string file) {
  ReportItem item;
  item.level = Level::kUnjudged;
  item.rule = "error";
  item.message = SanitizeLine(
      error.path.empty() ? error.message : error.path + ": " + error.message, std::string::npos);
  item.position = error.position;
  FingerprintText text;
  text.Add("error");
  text.Add(file);
  text.Add(error.message);
  item.fingerprint = Hex(text.Finish());
  item.file = std::move(file);
  return item;
}

// The second of the same kind is another one: readers drop what they have seen.
void MakeUnique(std::vector<ReportItem>& items) {
  std::map<std::string, uint64_t> seen;
  for (ReportItem& item : items) {
    const uint64_t before = seen[item.fingerprint]++;
    if (before == 0) continue;
    FingerprintText text;
    text.Add(item.fingerprint);
    text.Add(before);
    item.fingerprint = Hex(text.Finish());
  }
}

}  // namespace

std::string FindingFingerprint(const CheckedWorkload& workload, const Finding& finding,
                               std::string_view repository_path) {
  FingerprintText text;
  text.Add(finding.rule);
  text.Add(repository_path);
  text.Add(workload.kind);
  text.Add(workload.namespace_name);
  text.Add(workload.name);
  text.Add(finding.container);
  text.Add(WithoutIndices(finding.path));
  return Hex(text.Finish());
}

std::string ObjectTitle(const CheckedWorkload& workload) {
  std::string title = workload.kind + ' ';
  if (!workload.namespace_name.empty()) title += workload.namespace_name + '/';
  title += workload.name.empty() ? "(no name)" : workload.name;
  return SanitizeLine(title, std::string::npos);
}

std::vector<ReportItem> ReportItems(const CheckReport& report,
                                    const ReportSurroundings& surroundings) {
  std::vector<ReportItem> items;
  for (const Diagnostic& error : report.errors) {
    items.push_back(ItemOf(error, surroundings.PathOf(error.file)));
  }
  for (const CheckedWorkload& workload : report.workloads) {
    if (workload.findings.empty()) continue;
    const std::string file = surroundings.PathOf(workload.file);
    for (const Finding& finding : workload.findings) {
      if (finding.result != RuleResult::kFail && finding.result != RuleResult::kError) continue;
      items.push_back(ItemOf(workload, finding, file));
    }
  }
  MakeUnique(items);
  std::stable_sort(items.begin(), items.end(),
                   [](const ReportItem& a, const ReportItem& b) { return a.level < b.level; });
  return items;
}

std::string FindingCounts(const CheckSummary& summary) {
  const uint64_t audit = summary.audit - summary.waived;
  const uint64_t all = summary.deny + summary.warn + audit;
  if (all == 0) return "no findings";
  std::string out = std::to_string(all) + (all == 1 ? " finding (" : " findings (");
  std::string_view separator;
  for (const auto& [count, word] : {std::pair<uint64_t, std::string_view>{summary.deny, "deny"},
                                    {summary.warn, "warn"},
                                    {audit, "audit"}}) {
    if (count == 0) continue;
    out.append(separator).append(std::to_string(count)).append(" ").append(word);
    separator = ", ";
  }
  return out + ")";
}

}  // namespace plimsoll
