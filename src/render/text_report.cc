// CheckReport as text: what has to be done first comes first, with everything needed to do it.
#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <ostream>
#include <span>
#include <utility>
#include <vector>

#include "plimsoll/base/text.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/render/check_report.h"
#include "plimsoll/render/ci_reports.h"
#include "plimsoll/render/patch_merge.h"
#include "render/terminal_text.h"

namespace plimsoll {
namespace {

using Standing = CheckedWorkload::Standing;

constexpr int kIndent = 2;
constexpr int kDetail = 4;
constexpr int kFix = 6;

struct Mark {
  std::string_view symbol;
  std::string_view word;
  Ink ink;
};

Mark MarkOf(const Finding& finding) {
  switch (finding.result) {
    case RuleResult::kFail:
      if (!finding.waiver.empty()) return {"~", "waived", Ink::kBlue};
      if (finding.action == Action::kDeny) return {"✗", "deny", Ink::kRed};
      if (finding.action == Action::kWarn) return {"!", "warn", Ink::kYellow};
      return {"•", "audit", Ink::kBlue};
    case RuleResult::kError:
      return {"?", "error", Ink::kRed};
    case RuleResult::kPending:
      return {"…", "pending", Ink::kBlue};
    case RuleResult::kPass:
      return {"✓", "pass", Ink::kGreen};
    case RuleResult::kNotApplicable:
      return {"-", "n/a", Ink::kDim};
  }
  return {"?", "", Ink::kPlain};
}

// One line says it all.
bool IsQuiet(const Finding& finding) {
  return finding.result == RuleResult::kPass || finding.result == RuleResult::kNotApplicable;
}

std::string Place(std::string_view file, SourcePosition position, bool with_column) {
  std::string place = CleanLine(file);
  if (!position.known()) return place;
  place += ':' + std::to_string(position.line);
  if (with_column) place += ':' + std::to_string(position.column);
  return place;
}

std::string Title(const CheckedWorkload& workload) {
  std::string title = CleanLine(workload.kind) + ' ';
  if (!workload.namespace_name.empty()) title += CleanLine(workload.namespace_name) + '/';
  title += workload.name.empty() ? "(no name)" : CleanLine(workload.name);
  return title;
}

// "1 document", "3 documents".
std::string Counted(uint64_t count, std::string_view noun) {
  std::string out = std::to_string(count) + ' ' + std::string(noun);
  if (count != 1) out += 's';
  return out;
}

// The fixes of a workload's findings as one patch, as far as they go together.
struct CombinedFix {
  std::string patch;
  std::vector<bool> covers;  // by finding
  size_t of = 0;             // how many; 0 where there is nothing to combine
};

CombinedFix CombineFixes(const CheckedWorkload& workload) {
  CombinedFix combined;
  combined.covers.resize(workload.findings.size());
  for (size_t i = 0; i < workload.findings.size(); ++i) {
    const std::string& fix = workload.findings[i].fix;
    if (fix.empty()) continue;
    std::optional<std::string> merged = MergePatches(combined.of == 0 ? fix : combined.patch, fix);
    if (!merged) continue;
    combined.patch = std::move(*merged);
    combined.covers[i] = true;
    ++combined.of;
  }
  if (combined.of < 2) combined.of = 0;
  return combined;
}

class Printer {
 public:
  Printer(const TextStyle& style, std::ostream& out) : style_(style), out_(out) {}

  void Workload(const CheckedWorkload& workload) {
    out_ << Paint(Title(workload), Ink::kBold, style_.color) << "  "
         << Paint(Place(workload.file, workload.position, false), Ink::kDim, style_.color) << '\n';
    if (!workload.note.empty()) {
      const bool judged = workload.standing == Standing::kJudged;
      Paragraph((judged ? "note: " : "not judged: ") + workload.note, kIndent, Ink::kPlain);
    }
    rule_width_ = 0;
    word_width_ = 0;
    for (const Finding& finding : workload.findings) {
      rule_width_ = std::max(rule_width_, Columns(finding.rule));
      word_width_ = std::max(word_width_, MarkOf(finding).word.size());
    }
    const CombinedFix combined = CombineFixes(workload);
    std::string why;
    for (const Finding& finding : workload.findings) {
      FindingLines(workload, finding);
      if (IsQuiet(finding)) continue;
      // Most findings of a workload have one reason; it is said once.
      if (std::string next = Why(finding); next != why) {
        why = std::move(next);
        Paragraph(why, kDetail, Ink::kDim);
      }
      if (combined.of != 0 &&
          combined.covers[static_cast<size_t>(&finding - workload.findings.data())])
        continue;
      WriteBlock(finding.fix, kFix, Ink::kGreen, style_.color, out_);
    }
    if (combined.of != 0) {
      out_ << '\n';
      const std::string which =
          combined.of == 2 ? std::string("both") : "these " + std::to_string(combined.of);
      // Of custom resources kubectl would replace whole lists: containers, for one.
      const bool patchable = workload.kind != WorkloadKindName(WorkloadKind::kRollout);
      Paragraph("To fix " + which + ", merge this into the manifest" +
                    (patchable ? " (kubectl patch --patch-file takes it, too):" : ":"),
                kIndent, Ink::kBold);
      WriteBlock(combined.patch, kDetail, Ink::kGreen, style_.color, out_);
    }
    out_ << '\n';
  }

  void Error(const Diagnostic& error) {
    out_ << Paint("error", Ink::kRed, style_.color) << ' ';
    const std::string place = Place(error.file, error.position, true);
    if (!place.empty()) out_ << Paint(place, Ink::kBold, style_.color) << '\n';
    std::string message = error.path;
    if (!message.empty()) message += ": ";
    Paragraph(message + error.message, kIndent, Ink::kPlain);
  }

  void Paragraph(std::string_view text, int indent, Ink ink) {
    WriteWrapped(text, indent, style_.width, ink, style_.color, out_);
  }

 private:
  void FindingLines(const CheckedWorkload& workload, const Finding& finding) {
    const Mark mark = MarkOf(finding);
    std::string word(mark.word);
    word.resize(word_width_, ' ');
    const std::string rule = CleanLine(finding.rule);
    out_ << "  " << Paint(mark.symbol, mark.ink, style_.color) << ' '
         << Paint(word, mark.ink, style_.color) << "  " << Paint(rule, Ink::kBold, style_.color);
    const std::string gap(rule_width_ - std::min(rule_width_, Columns(rule)) + 2, ' ');
    if (IsQuiet(finding)) {
      if (!finding.reason.empty()) out_ << gap << CleanLine(finding.reason);
      out_ << '\n';
      return;
    }
    const SourcePosition position = finding.position.known() ? finding.position : workload.position;
    out_ << gap << Paint(Place(workload.file, position, true), Ink::kDim, style_.color) << '\n';
    if (!finding.message.empty()) Paragraph(finding.message, kDetail, Ink::kPlain);
  }

  // "production: Warn since 2026-12-01; Deny from 2027-02-01".
  static std::string Why(const Finding& finding) {
    if (finding.policy.empty() || finding.reason.empty()) return finding.policy + finding.reason;
    return finding.policy + ": " + finding.reason;
  }

  const TextStyle& style_;
  std::ostream& out_;
  // Columns of the group being written.
  size_t rule_width_ = 0;
  size_t word_width_ = 0;
};

// What is worth a group of its own: findings, or a reason to look at it. The rest is in the last lines' counts.
bool Listed(const CheckedWorkload& workload, const TextStyle& style) {
  if (style.show_all || !workload.findings.empty()) return true;
  return !workload.note.empty() && workload.standing != Standing::kNoPolicyMatches;
}

struct Tally {
  uint64_t ready = 0;
  uint64_t not_judged = 0;
  uint64_t unmatched = 0;
};

Tally Count(const CheckReport& report) {
  Tally tally;
  for (const CheckedWorkload& workload : report.workloads) {
    const bool failed =
        std::any_of(workload.findings.begin(), workload.findings.end(), [](const Finding& finding) {
          return finding.result == RuleResult::kFail || finding.result == RuleResult::kError;
        });
    if (workload.standing == Standing::kNoPolicyMatches) {
      ++tally.unmatched;
    } else if (workload.standing == Standing::kNotJudged) {
      ++tally.not_judged;
    } else if (!failed) {
      ++tally.ready;
    }
  }
  return tally;
}

std::string CountsLine(const CheckSummary& summary, const CheckReport& report, bool color) {
  const auto part = [&](uint64_t count, std::string_view word, Ink ink) {
    return Paint(std::to_string(count) + ' ' + std::string(word), count == 0 ? Ink::kDim : ink,
                 color);
  };
  std::string line = part(summary.deny, "deny", Ink::kRed) + ", " +
                     part(summary.warn, "warn", Ink::kYellow) + ", " +
                     part(summary.audit - summary.waived, "audit", Ink::kBlue);
  if (summary.waived != 0) line += ", " + part(summary.waived, "waived", Ink::kBlue);
  if (summary.pending != 0) line += ", " + part(summary.pending, "pending", Ink::kBlue);
  const uint64_t errors = summary.error + report.errors.size();
  if (errors != 0) line += ", " + part(errors, errors == 1 ? "error" : "errors", Ink::kRed);
  return line;
}

std::string PolicyNames(const CheckReport& report) {
  constexpr size_t kNamed = 5;
  const size_t named = std::min(report.policies.size(), kNamed);
  std::string names = report.policies.empty()
                          ? "no policy"
                          : Join(std::span(report.policies).subspan(0, named), ", ");
  const size_t more = report.policies.size() - named;
  return more == 0 ? names : names + " and " + std::to_string(more) + " more";
}

// "Service, ServiceMonitor or PodMonitor".
std::string OneOf(const std::vector<std::string>& kinds) {
  if (kinds.size() < 2) return Join(kinds, "");
  return Join(std::span(kinds).first(kinds.size() - 1), ", ") + " or " + kinds.back();
}

}  // namespace

void WriteSummaryText(const CheckReport& report, const TextStyle& style, std::ostream& out) {
  const CheckSummary summary = Summarize(report);
  const Tally tally = Count(report);
  std::string line = Counted(summary.workloads, "workload");
  if (summary.files != 0) line += " in " + Counted(summary.files, "file");  // none: of a cluster
  line += ": " +
          Paint(std::to_string(tally.ready) + " ready", tally.ready == 0 ? Ink::kDim : Ink::kGreen,
                style.color) +
          ", " + CountsLine(summary, report, style.color);
  if (tally.not_judged != 0) line += "; " + std::to_string(tally.not_judged) + " not judged";
  if (tally.unmatched != 0) {
    line += "; " + std::to_string(tally.unmatched) + " matched by no policy";
    if (summary.files != 0 && !style.show_all)
      line += " (--all lists " + std::string(tally.unmatched == 1 ? "it)" : "them)");
  }
  if (report.known != 0) {
    line += "; " + std::to_string(report.known) + " known before (--baseline), not listed";
  }
  out << line << '\n';
  // Which policies and which day: a report without them says nothing.
  std::string terms = "Judged as of " + FormatDate(report.as_of) + " by " + PolicyNames(report);
  if (summary.fail != 0) terms += "; plimsoll explain RULE says why a rule is there";
  WriteWrapped(terms, 0, style.width, Ink::kDim, style.color, out);
  for (const std::string& hint : report.hints) {
    WriteWrapped(hint, 0, style.width, Ink::kPlain, style.color, out);
  }
  if (report.absent_kinds.empty()) return;
  WriteWrapped("The files given are judged as all there is, and they have no " +
                   OneOf(report.absent_kinds) +
                   ". Where that is in another file, give check that file, too",
               0, style.width, Ink::kDim, style.color, out);
}

void WriteErrorsText(const CheckReport& report, const TextStyle& style, std::ostream& out) {
  Printer printer(style, out);
  for (const Diagnostic& error : report.errors) printer.Error(error);
  if (!report.errors.empty()) out << '\n';
}

void WriteTextReport(const CheckReport& report, const TextStyle& style, std::ostream& out) {
  Printer printer(style, out);
  for (const CheckedWorkload& workload : report.workloads) {
    if (Listed(workload, style)) printer.Workload(workload);
  }
  WriteErrorsText(report, style, out);
  WriteSummaryText(report, style, out);
}

}  // namespace plimsoll
