// Also OwnerSlug (rules/owner.h), which says what counts as an owner.
#include <string>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/owner.h"
#include "rules/pattern.h"
#include "rules/placeholder.h"
#include "rules/slug.h"
#include "rules/suggest.h"

namespace plimsoll {
namespace {

constexpr size_t kShownBytes = 80;

enum Spec : size_t { kKeys, kWhereSpec, kPattern };

constexpr ParameterSpec kParameters[] = {
    {.name = "keys",
     .type = ParameterType::kKeyList,
     .default_json = kDefaultOwnerKeys,
     .description = "Labels and annotations that may name the owner; the first that does counts."},
    {.name = "where",
     .type = ParameterType::kEnum,
     .default_json = "\"any\"",
     .description = kWhereDescription,
     .allowed = kWhere},
    {.name = "pattern",
     .type = ParameterType::kPattern,
     .default_json = "\"\"",
     .description = "What a team's name looks like, such as `team-[a-z]+`; empty: any slug."},
};

bool IsLabelPlace(Place place) { return place == Place::kLabel || place == Place::kTemplateLabel; }

// What is wrong with it, to follow "label "team" of Deployment "checkout"".
std::string Problem(const Declared& declared, const re2::RE2* pattern) {
  if (!declared.value.is_string()) {
    return "is of type " + std::string(JsonKindName(declared.value.kind())) + ", not a string";
  }
  const std::string shown = "\"" + SanitizeLine(declared.text(), kShownBytes) + "\"";
  if (Trim(declared.text()).empty()) return "is empty";
  if (IsPlaceholder(declared.text())) return "has the placeholder " + shown;
  if (OwnerSlug(declared).empty()) {
    return "has " + shown +
           ", which is no team's slug: at most 63 letters, digits, \"-\", \"_\" and \".\"";
  }
  return "has " + shown + ", which does not match " +
         SanitizeLine(pattern == nullptr ? "" : pattern->pattern(), kShownBytes);
}

// Where the owner goes if it is nowhere: as a label on the workload, and on its pods, where alerts look.
Yaml NewOwner(const Workload& workload, const Places& places, std::string_view key, Yaml owner) {
  const Place here = places.label ? Place::kLabel : Place::kAnnotation;
  const Place below = places.label ? Place::kTemplateLabel : Place::kTemplateAnnotation;
  if (!places.workload && workload.kind() != WorkloadKind::kPod) {
    return PatchAt(workload, below, key, std::move(owner));
  }
  Yaml patch = PatchAt(workload, here, key, owner);
  if (!places.Includes(below, workload.kind()) || here != Place::kLabel) return patch;
  for (auto& [name, value] : PatchAt(workload, below, key, std::move(owner)).TakeMembers()) {
    patch.Set(name, std::move(value));
  }
  return patch;
}

Violation Missing(const RuleInput& input, const Places& places,
                  const std::optional<Declared>& bad) {
  const Workload& workload = input.workload;
  const std::vector<std::string>& keys = input.parameters.List(kKeys);
  const re2::RE2* pattern = input.parameters.Pattern(kPattern);
  const std::string team = SuggestTeam(workload);
  const std::string name = SuggestedName(workload);
  const std::string owner =
      SuggestMatching(pattern, {team, "team-" + team, team + "-team", name, "team-" + name});
  Yaml value = Yaml::String(owner).Commented("replace with the slug of the team that runs it" +
                                             ThatMatches(pattern));
  Violation violation;
  violation.observed = ObservedAt(bad);
  violation.required = "a team's slug" + ThatMatches(pattern) + " under " + JoinKeys(keys);
  violation.identity = "owner";
  if (bad) {
    violation.path = PathAt(workload, bad->place, bad->key);
    violation.message =
        NameAt(bad->place, bad->key) + " of " + Subject(workload) + " " + Problem(*bad, pattern);
    violation.fix = ObjectFix(PatchAt(workload, bad->place, bad->key, std::move(value)));
    return violation;
  }
  const bool here = places.workload || workload.kind() == WorkloadKind::kPod;
  const Place place = places.label ? (here ? Place::kLabel : Place::kTemplateLabel)
                                   : (here ? Place::kAnnotation : Place::kTemplateAnnotation);
  violation.path = PathAt(workload, place, keys.front());
  violation.message =
      Subject(workload) + " names no owner, so nobody knows whom to ask when it fails";
  violation.fix = ObjectFix(NewOwner(workload, places, keys.front(), std::move(value)));
  return violation;
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  const std::vector<std::string>& keys = input.parameters.List(kKeys);
  if (keys.empty()) {
    outcome.NotApplicable("the policy lists no keys to look for");
    return;
  }
  const re2::RE2* pattern = input.parameters.Pattern(kPattern);
  const Places places = Places::FromWhere(input.parameters.String(kWhereSpec));
  const Lookup lookup =
      FindDeclared(input.workload, keys, places, [pattern](const Declared& declared) {
        const std::string_view owner = OwnerSlug(declared);
        return !owner.empty() && MatchesWhole(pattern, owner);
      });
  if (!lookup.good) outcome.Fail(Missing(input, places, lookup.bad));
}

constexpr Rule kRule = {
    .id = "ownership.owner",
    .title = "The workload names the team that runs it",
    .rationale =
        "At three in the morning an alert fires for a workload that nobody on call has heard of. "
        "The person who deployed it has left, the repository is archived, and an hour goes by in "
        "chat before somebody dares to restart it. A team's name on the workload takes that hour "
        "away, and lets alerts, costs and readiness reports be sorted by team.",
    .remediation =
        "Put the slug of the team that runs the workload into the label plimsoll.dev/owner, on the "
        "workload and on its pod template. Use the team's name as your directory has it, not a "
        "person's: people change teams. Placeholders such as TODO count as missing.",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources =
        "https://kubernetes.io/blog/2021/04/20/annotating-k8s-for-humans/, "
        "https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/",
};

}  // namespace

std::string_view OwnerSlug(const Declared& declared) {
  if (!declared.value.is_string()) return {};
  std::string_view value = declared.text();
  if (!IsLabelPlace(declared.place)) {
    value = Trim(value);
    if (value.starts_with('@')) value.remove_prefix(1);
  }
  return IsSlug(value) && !IsPlaceholder(value) ? value : std::string_view();
}

const Rule& OwnershipOwnerRule() { return kRule; }

}  // namespace plimsoll
