// CheckReport as Markdown, for a comment on a change or the summary of a step.
#include <algorithm>
#include <ostream>
#include <vector>

#include "plimsoll/base/text.h"
#include "plimsoll/render/ci_reports.h"
#include "render/report_items.h"

namespace plimsoll {
namespace {

using Level = ReportItem::Level;

// Prose of others: nothing in it is markup, mentions nobody, and stays in its cell.
std::string Prose(std::string_view text) {
  std::string out;
  for (const char c : SanitizeLine(text, std::string::npos)) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '@') {
      out += "&#64;";
    } else {
      if (std::string_view("\\`*_{}[]#|~!").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

// In a cell of a table a code span still ends at "|".
std::string Code(std::string_view text) {
  std::string clean = SanitizeLine(text, std::string::npos);
  if (clean.find_first_of("`|") != std::string::npos) return Prose(clean);
  return "`" + clean + "`";
}

std::string_view WordFor(Level level) {
  switch (level) {
    case Level::kUnjudged:
      return "not judged";
    case Level::kDeny:
      return "**deny**";
    case Level::kWarn:
      return "warn";
    case Level::kAudit:
      return "audit";
    case Level::kWaived:
      break;
  }
  return "waived";
}

// Of a cluster every file is the same: there an object is found by its name.
std::string RowOf(const ReportItem& item, bool of_cluster) {
  const bool named = of_cluster && item.workload != nullptr;
  std::string place = named ? ObjectTitle(*item.workload) : item.file;
  if (item.position.known()) place += ":" + std::to_string(item.position.line);
  return "| " + std::string(WordFor(item.level)) + " | " + Code(item.rule) + " | " + Code(place) +
         " | " + Prose(item.message) + " |\n";
}

// A fence longer than any run of backticks in the text.
std::string Fenced(std::string_view text) {
  size_t longest = 0;
  size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(std::max<size_t>(3, longest + 1), '`');
  while (text.ends_with('\n')) text.remove_suffix(1);
  std::string out = fence + "yaml\n";
  for (const std::string_view line : Split(text, '\n')) {
    out += SanitizeLine(line, std::string::npos) + '\n';
  }
  return out + fence + "\n";
}

std::string FixOf(const ReportItem& item) {
  if (item.finding == nullptr || item.finding->fix.empty()) return {};
  return "\n" + Code(item.rule) + " in " + Prose(ObjectTitle(*item.workload)) + ":\n\n" +
         Fenced(item.finding->fix);
}

// Room that is kept for the last lines.
constexpr size_t kTailBytes = 512;

}  // namespace

void WriteMarkdownReport(const CheckReport& report, const ReportSurroundings& surroundings,
                         size_t max_bytes, std::ostream& out) {
  const std::vector<ReportItem> items = ReportItems(report, surroundings);
  const CheckSummary summary = Summarize(report);
  const bool of_cluster = report.files == 0;
  std::string text = "## Readiness: " + FindingCounts(summary) + "\n\n" +
                     std::to_string(summary.workloads) +
                     (summary.workloads == 1 ? " workload" : " workloads") + " as of " +
                     FormatDate(report.as_of) + " by ";
  text += report.policies.empty() ? "no policy" : "";
  for (size_t i = 0; i < report.policies.size() && i < 5; ++i) {
    text += (i == 0 ? "" : ", ") + Code(report.policies[i]);
  }
  if (report.policies.size() > 5) {
    text += " and " + std::to_string(report.policies.size() - 5) + " more";
  }
  if (summary.waived != 0) text += "; " + std::to_string(summary.waived) + " waived";
  if (report.known != 0) text += "; " + std::to_string(report.known) + " known before";
  if (!report.errors.empty()) {
    text += "; " + std::to_string(report.errors.size()) + " could not be judged";
  }
  text += ".\n";
  std::string rows;
  std::string fixes;
  size_t more = 0;
  for (const ReportItem& item : items) {
    if (item.level == Level::kWaived) continue;
    std::string row = RowOf(item, of_cluster);
    if (more != 0 ||
        text.size() + rows.size() + fixes.size() + row.size() + kTailBytes > max_bytes) {
      ++more;
      continue;
    }
    rows += row;
    std::string fix = FixOf(item);
    if (text.size() + rows.size() + fixes.size() + fix.size() + kTailBytes <= max_bytes)
      fixes += fix;
  }
  if (!rows.empty()) text += "\n| | Rule | Where | What |\n|---|---|---|---|\n" + rows;
  if (more != 0)
    text += "\n" + std::to_string(more) + " more: run `plimsoll " +
            (of_cluster ? "scan --details" : "check") + "` to see them all.\n";
  if (!fixes.empty()) {
    text += "\n<details><summary>Fixes" +
            std::string(of_cluster ? "" : " (<code>plimsoll check --fix</code> writes them)") +
            "</summary>\n" + fixes + "\n</details>\n";
  }
  out << text;
}

}  // namespace plimsoll
