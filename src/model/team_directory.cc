#include "plimsoll/model/team_directory.h"

#include <algorithm>

namespace plimsoll {
namespace {

// Reorganisations in a row that a successor is followed through; also what ends a circle.
constexpr int kMaxSuccessions = 16;
constexpr size_t kMaxSlugBytes = 63;

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

bool IsTeamSlug(std::string_view text) {
  return !text.empty() && text.size() <= kMaxSlugBytes && IsAlphanumeric(text.front()) &&
         IsAlphanumeric(text.back()) && std::all_of(text.begin(), text.end(), [](char c) {
           return IsAlphanumeric(c) || c == '-' || c == '_' || c == '.';
         });
}

TeamDirectory::TeamDirectory(std::vector<Team> teams, Standing standing)
    : teams_(std::move(teams)), standing_(standing) {
  std::stable_sort(teams_.begin(), teams_.end(),
                   [](const Team& a, const Team& b) { return a.slug < b.slug; });
  teams_.erase(std::unique(teams_.begin(), teams_.end(),
                           [](const Team& a, const Team& b) { return a.slug == b.slug; }),
               teams_.end());
  for (size_t i = 0; i < teams_.size(); ++i) {
    for (const std::string& alias : teams_[i].aliases) aliases_.emplace_back(alias, i);
  }
  std::sort(aliases_.begin(), aliases_.end());
}

const Team* TeamDirectory::Find(std::string_view slug) const {
  const auto found =
      std::lower_bound(teams_.begin(), teams_.end(), slug,
                       [](const Team& team, std::string_view name) { return team.slug < name; });
  return found != teams_.end() && found->slug == slug ? &*found : nullptr;
}

const Team* TeamDirectory::FindAlias(std::string_view name) const {
  const auto found = std::lower_bound(
      aliases_.begin(), aliases_.end(), name,
      [](const auto& entry, std::string_view alias) { return entry.first < alias; });
  return found != aliases_.end() && found->first == name ? &teams_[found->second] : nullptr;
}

const Team* TeamDirectory::InOffice(std::string_view name, Timestamp now) const {
  const Team* team = Find(name);
  if (team == nullptr) team = FindAlias(name);
  return team != nullptr && !team->RetiredAt(now) ? team : nullptr;
}

const Team* TeamDirectory::SuccessorOf(const Team& team, Timestamp now) const {
  const Team* at = &team;
  for (int i = 0; i < kMaxSuccessions && at != nullptr && at->RetiredAt(now); ++i) {
    const Team* next = Find(at->successor);
    at = next != nullptr ? next : FindAlias(at->successor);
  }
  return at == &team || at == nullptr || at->RetiredAt(now) ? nullptr : at;
}

std::vector<Timestamp> TeamDirectory::Dates() const {
  std::vector<Timestamp> dates;
  for (const Team& team : teams_) {
    if (team.retired_after) dates.push_back(*team.retired_after);
  }
  std::sort(dates.begin(), dates.end());
  dates.erase(std::unique(dates.begin(), dates.end()), dates.end());
  return dates;
}

TeamDirectory TeamDirectory::Outdated() const {
  TeamDirectory outdated = *this;
  outdated.standing_ = Standing::kOutdated;
  return outdated;
}

}  // namespace plimsoll
