// plimsoll check: files to verdicts to a report.
#include <algorithm>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "commands.h"
#include "directory.h"
#include "exit_code.h"
#include "input.h"
#include "namespaces.h"
#include "plimsoll/base/text.h"
#include "plimsoll/codec/related_objects.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/policy/evaluator.h"
#include "plimsoll/record/stamps.h"
#include "plimsoll/render/check_report.h"
#include "plimsoll/rules/rule.h"
#include "policies.h"
#include "stamp.h"
#include "terminal.h"
#include "waivers.h"

namespace plimsoll::cli {
namespace {

using Standing = CheckedWorkload::Standing;

// One object to judge, and what came of it.
struct Job {
  const InputFile* file = nullptr;
  JsonView object = {};
  Namespaces::Facts namespace_facts = {};
  CheckedWorkload result = {};
  std::vector<Diagnostic> errors = {};
};

std::vector<Job> FindJobs(const std::vector<InputFile>& files, const CheckOptions& options,
                          Namespaces& namespaces) {
  std::vector<Job> jobs;
  Workload workload;
  for (const InputFile& file : files) {
    if (file.manifests == nullptr) continue;
    for (const JsonView object : file.manifests->objects) {
      if (!workload.Assign(object, options.namespace_name)) continue;
      jobs.push_back(Job{.file = &file,
                         .object = object,
                         .namespace_facts = namespaces.Find(workload.namespace_name())});
    }
  }
  return jobs;
}

void Describe(const Workload& workload, Job& job) {
  CheckedWorkload& result = job.result;
  result.file = job.file->name;
  result.position = job.object.position();
  result.api_version = workload.api_version();
  result.kind = WorkloadKindName(workload.kind());
  result.namespace_name = workload.namespace_name();
  result.name = workload.name();
}

// Why there is no verdict, and what to do about it.
std::string NoteFor(Exemption exemption, const Workload& workload) {
  switch (exemption) {
    case Exemption::kPartial:
      if (workload.shape() == Workload::Shape::kExternal) {
        return workload.shape_reason() + "; that object is the one to check";
      }
      return "partial patch (" + workload.shape_reason() +
             "); build it first (kustomize build) and check what comes out";
    case Exemption::kNoPolicyMatches:
      return "no policy is meant for it: its kind, namespace (--namespace, --namespace-labels) and "
             "labels match none";
    default:
      return std::string(ExemptionReason(exemption));
  }
}

// The files given are the cluster: what is not among them is not there.
std::shared_ptr<const RelatedObjects> RelatedIn(const std::vector<InputFile>& files,
                                                const CheckOptions& options) {
  std::vector<JsonView> objects;
  for (const InputFile& file : files) {
    if (file.manifests == nullptr) continue;
    objects.insert(objects.end(), file.manifests->objects.begin(), file.manifests->objects.end());
  }
  RelatedIndex index;
  AddAllRelated(index, objects, options.namespace_name);
  return index.Snapshot();
}

// What objects are judged by.
struct Terms {
  const PolicySnapshot& policies;
  const WaiverSet& waivers;
  const RelatedObjects& related;
  const TeamDirectory* directory;
  const CheckOptions& options;
  Timestamp as_of;
};

void Judge(const Terms& terms, Evaluator& evaluator, Workload& workload, Job& job) {
  if (!workload.Assign(job.object, terms.options.namespace_name)) return;
  Describe(workload, job);
  CheckedWorkload& result = job.result;
  if (!workload.api_version_served()) {
    result.note = "no Kubernetes release serves " + result.kind + " as " + result.api_version +
                  "; judged as the " + result.kind + " it seems to be";
  }
  if (workload.shape() != Workload::Shape::kFull) {
    result.standing = Standing::kNotJudged;
    result.note = NoteFor(Exemption::kPartial, workload);
    return;
  }
  EvaluationContext context;
  context.now = terms.as_of;
  context.namespace_name = workload.namespace_name();
  context.namespace_labels = job.namespace_facts.labels;
  context.namespace_annotations = job.namespace_facts.annotations;
  context.waivers = &terms.waivers;
  context.related = &terms.related;
  context.directory = terms.directory;
  context.report_all = terms.options.all;
  Verdict verdict = evaluator.Evaluate(terms.policies, workload, context);
  if (verdict.exemption != Exemption::kNone) {
    result.standing = verdict.exemption == Exemption::kNoPolicyMatches ? Standing::kNoPolicyMatches
                                                                       : Standing::kNotJudged;
    result.note = NoteFor(verdict.exemption, workload);
  }
  result.passed = verdict.passed;
  result.not_applicable = verdict.not_applicable;
  result.findings = std::move(verdict.findings);
  if (verdict.findings_dropped != 0) {
    job.errors.push_back(
        Diagnostic{result.file, result.position, "",
                   std::to_string(verdict.findings_dropped) + " more findings: only the first " +
                       std::to_string(kMaxFindingsPerVerdict) + " of an object are listed"});
  }
}

// What each judged workload was told by this check.
std::vector<StampRequest> StampsOf(const std::vector<Job>& jobs, Timestamp now) {
  std::vector<StampRequest> requests;
  Workload workload;
  for (const Job& job : jobs) {
    if (job.result.standing != Standing::kJudged || !workload.Assign(job.object)) continue;
    std::vector<CheckedFinding> found;
    for (const Finding& finding : job.result.findings) {
      if (finding.result == RuleResult::kFail) found.push_back({finding.rule, finding.container});
    }
    requests.push_back({job.file, job.object, CheckedStamp(ReadStamps(workload, now), now, found)});
  }
  return requests;
}

CheckReport Assemble(const std::vector<InputFile>& files, std::vector<Job> jobs) {
  CheckReport report;
  auto job = jobs.begin();
  for (const InputFile& file : files) {
    if (file.is_file) ++report.files;
    if (file.manifests != nullptr) report.documents += file.manifests->document_count;
    std::copy(file.problems.begin(), file.problems.end(), std::back_inserter(report.errors));
    for (; job != jobs.end() && job->file == &file; ++job) {
      report.workloads.push_back(std::move(job->result));
      std::move(job->errors.begin(), job->errors.end(), std::back_inserter(report.errors));
    }
  }
  return report;
}

void JudgeAll(const Terms& terms, std::vector<Job>& jobs) {
  Progress progress("judging", jobs.size());
  // Objects are small next to what a thread costs to wake: hand them out in batches, each with scratch memory of its own.
  constexpr size_t kBatch = 32;
  ForEachInParallel((jobs.size() + kBatch - 1) / kBatch, [&](size_t batch) {
    Evaluator evaluator;
    Workload workload;
    const size_t end = std::min(jobs.size(), (batch + 1) * kBatch);
    for (size_t i = batch * kBatch; i < end; ++i) {
      try {
        Judge(terms, evaluator, workload, jobs[i]);
      } catch (const std::exception& error) {
        jobs[i].errors.push_back(Diagnostic{jobs[i].file->name, jobs[i].object.position(), "",
                                            std::string("cannot judge this: ") + error.what()});
      }
      progress.Advance();
    }
  });
}

int ExitCodeOf(const CheckReport& report, const CheckOptions& options) {
  if (!report.errors.empty() || Summarize(report).error != 0) return kExitUnable;
  if (options.exit_zero) return kExitOk;
  return HasFindingAtOrAbove(report, options.failure_threshold) ? kExitFindings : kExitOk;
}

// Of the kinds that make up for a rule of the class kCrossObject which has findings, those that no file has. Autoscalers
// and rule files are left out: most people have none, and miss nothing.
std::vector<std::string> AbsentKinds(const CheckReport& report,
                                     const std::vector<InputFile>& files) {
  RelatedKinds needs;
  for (const CheckedWorkload& workload : report.workloads) {
    for (const Finding& finding : workload.findings) {
      const Rule* const rule = FindRule(finding.rule);
      const bool counts = rule != nullptr && rule->rule_class == RuleClass::kCrossObject &&
                          finding.result == RuleResult::kFail;
      if (counts) needs.Add(rule->needs);
    }
  }
  RelatedKinds given;
  for (const InputFile& file : files) {
    if (file.manifests == nullptr) continue;
    for (const JsonView object : file.manifests->objects) {
      if (const std::optional<RelatedKind> kind = RelatedKindOf(object)) given.Add(*kind);
    }
  }
  std::vector<std::string> absent;
  for (const RelatedKind kind :
       {RelatedKind::kPodDisruptionBudget, RelatedKind::kService, RelatedKind::kServiceMonitor,
        RelatedKind::kPodMonitor, RelatedKind::kPrometheusRule}) {
    if (needs.Has(kind) && !given.Has(kind)) absent.emplace_back(RelatedKindName(kind));
  }
  return absent;
}

void Write(const CheckReport& report, const CheckOptions& options, std::ostream& out) {
  if (options.format == ReportFormat::kJson) {
    WriteJsonReport(report, out);
    return;
  }
  TextStyle style = StyleFor(options.color);
  style.show_all = options.all;
  WriteTextReport(report, style, out);
}

// Half a policy, or half a directory, would give half a verdict: nothing is judged.
int Refuse(const std::vector<Diagnostic>& problems, std::string_view what,
           const CheckOptions& options, std::ostream& out) {
  if (options.format == ReportFormat::kJson) {
    CheckReport report;
    report.errors = problems;
    WriteJsonReport(report, out);
  }
  std::string text;
  for (const Diagnostic& problem : problems) {
    text += SanitizeLine(FormatDiagnostic(problem), std::string::npos) + '\n';
  }
  text += "plimsoll: " + std::string(what) + "; nothing was judged\n";
  WriteStandardError(text);
  return kExitUnable;
}

}  // namespace

int RunCheck(const CheckOptions& options, Timestamp now, std::ostream& out) {
  LoadedPolicies loaded =
      options.policies.empty() ? LoadBaseline() : LoadPolicies(options.policies);
  if (!loaded.problems.empty()) {
    return Refuse(loaded.problems, "the policies have problems", options, out);
  }
  const LoadedDirectory directory = LoadDirectory(options.directories);
  if (!directory.problems.empty()) {
    return Refuse(directory.problems, "the directory of teams has problems", options, out);
  }
  const PolicySnapshot policies(std::move(loaded.policies));
  const std::vector<InputFile> files = ReadInput(options.paths, DuplicateKeys::kNote);
  Namespaces namespaces(options.namespace_name, options.namespace_labels);
  namespaces.Learn(loaded.input);
  namespaces.Learn(files);
  std::vector<Job> jobs = FindJobs(files, options, namespaces);
  const Timestamp as_of = options.as_of.value_or(now);
  const std::shared_ptr<const RelatedObjects> related = RelatedIn(files, options);
  const std::vector<InputFile> waiver_files = ReadInput(options.waivers, DuplicateKeys::kReject);
  Waivers waivers(options.namespace_name, now);
  waivers.Learn(waiver_files);
  waivers.Learn(loaded.input);
  waivers.Learn(files);
  const std::unique_ptr<const WaiverSet> known_waivers = waivers.Take();
  JudgeAll({policies, *known_waivers, *related, directory.directory.get(), options, as_of}, jobs);
  std::vector<Diagnostic> unstamped;
  if (options.stamp) unstamped = WriteStamps(StampsOf(jobs, now));
  CheckReport report = Assemble(files, std::move(jobs));
  std::move(unstamped.begin(), unstamped.end(), std::back_inserter(report.errors));
  for (const InputFile& file : waiver_files) {
    report.errors.insert(report.errors.end(), file.problems.begin(), file.problems.end());
  }
  report.errors.insert(report.errors.end(), waivers.problems().begin(), waivers.problems().end());
  report.as_of = as_of;
  for (const ReadinessPolicy& policy : policies.policies()) report.policies.push_back(policy.name);
  report.absent_kinds = AbsentKinds(report, files);
  Write(report, options, out);
  return ExitCodeOf(report, options);
}

}  // namespace plimsoll::cli
