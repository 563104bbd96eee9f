#include "admission/answer.h"

#include <algorithm>

#include "plimsoll/admission/handler.h"
#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

// A warning that keeps less than this of its sentence is no longer understood.
constexpr size_t kMinSentenceInWarning = 60;

bool IsWarning(const Finding& finding) {
  return finding.result == RuleResult::kFail && finding.action == Action::kWarn;
}

std::string WarningLine(const Finding& finding) {
  std::string when;
  if (finding.upcoming) {
    when = " [" + std::string(ActionName(finding.upcoming->action)) + " from " +
           FormatDate(finding.upcoming->from) + "]";
  }
  const std::string line = FindingLine(finding);
  if (line.size() + when.size() <= kMaxWarningBytes) return line + when;
  // The date is what the reader plans with; the end of the sentence is what `check` shows.
  if (when.size() + kMinSentenceInWarning > kMaxWarningBytes) when.clear();
  return SanitizeLine(line, kMaxWarningBytes - when.size()) + when;
}

// What was done, before what it was done about: whoever reads this is in an incident.
std::string MercyLine(const Verdict& verdict) {
  const auto forgiven =
      std::count_if(verdict.findings.begin(), verdict.findings.end(), [](const Finding& f) {
        return f.let_through == LetThrough::kRollback || f.let_through == LetThrough::kBreakGlass;
      });
  const size_t count = static_cast<size_t>(forgiven) + verdict.findings_dropped;
  const std::string what = verdict.mercy == Mercy::kRollback ? "rollback to " : "glass broken for ";
  const std::string end = ": let through with " + std::to_string(count) +
                          (count == 1 ? " finding that denies" : " findings that deny");
  return what + SanitizeLine(verdict.mercy_detail, kMaxWarningBytes - what.size() - end.size()) +
         end;
}

void AddWarnings(const Verdict& verdict, std::vector<std::string>& warnings) {
  if (verdict.mercy != Mercy::kNone) warnings.push_back(MercyLine(verdict));
  size_t more = 0;
  for (const Finding& finding : verdict.findings) {
    if (!IsWarning(finding)) continue;
    std::string line = WarningLine(finding);
    // The API server drops a repeated line; it must not use up a place here.
    if (std::find(warnings.begin(), warnings.end(), line) != warnings.end()) continue;
    if (warnings.size() < kMaxWarnings) {
      warnings.push_back(std::move(line));
    } else {
      ++more;
    }
  }
  if (more > 0) {
    warnings.push_back(std::to_string(more) + (more == 1 ? " more finding" : " more findings") +
                       " at Warn; `plimsoll check` lists all of them");
  }
}

void AppendJsonMember(std::string_view key, std::string_view value, size_t max_bytes,
                      std::string& out) {
  out += out.back() == '{' ? "\"" : ",\"";
  out += key;
  out += "\":";
  AppendJsonString(SanitizeLine(value, max_bytes), out);
}

std::string FindingsAnnotation(const Verdict& verdict) {
  // Room for the closing element that counts what was left out.
  constexpr size_t kReserve = 32;
  std::string out = "[";
  size_t shown = 0;
  for (const Finding& finding : verdict.findings) {
    std::string item = "{";
    AppendJsonMember("policy", finding.policy, kMaxPathBytes, item);
    AppendJsonMember("rule", finding.rule, kMaxPathBytes, item);
    AppendJsonMember("result", RuleResultName(finding.result), kMaxPathBytes, item);
    AppendJsonMember("action", ActionLabel(finding.action), kMaxPathBytes, item);
    AppendJsonMember("path", finding.path, kMaxPathBytes, item);
    if (!finding.waiver.empty()) AppendJsonMember("waiver", finding.waiver, kMaxNameBytes, item);
    item += "}";
    if (out.size() + item.size() + kReserve > kMaxAnnotationBytes) break;
    if (shown++ > 0) out += ",";
    out += item;
  }
  if (const size_t more = verdict.findings.size() - shown + verdict.findings_dropped; more > 0) {
    out += (shown > 0 ? ",{\"more\":" : "{\"more\":") + std::to_string(more) + "}";
  }
  return out + "]";
}

std::string PoliciesAnnotation(const Verdict& verdict) {
  std::string out;
  for (const std::string_view policy : verdict.policies) {
    if (out.size() + policy.size() + 4 > kMaxAnnotationBytes) return out + ",…";
    if (!out.empty()) out += ",";
    out += policy;
  }
  return out;
}

void AddAnnotations(const Verdict& verdict,
                    std::vector<std::pair<std::string, std::string>>& annotations) {
  annotations.emplace_back("verdict", DecisionName(verdict.decision));
  if (verdict.exemption != Exemption::kNone) {
    annotations.emplace_back("reason", ExemptionReason(verdict.exemption));
  }
  if (verdict.mercy != Mercy::kNone) {
    annotations.emplace_back(MercyName(verdict.mercy), verdict.mercy_detail);
  }
  if (!verdict.policies.empty()) annotations.emplace_back("policies", PoliciesAnnotation(verdict));
  if (!verdict.findings.empty()) annotations.emplace_back("findings", FindingsAnnotation(verdict));
}

}  // namespace

std::string RuleName(const Finding& finding) {
  return SanitizeLine(finding.policy, kMaxNameBytes) + "/" + finding.rule;
}

std::string Sentence(const Finding& finding) {
  std::string_view text = Trim(finding.message);
  if (text.ends_with('.')) text.remove_suffix(1);
  return SanitizeLine(text, kMaxSentenceBytes);
}

std::string FindingLine(const Finding& finding) {
  return RuleName(finding) + ": " + Sentence(finding);
}

void WriteAnswer(const Subject& subject, const Verdict& verdict, const PolicySnapshot& policies,
                 const std::vector<HelpLine>& more, AdmissionResponse& response) {
  response.allowed = verdict.decision != Decision::kDeny;
  if (!response.allowed) WriteDenial(subject, verdict, policies, more, response);
  AddWarnings(verdict, response.warnings);
  AddAnnotations(verdict, response.audit_annotations);
}

}  // namespace plimsoll
