// CheckReport as one HTML page, for people: an artifact of a pipeline, a mail. It has the style of the HTML report, no script,
// and loads nothing.
#include <algorithm>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/render/ci_reports.h"
#include "render/html_assets.h"
#include "render/html_text.h"
#include "render/report_items.h"

namespace plimsoll {
namespace {

using Level = ReportItem::Level;

// A longer list of files is folded: on a phone a path takes three lines, and the findings should be no screens away.
constexpr size_t kMaxFilesListed = 8;

struct LevelWords {
  Level level;
  std::string_view style;
  std::string_view badge;
};
constexpr LevelWords kLevels[] = {{Level::kUnjudged, "d", "✖ not judged"},
                                  {Level::kDeny, "d", "✖ deny"},
                                  {Level::kWarn, "n", "▲ warn"},
                                  {Level::kAudit, "a", "○ audit"},
                                  {Level::kWaived, "w", "◆ waived"}};

const LevelWords& WordsOf(Level level) {
  return *std::find_if(std::begin(kLevels), std::end(kLevels),
                       [&](const LevelWords& words) { return words.level == level; });
}

// Those of one file, where each is in it; the report's order where that is not known.
using Files = std::vector<std::pair<std::string_view, std::vector<const ReportItem*>>>;

Files ByFile(const std::vector<ReportItem>& items) {
  std::map<std::string_view, std::vector<const ReportItem*>> by_name;
  for (const ReportItem& item : items) by_name[item.file].push_back(&item);
  Files files(by_name.begin(), by_name.end());
  for (auto& [name, of_file] : files) {
    std::stable_sort(of_file.begin(), of_file.end(), [](const auto* a, const auto* b) {
      return std::pair(a->position.line, a->position.column) <
             std::pair(b->position.line, b->position.column);
    });
  }
  return files;
}

// A path that may be broken behind a slash, before it is broken anywhere.
std::string PathText(std::string_view file) {
  std::string out;
  for (const char c : EscapeOr(file, "(no file)")) {
    out += c;
    if (c == '/') out += "<wbr>";
  }
  return out;
}

void WriteFileList(const Files& files, std::ostream& out) {
  const bool folded = files.size() > kMaxFilesListed;
  out << "<nav aria-label=\"Files\">";
  if (folded) out << "<details><summary>" << files.size() << " files with findings</summary>";
  out << "<ul>\n";
  for (size_t i = 0; i < files.size(); ++i) {
    out << "<li><a href=\"#f" << i << "\">" << PathText(files[i].first) << " <small>"
        << files[i].second.size() << "</small></a></li>\n";
  }
  out << (folded ? "</ul></details></nav>\n" : "</ul></nav>\n");
}

void WriteHead(std::ostream& out) {
  out << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      << HtmlStyleSource()
      << "; base-uri 'none'; form-action 'none'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n"
         "<meta name=\"referrer\" content=\"no-referrer\">\n"
         "<title>Readiness check</title>\n<style>"
      << HtmlStyle() << "</style>\n</head>\n";
}

void WriteTop(const CheckReport& report, const CheckSummary& summary, const Files& files,
              std::ostream& out) {
  out << "<body>\n<a class=\"skip\" href=\"#main\">Skip to the findings</a>\n<header>\n"
         "<h1>Readiness check: "
      << Escape(FindingCounts(summary)) << "</h1>\n<p class=\"note\">"
      << Count(summary.workloads, "workload") << " in " << Count(summary.files, "file")
      << ", as of " << TimeTag(report.as_of) << ", by ";
  for (size_t i = 0; i < report.policies.size(); ++i) {
    out << (i == 0 ? "" : ", ") << Escape(report.policies[i]);
  }
  if (report.policies.empty()) out << "no policy";
  if (report.known != 0) out << "; " << report.known << " known before, and not listed";
  out << "</p>\n";
  if (files.size() > 1) WriteFileList(files, out);
  out << "</header>\n<main id=\"main\" tabindex=\"-1\">\n";
}

void WriteTotals(const std::vector<ReportItem>& items, std::ostream& out) {
  std::map<Level, size_t> counts;
  for (const ReportItem& item : items) ++counts[item.level];
  out << "<section aria-label=\"Totals\"><ul class=\"cards\">\n";
  for (const LevelWords& words : kLevels) {
    const auto count = counts.find(words.level);
    if (count == counts.end() && words.level == Level::kUnjudged) continue;
    out << "<li><div class=\"card\"><span class=\"act " << words.style << "\">" << words.badge
        << "</span><b>" << (count == counts.end() ? 0 : count->second) << "</b></div></li>\n";
  }
  out << "</ul></section>\n";
}

void WriteFinding(const ReportItem& item, std::ostream& out) {
  const Finding& finding = *item.finding;
  if (!finding.observed.empty() || !finding.required.empty()) {
    out << "<p class=\"note\">";
    if (!finding.observed.empty()) out << "There is: " << Escape(finding.observed) << ". ";
    if (!finding.required.empty()) out << "There should be: " << Escape(finding.required) << '.';
    out << "</p>";
  }
  out << "<p class=\"note\">policy " << Escape(finding.policy);
  if (!finding.path.empty()) out << ", at <code>" << Escape(finding.path) << "</code>";
  if (!finding.reason.empty()) out << ", " << Escape(finding.reason);
  if (!finding.waiver.empty()) out << ", excused by " << Escape(finding.waiver);
  if (finding.upcoming) out << ", <b>" << UpcomingText(*finding.upcoming) << "</b>";
  out << "</p>";
  if (finding.fix.empty()) return;
  // With its place: the same workload may stand in a file for each environment, and each landmark has a name of its own.
  out << "<details><summary>Fix</summary><pre tabindex=\"0\" role=\"region\" aria-label=\"Fix for "
      << Escape(finding.rule) << " in " << Escape(ObjectTitle(*item.workload)) << ", "
      << EscapeOr(item.file, "(no file)") << ':' << item.position.line << ':'
      << item.position.column << "\">" << Escape(finding.fix) << "</pre></details>";
}

void WriteItem(const ReportItem& item, std::ostream& out) {
  const LevelWords& words = WordsOf(item.level);
  out << "<li id=\"" << item.fingerprint << "\"><p class=\"what\"><span class=\"act " << words.style
      << "\">" << words.badge << "</span> ";
  if (item.finding != nullptr) {
    out << "<a href=\"" << kRulePages << Escape(item.rule) << "\" rel=\"noreferrer\">"
        << Escape(item.rule) << "</a>";
  }
  // The heading above has its folders.
  out << " <code>" << EscapeOr(item.file.substr(item.file.rfind('/') + 1), "(no file)");
  if (item.position.known()) out << ':' << item.position.line << ':' << item.position.column;
  out << "</code>";
  if (item.workload != nullptr) out << ' ' << Escape(ObjectTitle(*item.workload));
  out << "</p><p>" << Escape(item.message) << "</p>";
  if (item.finding != nullptr) WriteFinding(item, out);
  out << "</li>\n";
}

}  // namespace

void WriteHtmlCheck(const CheckReport& report, const ReportSurroundings& surroundings,
                    std::ostream& out) {
  const std::vector<ReportItem> items = ReportItems(report, surroundings);
  const Files files = ByFile(items);
  WriteHead(out);
  WriteTop(report, Summarize(report), files, out);
  WriteTotals(items, out);
  for (size_t i = 0; i < files.size(); ++i) {
    const auto& [name, of_file] = files[i];
    out << "<section class=\"owner\" id=\"f" << i << "\" aria-labelledby=\"h" << i
        << "\" tabindex=\"-1\"><h2 id=\"h" << i << "\">" << PathText(name) << " <small>"
        << of_file.size() << "</small></h2>\n<ul class=\"findings\">\n";
    for (const ReportItem* item : of_file) WriteItem(*item, out);
    out << "</ul></section>\n";
  }
  if (files.empty()) out << "<p class=\"none\">Nothing to put right.</p>\n";
  out << "</main>\n<footer><p class=\"note\">Made by plimsoll "
      << Escape(surroundings.program_version)
      << " check. <code>plimsoll check --fix</code> writes the fixes that are safe. Times are "
         "UTC.</p></footer>\n</body>\n</html>\n";
}

}  // namespace plimsoll
