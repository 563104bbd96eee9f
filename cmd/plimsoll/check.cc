// plimsoll check: files to verdicts to reports.
#include <chrono>
#include <filesystem>
#include <iterator>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "baseline.h"
#include "check_judge.h"
#include "check_output.h"
#include "cluster_terms.h"
#include "commands.h"
#include "directory.h"
#include "exit_code.h"
#include "fix.h"
#include "input.h"
#include "placeholder_marks.h"
#include "plimsoll/base/text.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/record/stamps.h"
#include "plimsoll/render/unified_diff.h"
#include "policies.h"
#include "stamp.h"
#include "terminal.h"
#include "watch.h"

namespace plimsoll::cli {
namespace {

// What each judged workload was told by this check.
std::vector<StampRequest> StampsOf(const Judgement& judgement, Timestamp now) {
  std::vector<StampRequest> requests;
  Workload workload;
  for (const JudgedObject& judged : judgement.objects) {
    if (judged.result.standing != CheckedWorkload::Standing::kJudged ||
        !workload.Assign(judged.object))
      continue;
    std::vector<CheckedFinding> found;
    for (const Finding& finding : judged.result.findings) {
      if (finding.result != RuleResult::kFail || finding.rule == kPlaceholderRule) continue;
      found.push_back({finding.rule, finding.container});
    }
    requests.push_back(
        {judged.file, judged.object, CheckedStamp(ReadStamps(workload, now), now, found)});
  }
  return requests;
}

int ExitCodeOf(const CheckReport& report, const CheckOptions& options) {
  if (!report.errors.empty() || Summarize(report).error != 0) return kExitUnable;
  if (options.exit_zero) return kExitOk;
  return HasFindingAtOrAbove(report, options.failure_threshold) ? kExitFindings : kExitOk;
}

// Half a policy, or half a directory, would give half a verdict: nothing is judged.
int Refuse(const std::vector<Diagnostic>& problems, std::string_view what,
           const CheckOptions& options, std::ostream& out) {
  // Who reads JSON finds there why it is empty; other files stay as they were.
  for (const CheckOutput& output : options.outputs) {
    if (output.format != CheckFormat::kJson || !output.file.empty()) continue;
    CheckReport report;
    report.errors = problems;
    WriteJsonReport(report, out);
  }
  return NothingJudged(problems, what);
}

// Leaves out of the report what a baseline has, or writes it into one. "", or what is wrong.
std::string ApplyBaseline(const CheckOptions& options, const Baseline& known,
                          const ReportSurroundings& surroundings, CheckReport& report) {
  if (options.write_baseline.empty()) {
    known.Apply(report, surroundings);
    return {};
  }
  const Baseline found = Baseline::Of(report, surroundings);
  if (const Status written = WriteWholeFile(options.write_baseline, found.Write()); !written) {
    return written.error().message;
  }
  found.Apply(report, surroundings);
  WriteStandardError("plimsoll: " + SanitizeLine(options.write_baseline, std::string::npos) + ": " +
                     std::to_string(report.known) + (report.known == 1 ? " finding" : " findings") +
                     " written; with --baseline only what is new is reported\n");
  return {};
}

void Append(std::vector<Diagnostic> more, std::vector<Diagnostic>& problems) {
  std::move(more.begin(), more.end(), std::back_inserter(problems));
}

// What could not be written.
std::vector<Diagnostic> Fix(const CheckTerms& terms, std::vector<InputFile>& files) {
  const FixOutcome outcome = FixFiles(terms, files);
  std::vector<Diagnostic> problems = WriteFixes(outcome, files);
  WriteStandardError(FixSummary(outcome, terms.options));
  return problems;
}

int ShowFixes(const CheckTerms& terms, std::vector<InputFile>& files,
              const ReportSurroundings& surroundings, std::ostream& out) {
  const FixOutcome outcome = FixFiles(terms, files);
  for (const FixedFile& fixed : outcome.files) {
    const InputFile& file = files[fixed.file];
    out << UnifiedDiff(surroundings.PathOf(file.name), fixed.before, file.manifests->text);
  }
  std::string text = FixSummary(outcome, terms.options);
  bool complete = true;
  for (const InputFile& file : files) {
    for (const Diagnostic& problem : file.problems) {
      text += SanitizeLine(FormatDiagnostic(problem), std::string::npos) + '\n';
      complete = false;
    }
  }
  WriteStandardError(text);
  if (!complete) return kExitUnable;
  return outcome.files.empty() || terms.options.exit_zero ? kExitOk : kExitFindings;
}

int CheckFiles(const CheckTerms& terms, const Baseline& baseline, std::ostream& out) {
  const CheckOptions& options = terms.options;
  std::vector<InputFile> files = ReadInput(options.paths, DuplicateKeys::kNote);
  const ReportSurroundings surroundings = SurroundingsOf(options);
  if (options.diff) return ShowFixes(terms, files, surroundings, out);
  std::vector<Diagnostic> unwritten;
  if (options.fix) unwritten = Fix(terms, files);
  Judgement judgement = JudgeFiles(terms, files);
  if (options.stamp) Append(WriteStamps(StampsOf(judgement, terms.now)), unwritten);
  CheckReport report = ReportOf(terms, files, std::move(judgement));
  Append(std::move(unwritten), report.errors);
  const std::string problem = ApplyBaseline(options, baseline, surroundings, report);
  if (!problem.empty()) return SayUnable(problem);
  const bool written = WriteReports(report, options, surroundings, out);
  return written ? ExitCodeOf(report, options) : kExitUnable;
}

// Once, from what is in the files now.
int CheckOnce(const CheckOptions& options, Timestamp now, std::ostream& out) {
  ClusterTerms cluster;
  if (options.policy_cluster) {
    Result<ClusterTerms> read = ReadClusterTerms(options.cluster);
    if (!read) return SayUnable(read.error().message);
    cluster = *std::move(read);
    for (const std::string& note : cluster.notes) SayUnable(note);
  }
  LoadedPolicies loaded = options.policy_cluster     ? LoadPolicies(std::move(cluster.files))
                          : options.policies.empty() ? LoadBaseline()
                                                     : LoadPolicies(options.policies);
  if (!loaded.problems.empty()) {
    return Refuse(loaded.problems, "the policies have problems", options, out);
  }
  const LoadedDirectory directory = options.directories.empty()
                                        ? std::move(cluster.directory)
                                        : LoadDirectory(options.directories);
  if (!directory.problems.empty()) {
    return Refuse(directory.problems, "the directory of teams has problems", options, out);
  }
  const Result<Baseline> baseline =
      options.baseline.empty() ? Result<Baseline>(Baseline()) : Baseline::Read(options.baseline);
  if (!baseline) return SayUnable(baseline.error().message);
  const PolicySnapshot policies(std::move(loaded.policies));
  const std::vector<InputFile> waiver_files = ReadInput(options.waivers, DuplicateKeys::kReject);
  return CheckFiles({options, policies, loaded.input, waiver_files, directory.directory.get(), now,
                     options.as_of.value_or(now)},
                    *baseline, out);
}

WatchedPaths PathsOf(const CheckOptions& options) {
  WatchedPaths watched{options.paths, {}};
  for (const auto* more : {&options.policies, &options.waivers, &options.directories}) {
    watched.paths.insert(watched.paths.end(), more->begin(), more->end());
  }
  if (!options.baseline.empty()) watched.paths.push_back(options.baseline);
  for (const CheckOutput& output : options.outputs) {
    if (output.file.empty()) continue;
    watched.ignored.insert(std::filesystem::absolute(output.file).lexically_normal().string());
  }
  return watched;
}

int CheckAgainAndAgain(const CheckOptions& options, std::ostream& out) {
  int exit_code = kExitOk;
  const std::string problem = RunWhenChanged(PathsOf(options), [&] {
    // A stage may begin while this runs.
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    exit_code = CheckOnce(options, now, out);
    out.flush();
    if (!out) return false;  // its reader has gone
    WriteStandardError("plimsoll: watching for changes; Ctrl-C ends\n");
    return true;
  });
  return problem.empty() ? exit_code : SayUnable(problem);
}

}  // namespace

int RunCheck(const CheckOptions& options, Timestamp now, std::ostream& out) {
  return options.watch ? CheckAgainAndAgain(options, out) : CheckOnce(options, now, out);
}

}  // namespace plimsoll::cli
