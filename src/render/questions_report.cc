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

namespace plimsoll {
namespace {

using Json = nlohmann::ordered_json;

// A name longer than this is cut in a table; the JSON has it whole.
constexpr size_t kMaxNameColumns = 40;

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

std::string Day(Timestamp time) { return FormatTimestamp(time).substr(0, 10); }

std::string Ratio(uint32_t part, uint32_t whole) {
  if (whole == 0) return "-";
  return std::to_string((100ULL * part + whole / 2) / whole) + " %";
}

std::string NameOr(const std::string& name, std::string_view otherwise) {
  const std::string clean = name.empty() ? std::string(otherwise) : CleanLine(name);
  return SanitizeLine(clean, kMaxNameColumns);
}

// Columns as wide as their widest cell, two blanks between; numbers stand right.
class Table {
 public:
  explicit Table(std::vector<std::string> heads) : columns_(heads.size()) {
    rows_.push_back(std::move(heads));
  }
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  void Write(bool color, std::ostream& out) const {
    std::vector<size_t> widths(columns_, 0);
    for (const auto& row : rows_) {
      for (size_t i = 0; i < columns_; ++i) widths[i] = std::max(widths[i], Columns(row[i]));
    }
    for (size_t r = 0; r < rows_.size(); ++r) {
      std::string line = "  ";
      for (size_t i = 0; i < columns_; ++i) {
        const std::string pad(widths[i] - Columns(rows_[r][i]), ' ');
        const bool right = i >= kTextColumns;
        line += right ? pad + rows_[r][i] : rows_[r][i] + pad;
        if (i + 1 < columns_) line += "  ";
      }
      line.erase(line.find_last_not_of(' ') + 1);
      out << Paint(line, r == 0 ? Ink::kBold : Ink::kPlain, color) << '\n';
    }
  }

 private:
  // Service or owner, and what goes with it.
  static constexpr size_t kTextColumns = 2;
  size_t columns_;
  std::vector<std::vector<std::string>> rows_;
};

void WriteHead(std::string_view text, const TextStyle& style, std::ostream& out) {
  out << '\n' << Paint(text, Ink::kBold, style.color) << '\n';
}

void WriteFirst(const Answers& answers, const TextStyle& style, std::ostream& out) {
  WriteHead("1. When did operations first see it?", style, out);
  Table table({"SERVICE", "OWNER", "FIRST SEEN", "BY", "ENFORCED", "LEAD TIME"});
  for (const ServiceAnswers& service : answers.services) {
    table.Add({NameOr(service.service, "-"), NameOr(service.owner, "(nobody)"),
               Day(service.first_seen), std::string(SightingName(service.first_seen_by)),
               service.first_enforced ? Day(*service.first_enforced) : "-",
               Span(service.lead_time())});
  }
  table.Write(style.color, out);
  out << "  Median lead time: " << Span(answers.total.median_lead_time) << '\n';
}

void WriteSecond(const Answers& answers, const TextStyle& style, std::ostream& out) {
  WriteHead("2. Which rejections could have been prevented upstream?", style, out);
  const Rejections& all = answers.total.rejections;
  out << "  " << all.blocked << " blocked releases, of them " << all.surprises
      << " surprises: " << Ratio(all.surprises, all.blocked) << '\n';
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
  out << "  " << early.told << " findings were told early";
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
  Table table({"OWNER", "", "SERVICES", "LEAD TIME", "BLOCKED", "SURPRISES", "TOLD", "IN TIME",
               "LATE", "WAIVED", "OPEN"});
  for (const OwnerAnswers& owner : answers.owners) {
    table.Add({NameOr(owner.owner, "(nobody)"), "", std::to_string(owner.services),
               Span(owner.median_lead_time), std::to_string(owner.rejections.blocked),
               std::to_string(owner.rejections.surprises), std::to_string(owner.early.told),
               std::to_string(owner.early.fixed_before_enforcement),
               std::to_string(owner.early.fixed_after_block), std::to_string(owner.early.waived),
               std::to_string(owner.early.open)});
  }
  table.Write(style.color, out);
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
