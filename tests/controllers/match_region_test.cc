#include "controllers/match_region.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace plimsoll::controllers {
namespace {

using Operator = LabelSelector::Operator;
using Requirement = LabelSelector::Requirement;
using Labels = std::map<std::string, std::string>;

// As the API server matches; on purpose not by the code under test.
bool Matches(const LabelSelector& selector, const Labels& labels) {
  return std::all_of(
      selector.requirements.begin(), selector.requirements.end(), [&](const Requirement& r) {
        const auto found = labels.find(r.key);
        const bool set = found != labels.end();
        const bool listed =
            set && std::find(r.values.begin(), r.values.end(), found->second) != r.values.end();
        switch (r.op) {
          case Operator::kIn:
            return listed;
          case Operator::kNotIn:
            return !listed;
          case Operator::kExists:
            return set;
          case Operator::kDoesNotExist:
            return !set;
        }
        return false;
      });
}

struct Request {
  WorkloadKind kind;
  Labels namespace_labels;
  Labels labels;
};

bool Matches(const MatchRegion& region, const Request& request) {
  return region.kinds.contains(request.kind) &&
         Matches(region.namespaces.ToSelector(), request.namespace_labels) &&
         Matches(region.objects.ToSelector(), request.labels);
}

size_t CountMatches(const std::vector<MatchRegion>& regions, const Request& request) {
  return static_cast<size_t>(
      std::count_if(regions.begin(), regions.end(),
                    [&](const MatchRegion& region) { return Matches(region, request); }));
}

// Few keys and values, so that random selectors meet.
class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}

  size_t Below(size_t limit) {
    return std::uniform_int_distribution<size_t>(0, limit - 1)(engine_);
  }
  Labels RandomLabels() {
    Labels labels;
    for (const char* key : {"a", "b"}) {
      if (const size_t value = Below(4); value < 3) labels[key] = std::string(1, "xyz"[value]);
    }
    return labels;
  }
  LabelSelector Selector() {
    LabelSelector selector;
    for (size_t count = Below(3); count > 0; --count) {
      Requirement requirement{Below(2) == 0 ? "a" : "b", static_cast<Operator>(Below(4)), {}};
      if (requirement.op == Operator::kIn || requirement.op == Operator::kNotIn) {
        for (size_t values = 1 + Below(2); values > 0; --values) {
          requirement.values.emplace_back(1, "xyz"[Below(3)]);
        }
      }
      selector.requirements.push_back(std::move(requirement));
    }
    return selector;
  }
  MatchRegion Region() {
    MatchRegion region;
    for (const WorkloadKind kind : kKinds) {
      if (Below(2) == 0) region.kinds.insert(kind);
    }
    region.namespaces = LabelSet(Selector());
    region.objects = LabelSet(Selector());
    return region;
  }
  std::vector<MatchRegion> Regions(size_t most) {
    std::vector<MatchRegion> regions;
    for (size_t count = Below(most + 1); count > 0; --count) regions.push_back(Region());
    return regions;
  }
  Request AnyRequest() { return {kKinds[Below(3)], RandomLabels(), RandomLabels()}; }

 private:
  static constexpr WorkloadKind kKinds[] = {WorkloadKind::kDeployment, WorkloadKind::kStatefulSet,
                                            WorkloadKind::kCronJob};
  std::mt19937 engine_;
};

constexpr int kRounds = 2000;
constexpr int kRequests = 40;

TEST(LabelSetTest, MeansWhatItsSelectorMeans) {
  Random random(1);
  for (int round = 0; round < kRounds; ++round) {
    const LabelSelector a = random.Selector();
    const LabelSelector b = random.Selector();
    const LabelSet first(a);
    const LabelSet second(b);
    const std::optional<LabelSet> exact = ExactUnion(first, second);
    for (int i = 0; i < kRequests; ++i) {
      const Labels labels = random.RandomLabels();
      const bool in_a = Matches(a, labels);
      const bool in_b = Matches(b, labels);
      if (!first.empty()) {
        EXPECT_EQ(Matches(first.ToSelector(), labels), in_a);
      } else {
        EXPECT_FALSE(in_a);
      }
      EXPECT_TRUE(!(in_a || in_b) || Matches(Cover(first, second).ToSelector(), labels));
      if (const LabelSet both = Intersect(first, second); !both.empty()) {
        EXPECT_EQ(Matches(both.ToSelector(), labels), in_a && in_b);
      } else {
        EXPECT_FALSE(in_a && in_b);
      }
      if (first.Contains(second)) {
        EXPECT_TRUE(in_a || !in_b);
      }
      if (exact && !exact->empty()) {
        EXPECT_EQ(Matches(exact->ToSelector(), labels), in_a || in_b);
      }
    }
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(MatchRegionTest, UnitedExactlyWhereThereIsRoomAndNeverTooLittle) {
  Random random(2);
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<MatchRegion> regions = random.Regions(6);
    const std::vector<MatchRegion> exact = UniteRegions(regions, 100);
    const std::vector<MatchRegion> few = UniteRegions(regions, 2);
    EXPECT_LE(exact.size(), regions.size());
    EXPECT_LE(few.size(), 2U);
    for (int i = 0; i < kRequests; ++i) {
      const Request request = random.AnyRequest();
      const bool wanted = CountMatches(regions, request) > 0;
      EXPECT_EQ(CountMatches(exact, request) > 0, wanted);
      if (wanted) {
        EXPECT_GT(CountMatches(few, request), 0U);
      }
    }
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(MatchRegionTest, DisjointRegionsHoldEveryRequestOnce) {
  Random random(3);
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<MatchRegion> before = Disjoint(random.Regions(3), {}, 100);
    const std::vector<MatchRegion> regions = UniteRegions(random.Regions(4), 100);
    const std::vector<MatchRegion> disjoint = Disjoint(regions, before, 100);
    for (int i = 0; i < kRequests; ++i) {
      const Request request = random.AnyRequest();
      const bool taken = CountMatches(before, request) > 0;
      const bool wanted = CountMatches(regions, request) > 0;
      EXPECT_LE(CountMatches(before, request), 1U);
      EXPECT_EQ(CountMatches(disjoint, request), wanted && !taken ? 1U : 0U);
    }
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(MatchRegionTest, ARegionInTooManyPiecesStaysWhole) {
  MatchRegion all;
  all.kinds = {WorkloadKind::kDeployment};
  MatchRegion part = all;
  part.namespaces = LabelSet({{{"a", Operator::kIn, {"x"}}, {"b", Operator::kIn, {"y"}}}});
  EXPECT_EQ(Disjoint({all}, {part}, 2).size(), 2U);
  EXPECT_EQ(Disjoint({all}, {part}, 1), std::vector<MatchRegion>{all});
}

TEST(MatchRegionTest, OfAPolicy) {
  MatchConstraints match;
  match.kinds = {WorkloadKind::kDeployment};
  match.namespace_selector = {{{"env", Operator::kIn, {"production"}}}};
  match.exclude_namespaces = {"legacy", "kube-*", "team-?"};
  const std::vector<std::string> never = {"kube-system"};
  const MatchRegion region = RegionOf(match, never);
  const LabelSelector expected = {
      {{"env", Operator::kIn, {"production"}},
       {"kubernetes.io/metadata.name", Operator::kNotIn, {"kube-system", "legacy"}}}};
  EXPECT_EQ(region.namespaces.ToSelector(), expected);

  match.namespace_selector = {{{"kubernetes.io/metadata.name", Operator::kIn, {"kube-system"}}}};
  EXPECT_TRUE(RegionOf(match, never).empty());
}

}  // namespace
}  // namespace plimsoll::controllers
