// plimsoll preview: every workload of a live cluster judged twice, by what is in force and by what is to be.
#include <algorithm>
#include <ostream>
#include <set>
#include <string>
#include <utility>

#include "cluster.h"
#include "cluster_scan.h"
#include "cluster_terms.h"
#include "commands.h"
#include "exit_code.h"
#include "plimsoll/base/text.h"
#include "plimsoll/render/scan_report.h"
#include "policies.h"
#include "terminal.h"

namespace plimsoll::cli {
namespace {

// "policy/rule" of what denies; empty: it would come in.
std::vector<std::string> Denying(const Verdict& verdict) {
  std::set<std::string> rules;
  for (const Finding& finding : verdict.findings) {
    if (finding.result == RuleResult::kFail && finding.action == Action::kDeny &&
        finding.waiver.empty()) {
      rules.insert(finding.policy + "/" + std::string(finding.rule));
    }
  }
  return {rules.begin(), rules.end()};
}

bool Warns(const Verdict& verdict) {
  return std::any_of(verdict.findings.begin(), verdict.findings.end(), [](const Finding& finding) {
    return finding.result == RuleResult::kFail && finding.action == Action::kWarn &&
           finding.waiver.empty();
  });
}

// The first day after `now` on which a stage of one of these begins.
std::optional<Timestamp> NextStage(const std::vector<ReadinessPolicy>& policies, Timestamp now) {
  std::optional<Timestamp> next;
  const auto take = [&](const std::vector<Stage>& stages) {
    for (const Stage& stage : stages) {
      if (stage.from && *stage.from > now && (!next || *stage.from < *next)) next = stage.from;
    }
  };
  for (const ReadinessPolicy& policy : policies) {
    take(policy.stages);
    for (const PolicyRule& rule : policy.rules) take(rule.stages);
  }
  return next;
}

// Those in force, with the given ones in the place of those of their name.
std::vector<ReadinessPolicy> Replaced(const std::vector<ReadinessPolicy>& in_force,
                                      const std::vector<ReadinessPolicy>& given) {
  std::vector<ReadinessPolicy> policies = given;
  for (const ReadinessPolicy& policy : in_force) {
    const auto same = [&](const ReadinessPolicy& other) { return other.name == policy.name; };
    if (std::none_of(given.begin(), given.end(), same)) policies.push_back(policy);
  }
  return policies;
}

PreviewedWorkload Described(const Workload& workload, const Verdict& verdict,
                            std::vector<std::string> rules) {
  return {std::string(WorkloadKindName(workload.kind())), std::string(workload.namespace_name()),
          workload.name(), verdict.owner, std::move(rules)};
}

class Comparison {
 public:
  Comparison(const PolicySnapshot& before, const PolicySnapshot& after, Preview& preview)
      : before_(before), after_(after), preview_(preview) {}

  void Judge(const Workload& workload, EvaluationContext& context) {
    context.now = preview_.now;
    const Verdict before = evaluator_.Evaluate(before_, workload, context);
    context.now = preview_.then;
    const Verdict after = evaluator_.Evaluate(after_, workload, context);
    std::vector<std::string> denied = Denying(before);
    std::vector<std::string> denying = Denying(after);
    ++preview_.workloads;
    preview_.blocked_before += denied.empty() ? 0 : 1;
    preview_.blocked_after += denying.empty() ? 0 : 1;
    preview_.warned_before += Warns(before) ? 1 : 0;
    preview_.warned_after += Warns(after) ? 1 : 0;
    if (denied.empty() && !denying.empty()) {
      preview_.newly.push_back(Described(workload, after, std::move(denying)));
    } else if (!denied.empty() && denying.empty()) {
      preview_.no_longer.push_back(Described(workload, before, std::move(denied)));
    }
  }

 private:
  const PolicySnapshot& before_;
  const PolicySnapshot& after_;
  Preview& preview_;
  Evaluator evaluator_;
};

int Compare(kube::ApiCaller& api, const PreviewOptions& options, const PolicySnapshot& before,
            const PolicySnapshot& after, const TeamDirectory* directory, Preview preview,
            std::ostream& out) {
  Comparison comparison(before, after, preview);
  const Result<ScanOutcome> scanned =
      ScanCluster(api, {{&before, &after}, directory, options.cluster.namespace_name, preview.now},
                  [&](const Workload& workload, EvaluationContext& context) {
                    comparison.Judge(workload, context);
                  });
  if (!scanned) {
    return SayUnable(InWords(scanned.error(), "list workloads", "is this an API server?"));
  }
  for (const std::string& note : scanned->notes) SayUnable(note);
  if (options.json) {
    WritePreviewJson(preview, out);
  } else {
    WritePreviewText(preview, StyleFor(options.color), out);
  }
  return preview.newly.empty() ? kExitOk : kExitFindings;
}

}  // namespace

int RunPreview(const PreviewOptions& options, Timestamp now, std::ostream& out) {
  LoadedPolicies given;
  if (!options.policies.empty()) given = LoadPolicies(options.policies);
  if (!given.problems.empty()) return NothingJudged(given.problems, "the policies have problems");
  const auto api = ConnectTo(options.cluster);
  if (!api) return SayUnable(api.error().message);
  Result<ClusterTerms> cluster = ReadClusterTerms(options.cluster);
  // Before Plimsoll is installed nothing is in force, and nothing is refused.
  const bool none = !cluster && cluster.error().code == ErrorCode::kNotFound;
  if (!cluster && !(none && !given.policies.empty())) return SayUnable(cluster.error().message);
  LoadedPolicies in_force;
  if (cluster) in_force = LoadPolicies(std::move(cluster->files));
  // One that the controller does not understand is not in force there either.
  std::vector<ReadinessPolicy> after = Replaced(in_force.policies, given.policies);
  Preview preview;
  preview.now = now;
  preview.then = options.as_of.value_or(now);
  if (options.next_stage) {
    const std::optional<Timestamp> next =
        NextStage(given.policies.empty() ? after : given.policies, now);
    if (!next) return SayUnable("no stage of these policies is yet to begin");
    preview.then = *next;
  }
  for (const ReadinessPolicy& policy : given.policies) preview.policies.push_back(policy.name);
  const PolicySnapshot before(std::move(in_force.policies));
  const PolicySnapshot later(std::move(after));
  return Compare(**api, options, before, later,
                 cluster ? cluster->directory.directory.get() : nullptr, std::move(preview), out);
}

}  // namespace plimsoll::cli
