#include "init.h"

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "exit_code.h"
#include "plimsoll/base/text.h"
#include "plimsoll/files/file_tree.h"
#include "plimsoll/files/manifest_files.h"
#include "plimsoll/record/stamps.h"
#include "terminal.h"

namespace plimsoll::cli {
namespace {

namespace fs = std::filesystem;

std::string Counted(size_t count, const std::string& one) {
  return std::to_string(count) + ' ' + one + (count == 1 ? "" : "s");
}

// A path may have any byte in it.
std::string Shown(const std::string& path) { return SanitizeLine(path, std::string::npos); }

// "", or why the tier cannot be.
std::string SettleTier(ServicePlan& plan, const ServiceTerms& terms) {
  if (terms.tiers.empty()) {
    if (plan.tier.empty()) return {};
    return "the policy has no tiers; leave --tier out";
  }
  if (plan.tier.empty()) plan.tier = terms.default_tier;
  if (plan.tier.empty()) plan.tier = terms.tiers.front();
  if (std::find(terms.tiers.begin(), terms.tiers.end(), plan.tier) != terms.tiers.end()) return {};
  return "no tier \"" + SanitizeLine(plan.tier, 80) + "\"; the policy has " +
         Join(terms.tiers, ", ");
}

// The policy as the check in CI finds it, from the service's folder.
std::string PolicyFrom(const std::string& folder, const std::string& policy) {
  if (policy.empty()) return {};
  std::error_code failed;
  const fs::path path = fs::proximate(fs::absolute(policy, failed), fs::absolute(folder, failed));
  return path.lexically_normal().generic_string();
}

// A service is begun once: what an earlier run wrote stays, whatever the day.
std::string KickoffIn(const std::string& folder, const std::vector<ServiceFile>& files) {
  const std::string key = std::string(kKickoffAnnotation) + ": \"";
  for (const ServiceFile& file : files) {
    if (file.text.find(key) == std::string::npos) continue;
    const Result<std::string> text = ReadFile(folder + '/' + file.path, kMaxFileBytes);
    if (!text) continue;
    const size_t at = text->find(key);
    if (at == std::string::npos) continue;
    const size_t end = text->find('"', at + key.size());
    std::string date = text->substr(at + key.size(), end - at - key.size());
    if (end != std::string::npos && ParseTimestamp(date)) return date;
  }
  return {};
}

int RefuseToOverwrite(const std::string& folder, const TreeComparison& compared) {
  std::vector<std::string> paths;
  for (const std::string& path : compared.different) paths.push_back("  " + folder + '/' + path);
  return SayUnable("not written: " + Counted(paths.size(), "file") +
                       (paths.size() == 1 ? " is" : " are") +
                       " there and would change; --force replaces them",
                   paths);
}

// Where somebody still has to write something, with what.
void WritePlaceholders(const std::string& folder, const std::vector<ServiceFile>& files,
                       std::ostream& out) {
  std::string text;
  for (const ServiceFile& file : files) {
    size_t number = 0;
    for (const std::string_view line : Split(file.text, '\n')) {
      ++number;
      const size_t mark = line.find(kPlaceholderMark);
      if (mark == std::string_view::npos) continue;
      text += "  " + Shown(folder + '/' + file.path) + ':' + std::to_string(number) + ": " +
              std::string(line.substr(mark + kPlaceholderMark.size())) + '\n';
    }
  }
  if (!text.empty()) out << "\nLeft to fill in:\n" << text;
}

std::string RulesOf(const std::vector<Finding>& findings) {
  std::set<std::string> rules;
  for (const Finding& finding : findings) rules.insert(finding.rule);
  const std::vector<std::string> list(rules.begin(), rules.end());
  return Join(list, ", ");
}

std::string JudgedBy(const ServiceJudgement& judgement, const ServicePlan& plan) {
  std::string text = Join(judgement.policies, ", ");
  if (!plan.tier.empty()) text += ", tier " + plan.tier;
  return text;
}

// The exit code: what is missing for want of an answer is no fault.
int WriteJudgement(const ServiceJudgement& now, const ServiceJudgement& answered,
                   const ServicePlan& plan, std::ostream& out) {
  if (now.policies.empty()) {
    out << "\nNo policy is meant for it: none matches a Deployment "
        << (plan.namespace_name.empty() ? "without --namespace" : "in " + plan.namespace_name)
        << ".\n";
    return kExitFindings;
  }
  if (now.findings.empty()) {
    out << "\nReady, with all that is announced (" << JudgedBy(now, plan) << ").\n";
    return kExitOk;
  }
  const bool unanswered = now.findings.size() > answered.findings.size();
  out << (unanswered ? "\nUntil then `plimsoll check` reports " : "\n`plimsoll check` reports ")
      << RulesOf(now.findings) << " (" << JudgedBy(now, plan) << ").\n";
  if (answered.findings.empty()) return kExitOk;
  out << "\nNot for want of an answer:\n";
  for (const Finding& finding : answered.findings) {
    out << "  " << finding.rule << ": " << SanitizeLine(finding.message, 400) << '\n';
  }
  return kExitFindings;
}

struct Prepared {
  ServiceTerms terms;
  std::vector<ServiceFile> files;
};

Prepared Prepare(const InitOptions& options, const PolicySnapshot& policies, ServicePlan& plan,
                 Timestamp now) {
  Prepared prepared{TermsOf(policies), {}};
  plan.policy = PolicyFrom(options.output, options.policy);
  const bool given = !plan.kickoff.empty();
  if (!given) plan.kickoff = FormatTimestamp(now).substr(0, 10);
  prepared.files = WriteService(plan, prepared.terms);
  if (given) return prepared;
  if (const std::string begun = KickoffIn(options.output, prepared.files); !begun.empty()) {
    plan.kickoff = begun;
    prepared.files = WriteService(plan, prepared.terms);
  }
  return prepared;
}

std::vector<TreeFile> AsTree(const std::vector<ServiceFile>& files) {
  std::vector<TreeFile> tree;
  tree.reserve(files.size());
  for (const ServiceFile& file : files) tree.push_back({file.path, file.text, file.executable});
  return tree;
}

// The exit code, or nothing where all is in place.
std::optional<int> Place(const InitOptions& options, std::vector<TreeFile> tree,
                         std::ostream& out) {
  const std::string& folder = options.output;
  const Result<TreeComparison> compared = CompareTree(folder, tree);
  if (!compared) return SayUnable(compared.error().message);
  if (!compared->different.empty() && !options.force) {
    return RefuseToOverwrite(folder, *compared);
  }
  std::erase_if(tree, [&](const TreeFile& file) {
    return std::find(compared->same.begin(), compared->same.end(), file.path) !=
           compared->same.end();
  });
  if (tree.empty()) {
    out << Shown(folder) << ": unchanged, " << Counted(compared->same.size(), "file") << '\n';
    return std::nullopt;
  }
  if (const Status written = WriteTree(folder, tree); !written) {
    return SayUnable(written.error().message + "; nothing was written");
  }
  out << Shown(folder) << ": " << Counted(tree.size(), "file") << " written";
  if (!compared->same.empty()) out << ", " << compared->same.size() << " unchanged";
  out << '\n';
  for (const TreeFile& file : tree) out << "  " << Shown(folder + '/' + file.path) << '\n';
  return std::nullopt;
}

}  // namespace

int RunInit(InitOptions options, Timestamp now, std::ostream& out) {
  LoadedPolicies loaded = options.policy.empty() ? LoadBaseline() : LoadPolicies({options.policy});
  if (!loaded.problems.empty()) {
    return NothingDone(loaded.problems, "the policy has problems; nothing was written");
  }
  const PolicySnapshot policies(std::move(loaded.policies));
  ServicePlan plan = std::move(options.plan);
  const ServiceTerms terms = TermsOf(policies);
  if (const std::string problem = SettleTier(plan, terms); !problem.empty())
    return SayUnable(problem);
  if (CanAsk(options)) AskForTheRest(plan, terms);
  if (const std::string problem = ProblemWithOwner(plan.owner); !problem.empty()) {
    return SayUnable(problem);
  }
  if (options.output.empty()) options.output = plan.name;
  while (options.output.size() > 1 && options.output.back() == '/') options.output.pop_back();
  const Prepared prepared = Prepare(options, policies, plan, now);
  if (const auto exit_code = Place(options, AsTree(prepared.files), out)) return *exit_code;
  WritePlaceholders(options.output, prepared.files, out);
  return WriteJudgement(JudgeService(plan, terms, policies, loaded.input, now),
                        JudgeService(WithAnswers(plan, terms), terms, policies, loaded.input, now),
                        plan, out);
}

}  // namespace plimsoll::cli
