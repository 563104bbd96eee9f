#include "options.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>
#include <string_view>

#include "check_flags.h"
#include "exit_code.h"
#include "explain_flags.h"
#include "flags.h"
#include "plimsoll/base/text.h"
#include "scan_flags.h"
#include "subcommand.h"
#include "usage_words.h"

namespace plimsoll::cli {
namespace {

constexpr size_t kHelpColumn = 30;
constexpr size_t kHelpWidth = 100;

// CLI11 writes a description as one line, however long.
class WrappingFormatter : public CLI::Formatter {
 public:
  std::string make_option_desc(const CLI::Option* option) const override {
    std::string out;
    size_t column = 0;
    for (const std::string_view word : Split(option->get_description(), ' ')) {
      if (column != 0 && column + 1 + word.size() > kHelpWidth - kHelpColumn) {
        out += '\n';
        column = 0;
      } else if (column != 0) {
        out += ' ';
        ++column;
      }
      out += word;
      column += word.size();
    }
    return out;
  }
};

CLI::App* AddReport(CLI::App& app, ReportOptions& options) {
  CLI::App* report =
      app.add_subcommand("report",
                         "Answer the three questions from what is recorded about each service, or "
                         "show where every service stands on one HTML page");
  report
      ->add_option("PATH", options.paths,
                   "Records (WorkloadReadiness objects; for --html also ReadinessWaivers) in files "
                   "or folders, or - for standard input [those of the cluster]")
      ->type_name("");
  report->add_flag("--questions", options.questions,
                   "When was it seen first, what could have been prevented, did telling early "
                   "change anything");
  report
      ->add_option("--html", options.html,
                   "Write one page that stands alone into this file (- for standard output): "
                   "totals, answers over time, upcoming stages, waivers, the matrix of services "
                   "and rules, each finding")
      ->type_name("FILE");
  AddCluster(*report, options.cluster);
  AddChoice<ReportFormat>(*report, "--format",
                          {{"text", ReportFormat::kText}, {"json", ReportFormat::kJson}},
                          options.format, "How to write the report [text]");
  AddColor(*report, options.color);
  report->footer(
      "Exit codes: 0 answered, 2 something could not be read or written.\n\n"
      "Examples:\n"
      "  plimsoll report --questions\n"
      "  plimsoll report --html readiness.html\n"
      "  kubectl get workloadreadinesses -A -o yaml | plimsoll report --questions -");
  return report;
}

CLI::App* AddValidate(CLI::App& policy, PolicyValidateOptions& options) {
  CLI::App* validate =
      policy.add_subcommand("validate", "List every problem of policy files, with its place");
  validate->add_option("PATH", options.paths, "Files, folders, or - for standard input")
      ->type_name("");
  validate->footer("Exit codes: 0 all well, 1 problems, 2 something could not be read.");
  return validate;
}

// As a plugin of kubectl it is called by that name, and so its help says.
std::string ProgramName(int argc, const char* const* argv) {
  const std::string_view path = argc > 0 ? argv[0] : "";
  const size_t slash = path.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  return name == "kubectl-plimsoll" ? "kubectl plimsoll" : "plimsoll";
}

// Those that register themselves, in a file each.
void AddOthers(CLI::App& app, CLI::App& policy, std::vector<Subcommand>& others) {
  AddInit(app, others);
  AddPolicyTest(policy, others);
  AddDoctor(app, others);
  AddWaiver(app, others);
  AddCompletion(app, others);
  AddDocs(app, others);
}

// The innermost command that was named, and how it was spelled.
const CLI::App* Innermost(const CLI::App& app, std::string& spelling) {
  const CLI::App* current = &app;
  spelling = app.get_name();
  while (!current->get_subcommands().empty()) {
    current = current->get_subcommands().front();
    spelling += ' ' + current->get_name();
  }
  return current;
}

Message UsageError(const CLI::App& app, std::string problem) {
  std::string spelling;
  Innermost(app, spelling);
  return Message{
      SanitizeLine("plimsoll: " + std::move(problem), 1000) + "\nTry: " + spelling + " --help\n", 2,
      kExitUnable};
}

// The one of them that was named.
Command ParsedOther(const CLI::App& app, const std::vector<Subcommand>& others) {
  const auto other = std::find_if(others.begin(), others.end(), [](const Subcommand& one) {
    return one.app->parsed() && one.app->get_subcommands().empty();
  });
  if (other == others.end()) return Message{app.help(), 2, kExitUnable};
  std::string problem = other->check();
  if (problem.empty()) return Task{other->run};
  return UsageError(app, std::move(problem));
}

Message ParseProblem(const CLI::App& app, const CLI::ParseError& error) {
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    std::string spelling;
    const CLI::App* command = Innermost(app, spelling);
    std::vector<std::string> rest = app.remaining(true);
    const std::string word = rest.empty() ? std::string() : rest.front();
    const bool flag = word.starts_with('-');
    std::string problem =
        flag ? "no flag "
        : command->get_parent() == nullptr ||
                !command->get_subcommands([](const CLI::App*) { return true; }).empty()
            ? "no command "
            : "one argument too many: ";
    return UsageError(app, problem + "\"" + word + "\"" + Suggestion(*command, word));
  }
  return UsageError(app, InOurWords(error.what()));
}

// What CLI11 has no word for.
std::string CheckConsistency(const PolicyValidateOptions& options) {
  return options.paths.empty()
             ? "validate what? Name policy files or folders, or - for standard input"
             : "";
}

std::string CheckConsistency(const ReportOptions& options) {
  if (options.questions == !options.html.empty()) {
    return options.questions ? "--questions or --html FILE, one at a time"
                             : "report what? There are --questions and --html FILE";
  }
  if (!options.html.empty() && options.format != ReportFormat::kText) {
    return "--format goes with --questions";
  }
  if (options.cluster.all_namespaces && !options.cluster.namespace_name.empty()) {
    return "--namespace or --all-namespaces, not both";
  }
  if (!options.paths.empty() &&
      !(options.cluster.kubeconfig.empty() && options.cluster.context.empty())) {
    return "files or a cluster: --kubeconfig and --context go without paths";
  }
  return {};
}

}  // namespace

Command ParseCommandLine(int argc, const char* const* argv) {
  CLI::App app(
      "Plimsoll judges Kubernetes workloads against a published readiness standard, before the "
      "release is loaded.",
      ProgramName(argc, argv));
  app.formatter(std::make_shared<WrappingFormatter>());
  app.get_formatter()->column_width(kHelpColumn);
  app.require_subcommand(0, 1);
  bool version_flag = false;
  app.add_flag("--version", version_flag, "Print the version");
  ExplainOptions explain_options;
  PolicyValidateOptions validate_options;
  CheckFlags check(app);
  const CLI::App* explain = AddExplain(app, explain_options);
  CLI::App* policy = app.add_subcommand("policy", "Print and validate policies");
  policy->require_subcommand(0, 1);
  const CLI::App* policy_default =
      policy->add_subcommand("default", "Print plimsoll-baseline, the built-in policy");
  const CLI::App* validate = AddValidate(*policy, validate_options);
  ReportOptions report_options;
  const CLI::App* report = AddReport(app, report_options);
  ScanOptions scan_options;
  const CLI::App* scan = AddScan(app, scan_options);
  PreviewOptions preview_options;
  const CLI::App* preview = AddPreview(app, preview_options);
  StatusOptions status_options;
  const CLI::App* status = AddStatus(app, status_options);
  const CLI::App* version = app.add_subcommand("version", "Print the version");
  std::vector<Subcommand> others;
  AddOthers(app, *policy, others);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return Message{app.help(), 1, kExitOk};
  } catch (const CLI::ParseError& error) {
    return ParseProblem(app, error);
  }
  if (version_flag || version->parsed()) return VersionOptions{};
  const auto finish = [&app](const auto& options, std::string problem) -> Command {
    if (problem.empty()) return options;
    return UsageError(app, std::move(problem));
  };
  if (check.command()->parsed()) {
    std::string problem = check.Finish();
    return finish(check.options(), std::move(problem));
  }
  if (explain->parsed()) return finish(explain_options, CheckConsistency(explain_options));
  if (report->parsed()) return finish(report_options, CheckConsistency(report_options));
  if (scan->parsed()) return finish(scan_options, Finish(scan_options));
  if (preview->parsed()) return finish(preview_options, Finish(preview_options));
  if (status->parsed()) return finish(status_options, Finish(status_options));
  if (policy_default->parsed()) return PolicyDefaultOptions{};
  if (validate->parsed()) return finish(validate_options, CheckConsistency(validate_options));
  return ParsedOther(app, others);
}

}  // namespace plimsoll::cli
