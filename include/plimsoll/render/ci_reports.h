// CheckReport for the places where changes are looked at: code scanning, test reports, annotations of a pull request, a
// comment. Each format is held to its reader's schema and limits; what is beyond a limit is counted, never lost silently.
//
// What a waiver excuses is no problem there: SARIF has it as suppressed, JUnit as skipped (as what is below the threshold),
// HTML marks it, the others leave it out.
// Thread-safety: value types and functions without state. Sources: SARIF 2.1.0 (OASIS) and "SARIF support for code
// scanning" of GitHub; "Workflow commands" of GitHub; "Code Quality report format" of GitLab; JUnit's XSD as read by Jenkins.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

#include "plimsoll/render/check_report.h"

namespace plimsoll {

// Where each rule has a page (docs/rules/).
inline constexpr std::string_view kRulePages = "https://plimsoll.dev/rules/";

// GitHub shows ten annotations of each type for a step, and drops the others without a word.
inline constexpr size_t kMaxGithubAnnotations = 10;
// GitHub takes at most 25,000 results of a run, and refuses the file beyond them.
inline constexpr size_t kMaxSarifResults = 25'000;
// A comment on GitHub may have 65,536 characters.
inline constexpr size_t kMaxMarkdownBytes = size_t{60} * 1024;
// A step summary on GitHub may have 1 MiB, with what other commands of the step write.
inline constexpr size_t kMaxStepSummaryBytes = size_t{768} * 1024;

// What a report needs to know besides what was found.
struct ReportSurroundings {
  std::string program_version = {};
  // A file's path from the top of its repository, with slashes; as it is where there is none. Null: as it is.
  std::function<std::string(std::string_view file)> repository_path = nullptr;
  // The weakest action that fails the check: a weaker finding fails no test of JUnit's either.
  Action failure_threshold = Action::kWarn;

  std::string PathOf(std::string_view file) const {
    return repository_path ? repository_path(file) : std::string(file);
  }
};

// 32 hexadecimal digits that stay the same while lines move, containers are put in another order and values change: made of
// the rule, the file, the object and what in it is meant. Two policies with the same question have the same.
std::string FindingFingerprint(const CheckedWorkload& workload, const Finding& finding,
                               std::string_view repository_path);

void WriteSarifReport(const CheckReport& report, const ReportSurroundings& surroundings,
                      std::ostream& out);
// A suite a workload; a test case a finding, and one that passes where there is none.
void WriteJunitReport(const CheckReport& report, const ReportSurroundings& surroundings,
                      std::ostream& out);
// Workflow commands, worst first: ten of each type, then a line with how many more there are.
void WriteGithubReport(const CheckReport& report, const ReportSurroundings& surroundings,
                       std::ostream& out);
void WriteGitlabReport(const CheckReport& report, const ReportSurroundings& surroundings,
                       std::ostream& out);
// Worst first, at most `max_bytes`, then how many more there are.
void WriteMarkdownReport(const CheckReport& report, const ReportSurroundings& surroundings,
                         size_t max_bytes, std::ostream& out);

// One page for people, by file and line; with the fixes, and links to the rules' pages.
void WriteHtmlCheck(const CheckReport& report, const ReportSurroundings& surroundings,
                    std::ostream& out);

// How many fails by rule, owner and namespace, in place of each of them.
void WriteStatisticsText(const CheckReport& report, const TextStyle& style, std::ostream& out);

// Parts of the text report: what could not be judged; counts, and what was judged by.
void WriteErrorsText(const CheckReport& report, const TextStyle& style, std::ostream& out);
void WriteSummaryText(const CheckReport& report, const TextStyle& style, std::ostream& out);

}  // namespace plimsoll
