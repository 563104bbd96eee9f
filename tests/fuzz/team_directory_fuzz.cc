// Directories of teams: ConfigMaps and catalog exports are written by other people's programs.
#include "plimsoll/codec/team_directory.h"

#include <algorithm>

#include "plimsoll/base/text.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace plimsoll;
  ParsedDirectory parsed = ParseTeamDirectory({{"fuzz", std::string(FuzzText(data, size))}});
  FuzzExpect(parsed.teams.size() <= kMaxTeams, "teams are bounded");
  FuzzExpect(parsed.problems.size() <= kMaxDirectoryProblems + 1, "problems are bounded");
  for (const Diagnostic& problem : parsed.problems) {
    FuzzExpect(!problem.message.empty(), "a problem says what is wrong");
  }
  if (!parsed.problems.empty()) return 0;
  FuzzExpect(!parsed.teams.empty(), "a directory has a team");
  for (const Team& team : parsed.teams) {
    FuzzExpect(IsTeamSlug(team.slug), "a slug is one");
    FuzzExpect(std::all_of(team.aliases.begin(), team.aliases.end(), IsTeamSlug), "so is an alias");
    FuzzExpect(IsValidUtf8(team.contact + team.name + team.on_call), "texts can be printed");
  }
  const TeamDirectory directory(parsed.teams);
  FuzzExpect(directory.teams().size() == parsed.teams.size(), "no team stands twice");
  for (const Team& team : directory.teams()) {
    FuzzExpect(directory.Find(team.slug) == &team, "a team is found by its slug");
    for (const std::string& alias : team.aliases) {
      FuzzExpect(directory.FindAlias(alias) == &team, "and by its aliases");
    }
    directory.SuccessorOf(team, Timestamp::max());
  }
  return 0;
}
