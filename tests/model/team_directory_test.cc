#include "plimsoll/model/team_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plimsoll {
namespace {

using testing::ElementsAre;

Timestamp At(std::string_view text) { return ParseTimestamp(text).value(); }

Team Named(std::string slug) {
  Team team;
  team.slug = std::move(slug);
  return team;
}

Team Retired(std::string slug, std::string_view date, std::string successor = "") {
  Team team = Named(std::move(slug));
  team.retired_after = At(date);
  team.successor = std::move(successor);
  return team;
}

std::string SlugOf(const Team* team) { return team == nullptr ? "none" : team->slug; }

TEST(TeamDirectoryTest, FindsBySlugAndByAlias) {
  Team payments = Named("payments");
  payments.aliases = {"pay", "billing-old"};
  const TeamDirectory directory({Named("search"), payments, Named("ledger")});
  EXPECT_EQ(SlugOf(directory.Find("payments")), "payments");
  EXPECT_EQ(SlugOf(directory.Find("Payments")), "none");
  EXPECT_EQ(SlugOf(directory.Find("pay")), "none");
  EXPECT_EQ(SlugOf(directory.FindAlias("pay")), "payments");
  EXPECT_EQ(SlugOf(directory.FindAlias("payments")), "none");
  EXPECT_EQ(SlugOf(directory.InOffice("billing-old", At("2026-01-01"))), "payments");
  EXPECT_EQ(SlugOf(directory.InOffice("", At("2026-01-01"))), "none");
}

TEST(TeamDirectoryTest, ATeamIsRetiredFromThatSecondOn) {
  const TeamDirectory directory({Retired("billing", "2026-12-01T09:00:00Z")});
  EXPECT_EQ(SlugOf(directory.InOffice("billing", At("2026-12-01T08:59:59Z"))), "billing");
  EXPECT_EQ(SlugOf(directory.InOffice("billing", At("2026-12-01T09:00:00Z"))), "none");
  EXPECT_THAT(directory.Dates(), ElementsAre(At("2026-12-01T09:00:00Z")));
}

TEST(TeamDirectoryTest, ASuccessorIsWhoIsInOfficeAtTheEndOfTheChain) {
  Team latest = Named("commerce");
  latest.aliases = {"shop"};
  const TeamDirectory directory(
      {Retired("a", "2026-01-01", "b"), Retired("b", "2026-02-01", "shop"), latest,
       Retired("lost", "2026-01-01"), Retired("round", "2026-01-01", "trip"),
       Retired("trip", "2026-01-01", "round")});
  const auto successor = [&](std::string_view slug, std::string_view now) {
    return SlugOf(directory.SuccessorOf(*directory.Find(slug), At(now)));
  };
  EXPECT_EQ(successor("a", "2026-01-15"), "b");
  EXPECT_EQ(successor("a", "2026-03-01"), "commerce");
  EXPECT_EQ(successor("lost", "2026-03-01"), "none");
  EXPECT_EQ(successor("round", "2026-03-01"), "none") << "and comes to an end";
}

TEST(TeamDirectoryTest, AnOutdatedOneIsAnotherOne) {
  const TeamDirectory directory({Named("a")});
  EXPECT_TRUE(directory.current());
  EXPECT_FALSE(directory.Outdated().current());
  EXPECT_NE(directory, directory.Outdated());
  EXPECT_EQ(directory.Outdated(), TeamDirectory({Named("a")}, TeamDirectory::Standing::kOutdated));
}

TEST(TeamDirectoryTest, SlugsFitIntoLabels) {
  for (const std::string_view good : {"a", "team-7", "A.b_c", "payments"}) {
    EXPECT_TRUE(IsTeamSlug(good)) << good;
  }
  for (const std::string& bad : {std::string(), std::string("-a"), std::string("a-"),
                                 std::string("a b"), std::string("a/b"), std::string(64, 'a')}) {
    EXPECT_FALSE(IsTeamSlug(bad)) << bad;
  }
}

}  // namespace
}  // namespace plimsoll
