#include "check_judge.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "hints.h"
#include "judge.h"
#include "namespaces.h"
#include "placeholder_marks.h"
#include "plimsoll/codec/related_objects.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/policy/evaluator.h"
#include "plimsoll/rules/rule.h"
#include "terminal.h"
#include "waivers.h"

namespace plimsoll::cli {
namespace {

using Standing = CheckedWorkload::Standing;

// One object to judge.
struct Job {
  JudgedObject judged = {};
  Namespaces::Facts namespace_facts = {};
};

std::vector<Job> FindJobs(const std::vector<InputFile>& files, const CheckOptions& options,
                          Namespaces& namespaces) {
  std::vector<Job> jobs;
  Workload workload;
  for (const InputFile& file : files) {
    if (file.manifests == nullptr) continue;
    for (const JsonView object : file.manifests->objects) {
      if (!workload.Assign(object, options.namespace_name)) continue;
      jobs.push_back(Job{.judged = {.file = &file, .object = object},
                         .namespace_facts = namespaces.Find(workload.namespace_name())});
    }
  }
  return jobs;
}

void Describe(const Workload& workload, JudgedObject& judged) {
  CheckedWorkload& result = judged.result;
  result.file = judged.file->name;
  result.position = judged.object.position();
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
  return RelatedAmong(objects, options.namespace_name);
}

// What objects are judged by, and among what.
struct Scene {
  const WorkloadTerms& terms;
  const RelatedObjects& related;
};

void Judge(const Scene& scene, Evaluator& evaluator, Workload& workload, Job& job) {
  JudgedObject& judged = job.judged;
  if (!workload.Assign(judged.object, scene.terms.default_namespace)) return;
  Describe(workload, judged);
  CheckedWorkload& result = judged.result;
  if (!workload.api_version_served()) {
    result.note = "no Kubernetes release serves " + result.kind + " as " + result.api_version +
                  "; judged as the " + result.kind + " it seems to be";
  }
  if (workload.shape() != Workload::Shape::kFull) {
    result.standing = Standing::kNotJudged;
    result.note = NoteFor(Exemption::kPartial, workload);
    return;
  }
  Verdict verdict =
      JudgeWorkload(evaluator, workload, scene.terms, job.namespace_facts, scene.related);
  if (verdict.exemption != Exemption::kNone) {
    result.standing = verdict.exemption == Exemption::kNoPolicyMatches ? Standing::kNoPolicyMatches
                                                                       : Standing::kNotJudged;
    result.note = NoteFor(verdict.exemption, workload);
  }
  result.owner = std::move(verdict.owner);
  result.passed = verdict.passed;
  result.not_applicable = verdict.not_applicable;
  result.findings = std::move(verdict.findings);
  if (verdict.findings_dropped != 0) {
    judged.errors.push_back(
        Diagnostic{result.file, result.position, "",
                   std::to_string(verdict.findings_dropped) + " more findings: only the first " +
                       std::to_string(kMaxFindingsPerVerdict) + " of an object are listed"});
  }
}

void JudgeAll(const Scene& scene, std::vector<Job>& jobs) {
  Progress progress("judging", jobs.size());
  // Objects are small next to what a thread costs to wake: hand them out in batches, each with scratch memory of its own.
  constexpr size_t kBatch = 32;
  constexpr size_t kBatchesWorthAThread = 1;
  ForEachInParallel((jobs.size() + kBatch - 1) / kBatch, kBatchesWorthAThread, [&](size_t batch) {
    Evaluator evaluator;
    Workload workload;
    const size_t end = std::min(jobs.size(), (batch + 1) * kBatch);
    for (size_t i = batch * kBatch; i < end; ++i) {
      try {
        Judge(scene, evaluator, workload, jobs[i]);
      } catch (const std::exception& error) {
        jobs[i].judged.errors.push_back(
            Diagnostic{jobs[i].judged.file->name, jobs[i].judged.object.position(), "",
                       std::string("cannot judge this: ") + error.what()});
      }
      progress.Advance();
    }
  });
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
    // Whoever has ServiceMonitors scrapes by them.
    if (kind == RelatedKind::kPodMonitor && given.Has(RelatedKind::kServiceMonitor)) continue;
    if (needs.Has(kind) && !given.Has(kind)) absent.emplace_back(RelatedKindName(kind));
  }
  return absent;
}

}  // namespace

Judgement JudgeFiles(const CheckTerms& terms, const std::vector<InputFile>& files) {
  const CheckOptions& options = terms.options;
  Namespaces namespaces(options.namespace_name, options.namespace_labels);
  namespaces.Learn(terms.policy_files);
  namespaces.Learn(files);
  std::vector<Job> jobs = FindJobs(files, options, namespaces);
  const std::shared_ptr<const RelatedObjects> related = RelatedIn(files, options);
  Waivers waivers(options.namespace_name, terms.now);
  waivers.Learn(terms.waiver_files);
  waivers.Learn(terms.policy_files);
  waivers.Learn(files);
  const std::unique_ptr<const WaiverSet> known_waivers = waivers.Take();
  const WorkloadTerms judge{.policies = terms.policies,
                            .waivers = known_waivers.get(),
                            .directory = terms.directory,
                            .default_namespace = options.namespace_name,
                            .now = terms.as_of,
                            .report_all = options.all};
  JudgeAll({judge, *related}, jobs);
  Judgement judgement;
  judgement.objects.reserve(jobs.size());
  for (Job& job : jobs) judgement.objects.push_back(std::move(job.judged));
  AddPlaceholderMarks(judgement.objects);
  judgement.waiver_problems = waivers.problems();
  return judgement;
}

CheckReport ReportOf(const CheckTerms& terms, const std::vector<InputFile>& files,
                     Judgement judgement) {
  CheckReport report;
  auto judged = judgement.objects.begin();
  for (const InputFile& file : files) {
    if (file.is_file) ++report.files;
    if (file.manifests != nullptr) report.documents += file.manifests->document_count;
    std::copy(file.problems.begin(), file.problems.end(), std::back_inserter(report.errors));
    for (; judged != judgement.objects.end() && judged->file == &file; ++judged) {
      report.workloads.push_back(std::move(judged->result));
      std::move(judged->errors.begin(), judged->errors.end(), std::back_inserter(report.errors));
    }
  }
  for (const InputFile& file : terms.waiver_files) {
    report.errors.insert(report.errors.end(), file.problems.begin(), file.problems.end());
  }
  std::move(judgement.waiver_problems.begin(), judgement.waiver_problems.end(),
            std::back_inserter(report.errors));
  report.as_of = terms.as_of;
  for (const ReadinessPolicy& policy : terms.policies.policies()) {
    report.policies.push_back(policy.name);
  }
  std::vector<Diagnostic> misspelled = MisspelledWorkloads(files);
  std::move(misspelled.begin(), misspelled.end(), std::back_inserter(report.errors));
  report.absent_kinds = AbsentKinds(report, files);
  report.hints = HintsFor(report, files);
  if (!terms.waiver_files.empty() && NoWaiverIn(terms.waiver_files)) {
    report.hints.emplace_back(
        "No ReadinessWaiver (plimsoll.dev/v1alpha1) is in what --waivers names");
  }
  return report;
}

}  // namespace plimsoll::cli
