// TeamDirectory: the teams there are, as the organisation keeps them: how to reach them, where their alerts go, which other
// names they have, and from when on they are no more. Read from text by codec/team_directory.h.
//
// Thread-safety: immutable after construction; shared as std::shared_ptr<const TeamDirectory>.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plimsoll/base/time.h"

namespace plimsoll {

// An organisation of fifty thousand has fewer teams; looking for the nearest name costs some microseconds for each thousand.
inline constexpr size_t kMaxTeams = 5000;

struct Team {
  std::string slug;  // what workloads name as their owner
  std::string name;  // for people; "" where it is the slug
  std::string contact;
  std::vector<std::string> alert_routes;
  std::string on_call;  // a link to the rota
  std::vector<std::string> aliases;
  // From this second on the team is no more.
  std::optional<Timestamp> retired_after;
  std::string successor;  // who took over; "" where nobody is known to have
  std::string parent;

  bool RetiredAt(Timestamp now) const { return retired_after && *retired_after <= now; }
  friend bool operator==(const Team&, const Team&) = default;
};

// What can be the owner of a workload: a label value (at most 63 of [A-Za-z0-9._-], alphanumeric at both ends).
bool IsTeamSlug(std::string_view text);

class TeamDirectory {
 public:
  enum class Standing {
    kCurrent,
    // The last good version of one that cannot be read now, or an empty one where there never was a good version. What it
    // does not have may exist by now: nobody is refused because of it.
    kOutdated,
  };

  TeamDirectory() = default;
  // Slugs and aliases are unique among each other (codec/team_directory.h refuses others; here the first wins).
  explicit TeamDirectory(std::vector<Team> teams, Standing standing = Standing::kCurrent);

  // Sorted by slug.
  const std::vector<Team>& teams() const { return teams_; }
  bool empty() const { return teams_.empty(); }
  bool current() const { return standing_ == Standing::kCurrent; }

  // Exactly that slug. Null where there is none.
  const Team* Find(std::string_view slug) const;
  // The team that has `name` among its aliases, or null.
  const Team* FindAlias(std::string_view name) const;
  // The team in office that `name` means, by slug or by alias, or null.
  const Team* InOffice(std::string_view name, Timestamp now) const;
  // The first team in office along the successors of `team`; null where nobody took over.
  const Team* SuccessorOf(const Team& team, Timestamp now) const;

  // When an answer changes by the calendar alone: sorted.
  std::vector<Timestamp> Dates() const;

  // The same teams, not to be refused by.
  TeamDirectory Outdated() const;

  friend bool operator==(const TeamDirectory&, const TeamDirectory&) = default;

 private:
  std::vector<Team> teams_;
  std::vector<std::pair<std::string, size_t>> aliases_;  // sorted; where in teams_
  Standing standing_ = Standing::kCurrent;
};

}  // namespace plimsoll
