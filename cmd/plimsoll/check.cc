// plimsoll check: files to verdicts to reports.
#include <algorithm>
#include <iterator>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "baseline.h"
#include "check_judge.h"
#include "check_output.h"
#include "commands.h"
#include "directory.h"
#include "exit_code.h"
#include "input.h"
#include "placeholder_marks.h"
#include "plimsoll/base/text.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/record/stamps.h"
#include "policies.h"
#include "stamp.h"
#include "terminal.h"

namespace plimsoll::cli {
namespace {

// What each judged workload was told by this check.
std::vector<StampRequest> StampsOf(const Judgement& judgement, Timestamp now) {
  std::vector<StampRequest> requests;
  Workload workload;
  for (const JudgedObject& judged : judgement.objects) {
    if (judged.result.standing != CheckedWorkload::Standing::kJudged || !workload.Assign(judged.object)) continue;
    std::vector<CheckedFinding> found;
    for (const Finding& finding : judged.result.findings) {
      if (finding.result != RuleResult::kFail || finding.rule == kPlaceholderRule) continue;
      found.push_back({finding.rule, finding.container});
    }
    requests.push_back({judged.file, judged.object, CheckedStamp(ReadStamps(workload, now), now, found)});
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
  std::string text;
  for (const Diagnostic& problem : problems) {
    text += SanitizeLine(FormatDiagnostic(problem), std::string::npos) + '\n';
  }
  text += "plimsoll: " + std::string(what) + "; nothing was judged\n";
  WriteStandardError(text);
  return kExitUnable;
}

int Unable(const std::string& message) {
  WriteStandardError("plimsoll: " + SanitizeLine(message, std::string::npos) + "\n");
  return kExitUnable;
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
  return {};
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
  Result<Baseline> baseline =
      options.baseline.empty() ? Result<Baseline>(Baseline()) : Baseline::Read(options.baseline);
  if (!baseline) return Unable(baseline.error().message);
  const PolicySnapshot policies(std::move(loaded.policies));
  const std::vector<InputFile> waiver_files = ReadInput(options.waivers, DuplicateKeys::kReject);
  const CheckTerms terms{
      options, policies, loaded.input, waiver_files, directory.directory.get(),
      now,     options.as_of.value_or(now)};
  const std::vector<InputFile> files = ReadInput(options.paths, DuplicateKeys::kNote);
  Judgement judgement = JudgeFiles(terms, files);
  std::vector<Diagnostic> unstamped;
  if (options.stamp) unstamped = WriteStamps(StampsOf(judgement, now));
  CheckReport report = ReportOf(terms, files, std::move(judgement));
  std::move(unstamped.begin(), unstamped.end(), std::back_inserter(report.errors));
  const ReportSurroundings surroundings = SurroundingsHere();
  const std::string problem = ApplyBaseline(options, *baseline, surroundings, report);
  if (!problem.empty()) return Unable(problem);
  const bool written = WriteReports(report, options, surroundings, out);
  return written ? ExitCodeOf(report, options) : kExitUnable;
}

}  // namespace plimsoll::cli
