// Counts in place of findings: check --statistics.
#include <algorithm>
#include <map>
#include <ostream>
#include <utility>
#include <vector>

#include "plimsoll/render/ci_reports.h"
#include "render/terminal_text.h"

namespace plimsoll {
namespace {

struct Counts {
  uint64_t deny = 0;
  uint64_t warn = 0;
  uint64_t audit = 0;
  uint64_t waived = 0;
  uint64_t all() const { return deny + warn + audit + waived; }
};

using Table = std::map<std::string, Counts>;

void Count(const Finding& finding, Counts& counts) {
  if (!finding.waiver.empty()) {
    ++counts.waived;
  } else {
    ++(finding.action == Action::kDeny   ? counts.deny
       : finding.action == Action::kWarn ? counts.warn
                                         : counts.audit);
  }
}

constexpr size_t kNumberWidth = 8;

std::string Right(std::string text) {
  if (text.size() < kNumberWidth) text.insert(0, kNumberWidth - text.size(), ' ');
  return text;
}

void WriteTable(std::string_view title, const Table& table, bool color, std::ostream& out) {
  std::vector<std::pair<std::string, Counts>> rows(table.begin(), table.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second.all() > b.second.all(); });
  size_t width = Columns(title);
  for (auto& [name, counts] : rows) {
    name = name.empty() ? "(none)" : CleanLine(name);
    width = std::max(width, Columns(name));
  }
  const auto gap = [&](std::string_view name) { return std::string(width - Columns(name), ' '); };
  std::string header = std::string(title) + gap(title);
  for (const char* const word : {"deny", "warn", "audit", "waived", "all"}) header += Right(word);
  out << Paint(header, Ink::kBold, color) << '\n';
  for (const auto& [name, counts] : rows) {
    out << name << gap(name);
    for (const uint64_t count :
         {counts.deny, counts.warn, counts.audit, counts.waived, counts.all()}) {
      out << Right(count == 0 ? "-" : std::to_string(count));
    }
    out << '\n';
  }
  out << '\n';
}

}  // namespace

void WriteStatisticsText(const CheckReport& report, const TextStyle& style, std::ostream& out) {
  Table by_rule;
  Table by_owner;
  Table by_namespace;
  for (const CheckedWorkload& workload : report.workloads) {
    for (const Finding& finding : workload.findings) {
      if (finding.result != RuleResult::kFail) continue;
      Count(finding, by_rule[finding.rule]);
      Count(finding, by_owner[workload.owner]);
      Count(finding, by_namespace[workload.namespace_name]);
    }
  }
  if (!by_rule.empty()) {
    WriteTable("RULE", by_rule, style.color, out);
    WriteTable("OWNER", by_owner, style.color, out);
    WriteTable("NAMESPACE", by_namespace, style.color, out);
  }
  WriteErrorsText(report, style, out);
  WriteSummaryText(report, style, out);
}

}  // namespace plimsoll
