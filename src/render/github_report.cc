// CheckReport as workflow commands of GitHub Actions.
#include <array>
#include <ostream>

#include "plimsoll/render/ci_reports.h"
#include "render/report_items.h"

namespace plimsoll {
namespace {

using Level = ReportItem::Level;

// "Workflow commands": what a message must not hold; a property must not hold two more.
std::string Escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    if (c == '%') {
      out += "%25";
    } else if (c == '\r') {
      out += "%0D";
    } else if (c == '\n') {
      out += "%0A";
    } else if (property && c == ':') {
      out += "%3A";
    } else if (property && c == ',') {
      out += "%2C";
    } else {
      out += c;
    }
  }
  return out;
}

constexpr std::array<std::string_view, 3> kTypes = {"error", "warning", "notice"};

size_t TypeOf(Level level) { return level <= Level::kDeny ? 0 : level == Level::kWarn ? 1 : 2; }

void Annotate(const ReportItem& item, std::ostream& out) {
  out << "::" << kTypes[TypeOf(item.level)] << " file=" << Escaped(item.file, true);
  if (item.position.known()) {
    out << ",line=" << item.position.line << ",col=" << item.position.column;
  }
  out << ",title=" << Escaped("Plimsoll " + item.rule, true) << "::";
  std::string message = item.message;
  if (item.finding != nullptr && !item.finding->fix.empty()) {
    message += "\n\nfix:\n" + item.finding->fix;
    while (message.ends_with('\n')) message.pop_back();
  }
  out << Escaped(message, false) << '\n';
}

}  // namespace

void WriteGithubReport(const CheckReport& report, const ReportSurroundings& surroundings,
                       std::ostream& out) {
  std::array<size_t, kTypes.size()> told{};
  std::array<size_t, kTypes.size()> more{};
  for (const ReportItem& item : ReportItems(report, surroundings)) {
    if (item.level == Level::kWaived) continue;
    const size_t type = TypeOf(item.level);
    if (told[type] == kMaxGithubAnnotations) {
      ++more[type];
      continue;
    }
    ++told[type];
    Annotate(item, out);
  }
  std::string rest;
  for (size_t type = 0; type < kTypes.size(); ++type) {
    if (more[type] == 0) continue;
    rest += (rest.empty() ? "" : ", ") + std::to_string(more[type]) + " more of the type " +
            std::string(kTypes[type]);
  }
  const CheckSummary summary = Summarize(report);
  out << "plimsoll: " << FindingCounts(summary) << " in " << summary.workloads
      << (summary.workloads == 1 ? " workload" : " workloads");
  if (!report.errors.empty()) out << ", " << report.errors.size() << " not judged";
  if (!rest.empty()) out << "; not annotated: " << rest << " (GitHub shows ten of each type)";
  out << '\n';
}

}  // namespace plimsoll
