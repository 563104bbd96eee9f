#include "plimsoll/render/questions_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "plimsoll/base/text.h"
#include "render/questions_json.h"
#include "render/terminal_text.h"
#include "render/text_table.h"

namespace plimsoll {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kIndent = 2;

// "12 d", "3 h", "5 min": what a reader compares.
std::string Span(std::optional<std::chrono::seconds> time) {
  if (!time) return "-";
  using std::chrono::duration_cast;
  if (*time >= std::chrono::hours(48)) {
    return std::to_string(duration_cast<std::chrono::hours>(*time).count() / 24) + " d";
  }
  if (*time >= std::chrono::hours(2)) {
    return std::to_string(duration_cast<std::chrono::hours>(*time).count()) + " h";
  }
  return std::to_string(duration_cast<std::chrono::minutes>(*time).count()) + " min";
}

std::string Ratio(uint32_t part, uint32_t whole) {
  if (whole == 0) return "-";
  return std::to_string((100ULL * part + whole / 2) / whole) + " %";
}

void WriteHead(std::string_view text, const TextStyle& style, std::ostream& out) {
  out << '\n' << Paint(text, Ink::kBold, style.color) << '\n';
}

void WriteFirst(const Answers& answers, const TextStyle& style, std::ostream& out) {
  WriteHead("1. When did operations first see it?", style, out);
  TextTable table({{"SERVICE"},
                   {"OWNER"},
                   NumberCell("FIRST SEEN"),
                   NumberCell("BY"),
                   NumberCell("ENFORCED"),
                   NumberCell("LEAD TIME")});
  for (const ServiceAnswers& service : answers.services) {
    table.Add({{NameOr(service.service, "-")},
               {NameOr(service.owner, "(nobody)")},
               NumberCell(Day(service.first_seen)),
               NumberCell(std::string(SightingName(service.first_seen_by))),
               NumberCell(service.first_enforced ? Day(*service.first_enforced) : "-"),
               NumberCell(Span(service.lead_time()))});
  }
  table.Write(style.color, out, kIndent);
  out << "  Median lead time: " << Span(answers.total.median_lead_time) << '\n';
}

void WriteSecond(const Answers& answers, const TextStyle& style, std::ostream& out) {
  WriteHead("2. Which rejections could have been prevented upstream?", style, out);
  const Rejections& all = answers.total.rejections;
  out << "  " << all.blocked << (all.blocked == 1 ? " blocked release" : " blocked releases")
      << ", of them " << all.surprises << (all.surprises == 1 ? " surprise: " : " surprises: ")
      << Ratio(all.surprises, all.blocked) << '\n';
  std::vector<std::pair<std::string, uint32_t>> rules(answers.total.preventable.begin(),
                                                      answers.total.preventable.end());
  std::stable_sort(rules.begin(), rules.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const auto& [rule, count] : rules) {
    out << "  " << count << " x " << CleanLine(rule) << ": told for the first time at the gate\n";
  }
}

void WriteThird(const Answers& answers, const TextStyle& style, std::ostream& out) {
  WriteHead("3. Does early involvement change decisions?", style, out);
  const EarlyFindings& early = answers.total.early;
  out << "  " << early.told << (early.told == 1 ? " finding was" : " findings were")
      << " told early";
  if (early.told == 0) {
    out << ".\n";
    return;
  }
  out << ": " << early.fixed_before_enforcement << " fixed before enforcement ("
      << Ratio(early.fixed_before_enforcement, early.told) << "), " << early.fixed_after_block
      << " fixed after a block, " << early.waived << " waived, " << early.removed
      << " no longer asked, " << early.open << " open\n";
}

void WriteOwners(const Answers& answers, const TextStyle& style, std::ostream& out) {
  WriteHead("By owner", style, out);
  TextTable table({{"OWNER"},
                   NumberCell("SERVICES"),
                   NumberCell("LEAD TIME"),
                   NumberCell("BLOCKED"),
                   NumberCell("SURPRISES"),
                   NumberCell("TOLD"),
                   NumberCell("IN TIME"),
                   NumberCell("LATE"),
                   NumberCell("WAIVED"),
                   NumberCell("OPEN")});
  const auto number = [](uint64_t value) { return NumberCell(std::to_string(value)); };
  for (const OwnerAnswers& owner : answers.owners) {
    table.Add({{NameOr(owner.owner, "(nobody)")},
               number(owner.services),
               NumberCell(Span(owner.median_lead_time)),
               number(owner.rejections.blocked),
               number(owner.rejections.surprises),
               number(owner.early.told),
               number(owner.early.fixed_before_enforcement),
               number(owner.early.fixed_after_block),
               number(owner.early.waived),
               number(owner.early.open)});
  }
  table.Write(style.color, out, kIndent);
  out << "  TOLD: findings told before they blocked. IN TIME: fixed before enforcement. LATE: fixed "
         "after a block.\n";
}

// ---- JSON ----

Json LeadJson(std::optional<std::chrono::seconds> lead) {
  return lead ? Json(lead->count()) : Json();
}

Json CountsJson(const Rejections& rejections, const EarlyFindings& early,
                const std::map<std::string, uint32_t>& preventable) {
  Json out = {{"blockedReleases", rejections.blocked}, {"surprises", rejections.surprises}};
  out["surpriseRatio"] =
      rejections.blocked == 0 ? Json() : Json(double(rejections.surprises) / rejections.blocked);
  out["preventable"] = Json::object();
  for (const auto& [rule, count] : preventable) out["preventable"][rule] = count;
  out["toldEarly"] = {{"total", early.told},
                      {"fixedBeforeEnforcement", early.fixed_before_enforcement},
                      {"fixedAfterBlock", early.fixed_after_block},
                      {"waived", early.waived},
                      {"removed", early.removed},
                      {"open", early.open}};
  return out;
}

}  // namespace

Json QuestionsJson(const ServiceAnswers& service) {
  Json out = {{"service", service.service},
              {"owner", service.owner},
              {"workloads", service.workloads},
              {"firstSeen",
               {{"at", FormatTimestamp(service.first_seen)},
                {"how", SightingName(service.first_seen_by)}}}};
  out["firstEnforced"] =
      service.first_enforced ? Json(FormatTimestamp(*service.first_enforced)) : Json();
  out["leadTimeSeconds"] = LeadJson(service.lead_time());
  out.update(CountsJson(service.rejections, service.early, service.preventable));
  return out;
}

Json QuestionsJson(const OwnerAnswers& owner) {
  Json out = {{"owner", owner.owner}, {"services", owner.services}};
  out["medianLeadTimeSeconds"] = LeadJson(owner.median_lead_time);
  out.update(CountsJson(owner.rejections, owner.early, owner.preventable));
  return out;
}

void WriteQuestionsText(const Answers& answers, const TextStyle& style, std::ostream& out) {
  if (answers.services.empty()) {
    out << "No records: nothing has been judged yet, or no policy is about anything here.\n";
    return;
  }
  out << answers.services.size() << (answers.services.size() == 1 ? " service" : " services")
      << " of " << answers.owners.size() << (answers.owners.size() == 1 ? " owner" : " owners")
      << '\n';
  WriteFirst(answers, style, out);
  WriteSecond(answers, style, out);
  WriteThird(answers, style, out);
  WriteOwners(answers, style, out);
}

void WriteQuestionsJson(const Answers& answers, Timestamp now, std::ostream& out) {
  Json json = {{"version", kQuestionsJsonVersion}, {"asOf", FormatTimestamp(now)}};
  json["total"] = QuestionsJson(answers.total);
  json["total"].erase("owner");
  json["owners"] = Json::array();
  for (const OwnerAnswers& owner : answers.owners) json["owners"].push_back(QuestionsJson(owner));
  json["services"] = Json::array();
  for (const ServiceAnswers& service : answers.services) {
    json["services"].push_back(QuestionsJson(service));
  }
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace plimsoll
