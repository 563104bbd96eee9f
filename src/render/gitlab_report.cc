// CheckReport as GitLab's Code Quality report.
#include <ostream>

#include "plimsoll/render/ci_reports.h"
#include "render/json_writer.h"
#include "render/report_items.h"

namespace plimsoll {
namespace {

using Level = ReportItem::Level;

std::string_view SeverityOf(Level level) {
  switch (level) {
    case Level::kUnjudged:
      return "blocker";
    case Level::kDeny:
      return "critical";
    case Level::kWarn:
      return "major";
    case Level::kAudit:
    case Level::kWaived:
      break;
  }
  return "info";
}

}  // namespace

void WriteGitlabReport(const CheckReport& report, const ReportSurroundings& surroundings,
                       std::ostream& out) {
  std::string text = "[";
  std::string_view separator = "\n";
  for (const ReportItem& item : ReportItems(report, surroundings)) {
    if (item.level == Level::kWaived) continue;
    text += separator;
    separator = ",\n";
    text += "{\"description\":";
    AppendJsonText(item.message, text);
    text += ",\"check_name\":";
    AppendJsonText(item.rule, text);
    text += ",\"fingerprint\":";
    AppendJsonText(item.fingerprint, text);
    text += ",\"severity\":";
    AppendJsonText(SeverityOf(item.level), text);
    text += ",\"location\":{\"path\":";
    AppendJsonText(item.file, text);
    // A line there must be: without one GitLab refuses the entry.
    text +=
        ",\"lines\":{\"begin\":" + std::to_string(item.position.known() ? item.position.line : 1) +
        "}}}";
  }
  text += "]\n";
  out << text;
}

}  // namespace plimsoll
