#include "scan_flags.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <string_view>

#include "flags.h"

namespace plimsoll::cli {
namespace {

constexpr std::string_view kClusterPolicies = "cluster";
constexpr const char* kTwoScopes = "--namespace or --all-namespaces, not both";

}  // namespace

CLI::App* AddScan(CLI::App& app, ScanOptions& options) {
  CLI::App* scan = app.add_subcommand(
      "scan", "Judge every workload of a live cluster; reads only, nothing need be installed");
  scan->add_option("--policy", options.policies,
                   "Policies to judge by; may be repeated. `cluster`: what is in force there [the "
                   "built-in plimsoll-baseline]")
      ->type_name("FILE|DIR|cluster")
      ->allow_extra_args(false);
  scan->add_option("--directory", options.directories,
                   "The directory of teams, as for check; may be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false);
  AddCluster(*scan, options.cluster);
  AddDate(*scan, "--as-of", options.as_of,
          "Judge as on that day: what will be blocked then? [now]");
  AddChoice<ScanFormat>(*scan, "--format",
                        {{"text", ScanFormat::kText},
                         {"json", ScanFormat::kJson},
                         {"markdown", ScanFormat::kMarkdown}},
                        options.format, "How to write the report [text]");
  scan->add_option("--output", options.output,
                   "Where to write it, whole or not at all [standard output]")
      ->type_name("FILE");
  scan->add_flag("--details", options.details, "List each finding with its fix (text)");
  AddChoice<Action>(*scan, "--failure-threshold",
                    {{"audit", Action::kAudit}, {"warn", Action::kWarn}, {"deny", Action::kDeny}},
                    options.failure_threshold,
                    "The weakest action that makes the exit code 1 [deny]");
  scan->add_flag("--exit-zero", options.exit_zero, "Exit 0 also when there are findings");
  AddColor(*scan, options.color);
  scan->footer(
      "Exit codes: 0 nothing at or above the threshold, 1 findings, 2 the cluster could not be "
      "read.\n\n"
      "Examples:\n"
      "  plimsoll scan\n"
      "  plimsoll scan --policy policies/ --as-of 2027-02-01 -n payments --details\n"
      "  plimsoll scan --policy cluster --format json --output scan.json");
  return scan;
}

CLI::App* AddPreview(CLI::App& app, PreviewOptions& options) {
  CLI::App* preview = app.add_subcommand(
      "preview",
      "Say what a policy would change in a live cluster, before it is applied or its date comes");
  preview
      ->add_option("POLICY", options.policies,
                   "Policies as they are to be: files, folders, or - for standard input; they take "
                   "the place of those of their name in the cluster")
      ->type_name("");
  AddCluster(*preview, options.cluster);
  AddDate(*preview, "--as-of", options.as_of, "Compare with how it will be on that day [now]");
  preview->add_flag("--next-stage", options.next_stage,
                    "Compare with the day on which their next stage begins");
  preview->add_flag("--json", options.json, "Write JSON instead of text");
  AddColor(*preview, options.color);
  preview->footer(
      "Without POLICY: the policies that are in force, on that day.\n"
      "Exit codes: 0 nothing more would be blocked, 1 something would, 2 the cluster could not be "
      "read.\n\n"
      "Examples:\n"
      "  plimsoll preview policies/production.yaml\n"
      "  plimsoll preview policies/production.yaml --next-stage\n"
      "  plimsoll preview --as-of 2027-02-01");
  return preview;
}

CLI::App* AddStatus(CLI::App& app, StatusOptions& options) {
  CLI::App* status =
      app.add_subcommand("status", "Say where every service stands, from the records of a cluster");
  status->add_option("SERVICE", options.service, "One service, with its history [all of them]")
      ->type_name("");
  status->add_flag("--owners", options.owners, "Count services by owner");
  status->add_option("--owner", options.owner, "Only what this team owns")->type_name("TEAM");
  AddCluster(*status, options.cluster);
  status->add_flag("--json", options.json, "Write JSON instead of text");
  status->add_flag("--watch,-w", options.watch, "Look again every few seconds, until Ctrl-C");
  AddColor(*status, options.color);
  status->footer(
      "Exit codes: 0 said, 2 the records could not be read, or there is no such service.\n\n"
      "Examples:\n"
      "  plimsoll status\n"
      "  plimsoll status --owners\n"
      "  plimsoll status checkout");
  return status;
}

std::string Finish(ScanOptions& options) {
  const auto cluster =
      std::remove(options.policies.begin(), options.policies.end(), std::string(kClusterPolicies));
  options.policy_cluster = cluster != options.policies.end();
  options.policies.erase(cluster, options.policies.end());
  if (options.policy_cluster && !options.policies.empty()) {
    return "--policy cluster goes alone: what is in force there, and nothing else";
  }
  if (options.cluster.all_namespaces && !options.cluster.namespace_name.empty()) return kTwoScopes;
  if (options.details && options.format != ScanFormat::kText) {
    return "--details is for text: the other formats have them all";
  }
  return {};
}

std::string Finish(const PreviewOptions& options) {
  if (options.cluster.all_namespaces && !options.cluster.namespace_name.empty()) return kTwoScopes;
  if (options.next_stage && options.as_of) return "--next-stage is a date: it goes without --as-of";
  if (options.policies.empty() && !options.next_stage && !options.as_of) {
    return "preview what? Name policy files, or a day: --as-of, --next-stage";
  }
  return {};
}

std::string Finish(const StatusOptions& options) {
  if (options.cluster.all_namespaces && !options.cluster.namespace_name.empty()) return kTwoScopes;
  if (options.owners && !options.service.empty()) {
    return "--owners counts all services: it goes without SERVICE";
  }
  if (options.owners && options.json) return "--json has the services: it goes without --owners";
  if (options.watch && options.json) return "--watch is for people: it goes without --json";
  return {};
}

}  // namespace plimsoll::cli
