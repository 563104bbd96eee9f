#include "plimsoll/render/html_report.h"

#include <ostream>

#include "render/html_assets.h"
#include "render/html_page.h"
#include "render/html_text.h"

namespace plimsoll {
namespace {

void WriteHead(bool live, std::ostream& out) {
  out << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\""
      << HtmlReportPolicy(live)
      << "\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n"
         "<meta name=\"referrer\" content=\"no-referrer\">\n"
         "<title>Operational readiness</title>\n<style>"
      << HtmlStyle() << "</style>\n</head>\n";
}

void WriteTop(const HtmlPage& page, std::ostream& out) {
  const HtmlReport& report = page.report;
  out << "<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header>\n"
         "<h1>Operational readiness</h1>\n<p class=\"note\">"
      << Escape(report.source) << ", as of <time datetime=\"" << FormatTimestamp(report.now)
      << "\">" << Day(report.now) << ' ' << FormatTimestamp(report.now).substr(11, 5)
      << " UTC</time></p>\n<button type=\"button\" id=\"theme\" hidden>Theme: as the system</button>\n";
  if (!report.revision.empty()) {
    out << "<div id=\"live\" data-revision=\"" << Escape(report.revision)
        << "\" hidden><button type=\"button\" id=\"live-button\">Updates: on</button> "
           "<span id=\"live-note\" class=\"note\"></span></div>\n";
  }
  out << "<nav aria-label=\"Sections\"><ul>\n";
  for (const auto& [id, text] : {std::pair{"totals", "Totals"}, std::pair{"answers", "Answers"},
                                 std::pair{"upcoming", "Upcoming"}, std::pair{"waivers", "Waivers"},
                                 std::pair{"matrix", "Matrix"}, std::pair{"services", "Findings"},
                                 std::pair{"rules", "How to put it right"}}) {
    if (id == std::string_view("rules") && page.rules.empty()) continue;
    out << "<li><a href=\"#" << id << "\">" << text << "</a></li>\n";
  }
  out << "</ul></nav>\n</header>\n<main id=\"main\" tabindex=\"-1\">\n";
  if (report.notes.empty()) return;
  out << "<div class=\"warning\" role=\"note\"><p><b>This page is not complete:</b></p><ul>";
  for (const std::string& note : report.notes) out << "<li>" << Escape(note) << "</li>";
  out << "</ul></div>\n";
}

}  // namespace

std::string HtmlReportPolicy(bool live) {
  std::string policy =
      "default-src 'none'; style-src " + HtmlStyleSource() + "; script-src " + HtmlScriptSource();
  if (live) policy += " " + HtmlLiveScriptSource() + "; connect-src 'self'";
  return policy + "; base-uri 'none'; form-action 'none'";
}

void WriteHtmlReport(const HtmlReport& report, std::ostream& out) {
  const HtmlPage page(report);
  const bool live = !report.revision.empty();
  WriteHead(live, out);
  WriteTop(page, out);
  WriteHtmlTotals(page, out);
  WriteHtmlAnswers(page, out);
  WriteHtmlUpcoming(page, out);
  WriteHtmlWaivers(page, out);
  WriteHtmlFilter(page, out);
  WriteHtmlMatrix(page, out);
  WriteHtmlServices(page, out);
  WriteHtmlRules(page, out);
  out << "</main>\n<footer><p class=\"note\">Made by plimsoll " << Escape(report.version)
      << ". Times are UTC.</p></footer>\n<script>" << HtmlScript() << "</script>\n";
  if (live) out << "<script>" << HtmlLiveScript() << "</script>\n";
  out << "</body>\n</html>\n";
}

}  // namespace plimsoll
