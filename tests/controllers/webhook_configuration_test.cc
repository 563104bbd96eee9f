#include "plimsoll/controllers/webhook_configuration.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/controllers/policies.h"

namespace plimsoll::controllers {
namespace {

using plimsoll::testing::MakePolicies;
using plimsoll::testing::PolicyText;

WebhookOptions Options() {
  WebhookOptions options;
  options.own_namespace = "plimsoll";
  options.service_name = "webhook";
  return options;
}

std::string Text(const LabelSelector& selector) {
  constexpr std::string_view kOperators[] = {"In", "NotIn", "Exists", "DoesNotExist"};
  // In every entry; said once below.
  const std::vector<std::string> never = {"kube-node-lease", "kube-public", "kube-system",
                                          "plimsoll"};
  std::string out;
  for (const auto& requirement : selector.requirements) {
    if (requirement.key == "kubernetes.io/metadata.name" && requirement.values == never) continue;
    out += " " + requirement.key + " " +
           std::string(kOperators[static_cast<size_t>(requirement.op)]) + "(";
    for (const std::string& value : requirement.values) {
      out += (out.back() == '(' ? "" : ",") + value;
    }
    out += ")";
  }
  return out;
}

// "validate Ignore apps/deployments; namespaces env In(production); objects"
std::string Text(const Webhook& webhook) {
  std::string out = webhook.name.substr(0, webhook.name.find(".plimsoll.dev"));
  out += webhook.failure_policy == FailurePolicy::kFail ? " Fail" : " Ignore";
  for (const WebhookRule& rule : webhook.rules) {
    for (const std::string& resource : rule.resources) {
      out += " " + rule.api_groups.front() + "/" + resource;
    }
  }
  if (const std::string text = Text(webhook.namespace_selector); !text.empty())
    out += "; in" + text;
  if (const std::string text = Text(webhook.object_selector); !text.empty()) out += "; of" + text;
  return out;
}

std::vector<std::string> Texts(const PolicySnapshot& policies, bool ready = true) {
  std::vector<std::string> out;
  for (const Webhook& webhook :
       DesiredConfiguration(policies, Options(), "bundle", ready).webhooks) {
    out.push_back(Text(webhook));
  }
  return out;
}

constexpr const char* kApps = " apps/deployments apps/statefulsets apps/daemonsets";
constexpr const char* kPoliciesEntry = "validate-policies Ignore plimsoll.dev/readinesspolicies";
constexpr const char* kWaiversEntry = "validate-waivers Fail plimsoll.dev/readinesswaivers";

TEST(WebhookConfigurationTest, EntriesForPolicies) {
  const std::string in_production =
      "  match: {namespaceSelector: {matchLabels: {env: production}}}\n";
  const std::string fail = "  failurePolicy: Fail\n";
  const struct {
    const char* name;
    std::vector<PolicyText> policies;
    std::vector<std::string> entries;  // less those for policies and waivers
  } cases[] = {
      {"none", {}, {}},
      {"everything", {{"a", ""}}, {std::string("validate Ignore") + kApps}},
      {"one selector",
       {{"a", in_production}},
       {std::string("validate Ignore") + kApps + "; in env In(production)"}},
      {"two values of a label",
       {{"a", in_production},
        {"b", "  match: {namespaceSelector: {matchLabels: {env: staging}}}\n"}},
       {std::string("validate Ignore") + kApps + "; in env In(production,staging)"}},
      {"kinds of several groups",
       {{"a", "  match: {kinds: [CronJob, Rollout, Pod, Deployment, Job]}\n"}},
       {"validate Ignore /pods apps/deployments argoproj.io/rollouts batch/jobs batch/cronjobs"}},
      {"each kind where it is asked for",
       {{"a", in_production}, {"b", "  match: {kinds: [CronJob]}\n"}},
       {std::string("validate Ignore") + kApps + "; in env In(production)",
        "validate-2 Ignore batch/cronjobs"}},
      {"excluded by name, and by a pattern that no selector can say",
       {{"a", "  match: {excludeNamespaces: [legacy, \"kube-*\"]}\n"}},
       {std::string("validate Ignore") + kApps +
        "; in kubernetes.io/metadata.name NotIn(kube-node-lease,kube-public,kube-system,legacy,"
        "plimsoll)"}},
      {"objects",
       {{"a",
         "  match: {objectSelector: {matchExpressions: [{key: tier, operator: "
         "Exists}]}}\n"}},
       {std::string("validate Ignore") + kApps + "; of tier Exists()"}},
      {"Fail alone", {{"a", fail}}, {std::string("validate-fail Fail") + kApps}},
      {"Fail for a part, and what is left of the whole",
       {{"a", ""}, {"b", in_production + fail}},
       {std::string("validate Ignore") + kApps + "; in env NotIn(production)",
        std::string("validate-fail Fail") + kApps + "; in env In(production)"}},
      {"Fail for the whole leaves nothing",
       {{"a", in_production}, {"b", fail}},
       {std::string("validate-fail Fail") + kApps}},
      {"Fail for one kind",
       {{"a", ""}, {"b", "  match: {kinds: [Deployment]}\n" + fail}},
       {"validate Ignore apps/statefulsets apps/daemonsets",
        "validate-fail Fail apps/deployments"}},
      {"Fail asks for no more than its policies",
       {{"a", in_production + fail},
        {"b",
         "  match: {kinds: [CronJob], namespaceSelector: {matchLabels: {team: pay}}}\n" + fail}},
       {std::string("validate-fail Fail") + kApps + "; in env In(production)",
        "validate-fail-2 Fail batch/cronjobs; in team In(pay)"}},
      {"only where nothing is judged",
       {{"a",
         "  match: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: "
         "kube-system}}}\n"}},
       {}},
  };
  for (const auto& test : cases) {
    std::vector<std::string> expected = test.entries;
    expected.emplace_back(kPoliciesEntry);
    expected.emplace_back(kWaiversEntry);
    EXPECT_EQ(Texts(MakePolicies(test.policies)), expected) << test.name;
  }
}

TEST(WebhookConfigurationTest, NothingIsAskedForUntilReady) {
  const PolicySnapshot policies = MakePolicies({{"a", ""}});
  const WebhookConfiguration inert = DesiredConfiguration(policies, Options(), "bundle", false);
  ASSERT_EQ(inert.webhooks.size(), 1U);
  EXPECT_EQ(inert.webhooks[0].name, "validate-policies.plimsoll.dev");
  EXPECT_TRUE(inert.webhooks[0].rules.empty());
  EXPECT_EQ(inert.webhooks[0].ca_bundle, "bundle");
}

TEST(WebhookConfigurationTest, WhatEveryEntrySays) {
  WebhookOptions options = Options();
  options.exclude_namespaces = {"cni"};
  options.service_port = 9443;
  options.timeout_seconds = 3;
  options.owner = OwnerReference{"v1", "Namespace", "plimsoll", "u-1"};
  const WebhookConfiguration wanted =
      DesiredConfiguration(MakePolicies({{"a", "  failurePolicy: Fail\n"}}), options, "b", true);
  EXPECT_EQ(wanted.owners, std::vector<OwnerReference>{*options.owner});
  const Webhook& fail = wanted.webhooks.at(0);
  EXPECT_EQ(fail.service, (ServiceReference{"plimsoll", "webhook", "/validate", 9443}));
  EXPECT_EQ(fail.timeout_seconds, 3);
  EXPECT_EQ(fail.side_effects, "NoneOnDryRun");
  EXPECT_EQ(fail.match_policy, "Equivalent");
  EXPECT_EQ(fail.rules[0].operations, (std::vector<std::string>{"CREATE", "UPDATE"}));
  EXPECT_EQ(fail.rules[0].scope, "Namespaced");
  ASSERT_EQ(fail.namespace_selector.requirements.size(), 1U);
  EXPECT_EQ(fail.namespace_selector.requirements[0].values,
            (std::vector<std::string>{"cni", "kube-node-lease", "kube-public", "kube-system",
                                      "plimsoll"}));
  const Webhook& own = wanted.webhooks.at(1);
  EXPECT_EQ(own.service.path, "/validate-policies");
  EXPECT_EQ(own.rules[0].scope, "Cluster");
  EXPECT_EQ(own.failure_policy, FailurePolicy::kIgnore);
  EXPECT_EQ(ServerName(options), "webhook.plimsoll.svc");
}

// Under Fail, of all namespaces, and also of what is being deleted: nothing of a waiver is written unseen. But for what is
// written into its spec, nobody waits for us.
TEST(WebhookConfigurationTest, NoSpecOfAWaiverIsWrittenUnseen) {
  const WebhookConfiguration wanted = DesiredConfiguration(MakePolicies({}), Options(), "b", true);
  const Webhook* waivers = wanted.Find(kWaiversWebhook);
  ASSERT_NE(waivers, nullptr);
  EXPECT_TRUE(IsOurWebhook(waivers->name));
  EXPECT_EQ(waivers->failure_policy, FailurePolicy::kFail);
  EXPECT_EQ(waivers->service.path, "/validate-waivers");
  EXPECT_TRUE(waivers->namespace_selector.requirements.empty());
  EXPECT_TRUE(waivers->object_selector.requirements.empty());
  ASSERT_EQ(waivers->rules.size(), 1U);
  EXPECT_EQ(waivers->rules[0].operations, (std::vector<std::string>{"CREATE", "UPDATE"}));
  EXPECT_EQ(waivers->rules[0].resources, std::vector<std::string>{"readinesswaivers"});
  EXPECT_EQ(waivers->rules[0].scope, "Namespaced");
  ASSERT_EQ(waivers->match_conditions.size(), 1U);
  EXPECT_EQ(waivers->match_conditions[0].expression,
            "request.operation == 'CREATE' || object.spec != oldObject.spec");
}

TEST(WebhookConfigurationTest, WhatWasEditedDiffers) {
  const WebhookConfiguration wanted =
      DesiredConfiguration(MakePolicies({{"a", ""}}), Options(), "bundle", true);
  const auto with = [&](auto edit) {
    WebhookConfiguration live = wanted;
    live.uid = "u";
    live.resource_version = "7";
    edit(live);
    return live;
  };
  const struct {
    const char* name;
    WebhookConfiguration live;
    bool differs;
    bool contested;
  } cases[] = {
      {"as applied", with([](auto&) {}), false, false},
      {"an entry of somebody else", with([](auto& c) {
         c.webhooks.push_back(c.webhooks[0]);
         c.webhooks.back().name = "other.example.org";
       }),
       false, false},
      {"an owner of somebody else", with([](auto& c) { c.owners = {{"v1", "X", "x", "u-2"}}; }),
       false, false},
      {"empty", with([](auto& c) { c.webhooks.clear(); }), true, false},
      {"rules", with([](auto& c) { c.webhooks[0].rules[0].resources.pop_back(); }), true, false},
      {"operations", with([](auto& c) { c.webhooks[0].rules[0].operations = {"DELETE"}; }), true,
       false},
      {"failurePolicy", with([](auto& c) { c.webhooks[0].failure_policy = FailurePolicy::kFail; }),
       true, false},
      {"caBundle", with([](auto& c) { c.webhooks[1].ca_bundle.clear(); }), true, false},
      {"a condition changed",
       with([](auto& c) { c.webhooks[0].match_conditions[0].expression = "false"; }), true, false},
      {"a condition added",
       with([](auto& c) { c.webhooks[0].match_conditions.push_back({"off", "false"}); }), true,
       true},
      {"a URL for the service", with([](auto& c) {
         c.webhooks[0].service = {};
         c.webhooks[0].url = "https://elsewhere";
       }),
       true, true},
      {"one too many", with([](auto& c) {
         c.webhooks.push_back(c.webhooks[0]);
         c.webhooks.back().name = "validate-2.plimsoll.dev";
       }),
       true, false},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(Differs(wanted, test.live, true), test.differs) << test.name;
    EXPECT_EQ(!WhatDiffers(wanted, test.live, true).empty(), test.differs) << test.name;
    EXPECT_EQ(!ContestedWebhooks(wanted, test.live).empty(), test.contested) << test.name;
  }
  EXPECT_EQ(UnwantedWebhooks(wanted, cases[std::size(cases) - 1].live),
            std::vector<std::string>{"validate-2.plimsoll.dev"});
  WebhookConfiguration injected = wanted;
  injected.webhooks[0].ca_bundle = "by cert-manager";
  EXPECT_FALSE(Differs(wanted, injected, false));
  EXPECT_EQ(WhatDiffers(wanted, injected, false), "");
  EXPECT_EQ(WhatDiffers(wanted, injected, true), "validate.plimsoll.dev: clientConfig.caBundle");
}

TEST(WebhookConfigurationTest, WhatIsStillWantedWhileNothingNewMayBeAskedFor) {
  const auto fail = [](const std::string& env, const std::string& kind = "Job") {
    return PolicyText{env, "  failurePolicy: Fail\n  match: {kinds: [" + kind +
                               "], namespaceSelector: {matchLabels: {env: " + env + "}}}\n"};
  };
  const auto kept = [&](const std::vector<PolicyText>& before,
                        const std::vector<PolicyText>& after) {
    std::vector<std::string> out;
    for (const Webhook& webhook :
         StillWanted(DesiredConfiguration(MakePolicies(after), Options(), "bundle", true),
                     DesiredConfiguration(MakePolicies(before), Options(), "bundle", true))) {
      if (webhook.service.path == kWorkloadsPath) out.push_back(Text(webhook));
    }
    return out;
  };
  using Texts = std::vector<std::string>;
  const std::string one = "validate-fail Fail batch/jobs; in env In(one)";
  ASSERT_EQ(kept({fail("one")}, {fail("one")}), Texts{one});
  EXPECT_EQ(kept({fail("one")}, {}), Texts{});
  // Numbers are no names.
  const PolicyText other{"b", "  failurePolicy: Fail\n  match: {kinds: [CronJob]}\n"};
  ASSERT_EQ(kept({fail("one"), other}, {fail("one"), other}).size(), 2U);
  const Texts only_one = kept({fail("one"), other}, {fail("one")});
  ASSERT_EQ(only_one.size(), 1U);
  EXPECT_NE(only_one[0].find(" batch/jobs; in env In(one)"), std::string::npos) << only_one[0];
  const Texts only_other = kept({fail("one"), other}, {other});
  ASSERT_EQ(only_other.size(), 1U);
  EXPECT_NE(only_other[0].find(" batch/cronjobs"), std::string::npos) << only_other[0];
  // More is asked for elsewhere, perhaps what went from here.
  EXPECT_EQ(kept({fail("one")}, {{"a", "  match: {kinds: [CronJob]}\n"}}),
            Texts{"validate-fail Ignore batch/jobs; in env In(one)"});
  // Changed, under its name.
  EXPECT_EQ(kept({fail("one")}, {fail("one", "CronJob")}), Texts{one});
}

}  // namespace
}  // namespace plimsoll::controllers
