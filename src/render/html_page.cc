#include "render/html_page.h"

#include <algorithm>
#include <map>
#include <ostream>
#include <set>
#include <utility>

#include "render/html_text.h"

namespace plimsoll {

std::vector<ShownFinding> ShownFindings(const RecordWithHistory& one) {
  std::vector<ShownFinding> shown;
  for (const RecordedFinding& finding : one.record.findings) {
    shown.push_back({finding.rule, finding.action, !finding.waiver.empty(), &finding, nullptr});
  }
  if (!one.record.uid.empty() || !shown.empty()) return shown;
  for (const ToldFinding& told : one.history.findings) {
    if (told.outcome != FindingOutcome::kOpen) continue;
    shown.push_back(
        {told.rule, told.first_denied ? Action::kDeny : Action::kWarn, false, nullptr, &told});
  }
  return shown;
}

HtmlPage::HtmlPage(const HtmlReport& from) : report(from) {
  std::vector<ServiceStatus> all = ServicesOf(report.records);
  service_count = all.size();
  owners = OwnersOf(all);
  std::map<std::string, size_t> index;
  for (size_t i = 0; i < owners.size(); ++i) index[owners[i].owner] = i;
  services.resize(owners.size());
  std::set<std::string> tier_names;
  std::set<std::string> rule_names;
  for (ServiceStatus& service : all) {
    tier_names.insert(service.tier);
    for (const RecordWithHistory* one : service.records) {
      for (const ShownFinding& finding : ShownFindings(*one)) rule_names.emplace(finding.rule);
    }
    services[index[service.owner]].push_back(std::move(service));
  }
  rules.assign(rule_names.begin(), rule_names.end());
  tiers.assign(tier_names.begin(), tier_names.end());
  if (!tiers.empty() && tiers.front().empty()) {
    std::rotate(tiers.begin(), tiers.begin() + 1, tiers.end());
  }
}

size_t HtmlPage::RuleIndex(std::string_view rule) const {
  return static_cast<size_t>(std::lower_bound(rules.begin(), rules.end(), rule) - rules.begin());
}

size_t HtmlPage::TierIndex(std::string_view tier) const {
  return static_cast<size_t>(std::find(tiers.begin(), tiers.end(), tier) - tiers.begin());
}

void BeginHtmlTable(std::string_view label, const std::vector<std::string_view>& heads,
                    std::ostream& out) {
  out << "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"" << Escape(label)
      << "\"><table><thead><tr>";
  for (const std::string_view head : heads) {
    const bool number = head.starts_with('#');
    out << "<th scope=\"col\"" << (number ? " class=\"num\"" : "") << '>'
        << Escape(number ? head.substr(1) : head) << "</th>";
  }
  out << "</tr></thead><tbody>\n";
}

void EndHtmlTable(std::ostream& out) { out << "</tbody></table></div>\n"; }

void WriteHtmlTotals(const HtmlPage& page, std::ostream& out) {
  struct Total {
    size_t services = 0;
    size_t workloads = 0;
  };
  std::map<ReadinessState, Total> totals;
  for (const auto& of_owner : page.services) {
    for (const ServiceStatus& service : of_owner) ++totals[service.state].services;
  }
  for (const RecordWithHistory& one : page.report.records) ++totals[one.record.state].workloads;
  out << "<section id=\"totals\" aria-labelledby=\"h-totals\"><h2 id=\"h-totals\">"
      << Count(page.service_count, "service") << ", "
      << Count(page.report.records.size(), "workload") << ", " << Count(page.owners.size(), "owner")
      << "</h2>\n<ul class=\"cards\">\n";
  for (const ReadinessState state : {ReadinessState::kBlocked, ReadinessState::kNotReady,
                                     ReadinessState::kWaived, ReadinessState::kReady}) {
    const Total& total = totals[state];
    out << "<li><a class=\"card\" href=\"#services\" data-state=\"" << StateClass(state) << "\">"
        << StateBadge(state) << "<b>" << total.services << "</b><span>"
        << (total.services == 1 ? "service, " : "services, ") << Count(total.workloads, "workload")
        << "</span></a></li>\n";
  }
  out << "</ul>\n<p class=\"note\">A service is as bad as its worst workload. Blocked: created anew "
         "as it is, it would be refused. Not ready: findings, none of which denies now. Waived: "
         "findings, all of them excused.</p></section>\n";
}

namespace {

void WriteSelect(std::string_view id, std::string_view label,
                 const std::vector<std::pair<std::string, std::string>>& options,
                 std::ostream& out) {
  out << "<label>" << label << " <select id=\"f-" << id << "\"><option value=\"\">all</option>";
  for (const auto& [value, text] : options) {
    out << "<option value=\"" << value << "\">" << text << "</option>";
  }
  out << "</select></label>\n";
}

using Options = std::vector<std::pair<std::string, std::string>>;

}  // namespace

void WriteHtmlFilter(const HtmlPage& page, std::ostream& out) {
  Options owners;
  for (size_t i = 0; i < page.owners.size(); ++i) {
    owners.emplace_back(std::to_string(i), EscapeOr(page.owners[i].owner, "(nobody)"));
  }
  Options tiers;
  for (size_t i = 0; i < page.tiers.size(); ++i) {
    tiers.emplace_back(std::to_string(i), EscapeOr(page.tiers[i], "(none)"));
  }
  Options rules;
  for (size_t i = 0; i < page.rules.size(); ++i) {
    rules.emplace_back(std::to_string(i), Escape(page.rules[i]));
  }
  out << "<form id=\"filter\" role=\"search\" aria-label=\"Filter services\" hidden>\n"
         "<label>Search <input id=\"f-text\" type=\"search\" autocomplete=\"off\" "
         "placeholder=\"name, message, …\"></label>\n";
  WriteSelect("owner", "Owner", owners, out);
  WriteSelect("tier", "Tier", tiers, out);
  WriteSelect("rule", "Rule", rules, out);
  WriteSelect("state", "State",
              {{"blocked", "blocked"},
               {"not-ready", "not ready"},
               {"waived", "waived"},
               {"ready", "ready"}},
              out);
  out << "<button type=\"reset\">Show all</button>\n"
         "<p id=\"count\" role=\"status\" aria-live=\"polite\"></p>\n</form>\n";
}

}  // namespace plimsoll
