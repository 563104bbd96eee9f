// plimsoll scan: a live cluster to a report.
#include <ostream>
#include <sstream>
#include <string>
#include <utility>

#include "check_output.h"
#include "cluster.h"
#include "cluster_scan.h"
#include "cluster_terms.h"
#include "commands.h"
#include "directory.h"
#include "exit_code.h"
#include "plimsoll/base/text.h"
#include "plimsoll/render/ci_reports.h"
#include "plimsoll/render/scan_report.h"
#include "policies.h"
#include "terminal.h"

namespace plimsoll::cli {
namespace {

using Standing = CheckedWorkload::Standing;

// What of a verdict is kept: `with_fixes` takes several times the memory.
CheckedWorkload Keep(const Workload& workload, Verdict verdict, bool with_fixes) {
  CheckedWorkload kept;
  kept.file = "cluster";
  kept.api_version = workload.api_version();
  kept.kind = WorkloadKindName(workload.kind());
  kept.namespace_name = workload.namespace_name();
  kept.name = workload.name();
  kept.owner = std::move(verdict.owner);
  kept.passed = verdict.passed;
  kept.not_applicable = verdict.not_applicable;
  if (verdict.exemption != Exemption::kNone) {
    kept.standing = verdict.exemption == Exemption::kNoPolicyMatches ? Standing::kNoPolicyMatches
                                                                     : Standing::kNotJudged;
    kept.note = ExemptionReason(verdict.exemption);
  }
  kept.findings = std::move(verdict.findings);
  if (!with_fixes) {
    for (Finding& finding : kept.findings) finding.fix = {};
  }
  return kept;
}

void Write(const ScanOptions& options, const CheckReport& report, const TextStyle& style,
           std::ostream& out) {
  switch (options.format) {
    case ScanFormat::kJson:
      return WriteJsonReport(report, out);
    case ScanFormat::kMarkdown:
      return WriteMarkdownReport(report, {PLIMSOLL_VERSION, nullptr, options.failure_threshold},
                                 kMaxMarkdownBytes, out);
    case ScanFormat::kText:
      return options.details ? WriteTextReport(report, style, out)
                             : WriteScanText(report, style, out);
  }
}

int WriteOut(const ScanOptions& options, const CheckReport& report, std::ostream& out) {
  TextStyle style = StyleFor(options.color);
  if (options.output.empty()) {
    Write(options, report, style, out);
    return kExitOk;
  }
  if (options.color == ColorMode::kAuto) style.color = false;
  std::ostringstream text;
  Write(options, report, style, text);
  const Status written = WriteWholeFile(options.output, text.str());
  return written ? kExitOk : SayUnable(written.error().message);
}

}  // namespace

int RunScan(const ScanOptions& options, Timestamp now, std::ostream& out) {
  ClusterTerms cluster;
  if (options.policy_cluster) {
    Result<ClusterTerms> read = ReadClusterTerms(options.cluster);
    if (!read) return SayUnable(read.error().message);
    cluster = *std::move(read);
  }
  LoadedPolicies loaded = options.policy_cluster     ? LoadPolicies(std::move(cluster.files))
                          : options.policies.empty() ? LoadBaseline()
                                                     : LoadPolicies(options.policies);
  if (!loaded.problems.empty()) return NothingJudged(loaded.problems, "the policies have problems");
  const LoadedDirectory directory = options.directories.empty()
                                        ? std::move(cluster.directory)
                                        : LoadDirectory(options.directories);
  if (!directory.problems.empty()) {
    return NothingJudged(directory.problems, "the directory of teams has problems");
  }
  const auto api = ConnectTo(options.cluster);
  if (!api) return SayUnable(api.error().message);
  const PolicySnapshot policies(std::move(loaded.policies));
  CheckReport report;
  report.as_of = options.as_of.value_or(now);
  for (const ReadinessPolicy& policy : policies.policies()) report.policies.push_back(policy.name);
  Evaluator evaluator;
  const bool with_fixes = options.details || options.format != ScanFormat::kText;
  Result<ScanOutcome> scanned = ScanCluster(
      **api, {{&policies}, directory.directory.get(), options.cluster.namespace_name, report.as_of},
      [&](const Workload& workload, EvaluationContext& context) {
        report.workloads.push_back(
            Keep(workload, evaluator.Evaluate(policies, workload, context), with_fixes));
      });
  if (!scanned) {
    return SayUnable(InWords(scanned.error(), "list workloads", "is this an API server?"));
  }
  report.documents = scanned->workloads;
  if (const std::string& only = options.cluster.namespace_name;
      report.workloads.empty() && !only.empty()) {
    report.hints.push_back("There is no workload in namespace " + SanitizeLine(only, 200) +
                           ": is it called so?");
  }
  for (const std::string& note : scanned->notes) SayUnable(note);
  const int written = WriteOut(options, report, out);
  if (written != kExitOk) return written;
  if (options.exit_zero) return kExitOk;
  return HasFindingAtOrAbove(report, options.failure_threshold) ? kExitFindings : kExitOk;
}

}  // namespace plimsoll::cli
