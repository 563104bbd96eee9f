#include "check_flags.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <string_view>

#include "flags.h"
#include "plimsoll/base/text.h"

namespace plimsoll::cli {
namespace {

constexpr std::string_view kClusterPolicies = "cluster";
constexpr std::string_view kStandardStream = "-";

constexpr std::array<std::pair<std::string_view, CheckFormat>, 8> kFormats = {{
    {"text", CheckFormat::kText},
    {"json", CheckFormat::kJson},
    {"sarif", CheckFormat::kSarif},
    {"junit", CheckFormat::kJunit},
    {"github", CheckFormat::kGithub},
    {"gitlab", CheckFormat::kGitlab},
    {"markdown", CheckFormat::kMarkdown},
    {"html", CheckFormat::kHtml},
}};

std::string FormatNames() {
  std::string names;
  for (const auto& format : kFormats) {
    if (!names.empty()) names += '|';
    names += format.first;
  }
  return names;
}

void SetAsOf(const std::string& text, CheckOptions& options) {
  options.as_of = ParseTimestamp(text);
  if (!options.as_of) {
    throw CLI::ValidationError(
        "--as-of",
        "\"" + text + "\" is no date; expected one such as 2027-02-01 or 2027-02-01T09:30:00Z");
  }
}

void SetNamespaceLabels(const std::string& text, CheckOptions& options) {
  for (const std::string_view part : Split(text, ',')) {
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      throw CLI::ValidationError("--namespace-labels",
                                 "\"" + std::string(part) + "\" is not KEY=VALUE");
    }
    options.namespace_labels.emplace_back(part.substr(0, equals), part.substr(equals + 1));
  }
}

bool HasStandardInput(const CheckOptions& options) {
  return std::count(options.paths.begin(), options.paths.end(), kStandardStream) > 0;
}

}  // namespace

CheckFlags::~CheckFlags() = default;

CheckFlags::CheckFlags(CLI::App& app)
    : command_(app.add_subcommand("check", "Judge manifests as admission would judge them")) {
  command_
      ->add_option("PATH", options_.paths,
                   "Files, folders (.yaml, .yml and .json below them), or - for standard input")
      ->type_name("");
  AddTerms();
  AddNamespace();
  AddReport();
  AddEdits();
  AddColor(*command_, options_.color);
  command_->footer(
      "Exit codes: 0 nothing at or above the threshold, 1 findings, 2 something could not be "
      "judged.\n\n"
      "Examples:\n"
      "  plimsoll check manifests/\n"
      "  helm template ./chart | plimsoll check -\n"
      "  kustomize build overlays/production | plimsoll check --policy policies/ -n payments -\n"
      "  plimsoll check --policy policies/ --as-of 2027-02-01 manifests/\n"
      "  plimsoll check --policy cluster --format text --format sarif --output out.sarif manifests/\n"
      "  plimsoll check --fix manifests/");
}

// What objects are judged by.
void CheckFlags::AddTerms() {
  command_
      ->add_option(
          "--policy", options_.policies,
          "Policies to judge by; may be repeated. Namespace objects beside them are known, "
          "too. `cluster`: what is in force in the cluster, with its waivers, namespaces "
          "and directory of teams [the built-in plimsoll-baseline]")
      ->type_name("FILE|DIR|cluster")
      ->allow_extra_args(false);
  command_
      ->add_option("--waivers", options_.waivers,
                   "ReadinessWaivers that excuse; may be repeated. Those among PATH and beside the "
                   "policies are known, too")
      ->type_name("FILE|DIR")
      ->allow_extra_args(false);
  command_
      ->add_option("--directory", options_.directories,
                   "The directory of teams: a TeamDirectory, a Backstage catalog export, or the "
                   "ConfigMap that the controller reads; may be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command_
      ->add_option("--kubeconfig", options_.cluster.kubeconfig,
                   "The kubeconfig for `--policy cluster` [KUBECONFIG, else ~/.kube/config, else "
                   "the pod's own account]")
      ->type_name("FILE");
  command_->add_option("--context", options_.cluster.context, "The context in it [the current one]")
      ->type_name("NAME");
  command_
      ->add_option_function<std::string>(
          "--as-of", [this](const std::string& text) { SetAsOf(text, options_); },
          "Judge as on that day: what will happen then? [now]")
      ->type_name("DATE");
}

void CheckFlags::AddNamespace() {
  command_
      ->add_option("--namespace,-n", options_.namespace_name,
                   "The namespace of objects that name none")
      ->type_name("NS");
  command_
      ->add_option_function<std::string>(
          "--namespace-labels",
          [this](const std::string& text) { SetNamespaceLabels(text, options_); },
          "Labels of that namespace; without --namespace, of every namespace that the input does "
          "not define")
      ->type_name("K=V,...");
}

void CheckFlags::AddReport() {
  format_ = command_
                ->add_option("--format", formats_,
                             "How to write the report; may be repeated, each with an --output of "
                             "its own, but for one [text]")
                ->type_name(FormatNames())
                ->allow_extra_args(false);
  output_ = command_
                ->add_option("--output", files_,
                             "Where to write the report of the --format before it, whole or not at "
                             "all; - is standard output [-]")
                ->type_name("FILE")
                ->allow_extra_args(false);
  command_->add_flag("--all", options_.all, "Also list what passed and what did not apply");
  command_->add_flag("--statistics", options_.statistics,
                     "Count by rule, owner and namespace instead of listing (text)");
  command_
      ->add_option("--baseline", options_.baseline,
                   "Leave out what this file has: only what is new is reported, and fails")
      ->type_name("FILE");
  command_
      ->add_option("--write-baseline", options_.write_baseline,
                   "Write what is found now into this file, for --baseline")
      ->type_name("FILE");
  AddChoice<Action>(*command_, "--failure-threshold",
                    {{"audit", Action::kAudit}, {"warn", Action::kWarn}, {"deny", Action::kDeny}},
                    options_.failure_threshold,
                    "The weakest action that makes the exit code 1 [warn]");
  command_->add_flag("--exit-zero", options_.exit_zero, "Exit 0 also when there are findings");
  command_->add_flag("--watch", options_.watch,
                     "Judge again whenever a file changes, until Ctrl-C");
}

void CheckFlags::AddEdits() {
  command_->add_flag("--fix", options_.fix,
                     "Put right in the files what can be put right without a guess; everything "
                     "else in them stays as it is");
  command_->add_flag("--unsafe-fixes", options_.unsafe_fixes,
                     "With --fix or --diff: also write values that only people know, marked "
                     "`# plimsoll: replace with ...`, which check reports until they are replaced");
  command_->add_flag(
      "--diff", options_.diff,
      "Show what --fix would change, and change nothing; exit 1 if that is anything");
  command_->add_flag("--stamp", options_.stamp,
                     "Write into the manifests that they were checked, and what was found "
                     "(annotation plimsoll.dev/checked)");
}

// Formats and files as they were given, one after the other.
std::string CheckFlags::PairOutputs() {
  bool open = false;  // the last format has no file yet
  size_t format = 0;
  size_t file = 0;
  for (const CLI::Option* option : command_->parse_order()) {
    if (option == format_ && format < formats_.size()) {
      const std::string& name = formats_[format++];
      const auto* known = std::find_if(kFormats.begin(), kFormats.end(),
                                       [&](const auto& one) { return one.first == name; });
      if (known == kFormats.end()) return "--format: \"" + name + "\" is none of " + FormatNames();
      options_.outputs.push_back({known->second, ""});
      open = true;
    } else if (option == output_ && file < files_.size()) {
      const std::string& name = files_[file++];
      if (!open) return "--output " + name + " has no --format before it";
      if (name.empty()) return "--output: a file without a name";
      if (name != kStandardStream) options_.outputs.back().file = name;
      open = false;
    }
  }
  if (options_.outputs.empty()) options_.outputs.emplace_back();
  std::vector<std::string_view> names;
  for (const CheckOutput& output : options_.outputs) names.push_back(output.file);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return {};
  return twice->empty()
             ? "two reports on standard output; give each --format but one an --output FILE"
             : "--output " + std::string(*twice) + " is named twice";
}

std::string CheckFlags::CheckEdits() const {
  const CheckOptions& o = options_;
  const bool edits = o.fix || o.stamp;
  if (edits && HasStandardInput(o)) {
    return std::string(o.stamp ? "--stamp" : "--fix") +
           " writes into files: standard input (-) is none";
  }
  if (o.stamp && o.as_of) {
    return "--stamp says what was found today: it does not go with --as-of";
  }
  if (o.fix && o.diff) return "--diff changes nothing: it does not go with --fix";
  if (o.diff && o.stamp) return "--diff changes nothing: it does not go with --stamp";
  if (o.unsafe_fixes && !o.fix && !o.diff) return "--unsafe-fixes goes with --fix or --diff";
  if (o.watch && HasStandardInput(o)) return "--watch looks at files: standard input (-) is none";
  if (o.watch && (edits || o.diff))
    return "--watch reads: it does not go with --fix, --diff or --stamp";
  if (o.watch && !o.write_baseline.empty()) return "--watch does not go with --write-baseline";
  return {};
}

std::string CheckFlags::Finish() {
  const auto cluster = std::remove(options_.policies.begin(), options_.policies.end(),
                                   std::string(kClusterPolicies));
  options_.policy_cluster = cluster != options_.policies.end();
  options_.policies.erase(cluster, options_.policies.end());
  if (options_.paths.empty()) {
    return "check what? Name files or folders, or - for standard input";
  }
  if (std::count(options_.paths.begin(), options_.paths.end(), kStandardStream) > 1) {
    return "standard input (-) is named twice";
  }
  if (options_.policy_cluster && !options_.policies.empty()) {
    return "--policy cluster goes alone: what is in force there, and nothing else";
  }
  if (!options_.policy_cluster &&
      !(options_.cluster.kubeconfig.empty() && options_.cluster.context.empty())) {
    return "--kubeconfig and --context go with --policy cluster";
  }
  if (std::string problem = PairOutputs(); !problem.empty()) return problem;
  if (std::string problem = CheckEdits(); !problem.empty()) return problem;
  if (!options_.baseline.empty() && !options_.write_baseline.empty()) {
    return "--write-baseline takes everything: it does not go with --baseline";
  }
  const auto text = [](const CheckOutput& output) { return output.format == CheckFormat::kText; };
  if (options_.statistics && std::none_of(options_.outputs.begin(), options_.outputs.end(), text)) {
    return "--statistics are text: name --format text, too";
  }
  return {};
}

}  // namespace plimsoll::cli
