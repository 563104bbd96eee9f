// MatchRegion: the requests that one webhook entry asks for. Entries are made of regions that do not overlap, so that
// the API server sends a request to one entry only, and no finding is told or counted twice
// (docs/adr/0055-which-entry-is-asked.md).
//
// Pure. Thread-safety: value types and functions.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "controllers/label_set.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll::controllers {

struct MatchRegion {
  std::set<WorkloadKind> kinds;
  LabelSet namespaces;
  LabelSet objects;

  bool empty() const { return kinds.empty() || namespaces.empty() || objects.empty(); }
  friend bool operator==(const MatchRegion&, const MatchRegion&) = default;
};

// What a policy is about, as far as an entry can say it: patterns among its excluded namespaces it cannot.
MatchRegion RegionOf(const MatchConstraints& match, std::span<const std::string> never);

// The union of the regions as few regions: exactly, where that takes at most `max`; else some cover more than they were
// made of.
std::vector<MatchRegion> UniteRegions(std::vector<MatchRegion> regions, size_t max);

// `region` without `less`, in pieces that do not overlap.
std::vector<MatchRegion> Subtract(const MatchRegion& region, const MatchRegion& less);

// `regions`, each without those in `before` and without the ones before it. Where one would fall into more than
// `max_pieces`, it stays whole and overlaps.
std::vector<MatchRegion> Disjoint(const std::vector<MatchRegion>& regions,
                                  const std::vector<MatchRegion>& before, size_t max_pieces);

}  // namespace plimsoll::controllers
