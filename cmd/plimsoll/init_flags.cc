// The flags of plimsoll init.
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "flags.h"
#include "init.h"
#include "plimsoll/base/text.h"
#include "plimsoll/rules/placeholder.h"
#include "subcommand.h"

namespace plimsoll::cli {
namespace {

// Names of Services are DNS-1035 labels; that of the service is also that of its alerts' job.
constexpr size_t kMaxNameBytes = 63;
// Beyond it nobody means it: 10,000 is what a large cluster has room for.
constexpr int64_t kMaxReplicas = 10'000;

bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool IsDnsLabel(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes && IsLowerOrDigit(name.front()) &&
         IsLowerOrDigit(name.back()) && std::all_of(name.begin(), name.end(), [](char c) {
           return IsLowerOrDigit(c) || c == '-';
         });
}

bool IsLabelValue(std::string_view value) {
  const auto edge = [](char c) { return IsLowerOrDigit(c) || (c >= 'A' && c <= 'Z'); };
  return !value.empty() && value.size() <= kMaxNameBytes && edge(value.front()) &&
         edge(value.back()) && std::all_of(value.begin(), value.end(), [edge](char c) {
           return edge(c) || c == '-' || c == '_' || c == '.';
         });
}

bool IsOneLine(std::string_view text) {
  return IsValidUtf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

std::string Check(const InitOptions& options) {
  const ServicePlan& plan = options.plan;
  const auto shown = [](const std::string& text) { return '"' + SanitizeLine(text, 80) + '"'; };
  if (plan.name.empty()) return "init what? Name the service: plimsoll init NAME --owner TEAM";
  if (!IsDnsLabel(plan.name) || (plan.name.front() >= '0' && plan.name.front() <= '9')) {
    return shown(plan.name) +
           " is no name for a service; expected lower-case letters, digits and \"-\", a letter "
           "first, at most 63";
  }
  // Where somebody can be asked, that comes later.
  if (!plan.owner.empty() || !CanAsk(options)) {
    if (std::string problem = ProblemWithOwner(plan.owner); !problem.empty()) return problem;
  }
  if (!plan.namespace_name.empty() && !IsDnsLabel(plan.namespace_name)) {
    return "--namespace " + shown(plan.namespace_name) + " is no name of a namespace";
  }
  if (plan.port < 1 || plan.port > 65535) return "--port must be one of 1 to 65535";
  if (plan.replicas < 0 || plan.replicas > kMaxReplicas) return "--replicas must be 1 to 10000";
  if (plan.max_replicas != 0 && (plan.max_replicas < std::max<int64_t>(plan.replicas, 2) ||
                                 plan.max_replicas > kMaxReplicas)) {
    return "--max-replicas must be at least --replicas (and 2), at most 10000";
  }
  for (const std::string* text :
       {&plan.image, &plan.runbook, &plan.alert_route, &plan.contact, &plan.code_owner}) {
    if (!IsOneLine(*text)) return shown(*text) + " is not one line of UTF-8";
  }
  const auto kickoff = ParseTimestamp(plan.kickoff);
  if (!plan.kickoff.empty() && (!kickoff || plan.kickoff.size() != 10)) {
    return "--kickoff " + shown(plan.kickoff) + " is no date; expected one such as 2027-02-01";
  }
  return {};
}

void AddAnswers(CLI::App& init, ServicePlan& plan) {
  init.add_option("--owner", plan.owner, "The team that runs it, as the directory of teams has it")
      ->type_name("TEAM");
  init.add_option("--tier", plan.tier,
                  "How much its outage costs, in the words of the policy [its default]")
      ->type_name("TIER");
  init.add_option("--namespace,-n", plan.namespace_name,
                  "Where it will run [left out: wherever it is applied]")
      ->type_name("NS");
  init.add_option("--image", plan.image, "The image, with tag and digest")->type_name("IMAGE");
  init.add_option("--port", plan.port, "The port it listens on [8080]")->type_name("PORT");
  init.add_option("--runbook", plan.runbook, "The address of its runbook")->type_name("URL");
  init.add_option("--alert-route", plan.alert_route,
                  "Where its alerts go: a service, schedule or channel")
      ->type_name("ROUTE");
  init.add_option("--contact", plan.contact,
                  "How to reach its people, where the policy asks for it")
      ->type_name("CONTACT");
  init.add_option("--replicas", plan.replicas, "How many [what the policy asks for, at least 2]")
      ->type_name("N")
      // To the plan 0 is: nobody has said.
      ->check([](const std::string& n) { return n == "0" ? "must be 1 to 10000" : ""; });
  init.add_option("--max-replicas", plan.max_replicas,
                  "Let an autoscaler choose between --replicas and this [no autoscaler]")
      ->type_name("N");
  init.add_option("--kickoff", plan.kickoff,
                  "When work on it began [today; what an earlier run wrote stays]")
      ->type_name("DATE");
}

void AddShape(CLI::App& init, InitOptions& options) {
  init.add_option("--policy", options.policy,
                  "What it must pass: a file or folder [the built-in plimsoll-baseline]")
      ->type_name("FILE|DIR");
  AddChoice<ServiceLayout>(init, "--layout",
                           {{"plain", ServiceLayout::kPlain},
                            {"kustomize", ServiceLayout::kKustomize},
                            {"chart", ServiceLayout::kChart}},
                           options.plan.layout, "How its manifests are kept [plain]");
  AddChoice<OwnersFile>(init, "--owners-file",
                        {{"CODEOWNERS", OwnersFile::kCodeowners}, {"OWNERS", OwnersFile::kOwners}},
                        options.plan.owners_file,
                        "Which file says who is asked about changes [CODEOWNERS]");
  init.add_option("--code-owner", options.plan.code_owner,
                  "Who stands in it, such as @shop/payments [made of --owner]")
      ->type_name("NAME");
  AddChoice<CiSystem>(
      init, "--ci",
      {{"github", CiSystem::kGithub}, {"gitlab", CiSystem::kGitlab}, {"none", CiSystem::kNone}},
      options.plan.ci, "Whose pipeline runs ci/readiness.sh [github]");
  init.add_option("--output", options.output, "The folder to write to [NAME]")->type_name("DIR");
  init.add_flag("--force", options.force, "Replace files that are there");
  init.add_flag("--no-input", options.no_input, "Do not ask, also on a terminal");
}

}  // namespace

std::string ProblemWithOwner(const std::string& owner) {
  if (owner.empty()) return "--owner TEAM is missing: who will run it?";
  if (IsLabelValue(owner) && !IsPlaceholder(owner)) return {};
  return "--owner \"" + SanitizeLine(owner, 80) +
         "\" is no team's name; expected at most 63 letters, digits, \"-\", \"_\" and \".\"";
}

void AddInit(CLI::App& app, std::vector<Subcommand>& commands) {
  const auto options = std::make_shared<InitOptions>();
  CLI::App* const init =
      app.add_subcommand("init", "Write a new service that is ready from the first commit");
  init->add_option("NAME", options->plan.name, "The service's name")->type_name("");
  AddAnswers(*init, options->plan);
  AddShape(*init, *options);
  init->footer(
      "On a terminal, what only people know is asked for; otherwise, and where the answer is empty,\n"
      "a placeholder marked \"TODO\" is left, which `plimsoll check` reports.\n\n"
      "Exit codes: 0 written (or unchanged), 1 written, and the policy asks for more than answers, 2 "
      "nothing was\nwritten.\n\n"
      "Examples:\n"
      "  plimsoll init checkout --owner payments --namespace shop\n"
      "  plimsoll init checkout --owner payments --tier critical --layout chart --policy policies/\n"
      "  plimsoll init checkout --owner payments --runbook https://wiki.corp.internal/x --force");
  commands.push_back(
      {init, [options] { return Check(*options); },
       [options](Timestamp now, std::ostream& out) { return RunInit(*options, now, out); }});
}

}  // namespace plimsoll::cli
