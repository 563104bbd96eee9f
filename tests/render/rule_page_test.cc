#include "plimsoll/render/rule_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <sstream>

#include "tests/support/golden.h"

namespace plimsoll {
namespace {

using ::plimsoll::testing::ExpectGolden;

constexpr std::array<std::string_view, 3> kScopes = {"traffic", "all", "any"};
constexpr std::array<ParameterSpec, 3> kParameters = {{
    {.name = "scope",
     .type = ParameterType::kEnum,
     .default_json = "\"traffic\"",
     .description = "Which containers are asked.",
     .allowed = kScopes},
    {.name = "minimum",
     .type = ParameterType::kInteger,
     .default_json = "2",
     .description = "How many | at least.",
     .minimum = 1,
     .maximum = 100},
    {.name = "hosts",
     .type = ParameterType::kHostList,
     .default_json = "[]",
     .description = "Hosts that are trusted."},
}};

const Rule kSample = {
    .id = "sample.rule",
    .title = "Samples are shown whole",
    .rationale =
        "A page that leaves something out is read once. It is then never read again, by "
        "anybody, whatever is written on it.",
    .remediation = "Write it down.",
    .parameters = kParameters,
    .evaluate = nullptr,
    .sources = "RFC 1925",
};
const Rule kBare = {.id = "sample.bare",
                    .title = "Nothing to set",
                    .rationale = "Why.",
                    .remediation = "What.",
                    .parameters = {},
                    .evaluate = nullptr};

ReadinessPolicy Baseline() {
  ReadinessPolicy policy;
  policy.name = "plimsoll-baseline";
  PolicyRule entry;
  entry.rule = &kSample;
  entry.by_tier = {{"standard", Action::kWarn}, {"experimental", std::nullopt}};
  policy.rules.push_back(entry);
  return policy;
}

RulePageContext Context(const ReadinessPolicy& baseline) {
  return {&baseline,
          {"kind: Pod\n", "It has no sample.", "metadata:\n  labels:\n    a: b  # replace\n"}};
}

std::string Text(const Rule& rule, const RulePageContext& context, const TextStyle& style) {
  std::ostringstream out;
  WriteRuleText(rule, context, style, out);
  return out.str();
}

TEST(RulePage, Text) {
  const ReadinessPolicy baseline = Baseline();
  ExpectGolden("tests/golden/render/rule.txt", Text(kSample, Context(baseline), {.width = 80}));
  ExpectGolden("tests/golden/render/rule-bare.txt", Text(kBare, {&baseline, {}}, {}));
}

TEST(RulePage, Markdown) {
  const ReadinessPolicy baseline = Baseline();
  ExpectGolden("tests/golden/render/rule.md", RuleMarkdown(kSample, Context(baseline)));
  ExpectGolden("tests/golden/render/rule-bare.md", RuleMarkdown(kBare, {}));
}

TEST(RulePage, Lists) {
  const ReadinessPolicy baseline = Baseline();
  const std::array<const Rule*, 2> rules = {&kBare, &kSample};
  std::ostringstream out;
  WriteRuleList(rules, {}, out);
  EXPECT_EQ(out.str(),
            "sample.bare  Nothing to set\n"
            "sample.rule  Samples are shown whole\n");
  ExpectGolden("tests/golden/render/rule-index.md", RuleIndexMarkdown(rules, &baseline));
}

}  // namespace
}  // namespace plimsoll
