// Each service with its workloads, findings and past, folded.
#include <algorithm>
#include <ostream>
#include <set>
#include <utility>

#include "plimsoll/model/workload.h"
#include "render/html_page.h"
#include "render/html_text.h"

namespace plimsoll {
namespace {

// Of one service's past; `plimsoll status` has more of it, the record all.
constexpr size_t kMaxEventsShown = 5;

void WriteFinding(const HtmlPage& page, const ShownFinding& finding, std::ostream& out) {
  out << "<li><p class=\"what\"><span class=\"act " << ActionClass(finding.action, finding.waived)
      << "\">" << ActionText(finding.action, finding.waived) << "</span> <a href=\"#r"
      << page.RuleIndex(finding.rule) << "\">" << Escape(finding.rule) << "</a>";
  const std::string& container =
      finding.told != nullptr ? finding.told->container : finding.recorded->container;
  if (!container.empty()) out << ", container <code>" << Escape(container) << "</code>";
  out << "</p>";
  if (finding.told != nullptr) {
    out << "<p class=\"note\">told since " << TimeTag(finding.told->first_shown);
    if (finding.told->first_denied)
      out << ", refused since " << TimeTag(*finding.told->first_denied);
    out << "</p></li>\n";
    return;
  }
  const RecordedFinding& recorded = *finding.recorded;
  out << "<p>" << Escape(recorded.message) << "</p><p class=\"note\">policy "
      << Escape(recorded.policy) << ", since " << Day(recorded.first_observed);
  if (!recorded.path.empty()) out << ", at <code>" << Escape(recorded.path) << "</code>";
  if (finding.waived) out << ", excused by " << Escape(recorded.waiver);
  if (recorded.upcoming) out << ", <b>" << UpcomingText(*recorded.upcoming) << "</b>";
  out << "</p></li>\n";
}

void WriteWorkload(const HtmlPage& page, const RecordWithHistory& one, std::ostream& out) {
  const WorkloadRecord& record = one.record;
  out << "<h4>" << StateBadge(record.state) << ' '
      << Escape(record.workload.namespace_name + "/" +
                std::string(WorkloadKindName(record.workload.kind)) + "/" + record.workload.name)
      << "</h4>\n";
  const std::vector<ShownFinding> findings = ShownFindings(one);
  if (!findings.empty()) {
    out << "<ul class=\"findings\">\n";
    for (const ShownFinding& finding : findings) WriteFinding(page, finding, out);
    out << "</ul>\n";
  }
  const size_t counted = size_t{record.failing} + record.waived;
  if (counted > findings.size()) {
    out << "<p class=\"note\">" << counted - findings.size() << (findings.empty() ? "" : " more")
        << " not listed in its record.</p>\n";
  }
}

void WriteEvents(const ServiceStatus& service, std::ostream& out) {
  std::vector<std::pair<const HistoryEvent*, const std::string*>> events;
  for (const RecordWithHistory* one : service.records) {
    for (const HistoryEvent& event : one->history.events) {
      events.emplace_back(&event, &one->record.workload.namespace_name);
    }
  }
  if (events.empty()) return;
  std::stable_sort(events.begin(), events.end(),
                   [](const auto& a, const auto& b) { return a.first->at > b.first->at; });
  out << "<h4>What has happened, the latest first</h4><ul class=\"events\">\n";
  for (size_t i = 0; i < std::min(events.size(), kMaxEventsShown); ++i) {
    const auto& [event, home] = events[i];
    out << "<li>" << TimeTag(event->at) << ' ' << HistoryEventName(event->type) << " in "
        << EscapeOr(*home, "(no namespace)") << ": " << Escape(event->note) << "</li>\n";
  }
  out << "</ul>\n";
}

// "0 4 7": what the filter looks for.
std::string RulesOf(const HtmlPage& page, const ServiceStatus& service) {
  std::set<size_t> rules;
  for (const RecordWithHistory* one : service.records) {
    for (const ShownFinding& finding : ShownFindings(*one)) {
      rules.insert(page.RuleIndex(finding.rule));
    }
  }
  std::string out;
  for (const size_t rule : rules) out += (out.empty() ? "" : " ") + std::to_string(rule);
  return out;
}

void WriteService(const HtmlPage& page, const ServiceStatus& service, size_t number,
                  std::ostream& out) {
  out << "<details id=\"s" << number << "\" data-s=\"" << StateClass(service.state)
      << "\" data-t=\"" << page.TierIndex(service.tier) << "\" data-r=\"" << RulesOf(page, service)
      << "\"><summary>" << StateBadge(service.state) << " <b>"
      << EscapeOr(service.service, "(no name)") << "</b><span class=\"facts\">";
  if (!service.tier.empty()) out << " tier " << Escape(service.tier) << " ·";
  out << ' ' << Count(service.failing, "finding");
  if (service.waived != 0) out << " · " << service.waived << " waived";
  if (service.blocked_releases != 0) {
    out << " · " << Count(service.blocked_releases, "blocked release");
  }
  if (service.upcoming) out << " · " << UpcomingText(*service.upcoming);
  out << "</span></summary>\n<p class=\"note\">First seen " << TimeTag(service.first_seen)
      << ".</p>\n";
  for (const RecordWithHistory* one : service.records) WriteWorkload(page, *one, out);
  WriteEvents(service, out);
  out << "</details>\n";
}

}  // namespace

void WriteHtmlServices(const HtmlPage& page, std::ostream& out) {
  out << "<section id=\"services\" aria-labelledby=\"h-services\" tabindex=\"-1\"><h2 "
         "id=\"h-services\">Findings of each service</h2>\n";
  size_t number = 0;
  for (size_t owner = 0; owner < page.services.size(); ++owner) {
    out << "<div class=\"owner\" data-o=\"" << owner << "\"><h3>"
        << EscapeOr(page.owners[owner].owner, "(nobody)") << " <small>"
        << Count(page.services[owner].size(), "service") << "</small></h3>\n";
    for (const ServiceStatus& service : page.services[owner]) {
      WriteService(page, service, number++, out);
    }
    out << "</div>\n";
  }
  if (page.services.empty()) {
    out << "<p class=\"none\">No records: nothing has been judged yet, or no policy is about "
           "anything here.</p>\n";
  }
  out << "</section>\n";
}

void WriteHtmlRules(const HtmlPage& page, std::ostream& out) {
  if (page.rules.empty()) return;
  out << "<section id=\"rules\" aria-labelledby=\"h-rules\"><h2 id=\"h-rules\">How to put it "
         "right</h2>\n";
  for (size_t i = 0; i < page.rules.size(); ++i) {
    const Rule* rule = FindRule(page.rules[i]);
    out << "<article id=\"r" << i << "\" tabindex=\"-1\"><h3>" << Escape(page.rules[i])
        << "</h3>\n";
    if (rule == nullptr) {
      out << "<p class=\"note\">This version knows no such rule.</p></article>\n";
      continue;
    }
    out << "<p><b>" << Escape(rule->title) << "</b></p><p>" << Escape(rule->rationale) << "</p><p>"
        << Escape(rule->remediation) << "</p>\n";
    const auto example = page.report.examples.find(page.rules[i]);
    if (example != page.report.examples.end() && !example->second.fix.empty()) {
      out << "<p class=\"note\">Such as, for an object of which it is said: "
          << Escape(example->second.message) << "</p><pre tabindex=\"0\" aria-label=\"Fix for "
          << Escape(page.rules[i]) << "\" role=\"region\">" << Escape(example->second.fix)
          << "</pre>\n";
    }
    out << "</article>\n";
  }
  out << "</section>\n";
}

}  // namespace plimsoll
