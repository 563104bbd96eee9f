// What the audit judges by besides policies: the directory of teams, and what links lead to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plimsoll/rules/rule.h"
#include "tests/controllers/audit_world.h"

namespace plimsoll::controllers {
namespace {

using plimsoll::test::Json;
using test::At;
using test::From;
using test::WorkloadJson;
using test::World;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr std::string_view kNow = "2026-11-23T09:00:00Z";

// A policy of catalog rules, with their parameters in JSON.
ReadinessPolicy Policy(std::string name,
                       const std::vector<std::pair<std::string, std::string>>& rules,
                       Action action = Action::kDeny) {
  ReadinessPolicy policy = test::TestPolicy(std::move(name), {From(action, "2026-01-01")});
  policy.rules.clear();
  for (const auto& [id, parameters] : rules) {
    const Rule* rule = FindRule(id);
    const Json json(parameters);
    std::vector<Diagnostic> problems;
    policy.rules.push_back({rule, CompileParameters(*rule, json.view(), "", problems), {}, {}});
    EXPECT_THAT(problems, IsEmpty());
  }
  policy.owner_keys = {"plimsoll.dev/owner"};
  return policy;
}

Team Named(std::string slug, std::string_view retired = "") {
  Team team;
  team.slug = std::move(slug);
  if (!retired.empty()) team.retired_after = At(retired);
  return team;
}

std::shared_ptr<const TeamDirectory> Directory(std::vector<Team> teams) {
  return std::make_shared<const TeamDirectory>(std::move(teams));
}

WorkloadJson Owned(const std::string& name, const std::string& owner) {
  return {.key = {WorkloadKind::kDeployment, "shop", name},
          .labels = R"("plimsoll.dev/owner":")" + owner + "\""};
}

WorkloadJson Linked(const std::string& name, const std::string& url) {
  return {.key = {WorkloadKind::kDeployment, "shop", name},
          .annotations = R"("plimsoll.dev/runbook":")" + url + "\""};
}

class AuditEnvironmentTest : public testing::Test {
 protected:
  AuditEnvironmentTest() { world_.SetNamespace("shop"); }

  World world_;
};

TEST_F(AuditEnvironmentTest, AnotherDirectoryIsAnotherJudgement) {
  world_.SetPolicies({Policy("base", {{"ownership.directory", "{}"}})});
  world_.Set(Owned("a", "payments"));
  world_.Set(Owned("b", "nobody"));
  EXPECT_THAT(world_.RunAt(kNow),
              UnorderedElementsAre("shop/deployment-a Ready 0", "shop/deployment-b Ready 0"));
  world_.audit().SetDirectory(Directory({Named("payments")}));
  EXPECT_EQ(world_.Waiting(kNow), 2U);
  EXPECT_THAT(world_.RunAt(kNow),
              UnorderedElementsAre("shop/deployment-a Ready 0", "shop/deployment-b Blocked 1"));
  // The same teams again are nothing new.
  world_.audit().SetDirectory(Directory({Named("payments")}));
  EXPECT_EQ(world_.Waiting(kNow), 0U);
  // It cannot be read any more: a warning, and no block.
  world_.audit().SetDirectory(
      std::make_shared<const TeamDirectory>(Directory({Named("payments")})->Outdated()));
  EXPECT_THAT(world_.RunAt(kNow), ElementsAre("shop/deployment-b NotReady 1"));
  world_.audit().SetDirectory(nullptr);
  EXPECT_THAT(world_.RunAt(kNow),
              UnorderedElementsAre("shop/deployment-a Ready 0", "shop/deployment-b Ready 0"));
}

TEST_F(AuditEnvironmentTest, WhoAsksNoDirectoryIsNotJudgedAgain) {
  world_.SetPolicies({Policy("base", {{"runbook.url", "{}"}})});
  world_.Set(Owned("a", "payments"));
  world_.RunAt(kNow);
  world_.audit().SetDirectory(Directory({Named("payments")}));
  EXPECT_EQ(world_.Waiting(kNow), 0U);
}

TEST_F(AuditEnvironmentTest, ATeamEndsAtItsSecond) {
  world_.SetPolicies({Policy("base", {{"ownership.directory", "{}"}})});
  world_.audit().SetDirectory(Directory({Named("billing", "2026-12-01T09:30:00Z"), Named("x")}));
  world_.Set(Owned("a", "billing"));
  EXPECT_THAT(world_.RunAt(kNow), ElementsAre("shop/deployment-a Ready 0"));
  EXPECT_EQ(world_.audit().NextDate(), At("2026-12-01T09:30:00Z"));
  EXPECT_THAT(world_.RunAt("2026-12-01T09:29:59Z"), IsEmpty());
  EXPECT_THAT(world_.RunAt("2026-12-01T09:30:00Z"), ElementsAre("shop/deployment-a Blocked 1"));
  EXPECT_EQ(world_.audit().NextDate(), std::nullopt);
}

const std::string kUrl = "https://wiki.corp.internal/rb/a";

TEST_F(AuditEnvironmentTest, LinksAreWantedWhileAPolicyWantsThem) {
  world_.SetPolicies({Policy("other", {{"runbook.url", "{}"}})});
  world_.Set(Linked("a", kUrl));
  world_.Set(Linked("b", kUrl));
  world_.Set(Linked("c", "https://elsewhere.io/c"));
  world_.RunAt(kNow);
  EXPECT_EQ(world_.audit().TakeWantedLinks(), std::nullopt);
  world_.SetPolicies({Policy("alive", {{"runbook.alive", R"({"hosts":["*.corp.internal"],)"
                                                         R"("networks":["10.1.0.0/16"]})"}})});
  world_.RunAt(kNow);
  const std::optional<WantedLinks> wanted = world_.audit().TakeWantedLinks();
  ASSERT_TRUE(wanted);
  LinkTerms terms;
  terms.hosts = {"*.corp.internal"};
  terms.networks = {ParseIpNetwork("10.1.0.0/16").value()};
  terms.interval = std::chrono::hours(24);
  EXPECT_THAT(*wanted, ElementsAre(Pair(kUrl, terms)));
  EXPECT_EQ(world_.audit().TakeWantedLinks(), std::nullopt) << "nothing new";
  world_.Remove({WorkloadKind::kDeployment, "shop", "a"});
  world_.RunAt(kNow);
  EXPECT_EQ(world_.audit().TakeWantedLinks(), std::nullopt) << "another one still links it";
  world_.Remove({WorkloadKind::kDeployment, "shop", "b"});
  world_.RunAt(kNow);
  EXPECT_THAT(world_.audit().TakeWantedLinks(), testing::Optional(IsEmpty()));
}

TEST_F(AuditEnvironmentTest, PoliciesTogetherAllowWhatOneOfThemAllows) {
  world_.SetPolicies(
      {Policy("a", {{"runbook.alive", R"({"hosts":["wiki.corp.internal"],"intervalHours":48})"}}),
       Policy("b", {{"runbook.alive", R"({"networks":["10.1.0.0/16"],"intervalHours":6})"}})});
  world_.Set(Linked("a", kUrl));
  world_.RunAt(kNow);
  const std::optional<WantedLinks> wanted = world_.audit().TakeWantedLinks();
  ASSERT_TRUE(wanted);
  ASSERT_THAT(*wanted, SizeIs(1));
  const LinkTerms& terms = wanted->begin()->second;
  EXPECT_THAT(terms.hosts, IsEmpty()) << "b lets any host be asked";
  EXPECT_THAT(terms.networks, SizeIs(1));
  EXPECT_EQ(terms.interval, std::chrono::hours(6));
  // A policy that goes takes what it allowed with it.
  world_.SetPolicies(
      {Policy("a", {{"runbook.alive", R"({"hosts":["wiki.corp.internal"],"intervalHours":48})"}})});
  world_.RunAt(kNow);
  const std::optional<WantedLinks> fewer = world_.audit().TakeWantedLinks();
  ASSERT_TRUE(fewer);
  EXPECT_THAT(fewer->begin()->second.hosts, ElementsAre("wiki.corp.internal"));
  EXPECT_THAT(fewer->begin()->second.networks, IsEmpty());
}

std::shared_ptr<const LinkResults> Found(LinkState state, std::string problem = "",
                                         std::string_view last_modified = "",
                                         std::string_view checked = kNow) {
  LinkResult result;
  result.state = state;
  result.problem = std::move(problem);
  result.since = At(kNow);
  result.checked = At(checked);
  if (!last_modified.empty()) result.last_modified = At(last_modified);
  return std::make_shared<const LinkResults>(LinkResults::Map{{kUrl, result}});
}

TEST_F(AuditEnvironmentTest, AResultIsAFindingOfThoseThatLinkIt) {
  world_.SetPolicies({Policy("alive", {{"runbook.alive", "{}"}})});
  world_.Set(Linked("a", kUrl));
  world_.Set(Linked("b", "https://wiki.corp.internal/rb/b"));
  world_.RunAt(kNow);
  world_.audit().SetLinks(Found(LinkState::kDead, "answers 404"));
  EXPECT_EQ(world_.Waiting(kNow), 1U);
  EXPECT_THAT(world_.RunAt(kNow), ElementsAre("shop/deployment-a NotReady 1"))
      << "and is never more than a warning";
  world_.audit().SetLinks(Found(LinkState::kDead, "answers 404"));
  EXPECT_EQ(world_.Waiting(kNow), 0U);
  world_.audit().SetLinks(Found(LinkState::kAlive));
  EXPECT_THAT(world_.RunAt(kNow), ElementsAre("shop/deployment-a Ready 0"));
}

TEST_F(AuditEnvironmentTest, APageThatGrewOldIsNoticedWhenItIsLookedAtAgain) {
  world_.SetPolicies({Policy("alive", {{"runbook.alive", "{}"}})});
  world_.Set(Linked("a", kUrl));
  world_.audit().SetLinks(Found(LinkState::kAlive, "", "2026-06-01T00:00:00Z"));
  EXPECT_THAT(world_.RunAt(kNow), ElementsAre("shop/deployment-a Ready 0"));
  const std::string_view later = "2026-12-01T00:00:00Z";
  world_.audit().SetLinks(Found(LinkState::kAlive, "", "2026-06-01T00:00:00Z", later));
  EXPECT_THAT(world_.RunAt(later), ElementsAre("shop/deployment-a NotReady 1"));
}

}  // namespace
}  // namespace plimsoll::controllers
