#include "rules/owner_team.h"

#include <vector>

#include "rules/owner.h"

namespace plimsoll {
namespace {

// kDefaultOwnerKeys, as a list.
const std::vector<std::string>& DefaultKeys() {
  static const std::vector<std::string> kKeys = {"plimsoll.dev/owner", "a8r.io/owner", "team",
                                                 "owner"};
  return kKeys;
}

}  // namespace

const Team* OwnerTeam(const RuleInput& input) {
  const RuleEnvironment& environment = input.environment;
  if (environment.directory == nullptr || environment.directory->empty()) return nullptr;
  const std::vector<std::string>& keys =
      environment.owner_keys != nullptr ? *environment.owner_keys : DefaultKeys();
  const Lookup lookup = FindDeclared(input.workload, keys, Places(), [](const Declared& declared) {
    return !OwnerSlug(declared).empty();
  });
  if (!lookup.good) return nullptr;
  return environment.directory->InOffice(OwnerSlug(*lookup.good), environment.now);
}

std::string InheritedFrom(const Team& team) { return "inherited from team " + team.slug; }

Action StrongestWithout(const RuleInput& input) {
  const TeamDirectory* directory = input.environment.directory;
  return directory == nullptr || directory->current() ? Action::kDeny : Action::kWarn;
}

}  // namespace plimsoll
