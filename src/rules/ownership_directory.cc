#include <algorithm>
#include <string>

#include "plimsoll/base/text.h"
#include "plimsoll/model/team_directory.h"
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
     .description =
         "The slugs of teams, besides those of the directory of teams that the controller watches or "
         "`check --directory` reads; with neither, nothing is asked."},
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

// The team in office that `owner` means by the policy's own lists, or "".
std::string_view Resolve(const Parameters& parameters, std::string_view owner) {
  const std::vector<std::string>& teams = parameters.List(kTeams);
  const std::vector<std::string>& retired = parameters.List(kRetired);
  if (Contains(teams, owner) && !Contains(retired, owner)) return owner;
  const std::string_view alias = AliasOf(parameters.List(kAliases), owner);
  return Contains(teams, alias) && !Contains(retired, alias) ? alias : std::string_view();
}

// The policy's lists and the directory together.
class Teams {
 public:
  explicit Teams(const RuleInput& input)
      : parameters_(input.parameters),
        directory_(input.environment.directory),
        now_(input.environment.now) {}

  bool none() const {
    return parameters_.List(kTeams).empty() && (directory_ == nullptr || directory_->empty());
  }
  // There is one that cannot be read now: it may have by now what its last good version has not.
  bool outdated() const { return directory_ != nullptr && !directory_->current(); }

  bool IsInOffice(std::string_view owner) const {
    return !Contains(parameters_.List(kRetired), owner) &&
           (!Resolve(parameters_, owner).empty() || InDirectory(owner) != nullptr);
  }

  // The team of the directory that has this for an alias, or null.
  const Team* Alias(std::string_view owner) const {
    if (!Resolve(parameters_, owner).empty()) return nullptr;
    const Team* team = InDirectory(owner);
    return team != nullptr && team->slug != owner ? team : nullptr;
  }

  // Where the directory has it as a team that is no more.
  const Team* Retired(std::string_view owner) const {
    if (directory_ == nullptr) return nullptr;
    const Team* team = directory_->Find(owner);
    if (team == nullptr) team = directory_->FindAlias(owner);
    return team != nullptr && team->RetiredAt(now_) ? team : nullptr;
  }

  std::string_view SuccessorOf(std::string_view owner) const {
    const std::string_view alias = Resolve(parameters_, owner);
    if (!alias.empty() && alias != owner) return alias;
    const Team* team = Retired(owner);
    const Team* next = team == nullptr ? nullptr : directory_->SuccessorOf(*team, now_);
    if (next != nullptr && !Contains(parameters_.List(kRetired), next->slug)) return next->slug;
    return {};
  }

  // The team that was most likely meant, or "".
  std::string_view Nearest(std::string_view owner) const {
    const std::vector<std::string_view> names = InOffice();
    for (const std::string_view name : names) {
      if (EqualsIgnoreCase(name, owner)) return name;
    }
    return NearestName(owner, names);
  }

  // For a fix that passes: some team that is in office, else any.
  std::string_view Any() const {
    const std::vector<std::string_view> names = InOffice();
    if (!names.empty()) return names.front();
    if (!parameters_.List(kTeams).empty()) return parameters_.List(kTeams).front();
    return directory_->teams().front().slug;
  }

 private:
  const Team* InDirectory(std::string_view owner) const {
    return directory_ == nullptr ? nullptr : directory_->InOffice(owner, now_);
  }

  std::vector<std::string_view> InOffice() const {
    std::vector<std::string_view> names;
    const std::vector<std::string>& retired = parameters_.List(kRetired);
    for (const std::string& team : parameters_.List(kTeams)) {
      if (!Contains(retired, team)) names.push_back(team);
    }
    if (directory_ == nullptr) return names;
    for (const Team& team : directory_->teams()) {
      if (!team.RetiredAt(now_) && !Contains(retired, team.slug)) names.push_back(team.slug);
    }
    return names;
  }

  const Parameters& parameters_;
  const TeamDirectory* directory_;
  Timestamp now_;
};

// "a team that is no more since 2026-12-01", "not in the directory of teams".
std::string WhatItIs(const Team* retired, bool listed_as_retired, bool outdated) {
  if (retired != nullptr && retired->retired_after) {
    return "a team that is no more since " + FormatDate(*retired->retired_after);
  }
  if (listed_as_retired) return "a team that is no more";
  return outdated ? "not in the last readable directory of teams" : "not in the directory of teams";
}

Violation Unknown(const RuleInput& input, const Teams& teams, const Declared& declared,
                  std::string_view owner) {
  const bool listed = Contains(input.parameters.List(kRetired), owner);
  const Team* gone = listed ? nullptr : teams.Retired(owner);
  const bool retired = listed || gone != nullptr;
  std::string_view suggested = retired ? teams.SuccessorOf(owner) : teams.Nearest(owner);
  const bool hint = !suggested.empty();
  if (!hint) suggested = teams.Any();
  Violation violation;
  violation.path = PathAt(input.workload, declared.place, declared.key);
  violation.message = Subject(input.workload) + " belongs to \"" +
                      SanitizeLine(owner, kShownBytes) + "\", which is " +
                      WhatItIs(gone, listed, teams.outdated());
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
  if (teams.outdated() && !listed) violation.strongest = Action::kWarn;
  return violation;
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  const Teams teams(input);
  if (teams.none()) {
    outcome.NotApplicable(teams.outdated() ? "the directory of teams cannot be read"
                                           : "there is no directory of teams");
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
  if (!teams.IsInOffice(owner)) {
    outcome.Fail(Unknown(input, teams, *lookup.good, owner));
  } else if (const Team* team = teams.Alias(owner)) {
    outcome.Note(SanitizeLine(owner, kShownBytes) + " is another name of team " + team->slug);
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
        "name, to the directory of teams or to the policy. While the directory cannot be read, "
        "nobody is refused because of it.",
    .parameters = kParameters,
    .evaluate = Evaluate,
};

}  // namespace

const Rule& OwnershipDirectoryRule() { return kRule; }

}  // namespace plimsoll
