#include <algorithm>
#include <string>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/owner.h"

namespace plimsoll {
namespace {

constexpr size_t kShownBytes = 80;

enum Spec : size_t { kKeys, kWhereSpec, kTeams, kAliases, kRetired };

constexpr ParameterSpec kParameters[] = {
    {.name = "keys",
     .type = ParameterType::kKeyList,
     .default_json = kDefaultOwnerKeys,
     .description = "Labels and annotations that may name the owner, as for ownership.owner."},
    {.name = "where",
     .type = ParameterType::kEnum,
     .default_json = "\"any\"",
     .description = kWhereDescription,
     .allowed = kWhere},
    {.name = "teams",
     .type = ParameterType::kStringList,
     .default_json = "[]",
     .description = "The slugs of the teams there are; while it is empty, nothing is asked."},
    {.name = "aliases",
     .type = ParameterType::kAliasList,
     .default_json = "[]",
     .description = "Other names that are accepted for a team, each as `old=new`."},
    {.name = "retired",
     .type = ParameterType::kStringList,
     .default_json = "[]",
     .description = "Teams that are no more: an owner of that name is refused, and an alias for it "
                    "is offered as the replacement."},
};

bool Contains(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

// What `name` is an alias for, or "".
std::string_view AliasOf(const std::vector<std::string>& aliases, std::string_view name) {
  for (const std::string_view alias : aliases) {
    const size_t equals = alias.find('=');
    if (equals == std::string_view::npos) continue;
    if (Trim(alias.substr(0, equals)) == name) return Trim(alias.substr(equals + 1));
  }
  return {};
}

// The team in office that `owner` means, or "".
std::string_view Resolve(const Parameters& parameters, std::string_view owner) {
  const std::vector<std::string>& teams = parameters.List(kTeams);
  const std::vector<std::string>& retired = parameters.List(kRetired);
  if (Contains(teams, owner) && !Contains(retired, owner)) return owner;
  const std::string_view alias = AliasOf(parameters.List(kAliases), owner);
  return Contains(teams, alias) && !Contains(retired, alias) ? alias : std::string_view();
}

// The team that was most likely meant, or "".
std::string_view Nearest(const Parameters& parameters, std::string_view owner) {
  std::vector<std::string_view> teams;
  for (const std::string& team : parameters.List(kTeams)) {
    if (Contains(parameters.List(kRetired), team)) continue;
    if (EqualsIgnoreCase(team, owner)) return team;
    teams.push_back(team);
  }
  return NearestName(owner, teams);
}

// For a fix that passes: some team that is in office, else any.
std::string_view AnyTeam(const Parameters& parameters) {
  for (const std::string& team : parameters.List(kTeams)) {
    if (!Contains(parameters.List(kRetired), team)) return team;
  }
  return parameters.List(kTeams).front();
}

Violation Unknown(const RuleInput& input, const Declared& declared, std::string_view owner) {
  const bool retired = Contains(input.parameters.List(kRetired), owner);
  std::string_view suggested =
      retired ? Resolve(input.parameters, owner) : Nearest(input.parameters, owner);
  const bool hint = !suggested.empty();
  if (!hint) suggested = AnyTeam(input.parameters);
  Violation violation;
  violation.path = PathAt(input.workload, declared.place, declared.key);
  violation.message = Subject(input.workload) + " belongs to \"" +
                      SanitizeLine(owner, kShownBytes) + "\", which is " +
                      (retired ? "a team that is no more" : "not in the directory of teams");
  if (hint) {
    violation.message += retired ? "; its successor is \"" : "; did you mean \"";
    violation.message += SanitizeLine(suggested, kShownBytes) + (retired ? "\"" : "\"?");
  }
  violation.observed = ObservedAt(declared);
  violation.required = "a team of the directory";
  violation.fix = ObjectFix(PatchAt(
      input.workload, declared.place, declared.key,
      Yaml::String(suggested).Commented("replace with the team of the directory that runs it")));
  // A rename from one unknown team to another is a new finding.
  violation.identity = "team: " + std::string(owner);
  return violation;
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  if (input.parameters.List(kTeams).empty()) {
    outcome.NotApplicable("the policy has no directory of teams");
    return;
  }
  const Lookup lookup =
      FindDeclared(input.workload, input.parameters.List(kKeys),
                   Places::FromWhere(input.parameters.String(kWhereSpec)),
                   [](const Declared& declared) { return !OwnerSlug(declared).empty(); });
  if (!lookup.good) {
    outcome.NotApplicable("it names no owner, which ownership.owner reports");
    return;
  }
  const std::string_view owner = OwnerSlug(*lookup.good);
  const bool retired = Contains(input.parameters.List(kRetired), owner);
  if (retired || Resolve(input.parameters, owner).empty()) {
    outcome.Fail(Unknown(input, *lookup.good, owner));
  }
}

constexpr Rule kRule = {
    .id = "ownership.directory",
    .title = "The owner is a team that exists",
    .rationale =
        "A service is owned by \"paymnets\" since somebody mistyped a label two years ago, or by a "
        "team that was dissolved in the last reorganisation. Alerts are routed to a channel that "
        "nobody reads, and the outage lasts until a customer calls. Checking the name against the "
        "list of teams finds that on the day it happens.",
    .remediation =
        "Use the team's slug exactly as the directory has it; the finding names the nearest one. "
        "If "
        "the team is new or was renamed, ask the platform team to add it, or an alias for its old "
        "name, to the policy.",
    .parameters = kParameters,
    .evaluate = Evaluate,
};

}  // namespace

const Rule& OwnershipDirectoryRule() { return kRule; }

}  // namespace plimsoll
