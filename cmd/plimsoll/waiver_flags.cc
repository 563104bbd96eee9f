// The flags of plimsoll waiver.
#include <memory>
#include <ostream>
#include <string>

#include "flags.h"
#include "subcommand.h"
#include "waiver_commands.h"

namespace plimsoll::cli {
namespace {

using Options = std::shared_ptr<WaiverOptions>;
using Run = int (*)(const WaiverOptions&, Timestamp, std::ostream&);

void AddNamespace(CLI::App& app, WaiverOptions& options) {
  AddClusterAccess(app, options.cluster);
  app.add_option("--namespace,-n", options.cluster.namespace_name,
                 "The namespace [that of the context]")
      ->type_name("NS");
}

void AddEnd(CLI::App& app, WaiverOptions& options) {
  app.add_option("--expires", options.expires, "When it ends, at most as the policy allows")
      ->type_name("DATE");
  app.add_option("--for", options.lasting, "Instead: how long, such as 30d")->type_name("DURATION");
  app.add_option("--reason", options.reason, "Why, for who approves it and who reads it later")
      ->type_name("TEXT");
  app.add_flag("--dry-run", options.dry_run,
               "Print it as YAML, to be kept in Git; nothing is made");
}

std::string CheckEnd(const WaiverOptions& options) {
  if (!options.expires.empty() && !options.lasting.empty()) return "--expires or --for, not both";
  return options.expires.empty() && options.lasting.empty()
             ? "until when? --expires DATE, or --for 30d"
             : "";
}

std::string CheckRequest(const WaiverOptions& options) {
  if (options.workloads.empty()) return "request what? Name workloads: Deployment/checkout";
  if (options.policy.empty()) return "--policy NAME is missing: whose rules?";
  if (options.rules.empty()) return "--rule RULE is missing: from which rules?";
  if (options.reason.empty()) return "--reason TEXT is missing: who approves it wants to know";
  return CheckEnd(options);
}

std::string CheckName(const WaiverOptions& options) {
  return options.name.empty() ? "which waiver? Name it; plimsoll waiver list shows them" : "";
}

void Add(CLI::App* app, const Options& options, std::string (*check)(const WaiverOptions&), Run run,
         std::vector<Subcommand>& commands) {
  commands.push_back(
      {app, [options, check] { return check(*options); },
       [options, run](Timestamp now, std::ostream& out) { return run(*options, now, out); }});
}

void AddRequest(CLI::App& waiver, std::vector<Subcommand>& commands) {
  const auto options = std::make_shared<WaiverOptions>();
  CLI::App* const app =
      waiver.add_subcommand("request", "Request that workloads be excused from rules");
  app->add_option("WORKLOAD", options->workloads, "KIND/NAME, such as Deployment/checkout")
      ->type_name("");
  app->add_option("--policy", options->policy, "The policy whose rules they are")
      ->type_name("NAME");
  app->add_option("--rule", options->rules, "A rule to be excused from; may be repeated")
      ->type_name("RULE")
      ->allow_extra_args(false);
  app->add_option("--name", options->name, "Its name [made of the workload and the rule]")
      ->type_name("NAME");
  app->add_option("--requested-by", options->user,
                  "Who asks, where somebody else applies it [you, as the cluster knows you]")
      ->type_name("USER");
  AddEnd(*app, *options);
  AddNamespace(*app, *options);
  app->footer(
      "Examples:\n"
      "  plimsoll waiver request Deployment/checkout -n shop --policy production --rule runbook.url "
      "--for 30d --reason \"being written, OPS-1234\"");
  Add(app, options, CheckRequest, RequestWaiver, commands);
}

void AddList(CLI::App& waiver, std::vector<Subcommand>& commands) {
  const auto options = std::make_shared<WaiverOptions>();
  CLI::App* const app = waiver.add_subcommand("list", "List waivers, the first to end first");
  app->add_flag("--expired", options->expired, "Also those that have ended");
  AddChoice<bool>(*app, "--format", {{"text", false}, {"json", true}}, options->json,
                  "How to write the list [text]");
  AddNamespace(*app, *options);
  app->add_flag("--all-namespaces,-A", options->all_namespaces, "Of all namespaces");
  Add(
      app, options,
      [](const WaiverOptions& given) -> std::string {
        return given.all_namespaces && !given.cluster.namespace_name.empty()
                   ? "--namespace or --all-namespaces, not both"
                   : "";
      },
      ListWaivers, commands);
}

}  // namespace

void AddWaiver(CLI::App& app, std::vector<Subcommand>& commands) {
  CLI::App* const waiver =
      app.add_subcommand("waiver", "Request, approve, list, renew and end exceptions");
  waiver->require_subcommand(0, 1);
  AddRequest(*waiver, commands);
  const auto named = [&](const std::string& name, const std::string& description) {
    const auto options = std::make_shared<WaiverOptions>();
    CLI::App* const one = waiver->add_subcommand(name, description);
    one->add_option("NAME", options->name, "The waiver's name")->type_name("");
    return std::pair(one, options);
  };
  const auto [approve, approved] = named("approve", "Approve what somebody else has requested");
  AddNamespace(*approve, *approved);
  Add(approve, approved, CheckName, ApproveWaiver, commands);
  AddList(*waiver, commands);
  const auto [renew, renewed] = named("renew", "Request another waiver of the same, for longer");
  AddEnd(*renew, *renewed);
  AddNamespace(*renew, *renewed);
  Add(
      renew, renewed,
      [](const WaiverOptions& given) {
        std::string problem = CheckName(given);
        return problem.empty() ? CheckEnd(given) : problem;
      },
      RenewWaiver, commands);
  const auto [end, ended] = named("end", "Delete a waiver: its rules are asked again");
  AddNamespace(*end, *ended);
  Add(end, ended, CheckName, EndWaiver, commands);
}

}  // namespace plimsoll::cli
