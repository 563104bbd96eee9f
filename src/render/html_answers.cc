// The three answers over time, upcoming stages, waivers.
#include <algorithm>
#include <chrono>
#include <map>
#include <ostream>
#include <set>
#include <tuple>

#include "plimsoll/base/text.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/policy/waiver_set.h"
#include "render/html_page.h"
#include "render/html_plots.h"
#include "render/html_text.h"

namespace plimsoll {
namespace {

// Long enough to ask for another one, or to put things right.
constexpr std::chrono::days kSoon{14};

std::string Span(std::optional<std::chrono::seconds> time) {
  if (!time) return "–";
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(*time).count();
  return hours >= 48 ? std::to_string(hours / 24) + " d" : std::to_string(hours) + " h";
}

std::string Share(uint32_t part, uint32_t whole) {
  if (whole == 0) return std::to_string(part);
  return std::to_string(part) + " (" + std::to_string((100ULL * part + whole / 2) / whole) + " %)";
}

void WriteFirst(const HtmlPage& page, const Answers& answers, std::ostream& out) {
  WeeklyPlot plot{"p-first",
                  "Services seen for the first time, by week",
                  {"before the gate", "by a denial"},
                  {}};
  uint32_t enforced = 0;
  for (const ServiceAnswers& service : answers.services) {
    plot.events[service.first_seen_by == Sighting::kDenial ? 1 : 0].push_back(service.first_seen);
    if (service.first_enforced) ++enforced;
  }
  out << "<article><h3>When did operations first see it?</h3>\n<p>Median lead time, from the first "
         "sighting to the first rollout under enforcement: <b>"
      << Span(answers.total.median_lead_time) << "</b> (of " << Count(enforced, "service")
      << " that had one).</p>\n";
  WriteWeeklyPlot(plot, page.report.now, out);
  out << "</article>\n";
}

void WriteSecond(const HtmlPage& page, const Answers& answers, std::ostream& out) {
  WeeklyPlot plot{"p-blocked", "Blocked releases, by week", {"told before", "surprises"}, {}};
  for (const RecordWithHistory& one : page.report.records) {
    for (const BlockedRelease& release : one.history.blocked) {
      plot.events[release.surprise ? 1 : 0].push_back(release.at);
    }
  }
  const Rejections& all = answers.total.rejections;
  out << "<article><h3>Which rejections could have been prevented upstream?</h3>\n<p><b>"
      << Count(all.blocked, "blocked release") << "</b>, of them "
      << Share(all.surprises, all.blocked) << (all.surprises == 1 ? " surprise" : " surprises")
      << ": nothing of what denied them had been told before.</p>\n";
  WriteWeeklyPlot(plot, page.report.now, out);
  const size_t dated = plot.events[0].size() + plot.events[1].size();
  if (dated < all.blocked) {
    out << "<p class=\"note\">Records keep the dates of the last " << kMaxBlockedReleases
        << " of a workload; " << all.blocked - dated << " have none any more.</p>\n";
  }
  std::vector<std::pair<std::string, uint32_t>> rules(answers.total.preventable.begin(),
                                                      answers.total.preventable.end());
  std::stable_sort(rules.begin(), rules.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (!rules.empty()) {
    out << "<p>Told for the first time at the gate:</p><ul>";
    for (const auto& [rule, count] : rules)
      out << "<li>" << Escape(rule) << ": " << count << "</li>";
    out << "</ul>\n";
  }
  out << "</article>\n";
}

void WriteThird(const HtmlPage& page, const Answers& answers, std::ostream& out) {
  WeeklyPlot plot{
      "p-fixed", "Findings fixed, by week", {"before enforcement", "after a block"}, {}};
  for (const RecordWithHistory& one : page.report.records) {
    for (const ToldFinding& told : one.history.findings) {
      if (!told.ended) continue;
      if (told.outcome == FindingOutcome::kFixedBeforeEnforcement) {
        plot.events[0].push_back(*told.ended);
      } else if (told.outcome == FindingOutcome::kFixedAfterBlock) {
        plot.events[1].push_back(*told.ended);
      }
    }
  }
  const EarlyFindings& early = answers.total.early;
  out << "<article><h3>Does early involvement change decisions?</h3>\n<p><b>"
      << Count(early.told, "finding") << "</b> told before they blocked anything";
  if (early.told != 0) {
    out << ": " << Share(early.fixed_before_enforcement, early.told)
        << " fixed before enforcement, " << early.fixed_after_block << " after a block, "
        << early.waived << " waived, " << early.removed << " no longer asked, " << early.open
        << " open";
  }
  out << ".</p>\n";
  WriteWeeklyPlot(plot, page.report.now, out);
  out << "</article>\n";
}

void WriteOwners(const HtmlPage& page, const Answers& answers, std::ostream& out) {
  std::map<std::string_view, const OwnerAnswers*> by_name;
  for (const OwnerAnswers& owner : answers.owners) by_name[owner.owner] = &owner;
  out << "<h3>By owner</h3>\n";
  BeginHtmlTable("The answers by owner",
                 {"Owner", "#Services", "#Blocked", "#Not ready", "#Waived", "#Ready", "#Findings",
                  "#Lead time", "#Blocked releases", "#Surprises", "#Told early", "#Fixed in time"},
                 out);
  for (const OwnerStatus& owner : page.owners) {
    out << "<tr><th scope=\"row\">" << EscapeOr(owner.owner, "(nobody)") << "</th>";
    const auto number = [&](const auto& value) { out << "<td class=\"num\">" << value << "</td>"; };
    for (const size_t value : {owner.services, owner.blocked, owner.not_ready, owner.waived,
                               owner.ready, size_t{owner.failing}}) {
      number(value);
    }
    static const OwnerAnswers kNone;
    const auto found = by_name.find(owner.owner);
    const OwnerAnswers& of = found == by_name.end() ? kNone : *found->second;
    number(Span(of.median_lead_time));
    number(of.rejections.blocked);
    number(of.rejections.surprises);
    number(of.early.told);
    number(of.early.fixed_before_enforcement);
    out << "</tr>\n";
  }
  EndHtmlTable(out);
}

struct ComingStage {
  Timestamp from;
  Action action;
  std::string_view policy;
  friend auto operator<=>(const ComingStage& a, const ComingStage& b) {
    return std::tie(a.from, b.action, a.policy) <=> std::tie(b.from, a.action, b.policy);
  }
};
struct Met {
  std::set<const RecordWithHistory*> workloads;
  std::map<std::string_view, std::set<std::string_view>> services;  // by owner
  size_t findings = 0;
};

std::map<ComingStage, Met> Upcomings(const HtmlPage& page) {
  std::map<ComingStage, Met> stages;
  for (const auto& of_owner : page.services) {
    for (const ServiceStatus& service : of_owner) {
      for (const RecordWithHistory* one : service.records) {
        for (const RecordedFinding& finding : one->record.findings) {
          if (!finding.upcoming || !finding.waiver.empty()) continue;
          Met& met = stages[{finding.upcoming->from, finding.upcoming->action, finding.policy}];
          met.workloads.insert(one);
          met.services[service.owner].insert(service.service);
          ++met.findings;
        }
      }
    }
  }
  return stages;
}

void WriteWhom(const Met& met, std::ostream& out) {
  out << "<details><summary>" << Count(met.services.size(), "owner") << "</summary><ul>";
  for (const auto& [owner, services] : met.services) {
    out << "<li><b>" << EscapeOr(owner, "(nobody)") << "</b>: ";
    bool first = true;
    for (const std::string_view service : services) {
      out << (first ? "" : ", ") << Escape(service);
      first = false;
    }
    out << "</li>";
  }
  out << "</ul></details>";
}

std::string DaysTo(Timestamp when, Timestamp now) {
  const auto left = std::chrono::ceil<std::chrono::days>(when - now).count();
  return left <= 0 ? "now" : "in " + Count(static_cast<size_t>(left), "day");
}

std::string StateOf(const ReportedWaiver& waiver, Timestamp now) {
  const auto badge = [](std::string_view kind, std::string_view text) {
    return "<span class=\"badge " + std::string(kind) + "\">" + std::string(text) + "</span>";
  };
  if (waiver.waiver.expires <= now) return badge("blocked", "✖ Expired");
  const WaiverState state = waiver.state.value_or(WaiverState::kActive);
  if (state == WaiverState::kInvalid) return badge("blocked", "✖ Invalid");
  if (state == WaiverState::kPending) return badge("not-ready", "▲ Pending");
  if (waiver.waiver.expires - now <= kSoon) return badge("not-ready", "▲ Ends soon");
  if (waiver.state) return badge("ready", "✔ Active");
  return badge("waived", waiver.waiver.approved_by.empty() ? "◆ Not approved" : "◆ Approved");
}

void WriteWaiver(const ReportedWaiver& one, Timestamp now, std::ostream& out) {
  const ReadinessWaiver& waiver = one.waiver;
  out << "<tr><td>" << TimeTag(waiver.expires) << "<br><small>"
      << (waiver.expires <= now ? "ended" : DaysTo(waiver.expires, now)) << "</small></td><td>"
      << StateOf(one, now) << "</td><th scope=\"row\">"
      << Escape(waiver.namespace_name + "/" + waiver.name) << "</th><td>";
  for (const WaivedWorkload& workload : waiver.workloads) {
    out << WorkloadKindName(workload.kind) << '/' << Escape(workload.name) << "<br>";
  }
  out << "</td><td>" << Escape(waiver.policy) << ":<br>" << Escape(Join(waiver.rules, ", "))
      << "</td><td>" << Escape(waiver.reason) << "</td><td>" << Escape(waiver.requested_by)
      << "</td><td>" << EscapeOr(waiver.approved_by, "nobody yet") << "</td></tr>\n";
}

}  // namespace

void WriteHtmlAnswers(const HtmlPage& page, std::ostream& out) {
  const Answers answers = AnswerQuestions(page.report.records);
  out << "<section id=\"answers\" aria-labelledby=\"h-answers\"><h2 id=\"h-answers\">The three "
         "answers</h2>\n<div class=\"answers\">\n";
  WriteFirst(page, answers, out);
  WriteSecond(page, answers, out);
  WriteThird(page, answers, out);
  out << "</div>\n";
  if (!page.owners.empty()) WriteOwners(page, answers, out);
  out << "</section>\n";
}

void WriteHtmlUpcoming(const HtmlPage& page, std::ostream& out) {
  const std::map<ComingStage, Met> stages = Upcomings(page);
  out << "<section id=\"upcoming\" aria-labelledby=\"h-upcoming\"><h2 id=\"h-upcoming\">Upcoming "
         "stages, and whom they meet</h2>\n";
  if (stages.empty()) {
    out << "<p class=\"none\">No finding gets stronger on a date that is set.</p></section>\n";
    return;
  }
  out << "<p class=\"note\">If nothing changes until then. A stage that denies blocks the next "
         "release of these workloads.</p>\n";
  BeginHtmlTable("Upcoming stages", {"From", "Action", "Policy", "#Workloads", "#Findings", "Whom"},
                 out);
  for (const auto& [stage, met] : stages) {
    out << "<tr><td>" << TimeTag(stage.from) << "<br><small>" << DaysTo(stage.from, page.report.now)
        << "</small></td><td><span class=\"act " << ActionClass(stage.action, false) << "\">"
        << ActionText(stage.action, false) << "</span></td><th scope=\"row\">"
        << Escape(stage.policy) << "</th><td class=\"num\">" << met.workloads.size()
        << "</td><td class=\"num\">" << met.findings << "</td><td>";
    WriteWhom(met, out);
    out << "</td></tr>\n";
  }
  EndHtmlTable(out);
  out << "</section>\n";
}

void WriteHtmlWaivers(const HtmlPage& page, std::ostream& out) {
  std::vector<const ReportedWaiver*> waivers;
  std::set<std::pair<std::string_view, std::string_view>> known;
  for (const ReportedWaiver& waiver : page.report.waivers) {
    waivers.push_back(&waiver);
    known.emplace(waiver.waiver.namespace_name, waiver.waiver.name);
  }
  std::stable_sort(waivers.begin(), waivers.end(), [](const auto* a, const auto* b) {
    return std::tie(a->waiver.expires, a->waiver.namespace_name, a->waiver.name) <
           std::tie(b->waiver.expires, b->waiver.namespace_name, b->waiver.name);
  });
  std::map<std::pair<std::string_view, std::string_view>, size_t> undated;
  for (const RecordWithHistory& one : page.report.records) {
    for (const RecordedFinding& finding : one.record.findings) {
      const std::pair<std::string_view, std::string_view> key(one.record.workload.namespace_name,
                                                              finding.waiver);
      if (!finding.waiver.empty() && !known.contains(key)) ++undated[key];
    }
  }
  out << "<section id=\"waivers\" aria-labelledby=\"h-waivers\"><h2 id=\"h-waivers\">Waivers, the "
         "next to end first</h2>\n";
  if (waivers.empty() && undated.empty()) out << "<p class=\"none\">None.</p>\n";
  if (!waivers.empty()) {
    BeginHtmlTable("Waivers",
                   {"Ends", "State", "Waiver", "Workloads", "Policy and rules", "Reason",
                    "Requested by", "Approved by"},
                   out);
    for (const ReportedWaiver* waiver : waivers) WriteWaiver(*waiver, page.report.now, out);
    EndHtmlTable(out);
  }
  if (!undated.empty()) {
    out << "<p class=\"note\">In use, but not among what was read, so that nothing is known of "
           "their dates:</p><ul>";
    for (const auto& [key, findings] : undated) {
      out << "<li>" << Escape(key.first) << '/' << Escape(key.second) << ", "
          << Count(findings, "finding") << "</li>";
    }
    out << "</ul>\n";
  }
  out << "</section>\n";
}

}  // namespace plimsoll
