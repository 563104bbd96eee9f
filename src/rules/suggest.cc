#include "rules/suggest.h"

#include <algorithm>
#include <array>

#include "plimsoll/base/text.h"
#include "rules/metadata.h"
#include "rules/pattern.h"
#include "rules/placeholder.h"
#include "rules/slug.h"

namespace plimsoll {
namespace {

// Longer patterns are cut in messages.
constexpr size_t kShownPatternBytes = 100;
// How much of a pattern's fixed beginning is looked at.
constexpr int kMaxPrefixBytes = 64;

// What every match begins with, and the least match as far as RE2 can tell.
struct PatternRange {
  std::string prefix;
  std::string least;
};

PatternRange RangeOf(const re2::RE2& pattern) {
  // PossibleMatchRange knows nothing about a pattern that may begin anywhere.
  const re2::RE2 anchored("^(?:" + pattern.pattern() + ")$", pattern.options());
  PatternRange range;
  std::string most;
  if (!anchored.ok() || !anchored.PossibleMatchRange(&range.least, &most, kMaxPrefixBytes)) {
    return {};
  }
  const auto [end, unused] =
      std::mismatch(range.least.begin(), range.least.end(), most.begin(), most.end());
  range.prefix.assign(range.least.begin(), end);
  return range;
}

}  // namespace

std::string SuggestTeam(const Workload& workload) {
  constexpr std::array<std::string_view, 2> kSayNothing = {"default", "prod"};
  const std::string_view name = workload.namespace_name();
  const bool says_nothing =
      std::find(kSayNothing.begin(), kSayNothing.end(), name) != kSayNothing.end();
  if (!name.empty() && !says_nothing && !name.starts_with("kube-") && !IsPlaceholder(name)) {
    std::string slug = MakeSlug(name, "");
    if (!slug.empty()) return slug;
  }
  return MakeSlug(SuggestedName(workload).substr(0, kMaxLabelValueBytes - 5) + "-team",
                  "this-team");
}

std::string SuggestMatching(const re2::RE2* pattern, const std::vector<std::string>& candidates) {
  for (const std::string& candidate : candidates) {
    if (MatchesWhole(pattern, candidate)) return candidate;
  }
  const PatternRange range = RangeOf(*pattern);
  for (const std::string& candidate : candidates) {
    std::string longer = range.prefix + candidate;
    if (MatchesWhole(pattern, longer)) return longer;
  }
  return !range.least.empty() && MatchesWhole(pattern, range.least) ? range.least
                                                                    : candidates.front();
}

std::string ThatMatches(const re2::RE2* pattern) {
  if (pattern == nullptr) return {};
  return " that matches " + SanitizeLine(pattern->pattern(), kShownPatternBytes);
}

}  // namespace plimsoll
