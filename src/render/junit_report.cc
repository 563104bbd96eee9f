// CheckReport as JUnit's XML.
#include <map>
#include <ostream>
#include <vector>

#include "plimsoll/base/markup.h"
#include "plimsoll/base/text.h"
#include "plimsoll/render/ci_reports.h"
#include "render/report_items.h"

namespace plimsoll {
namespace {

using Level = ReportItem::Level;

// XML 1.0 has no way to write most control characters: they become spaces. Line ends stay where the text is content.
std::string Xml(std::string_view text) {
  std::string out;
  std::string_view separator;
  for (const std::string_view line : Split(text, '\n')) {
    out += separator;
    separator = "&#10;";
    AppendMarkup(SanitizeLine(line, std::string::npos), out);
  }
  return out;
}

struct Suite {
  std::string name;
  std::string cases;
  size_t tests = 0;
  size_t failures = 0;
  size_t errors = 0;
  size_t skipped = 0;
};

std::string DetailOf(const ReportItem& item) {
  std::string detail = item.file;
  if (item.position.known()) {
    detail += ':' + std::to_string(item.position.line) + ':' + std::to_string(item.position.column);
  }
  detail += ": " + item.message;
  if (item.finding == nullptr) return detail;
  if (!item.finding->reason.empty()) {
    detail += "\n" + item.finding->policy + ": " + item.finding->reason;
  }
  if (!item.finding->fix.empty()) detail += "\nfix:\n" + item.finding->fix;
  return detail;
}

void AddCase(const ReportItem& item, Action threshold, Suite& suite) {
  ++suite.tests;
  std::string name = item.rule;
  if (item.finding != nullptr && !item.finding->container.empty()) {
    name += " (" + item.finding->container + ")";
  }
  suite.cases += "    <testcase name=\"" + Xml(name) + "\" classname=\"" + Xml(suite.name) +
                 "\" file=\"" + Xml(item.file) + "\" time=\"0\">\n";
  const bool error = item.level == Level::kUnjudged;
  if (item.level == Level::kWaived || (!error && item.finding->action < threshold)) {
    ++suite.skipped;
    suite.cases += "      <skipped>" + Xml(DetailOf(item)) + "</skipped>\n";
  } else {
    ++(error ? suite.errors : suite.failures);
    const std::string tag = error ? "error" : "failure";
    const std::string type = error ? "error" : std::string(ActionLabel(item.finding->action));
    suite.cases += "      <" + tag + " type=\"" + Xml(type) + "\" message=\"" + Xml(item.message) +
                   "\">" + Xml(DetailOf(item)) + "</" + tag + ">\n";
  }
  suite.cases += "    </testcase>\n";
}

void WriteSuite(const Suite& suite, std::string_view time, std::string& out) {
  out += "  <testsuite name=\"" + Xml(suite.name) + "\" tests=\"" + std::to_string(suite.tests) +
         "\" failures=\"" + std::to_string(suite.failures) + "\" errors=\"" +
         std::to_string(suite.errors) + "\" skipped=\"" + std::to_string(suite.skipped) +
         "\" time=\"0\" timestamp=\"" + std::string(time) + "\" hostname=\"localhost\">\n" +
         suite.cases + "  </testsuite>\n";
}

}  // namespace

void WriteJunitReport(const CheckReport& report, const ReportSurroundings& surroundings,
                      std::ostream& out) {
  std::map<const CheckedWorkload*, Suite> suites;
  for (const CheckedWorkload& workload : report.workloads) {
    suites[&workload].name = ObjectTitle(workload);
  }
  Suite files;
  files.name = "files";
  for (const ReportItem& item : ReportItems(report, surroundings)) {
    AddCase(item, surroundings.failure_threshold,
            item.workload == nullptr ? files : suites[item.workload]);
  }
  // JUnit's times have no zone.
  std::string time = FormatTimestamp(report.as_of);
  if (time.ends_with('Z')) time.pop_back();
  Suite all;
  std::string text;
  const auto write = [&](const Suite& suite) {
    WriteSuite(suite, time, text);
    all.tests += suite.tests;
    all.failures += suite.failures;
    all.errors += suite.errors;
  };
  if (files.tests != 0) write(files);
  for (const CheckedWorkload& workload : report.workloads) {
    Suite& suite = suites[&workload];
    if (suite.tests == 0 && workload.standing == CheckedWorkload::Standing::kJudged) {
      suite.tests = 1;
      suite.cases = "    <testcase name=\"ready\" classname=\"" + Xml(suite.name) + "\" file=\"" +
                    Xml(surroundings.PathOf(workload.file)) + "\" time=\"0\"/>\n";
    }
    if (suite.tests != 0) write(suite);
  }
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"plimsoll\" tests=\""
      << all.tests << "\" failures=\"" << all.failures << "\" errors=\"" << all.errors
      << "\" time=\"0\">\n"
      << text << "</testsuites>\n";
}

}  // namespace plimsoll
