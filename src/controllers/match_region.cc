#include "controllers/match_region.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace plimsoll::controllers {
namespace {

using Operator = LabelSelector::Operator;

// Set by the API server on every namespace (KEP-2161).
constexpr std::string_view kNamespaceNameLabel = "kubernetes.io/metadata.name";

bool IsPattern(const std::string& glob) { return glob.find_first_of("*?") != std::string::npos; }

LabelSet Single(const LabelSelector::Requirement& requirement) {
  return LabelSet(LabelSelector{{requirement}});
}

LabelSelector::Requirement Opposite(LabelSelector::Requirement requirement) {
  switch (requirement.op) {
    case Operator::kIn:
      requirement.op = Operator::kNotIn;
      break;
    case Operator::kNotIn:
      requirement.op = Operator::kIn;
      break;
    case Operator::kExists:
      requirement.op = Operator::kDoesNotExist;
      break;
    case Operator::kDoesNotExist:
      requirement.op = Operator::kExists;
      break;
  }
  return requirement;
}

std::optional<MatchRegion> ExactUnion(const MatchRegion& a, const MatchRegion& b) {
  const auto contains = [](const MatchRegion& outer, const MatchRegion& inner) {
    return std::includes(outer.kinds.begin(), outer.kinds.end(), inner.kinds.begin(),
                         inner.kinds.end()) &&
           outer.namespaces.Contains(inner.namespaces) && outer.objects.Contains(inner.objects);
  };
  if (contains(a, b)) return a;
  if (contains(b, a)) return b;
  MatchRegion out = a;
  if (a.namespaces == b.namespaces && a.objects == b.objects) {
    out.kinds.insert(b.kinds.begin(), b.kinds.end());
    return out;
  }
  if (a.kinds != b.kinds) return std::nullopt;
  const bool by_namespace = a.objects == b.objects;
  if (!by_namespace && a.namespaces != b.namespaces) return std::nullopt;
  std::optional<LabelSet> both =
      by_namespace ? ExactUnion(a.namespaces, b.namespaces) : ExactUnion(a.objects, b.objects);
  if (!both) return std::nullopt;
  (by_namespace ? out.namespaces : out.objects) = std::move(*both);
  return out;
}

// Puts `region` among the others, united with those with which it makes one.
void Absorb(MatchRegion region, std::vector<MatchRegion>& regions) {
  for (size_t i = 0; i < regions.size();) {
    std::optional<MatchRegion> both = ExactUnion(regions[i], region);
    if (!both) {
      ++i;
      continue;
    }
    region = std::move(*both);
    regions.erase(regions.begin() + static_cast<std::ptrdiff_t>(i));
    i = 0;  // what is larger now may take in an earlier one
  }
  regions.push_back(std::move(region));
}

MatchRegion Cover(const MatchRegion& a, const MatchRegion& b) {
  MatchRegion out = a;
  out.kinds.insert(b.kinds.begin(), b.kinds.end());
  out.namespaces = Cover(a.namespaces, b.namespaces);
  out.objects = Cover(a.objects, b.objects);
  return out;
}

// The pieces of `rest` that fail one of the requirements; `rest` keeps what fulfils all of them.
void SplitOff(const LabelSet& labels, LabelSet MatchRegion::* side, MatchRegion& rest,
              std::vector<MatchRegion>& pieces) {
  for (const LabelSelector::Requirement& requirement : labels.ToSelector().requirements) {
    MatchRegion piece = rest;
    piece.*side = Intersect(rest.*side, Single(Opposite(requirement)));
    if (!piece.empty()) pieces.push_back(std::move(piece));
    rest.*side = Intersect(rest.*side, Single(requirement));
  }
}

}  // namespace

MatchRegion RegionOf(const MatchConstraints& match, std::span<const std::string> never) {
  MatchRegion region;
  region.kinds.insert(match.kinds.begin(), match.kinds.end());
  region.objects = LabelSet(match.object_selector);
  LabelSelector::Requirement names{
      std::string(kNamespaceNameLabel), Operator::kNotIn, {never.begin(), never.end()}};
  std::copy_if(match.exclude_namespaces.begin(), match.exclude_namespaces.end(),
               std::back_inserter(names.values),
               [](const std::string& glob) { return !IsPattern(glob); });
  region.namespaces = Intersect(LabelSet(match.namespace_selector), Single(names));
  return region;
}

std::vector<MatchRegion> UniteRegions(std::vector<MatchRegion> regions, size_t max) {
  std::vector<MatchRegion> out;
  for (MatchRegion& region : regions) {
    if (region.empty()) continue;
    Absorb(std::move(region), out);
    while (out.size() > std::max<size_t>(max, 1)) {
      const MatchRegion last = std::move(out.back());
      out.pop_back();
      MatchRegion cover = Cover(out.back(), last);
      out.pop_back();
      Absorb(std::move(cover), out);
    }
  }
  return out;
}

std::vector<MatchRegion> Subtract(const MatchRegion& region, const MatchRegion& less) {
  std::vector<MatchRegion> pieces;
  MatchRegion others = region;
  std::erase_if(others.kinds, [&](WorkloadKind kind) { return less.kinds.contains(kind); });
  if (!others.empty()) pieces.push_back(others);
  MatchRegion rest = region;
  std::erase_if(rest.kinds, [&](WorkloadKind kind) { return !less.kinds.contains(kind); });
  if (rest.empty()) return pieces;
  // Nothing in common: no need to cut.
  if (Intersect(rest.namespaces, less.namespaces).empty() ||
      Intersect(rest.objects, less.objects).empty()) {
    return {region};
  }
  SplitOff(less.namespaces, &MatchRegion::namespaces, rest, pieces);
  SplitOff(less.objects, &MatchRegion::objects, rest, pieces);
  return pieces;
}

std::vector<MatchRegion> Disjoint(const std::vector<MatchRegion>& regions,
                                  const std::vector<MatchRegion>& before, size_t max_pieces) {
  std::vector<MatchRegion> out;
  std::vector<MatchRegion> taken = before;
  for (const MatchRegion& region : regions) {
    std::vector<MatchRegion> pieces = {region};
    for (const MatchRegion& less : taken) {
      std::vector<MatchRegion> left;
      for (const MatchRegion& piece : pieces) {
        std::vector<MatchRegion> cut = Subtract(piece, less);
        std::move(cut.begin(), cut.end(), std::back_inserter(left));
      }
      pieces = std::move(left);
      if (pieces.size() > max_pieces) break;
    }
    if (pieces.size() > max_pieces) pieces = {region};
    taken.push_back(region);
    std::move(pieces.begin(), pieces.end(), std::back_inserter(out));
  }
  return out;
}

}  // namespace plimsoll::controllers
