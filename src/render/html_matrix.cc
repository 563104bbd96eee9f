// The matrix of services and rules. Wide and long: it scrolls within itself, and is cut into tables of one owner each, which
// the browser lays out only where they are seen (content-visibility).
#include <algorithm>
#include <map>
#include <ostream>

#include "render/html_page.h"
#include "render/html_text.h"

namespace plimsoll {
namespace {

// Rows of one table: as much as a browser lays out at once without being noticed.
constexpr size_t kMaxRows = 100;

struct Cell {
  Action action = Action::kAudit;
  bool waived = true;
  size_t count = 0;
};

// What is excused counts only where nothing else is there.
void Add(const ShownFinding& finding, Cell& cell) {
  ++cell.count;
  if (finding.waived) return;
  cell.action = cell.waived ? finding.action : std::max(cell.action, finding.action);
  cell.waived = false;
}

void WriteRow(const HtmlPage& page, const ServiceStatus& service, size_t number,
              std::ostream& out) {
  std::map<size_t, Cell> cells;
  for (const RecordWithHistory* one : service.records) {
    for (const ShownFinding& finding : ShownFindings(*one)) {
      Add(finding, cells[page.RuleIndex(finding.rule)]);
    }
  }
  out << "<tr id=\"m" << number << "\"><th scope=\"row\"><a href=\"#s" << number << "\">"
      << EscapeOr(service.service, "(no name)") << "</a></th><td>" << StateBadge(service.state)
      << "</td>";
  for (size_t rule = 0; rule < page.rules.size(); ++rule) {
    const auto found = cells.find(rule);
    if (found == cells.end()) {
      out << "<td></td>";
      continue;
    }
    const Cell& cell = found->second;
    out << "<td class=\"" << ActionClass(cell.action, cell.waived) << "\">"
        << ActionText(cell.action, cell.waived);
    if (cell.count > 1) out << "<small>×" << cell.count << "</small>";
    out << "</td>";
  }
  out << "</tr>\n";
}

void BeginTable(const HtmlPage& page, size_t owner, bool continued, std::ostream& out) {
  out << "<div class=\"chunk\" data-o=\"" << owner << "\"><table><caption><span>"
      << EscapeOr(page.owners[owner].owner, "(nobody)") << (continued ? ", continued" : "")
      << "</span></caption><colgroup><col class=\"name\"><col class=\"state\">";
  for (size_t i = 0; i < page.rules.size(); ++i) out << "<col>";
  out << "</colgroup><thead class=\"quiet\"><tr><th scope=\"col\"><span class=\"vh\">Service</span>"
         "</th><th scope=\"col\"><span class=\"vh\">State</span></th>";
  for (const std::string& rule : page.rules) {
    out << "<th scope=\"col\"><span class=\"vh\">" << Escape(rule) << "</span></th>";
  }
  out << "</tr></thead><tbody>\n";
}

// What the eye reads; each table has its own for everybody else.
void WriteVisibleHead(const HtmlPage& page, std::ostream& out) {
  out << "<div class=\"head\" aria-hidden=\"true\"><span class=\"name\">Service</span>"
         "<span class=\"state\">State</span>";
  for (const std::string& rule : page.rules) {
    out << "<span class=\"rule\"><span>" << Escape(rule) << "</span></span>";
  }
  out << "</div>\n";
}

}  // namespace

void WriteHtmlMatrix(const HtmlPage& page, std::ostream& out) {
  out << "<section id=\"matrix\" aria-labelledby=\"h-matrix\"><h2 id=\"h-matrix\">Services and "
         "rules</h2>\n<p class=\"note\">The strongest finding of each service under each rule: "
         "<span class=\"key-cell d\">✖ deny</span> refused now, <span class=\"key-cell n\">▲ "
         "warn</span> let through with a warning, <span class=\"key-cell a\">○ audit</span> noted, "
         "<span class=\"key-cell w\">◆ waived</span> excused. An empty cell: nothing found, because "
         "it passes or because no policy asks. Rules that nothing fails are left out.</p>\n";
  if (page.rules.empty()) {
    out << "<p class=\"none\">No findings.</p></section>\n";
    return;
  }
  out << "<div class=\"scroll matrix\" role=\"region\" tabindex=\"0\" aria-label=\"Matrix of services and "
         "rules\"><div class=\"wide\">\n";
  WriteVisibleHead(page, out);
  size_t number = 0;
  for (size_t owner = 0; owner < page.services.size(); ++owner) {
    for (size_t i = 0; i < page.services[owner].size(); ++i) {
      if (i % kMaxRows == 0) {
        if (i != 0) out << "</tbody></table></div>\n";
        BeginTable(page, owner, i != 0, out);
      }
      WriteRow(page, page.services[owner][i], number++, out);
    }
    out << "</tbody></table></div>\n";
  }
  out << "</div></div></section>\n";
}

}  // namespace plimsoll
