#include "explain_more.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "cluster.h"
#include "denial.h"
#include "example.h"
#include "exit_code.h"
#include "plimsoll/base/text.h"
#include "plimsoll/codec/json_parser.h"
#include "plimsoll/codec/manifest.h"
#include "plimsoll/files/manifest_files.h"
#include "plimsoll/kube/resources.h"
#include "plimsoll/render/policy_page.h"
#include "plimsoll/rules/rule.h"
#include "policies.h"
#include "terminal.h"

namespace plimsoll::cli {
namespace {

constexpr std::string_view kBuiltIn = "plimsoll-baseline";

// Of the cluster: as text, so that it goes the way of every policy.
Result<LoadedPolicies> FromCluster(const std::string& name, const ClusterOptions& cluster) {
  const auto api = ConnectTo(cluster);
  if (!api) return tl::unexpected(api.error());
  kube::ApiRequest request;
  request.path = kube::ObjectPath(kube::kPolicies, {"", name});
  Result<kube::ApiResponse> answer = (*api)->Call(request);
  if (!answer && answer.error().code == ErrorCode::kNotFound) {
    return Fail(ErrorCode::kNotFound, "no file and no policy \"" + SanitizeLine(name, 200) +
                                          "\" there: " + answer.error().message);
  }
  if (!answer) {
    return Fail(answer.error().code,
                InWords(answer.error(), "get readinesspolicies.plimsoll.dev", ""));
  }
  // The parser pads what it is given.
  std::string text = answer->body;
  JsonParser parser;
  const Result<JsonView> object = parser.Parse(text);
  if (!object || !IsMeantAsPolicy(*object)) {
    return Fail(ErrorCode::kInternal,
                "the answer is no ReadinessPolicy; is this an API server (--context)?");
  }
  return PoliciesIn(std::move(answer->body), "policy " + name);
}

Result<LoadedPolicies> Load(const std::string& what, const ClusterOptions& cluster) {
  std::error_code ignored;
  if (what == "-" || std::filesystem::exists(what, ignored)) return LoadPolicies({what});
  if (what == kBuiltIn) return LoadBaseline();
  const bool file = what.find('/') != std::string::npos || IsManifestName(what);
  if (file) return Fail(ErrorCode::kNotFound, what + ": no such file");
  return FromCluster(what, cluster);
}

void Write(const ReadinessPolicy& policy, const ExplainOptions& options, Timestamp now,
           std::ostream& out) {
  switch (options.format) {
    case PageFormat::kMarkdown:
      out << PolicyMarkdown(policy, now);
      break;
    case PageFormat::kHtml:
      out << PolicyHtml(policy, now);
      break;
    default:
      WritePolicyText(policy, now, StyleFor(options.color), out);
  }
}

// ---- a denial ----

// Those of the first policy that somebody was refused for; where nobody was, those that were warned about.
struct ToWaive {
  std::string policy;
  std::string rules;  // as flags
};

ToWaive RulesToWaive(const Denial& denial) {
  const std::vector<ToldFinding>& told = denial.findings;
  const auto refused =
      std::find_if(told.begin(), told.end(), [](const ToldFinding& one) { return !one.warned; });
  const ToldFinding& first = refused == told.end() ? told.front() : *refused;
  ToWaive waive{first.policy, ""};
  std::set<std::string> seen;
  for (const ToldFinding& finding : told) {
    if (finding.policy != first.policy || finding.warned != first.warned) continue;
    if (seen.insert(finding.rule).second) waive.rules += " --rule " + finding.rule;
  }
  return waive;
}

class DenialPage {
 public:
  DenialPage(const Denial& denial, const TextStyle& style, std::ostream& out)
      : denial_(denial), style_(style), out_(out) {}

  void Write() {
    for (const ToldFinding& finding : denial_.findings) {
      const bool again = !explained_.insert(finding.rule).second;
      WriteFinding(finding, again);
      out_ << '\n';
    }
    Bold("More time");
    const ToWaive waive = RulesToWaive(denial_);
    out_ << "\n  plimsoll waiver request " << Workload() << " --policy " << waive.policy
         << waive.rules << " --expires DATE --reason \"...\"\n";
    for (const std::string& note : denial_.notes) {
      out_ << "  " << SanitizeLine(note, std::string::npos) << '\n';
    }
  }

 private:
  void Bold(std::string_view text) {
    out_ << (style_.color ? "\x1b[1m" : "") << text << (style_.color ? "\x1b[0m" : "");
  }

  // Two spaces in, broken between words where the terminal ends.
  void Paragraph(const std::string& text) {
    size_t column = 0;
    for (const std::string_view word : Split(text, ' ')) {
      const bool full = column + 1 + word.size() > static_cast<size_t>(style_.width);
      if (column == 0 || full) {
        out_ << (column == 0 ? "  " : "\n  ") << word;
        column = 2 + word.size();
      } else {
        out_ << ' ' << word;
        column += 1 + word.size();
      }
    }
    out_ << '\n';
  }

  // "Deployment/web -n payments", as the command takes it.
  std::string Workload() const {
    if (denial_.workload.empty()) return "KIND/NAME";
    std::string text = denial_.workload;
    if (!denial_.namespace_name.empty()) text += " -n " + denial_.namespace_name;
    return SanitizeLine(text, 300);
  }

  void WriteFinding(const ToldFinding& finding, bool again) {
    Bold(SanitizeLine(finding.policy + '/' + finding.rule, 300));
    out_ << '\n';
    Paragraph(SanitizeLine(finding.message, std::string::npos));
    if (!finding.path.empty()) out_ << "  At: " << SanitizeLine(finding.path, 500) << '\n';
    const Rule* const rule = FindRule(finding.rule);
    if (rule == nullptr) {
      out_ << "  plimsoll " PLIMSOLL_VERSION " does not know this rule; a newer one may.\n";
    } else if (again) {
      out_ << "  As above.\n";
    } else {
      Paragraph("What is asked: " + std::string(rule->title) + ".");
      Paragraph("What to do: " + std::string(rule->remediation));
      Paragraph("Why: " + std::string(rule->rationale));
    }
    WriteFix(finding, rule);
  }

  void WriteFix(const ToldFinding& finding, const Rule* rule) {
    std::string fix = finding.fix;
    std::string_view heading = "  The fix, to merge into the manifest:\n";
    if (fix.empty() && rule != nullptr) {
      fix = ExampleFor(*rule).fix;
      heading = "  For example (its names are not yours):\n";
    }
    if (fix.empty()) return;
    out_ << heading;
    for (const std::string_view line : Split(fix, '\n')) {
      if (!line.empty()) out_ << "    " << SanitizeLine(line, std::string::npos) << '\n';
    }
  }

  const Denial& denial_;
  const TextStyle style_;
  std::ostream& out_;
  std::set<std::string> explained_;
};

}  // namespace

int ExplainPolicy(const ExplainOptions& options, Timestamp now, std::ostream& out) {
  const Result<LoadedPolicies> loaded = Load(options.what.back(), options.cluster);
  if (!loaded) return SayUnable(loaded.error().message);
  if (!loaded->problems.empty()) {
    return NothingDone(loaded->problems, "the policy has problems");
  }
  if (options.format == PageFormat::kHtml && loaded->policies.size() > 1) {
    return SayUnable("an HTML page is about one policy; here are " +
                     std::to_string(loaded->policies.size()));
  }
  bool first = true;
  for (const ReadinessPolicy& policy : loaded->policies) {
    if (!first) out << '\n';
    first = false;
    Write(policy, options, options.as_of.value_or(now), out);
  }
  return kExitOk;
}

int ExplainDenial(const ExplainOptions& options, std::ostream& out) {
  if (::isatty(STDIN_FILENO) != 0) {
    WriteStandardError("Paste what you were told; end with Ctrl-D on a line of its own.\n");
  }
  const Result<std::string> text = ReadDescriptor(STDIN_FILENO, kMaxDenialBytes);
  if (!text) return SayUnable("standard input: " + text.error().message);
  const Denial denial = ParseDenial(*text);
  if (denial.findings.empty()) {
    return SayUnable(
        "no finding in it: expected lines such as \"production/runbook.url: ...\", as kubectl shows "
        "them");
  }
  DenialPage(denial, StyleFor(options.color), out).Write();
  return kExitOk;
}

}  // namespace plimsoll::cli
