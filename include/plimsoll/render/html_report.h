// One HTML page about where every service stands: totals, the matrix of services and rules, the three answers over time,
// upcoming stages and whom they would block, waivers by expiry, each finding.
//
// The page stands alone: style, script and plots are in it, and its Content-Security-Policy lets nothing be loaded and no
// other script run. It is whole without its script, which adds filters and a switch of the theme (docs/adr/0110).
//
// Every text from a record is a value to the page: cleaned of control characters and escaped. Thread-safety: functions without
// state. Size: about 2 KB a workload with four findings.
#pragma once

#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plimsoll/base/time.h"
#include "plimsoll/model/readiness_waiver.h"
#include "plimsoll/record/questions.h"
#include "plimsoll/render/rule_page.h"

namespace plimsoll {

struct ReportedWaiver {
  ReadinessWaiver waiver;
  // As its status in the cluster says; nothing where it was read from a file.
  std::optional<WaiverState> state;
};

struct HtmlReport {
  std::vector<RecordWithHistory> records;
  std::vector<ReportedWaiver> waivers;
  // Rule to an object that fails it and what puts that right; rules that have none are shown without.
  std::map<std::string, RuleExample> examples;
  Timestamp now;
  std::string source;              // whence the records are, in a few words
  std::vector<std::string> notes;  // what could not be read, a sentence each
  std::string version;             // of the program
  // Where a server makes it again and again: what stands for its contents, of hexadecimal digits. The page then looks by
  // itself whether there is another one (html/report_live.js). "": a file.
  std::string revision = {};
};

// The page's Content-Security-Policy, for a header of whoever serves it.
std::string HtmlReportPolicy(bool live);

void WriteHtmlReport(const HtmlReport& report, std::ostream& out);

}  // namespace plimsoll
