#include "plimsoll/render/scan_report.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>

#include "plimsoll/base/text.h"
#include "plimsoll/render/ci_reports.h"
#include "render/terminal_text.h"

namespace plimsoll {
namespace {

using Json = nlohmann::ordered_json;

bool Denies(const Finding& finding) {
  return finding.result == RuleResult::kFail && finding.action == Action::kDeny &&
         finding.waiver.empty();
}

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string Named(std::string_view kind, std::string_view home, std::string_view name) {
  return CleanLine(std::string(home) + "/" + std::string(kind) + "/" + std::string(name));
}

std::string Plural(size_t count, std::string_view word) {
  return std::to_string(count) + " " + std::string(word) + (count == 1 ? "" : "s");
}

void Head(std::string_view text, const TextStyle& style, std::ostream& out) {
  out << '\n' << Paint(text, Ink::kBold, style.color) << '\n';
}

// ---- scan ----

void WriteBlocked(const CheckReport& report, const TextStyle& style, std::ostream& out) {
  std::vector<const CheckedWorkload*> blocked;
  for (const CheckedWorkload& workload : report.workloads) {
    if (std::any_of(workload.findings.begin(), workload.findings.end(), Denies)) {
      blocked.push_back(&workload);
    }
  }
  if (blocked.empty()) return;
  out << Paint(Plural(blocked.size(), "workload") + " would be refused", Ink::kRed, style.color)
      << '\n';
  for (size_t i = 0; i < std::min(blocked.size(), kMaxBlockedShown); ++i) {
    const CheckedWorkload& workload = *blocked[i];
    std::vector<std::string> rules;
    for (const Finding& finding : workload.findings) {
      if (Denies(finding) && (rules.empty() || rules.back() != finding.rule)) {
        rules.push_back(finding.rule);
      }
    }
    out << "  " << Named(workload.kind, workload.namespace_name, workload.name) << "  "
        << Paint(workload.owner.empty() ? "(nobody)" : CleanLine(workload.owner), Ink::kDim,
                 style.color)
        << '\n';
    WriteWrapped(Join(rules), 4, style.width, Ink::kPlain, style.color, out);
  }
  if (blocked.size() > kMaxBlockedShown) {
    out << "  and " << blocked.size() - kMaxBlockedShown
        << " more: --details lists them all, --format json is for programs\n";
  }
  out << '\n';
}

// ---- preview ----

using Counts = std::map<std::string, size_t>;

void WriteCounts(const Counts& counts, const TextStyle& style, std::ostream& out) {
  std::vector<std::pair<std::string, size_t>> rows(counts.begin(), counts.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const auto& [name, count] : rows) {
    const std::string number = std::to_string(count);
    out << std::string(number.size() < 6 ? 6 - number.size() : 0, ' ')
        << Paint(number, Ink::kBold, style.color) << "  "
        << (name.empty() ? "(nobody)" : CleanLine(name)) << '\n';
  }
}

void WriteList(std::string_view title, const std::vector<PreviewedWorkload>& workloads,
               const TextStyle& style, std::ostream& out) {
  if (workloads.empty()) return;
  Head(title, style, out);
  for (size_t i = 0; i < std::min(workloads.size(), kMaxBlockedShown); ++i) {
    const PreviewedWorkload& workload = workloads[i];
    out << "  " << Named(workload.kind, workload.namespace_name, workload.name) << "  "
        << Paint(workload.owner.empty() ? "(nobody)" : CleanLine(workload.owner), Ink::kDim,
                 style.color)
        << '\n';
    WriteWrapped(Join(workload.rules), 4, style.width, Ink::kPlain, style.color, out);
  }
  if (workloads.size() > kMaxBlockedShown) {
    out << "  and " << workloads.size() - kMaxBlockedShown << " more (--json has them all)\n";
  }
}

Json JsonOf(const std::vector<PreviewedWorkload>& workloads) {
  Json list = Json::array();
  for (const PreviewedWorkload& workload : workloads) {
    list.push_back({{"kind", workload.kind},
                    {"namespace", workload.namespace_name},
                    {"name", workload.name},
                    {"owner", workload.owner},
                    {"rules", workload.rules}});
  }
  return list;
}

}  // namespace

void WriteScanText(const CheckReport& report, const TextStyle& style, std::ostream& out) {
  WriteBlocked(report, style, out);
  WriteStatisticsText(report, style, out);
}

void WritePreviewText(const Preview& preview, const TextStyle& style, std::ostream& out) {
  if (!preview.policies.empty()) {
    out << "With " << CleanLine(Join(preview.policies)) << " as given";
  } else {
    out << "With the policies in force";
  }
  out << (preview.then == preview.now ? ", now" : ", on " + FormatTimestamp(preview.then)) << ": "
      << Plural(preview.workloads, "workload") << " judged\n\n";
  const auto line = [&](std::string_view word, size_t before, size_t after) {
    const Ink ink = after > before ? Ink::kRed : after < before ? Ink::kGreen : Ink::kPlain;
    out << "  " << word << std::to_string(before) << " -> "
        << Paint(std::to_string(after), ink, style.color) << '\n';
  };
  line("refused  ", preview.blocked_before, preview.blocked_after);
  line("warned   ", preview.warned_before, preview.warned_after);
  Counts owners;
  Counts rules;
  for (const PreviewedWorkload& workload : preview.newly) {
    ++owners[workload.owner];
    for (const std::string& rule : workload.rules) ++rules[rule];
  }
  if (!preview.newly.empty()) {
    Head("Newly refused, by owner", style, out);
    WriteCounts(owners, style, out);
    Head("Newly refused, by rule", style, out);
    WriteCounts(rules, style, out);
  }
  WriteList("Newly refused", preview.newly, style, out);
  WriteList("No longer refused", preview.no_longer, style, out);
  if (preview.newly.empty() && preview.no_longer.empty()) {
    out << "\nNobody is refused who is not refused now.\n";
  }
}

void WritePreviewJson(const Preview& preview, std::ostream& out) {
  const Json json = {
      {"version", kPreviewJsonVersion},
      {"now", FormatTimestamp(preview.now)},
      {"then", FormatTimestamp(preview.then)},
      {"policies", preview.policies},
      {"workloads", preview.workloads},
      {"blocked", {{"before", preview.blocked_before}, {"after", preview.blocked_after}}},
      {"warned", {{"before", preview.warned_before}, {"after", preview.warned_after}}},
      {"newly", JsonOf(preview.newly)},
      {"noLonger", JsonOf(preview.no_longer)}};
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace plimsoll
