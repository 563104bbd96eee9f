#include "report_html.h"

#include <ostream>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "check_output.h"
#include "example.h"
#include "exit_code.h"
#include "plimsoll/base/text.h"
#include "terminal.h"

namespace plimsoll::cli {
namespace {

std::string SourceOf(const ReportOptions& options) {
  std::string source;
  if (!options.paths.empty()) {
    source = "From " + std::to_string(options.paths.size()) +
             (options.paths.size() == 1 ? " file or folder" : " files or folders");
    if (options.paths.size() == 1) {
      source = options.paths[0] == "-" ? "From standard input" : "From " + options.paths[0];
    }
  } else {
    source = "From the cluster";
    if (!options.cluster.context.empty()) source += " of context " + options.cluster.context;
  }
  if (!options.cluster.namespace_name.empty()) {
    source += ", namespace " + options.cluster.namespace_name;
  }
  return source;
}

// Of the rules that something fails: each costs a judgement or two.
std::map<std::string, RuleExample> ExamplesFor(const std::vector<RecordWithHistory>& records) {
  std::set<std::string> ids;
  for (const RecordWithHistory& one : records) {
    for (const RecordedFinding& finding : one.record.findings) ids.insert(finding.rule);
    for (const ToldFinding& told : one.history.findings) ids.insert(told.rule);
  }
  std::map<std::string, RuleExample> examples;
  for (const std::string& id : ids) {
    if (const Rule* rule = FindRule(id); rule != nullptr) examples[id] = ExampleFor(*rule);
  }
  return examples;
}

}  // namespace

int WriteHtml(const ReportOptions& options, ReportInput input, Timestamp now, std::ostream& out) {
  HtmlReport report;
  report.examples = ExamplesFor(input.records);
  report.records = std::move(input.records);
  report.waivers = std::move(input.waivers);
  report.now = now;
  report.source = SourceOf(options);
  report.notes = std::move(input.notes);
  report.version = PLIMSOLL_VERSION;
  const int exit_code = input.complete ? kExitOk : kExitUnable;
  if (options.html == "-") {
    WriteHtmlReport(report, out);
    return exit_code;
  }
  std::ostringstream text;
  WriteHtmlReport(report, text);
  if (const Status written = WriteWholeFile(options.html, text.view()); !written) {
    return SayUnable(written.error().message);
  }
  out << SanitizeLine(options.html, std::string::npos) << ": " << report.records.size()
      << (report.records.size() == 1 ? " workload" : " workloads");
  // A file of something else looks like a cluster without records.
  if (report.records.empty() && !options.paths.empty()) {
    out << ": no WorkloadReadiness is among what was read; kubectl get workloadreadinesses -A -o "
           "yaml writes those of a cluster";
  }
  out << '\n';
  return exit_code;
}

}  // namespace plimsoll::cli
