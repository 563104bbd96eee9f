// The status of a denied request. kubectl prints one bullet per cause and not the message; other clients (Helm, Argo CD,
// Flux, client-go programs) print the message alone. Both say the same: worst first, each finding with its rule, path and
// fix, then whom to ask and how to see this before the next push.

#include <algorithm>
#include <array>
#include <vector>

#include "admission/answer.h"
#include "plimsoll/admission/handler.h"
#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

// Message and causes together stay under kMaxMessageBytes; each gets half. The limits on single texts (answer.h) leave
// room for the headline, the help of kMaxPoliciesWithHelp policies and at least one finding.
constexpr size_t kMessageBudget = kMaxMessageBytes / 2;
constexpr size_t kCausesBudget = kMaxMessageBytes - kMessageBudget;
// Policies whose contact and documentation are printed. More would push findings out.
constexpr size_t kMaxPoliciesWithHelp = 3;
constexpr size_t kMaxShownPolicyBytes = 63;
// Of what a denial says besides; two such lines leave room for a finding, too.
constexpr size_t kMaxHelpBytes = 360;
// Longer fixes are whole documents; they are shown by `plimsoll check`.
constexpr size_t kMaxFixBytes = 1024;

// One finding, in the two sizes it can have.
struct Entry {
  std::string text;  // without the fix
  std::string fix;   // to be put behind it; "" where there is none
  bool with_fix = false;
};

std::vector<const Finding*> DenyingFindings(const Verdict& verdict) {
  std::vector<const Finding*> found;
  for (const Finding& finding : verdict.findings) {
    if (finding.result == RuleResult::kFail && finding.action == Action::kDeny) {
      found.push_back(&finding);
    }
  }
  return found;
}

std::string PathOf(const Finding& finding) {
  return finding.path.empty() ? "metadata" : SanitizeLine(finding.path, kMaxPathBytes);
}

std::string SentenceWithReason(const Finding& finding) {
  std::string text = FindingLine(finding);
  // "Deny", without a date, says nothing that the denial does not.
  if (!finding.reason.empty() && finding.reason != ActionName(finding.action)) {
    text += " (" + SanitizeLine(finding.reason, kMaxReasonBytes) + ")";
  }
  return text;
}

// The fix as a block below `heading`, its lines indented; YAML stays YAML when it is pasted with its indentation.
std::string FixBlock(const Finding& finding, std::string_view indent) {
  if (finding.fix.empty() || finding.fix.size() > kMaxFixBytes) return {};
  std::string out = "\n" + std::string(indent) + "fix:";
  for (const std::string_view line : Split(finding.fix, '\n')) {
    if (Trim(line).empty()) continue;
    out += "\n" + std::string(indent) + "  " + SanitizeLine(line, kMaxFixBytes);
  }
  return out;
}

std::vector<HelpLine> Help(const Subject& subject, const std::vector<const Finding*>& denying,
                           const PolicySnapshot& policies, std::vector<HelpLine> lines) {
  for (HelpLine& line : lines) line.text = SanitizeLine(line.text, kMaxHelpBytes);
  std::vector<const ReadinessPolicy*> named;
  for (const Finding* finding : denying) {
    const ReadinessPolicy* policy = policies.Find(finding->policy);
    if (policy != nullptr && std::find(named.begin(), named.end(), policy) == named.end() &&
        named.size() < kMaxPoliciesWithHelp) {
      named.push_back(policy);
    }
  }
  const auto owner = [&](const ReadinessPolicy& policy) {
    return named.size() > 1 ? " (" + SanitizeLine(policy.name, kMaxShownPolicyBytes) + ")"
                            : std::string();
  };
  for (const ReadinessPolicy* policy : named) {
    if (policy->contact.empty()) continue;
    lines.push_back({"contact", SanitizeLine(policy->contact, kMaxContactBytes) + owner(*policy) +
                                    ", also to ask for a waiver"});
  }
  for (const ReadinessPolicy* policy : named) {
    if (policy->documentation.empty()) continue;
    lines.push_back(
        {"documentation", SanitizeLine(policy->documentation, kMaxUrlBytes) + owner(*policy)});
  }
  std::string command = "`plimsoll check --policy POLICIES";
  if (!subject.namespace_name.empty()) {
    command += " --namespace " + SanitizeLine(subject.namespace_name, kMaxContactBytes);
  }
  lines.push_back({"before the next push", command + " FILE` shows all of this"});
  return lines;
}

// Keeps as many entries as fit into `budget`, then gives them their fixes, worst first, as long as there is room. So
// nothing is left out for the sake of another finding's fix.
void Fit(std::vector<Entry>& entries, size_t per_entry, size_t budget) {
  size_t used = 0;
  size_t kept = 0;
  while (kept < entries.size() && used + entries[kept].text.size() + per_entry <= budget) {
    used += entries[kept++].text.size() + per_entry;
  }
  entries.resize(std::max<size_t>(kept, 1));
  for (Entry& entry : entries) {
    if (entry.fix.empty() || used + entry.fix.size() > budget) continue;
    entry.with_fix = true;
    used += entry.fix.size();
  }
}

std::string More(size_t count) {
  return std::to_string(count) + (count == 1 ? " more finding" : " more findings") +
         " not listed here";
}

std::string Headline(const Subject& subject, size_t count) {
  std::string line = std::string(subject.kind) + " ";
  if (!subject.namespace_name.empty()) {
    line += SanitizeLine(subject.namespace_name, kMaxContactBytes) + "/";
  }
  line += (subject.name.empty() ? "(no name)" : SanitizeLine(subject.name, kMaxNameBytes)) +
          " is not ready: ";
  return line + std::to_string(count) + (count == 1 ? " finding" : " findings");
}

std::string Message(const Subject& subject, const std::vector<const Finding*>& denying,
                    size_t total, const std::vector<HelpLine>& help) {
  constexpr std::string_view kIndent = "   ";
  constexpr size_t kNumberBytes = 6;  // line break, "500. "
  constexpr size_t kMoreBytes = 64;
  std::string head = Headline(subject, total);
  std::string tail;
  for (const HelpLine& line : help) {
    tail += "\n" + std::string(line.label) + ": " + line.text;
  }
  std::vector<Entry> entries;
  for (const Finding* finding : denying) {
    entries.push_back(
        {SentenceWithReason(*finding) + "\n" + std::string(kIndent) + "path: " + PathOf(*finding),
         FixBlock(*finding, kIndent)});
  }
  Fit(entries, kNumberBytes, kMessageBudget - head.size() - tail.size() - kMoreBytes);
  std::string out = std::move(head);
  for (size_t i = 0; i < entries.size(); ++i) {
    out += "\n" + std::to_string(i + 1) + ". " + entries[i].text;
    if (entries[i].with_fix) out += entries[i].fix;
  }
  out += tail;
  if (entries.size() < total) out += "\n" + More(total - entries.size());
  return out;
}

std::vector<StatusCause> Causes(const std::vector<const Finding*>& denying, size_t total,
                                const std::vector<HelpLine>& help) {
  constexpr std::string_view kIndent = "    ";
  constexpr size_t kMoreBytes = 64;
  std::vector<StatusCause> tail;
  size_t tail_bytes = kMoreBytes;
  for (const HelpLine& line : help) {
    tail.push_back({std::string(line.label), line.text});
    tail_bytes += line.label.size() + line.text.size();
  }
  std::vector<Entry> entries;
  for (const Finding* finding : denying) {
    entries.push_back(
        {PathOf(*finding) + SentenceWithReason(*finding), FixBlock(*finding, kIndent)});
  }
  Fit(entries, 0, kCausesBudget - tail_bytes);
  std::vector<StatusCause> causes;
  for (size_t i = 0; i < entries.size(); ++i) {
    std::string text = SentenceWithReason(*denying[i]);
    if (entries[i].with_fix) text += entries[i].fix;
    causes.push_back({PathOf(*denying[i]), std::move(text)});
  }
  std::move(tail.begin(), tail.end(), std::back_inserter(causes));
  if (entries.size() < total) causes.push_back({"and", More(total - entries.size())});
  return causes;
}

}  // namespace

void WriteDenial(const Subject& subject, const Verdict& verdict, const PolicySnapshot& policies,
                 const std::vector<HelpLine>& more, AdmissionResponse& response) {
  const std::vector<const Finding*> denying = DenyingFindings(verdict);
  // What was dropped at the limit on findings counts: the reader must not believe that the list is complete.
  const size_t total = denying.size() + verdict.findings_dropped;
  const std::vector<HelpLine> help = Help(subject, denying, policies, more);
  response.code = 422;
  response.reason = "Invalid";
  response.details_group = std::string(subject.group);
  response.details_kind = std::string(subject.kind);
  response.details_name = SanitizeLine(subject.name, kMaxNameBytes);
  response.message = Message(subject, denying, total, help);
  response.causes = Causes(denying, total, help);
}

}  // namespace plimsoll
