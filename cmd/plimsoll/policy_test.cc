#include "policy_test.h"

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>

#include "check_output.h"
#include "exit_code.h"
#include "flags.h"
#include "input.h"
#include "plimsoll/base/text.h"
#include "subcommand.h"
#include "terminal.h"

namespace plimsoll::cli {
namespace {

// Its first document has a story. What else is below the folder (policies, directories) is no case.
bool IsCase(const InputFile& file) {
  if (file.manifests == nullptr || file.manifests->objects.empty()) return false;
  return file.manifests->objects.front()["story"].exists();
}

// What cannot be read may have been meant as one.
bool MayBeCase(const InputFile& file) {
  if (file.unreadable || IsCase(file)) return true;
  if (file.problems.empty() || file.manifests == nullptr) return false;
  const std::string& text = file.manifests->text;
  return text.starts_with("story:") || text.find("\nstory:") != std::string::npos;
}

std::string Counts(const std::vector<CaseResult>& results) {
  size_t passed = 0;
  size_t errors = 0;
  size_t updated = 0;
  for (const CaseResult& result : results) {
    if (result.updated) {
      ++updated;
    } else if (result.passed()) {
      ++passed;
    } else if (!result.problems.empty()) {
      ++errors;
    }
  }
  std::string text = std::to_string(results.size()) +
                     (results.size() == 1 ? " case: " : " cases: ") + std::to_string(passed) +
                     " passed";
  const size_t failed = results.size() - passed - errors - updated;
  if (failed > 0) text += ", " + std::to_string(failed) + " failed";
  if (errors > 0) text += ", " + std::to_string(errors) + " could not be judged";
  if (updated > 0) text += ", " + std::to_string(updated) + " updated: read them before you commit";
  return text + '\n';
}

int ExitCodeOf(const std::vector<CaseResult>& results) {
  int exit_code = kExitOk;
  for (const CaseResult& result : results) {
    if (!result.problems.empty()) return kExitUnable;
    if (!result.passed() && !result.updated) exit_code = kExitFindings;
  }
  return exit_code;
}

std::string Check(const PolicyTestOptions& options) {
  if (options.paths.empty()) return "test what? Name a folder with cases, or files";
  if (std::find(options.paths.begin(), options.paths.end(), "-") != options.paths.end()) {
    return "cases are files: standard input (-) is none";
  }
  if (!options.output.empty() && !options.junit) return "--output goes with --format junit";
  return {};
}

}  // namespace

int RunPolicyTest(const PolicyTestOptions& options, Timestamp now, std::ostream& out) {
  std::vector<CaseResult> results;
  for (const std::string& path : options.paths) {
    for (const InputFile& file : ReadInput({path}, DuplicateKeys::kReject)) {
      if (!MayBeCase(file)) continue;
      if (file.is_file) {
        results.push_back(RunCase(file.name, path, options.update, now));
        continue;
      }
      CaseResult folder{.file = file.name};
      for (const Diagnostic& problem : file.problems) folder.problems.push_back(problem.message);
      results.push_back(std::move(folder));
    }
  }
  if (results.empty()) {
    return SayUnable("no case in " + Join(options.paths, ", ") +
                     ": a case is a YAML file that begins with `story:`");
  }
  const bool text = !options.junit || !options.output.empty();
  if (text) {
    const bool color = StyleFor(options.color).color;
    for (const CaseResult& result : results) WriteCaseText(result, color, out);
    out << Counts(results);
  }
  if (options.junit && options.output.empty()) out << JUnitOf(results);
  if (!options.output.empty()) {
    const Status written = WriteWholeFile(options.output, JUnitOf(results));
    if (!written) return SayUnable(written.error().message);
  }
  return ExitCodeOf(results);
}

void AddPolicyTest(CLI::App& policy, std::vector<Subcommand>& commands) {
  const auto options = std::make_shared<PolicyTestOptions>();
  CLI::App* const test = policy.add_subcommand(
      "test", "Run the cases of a policy: manifests, a date, expected findings");
  test->add_option("PATH", options->paths, "Folders with cases, or files")->type_name("");
  test->add_flag("--update", options->update, "Write into each case what was found");
  AddChoice<bool>(*test, "--format", {{"text", false}, {"junit", true}}, options->junit,
                  "How to write the report [text]");
  test->add_option("--output", options->output,
                   "Write the JUnit report into this file, and text on standard output")
      ->type_name("FILE");
  AddColor(*test, options->color);
  test->footer(
      "A case is a YAML file that begins with `story:`; docs/policy-tests.md has all of it.\n\n"
      "Exit codes: 0 all passed, 1 some failed, 2 something could not be judged.\n\n"
      "Examples:\n"
      "  plimsoll policy test policies/tests\n"
      "  plimsoll policy test policies/tests --format junit --output report.xml");
  commands.push_back(
      {test, [options] { return Check(*options); },
       [options](Timestamp now, std::ostream& out) { return RunPolicyTest(*options, now, out); }});
}

}  // namespace plimsoll::cli
