// The parts of the HTML report, in the order of the page.
//
// Thread-safety: functions without state.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/render/html_report.h"
#include "plimsoll/render/status_report.h"

namespace plimsoll {

// A finding as the page shows it: of the last audit, or, of a workload that never came in, what a review has told.
struct ShownFinding {
  std::string_view rule;
  Action action = Action::kAudit;
  bool waived = false;
  const RecordedFinding* recorded = nullptr;  // one of the two
  const ToldFinding* told = nullptr;
};
std::vector<ShownFinding> ShownFindings(const RecordWithHistory& one);

// What all parts know. A view of the report, which must outlive it.
struct HtmlPage {
  explicit HtmlPage(const HtmlReport& from);

  const HtmlReport& report;
  std::vector<OwnerStatus> owners;                   // the one with most that is blocked first
  std::vector<std::vector<ServiceStatus>> services;  // of each owner, the worst first
  std::vector<std::string> rules;                    // that something fails, by id
  std::vector<std::string> tiers;                    // by name; "" last
  size_t service_count = 0;

  size_t RuleIndex(std::string_view rule) const;
  size_t TierIndex(std::string_view tier) const;
};

void WriteHtmlTotals(const HtmlPage& page, std::ostream& out);
void WriteHtmlFilter(const HtmlPage& page, std::ostream& out);
void WriteHtmlMatrix(const HtmlPage& page, std::ostream& out);
void WriteHtmlServices(const HtmlPage& page, std::ostream& out);
void WriteHtmlAnswers(const HtmlPage& page, std::ostream& out);
void WriteHtmlUpcoming(const HtmlPage& page, std::ostream& out);
void WriteHtmlWaivers(const HtmlPage& page, std::ostream& out);
void WriteHtmlRules(const HtmlPage& page, std::ostream& out);

// The head of a table that scrolls within itself where it is too wide, and can be reached by keyboard.
void BeginHtmlTable(std::string_view label, const std::vector<std::string_view>& heads,
                    std::ostream& out);
void EndHtmlTable(std::ostream& out);

}  // namespace plimsoll
