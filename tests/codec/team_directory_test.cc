#include "plimsoll/codec/team_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plimsoll/codec/manifest.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

ParsedDirectory Parse(std::string text) {
  return ParseTeamDirectory({{"teams.yaml", std::move(text)}});
}

std::vector<std::string> ProblemsOf(const ParsedDirectory& parsed) {
  std::vector<std::string> problems;
  for (const Diagnostic& problem : parsed.problems) {
    problems.push_back((problem.path.empty() ? "" : problem.path + " ") +
                       FormatDiagnostic(problem));
  }
  return problems;
}

const std::string kHead = "apiVersion: plimsoll.dev/v1alpha1\nkind: TeamDirectory\n";

TEST(TeamDirectoryCodecTest, ReadsItsOwnFormat) {
  const ParsedDirectory parsed = Parse(kHead + R"(
metadata: {name: teams}
teams:
  - slug: payments
    name: Payments
    contact: "#payments"
    alertRoutes: ["pagerduty:PAYMENTS", slack:#pay]
    onCall: https://oncall.corp.internal/payments
    aliases: [pay]
    parent: commerce
  - slug: billing
    retiredAfter: "2026-12-01T09:00:00Z"
    successor: pay
)");
  EXPECT_THAT(ProblemsOf(parsed), IsEmpty());
  Team payments;
  payments.slug = "payments";
  payments.name = "Payments";
  payments.contact = "#payments";
  payments.alert_routes = {"pagerduty:PAYMENTS", "slack:#pay"};
  payments.on_call = "https://oncall.corp.internal/payments";
  payments.aliases = {"pay"};
  payments.parent = "commerce";
  Team billing;
  billing.slug = "billing";
  billing.retired_after = ParseTimestamp("2026-12-01T09:00:00Z");
  billing.successor = "pay";
  EXPECT_THAT(parsed.teams, ElementsAre(payments, billing));
}

constexpr std::string_view kGroup = R"(
apiVersion: backstage.io/v1alpha1
kind: Group
metadata:
  name: payments
  title: Team Payments
  annotations:
    plimsoll.dev/aliases: "pay, payment-service"
    pagerduty.com/service-id: PX1
    backstage.io/managed-by-location: url:https://git.corp.internal/x
spec:
  type: team
  profile: {displayName: Payments, email: payments@corp.internal, picture: "https://x/y.png"}
  parent: group:default/commerce
  children: []
  members: [ana, lee]
)";

void ExpectPayments(const ParsedDirectory& parsed) {
  EXPECT_THAT(ProblemsOf(parsed), IsEmpty());
  ASSERT_THAT(parsed.teams, SizeIs(1));
  const Team& team = parsed.teams.front();
  EXPECT_EQ(team.slug, "payments");
  EXPECT_EQ(team.name, "Payments");
  EXPECT_EQ(team.contact, "payments@corp.internal");
  EXPECT_THAT(team.alert_routes, ElementsAre("PX1"));
  EXPECT_THAT(team.aliases, ElementsAre("pay", "payment-service"));
  EXPECT_EQ(team.parent, "commerce");
}

TEST(TeamDirectoryCodecTest, ReadsABackstageGroup) {
  ExpectPayments(Parse(std::string(kGroup)));
  ExpectPayments(
      Parse("apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {name: ana}\n---" +
            std::string(kGroup) +
            "---\napiVersion: backstage.io/v1beta1\nkind: Component\nspec: {owner: 7}\n"));
}

TEST(TeamDirectoryCodecTest, ReadsWhatBackstageAnswers) {
  const auto group = ParseManifests(std::string(kGroup));
  const std::string json = ToJson(group->objects.at(0));
  ExpectPayments(Parse("[" + json + R"(,{"apiVersion":"backstage.io/v1alpha1","kind":"API"}])"));
  ExpectPayments(Parse(R"({"items":[)" + json + R"(],"totalItems":1,"pageInfo":{}})"));
}

TEST(TeamDirectoryCodecTest, ReadsTheConfigMapOnceAndNotConfigMapsInIt) {
  const auto config_map = ParseManifests(
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plimsoll-teams}\ndata:\n"
      "  teams.yaml: |\n    apiVersion: plimsoll.dev/v1alpha1\n    kind: TeamDirectory\n"
      "    teams: [{slug: a}]\n"
      "  catalog.json: '{\"apiVersion\":\"backstage.io/v1beta1\",\"kind\":\"Group\","
      "\"metadata\":{\"name\":\"b\"}}'\n");
  std::vector<Diagnostic> problems;
  const ParsedDirectory parsed =
      ParseTeamDirectory(DirectoryTextsOf(config_map->objects.at(0), "plimsoll-teams", problems));
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_THAT(ProblemsOf(parsed), IsEmpty());
  EXPECT_THAT(parsed.teams, SizeIs(2));
  // The same from a file, as the command line is given it.
  const ParsedDirectory from_file = Parse(config_map->text);
  EXPECT_THAT(ProblemsOf(from_file), IsEmpty());
  EXPECT_EQ(from_file.teams, parsed.teams);
  EXPECT_THAT(
      ProblemsOf(Parse("apiVersion: v1\nkind: ConfigMap\ndata: {a: \"apiVersion: v1\\nkind: "
                       "ConfigMap\\ndata: {b: x}\"}\n")),
      ElementsAre(HasSubstr("teams.yaml: a:1:1: is no directory of teams")));
}

struct Wrong {
  std::string text;
  std::string problem;
};

TEST(TeamDirectoryCodecTest, SaysWhatIsWrongAndWhere) {
  const auto team = [](const std::string& fields) {
    return kHead + "teams:\n  - " + fields + "\n";
  };
  for (const Wrong& wrong : {
           Wrong{"", "lists no team"},
           Wrong{kHead + "teams: []\n", "lists no team"},
           Wrong{kHead, "teams.yaml:1:1: teams: must be a list of teams"},
           Wrong{kHead + "team: []\nteams: [{slug: a}]\n",
                 "teams.yaml:3:1: team: unknown field; did you mean \"teams\"?"},
           Wrong{"apiVersion: plimsoll.dev/v2\nkind: TeamDirectory\nteams: []\n",
                 "teams.yaml:1:1: is no directory of teams: expected TeamDirectory"},
           Wrong{"kind: [\n", "teams.yaml:"},
           Wrong{"[{\"kind\": 1]", "teams.yaml:1:"},
           Wrong{"[7]", "teams.yaml:1:2: is no directory of teams"},
           Wrong{team("{slug: a, slug: b}"), "slug"},
           Wrong{team("{name: a}"), "teams.yaml:4:5: teams[0].slug: is required"},
           Wrong{team("{slug: 7}"), "teams.yaml:4:12: teams[0].slug: must be a string"},
           Wrong{team("{slug: a b}"), "cannot be the owner of a workload"},
           Wrong{team("{slug: a, contct: x}"),
                 "teams.yaml:4:15: teams[0].contct: unknown field; did you mean \"contact\"?"},
           Wrong{team("{slug: a, contact: [x]}"),
                 "teams.yaml:4:24: teams[0].contact: must be a string"},
           Wrong{team("{slug: a, contact: \"x\\ny\"}"), "must be one line"},
           Wrong{team("{slug: a, contact: " + std::string(300, 'x') + "}"), "at most 256 bytes"},
           Wrong{team("{slug: a, alertRoutes: x}"), "must be a list of strings"},
           Wrong{team("{slug: a, alertRoutes: [\"\"]}"),
                 "teams.yaml:4:29: teams[0].alertRoutes[0]: must not be empty"},
           Wrong{team("{slug: a, retiredAfter: \"soon\"}"), "must be a date such as"},
           Wrong{team("{slug: a, retiredAfter: \"2026-02-30\"}"), "must be a date such as"},
           Wrong{team("{slug: a, successor: b}"), "its successor \"b\" is no team"},
           Wrong{team("{slug: a}\n  - {slug: a}"),
                 "the name \"a\" is taken: teams.yaml:4:5: there"},
           Wrong{team("{slug: a}\n  - {slug: b, aliases: [a]}"), "the name \"a\" is taken"},
           Wrong{team("{slug: a, aliases: [x]}\n  - {slug: b, aliases: [x]}"),
                 "the name \"x\" is taken"},
           Wrong{team("7"), "teams.yaml:4:5: teams[0]: must be an object"},
           Wrong{"apiVersion: backstage.io/v1alpha1\nkind: Group\n",
                 "teams.yaml:1:1: metadata.name: is required"},
       }) {
    const ParsedDirectory parsed = Parse(wrong.text);
    EXPECT_THAT(ProblemsOf(parsed), testing::Contains(HasSubstr(wrong.problem))) << wrong.text;
  }
}

TEST(TeamDirectoryCodecTest, LimitsEverything) {
  std::string many = kHead + "teams:\n";
  for (size_t i = 0; i <= kMaxTeams; ++i) many += "- slug: t" + std::to_string(i) + "\n";
  const ParsedDirectory parsed = Parse(many);
  EXPECT_THAT(ProblemsOf(parsed), ElementsAre(HasSubstr("more than 5000 teams")));
  EXPECT_THAT(parsed.teams, SizeIs(kMaxTeams));
  std::string aliases = kHead + "teams: [{slug: a, aliases: [";
  for (size_t i = 0; i <= kMaxTeamAliases; ++i) aliases += "a" + std::to_string(i) + ",";
  EXPECT_THAT(ProblemsOf(Parse(aliases + "]}]\n")), ElementsAre(HasSubstr("at most 32 items")));
  std::string wrong = kHead + "teams:\n";
  for (size_t i = 0; i < 2 * kMaxDirectoryProblems; ++i) wrong += "- x\n";
  EXPECT_THAT(ProblemsOf(Parse(wrong)), SizeIs(kMaxDirectoryProblems));
  EXPECT_THAT(ProblemsOf(Parse(std::string(kMaxDirectoryBytes + 1, ' '))),
              testing::Contains(HasSubstr("is longer than")));
}

}  // namespace
}  // namespace plimsoll
