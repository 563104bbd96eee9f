#include "plimsoll/model/promql.h"

#include <gtest/gtest.h>

#include <string>

#include "plimsoll/model/value_pattern.h"

namespace plimsoll {
namespace {

// "a=b c!=d | e=~f": matchers of each alternative, without the metric's name; "?" where it is not understood.
std::string Read(std::string_view expression) {
  const PromqlSubject subject = ReadPromql(expression);
  if (!subject.known) return "?";
  if (subject.alternatives.empty()) return "nothing";
  std::string text;
  for (const PromqlSelection& selection : subject.alternatives) {
    if (!text.empty()) text += " | ";
    std::string one;
    for (const PromqlMatcher& matcher : selection.matchers) {
      if (matcher.label == "__name__") continue;
      if (!one.empty()) one += ' ';
      one += matcher.label + (matcher.negative ? "!" : "=");
      if (!matcher.pattern.is_list()) one += "~";
      for (size_t i = 0; matcher.pattern.is_list() && i < matcher.pattern.pieces().size(); ++i) {
        const ValuePattern::Piece& piece = matcher.pattern.pieces()[i];
        one += (i == 0 ? "" : "/") + piece.text + (piece.open ? (piece.least ? "+" : "*") : "");
      }
    }
    text += one.empty() ? "all" : one;
  }
  return text;
}

struct Case {
  std::string_view expression;
  std::string_view read;
};

class PromqlTest : public ::testing::TestWithParam<Case> {};

TEST_P(PromqlTest, SaysWhichSeriesItSpeaksOf) {
  EXPECT_EQ(Read(GetParam().expression), GetParam().read) << GetParam().expression;
}

constexpr Case kCases[] = {
    {"up", "all"},
    {"up == 0", "all"},
    {"1 > 0", "nothing"},
    {"vector(1)", "nothing"},
    {"time() - 5", "nothing"},
    {R"(up{job="a"} == 0)", "job=a"},
    {R"(up{job='a',})", "job=a"},
    {R"(up{job=`a\`})", R"(job=a\)"},
    {R"(up{job="\x61\u0062\143\n"})", "job=abc\n"},
    {R"({__name__="up", job="a"})", "job=a"},
    {R"({"up", "k8s.namespace.name"="shop"})", "k8s.namespace.name=shop"},
    {R"(up{job=~"a|b-.*|c.+"})", "job=a/b-*/c+"},
    {R"(up{job=~"^(a|b)$"})", "job=a/b"},
    {R"(up{job=~"a\\.b"})", "job=a.b"},
    {R"(up{job=~"a[0-9]+"})", "job=~"},
    {R"(up{job!="a", pod!~"b-.*"})", "job!a pod!b-*"},
    {R"(sum by (pod, namespace) (rate(x{ns="a"}[5m])) > 1)", "ns=a"},
    {R"(sum(rate(x{ns="a"}[5m])) without (pod) > 1)", "ns=a"},
    {R"(topk(5, x{a="b"}))", "a=b"},
    {R"(count_values("version", x{a="b"}))", "a=b"},
    {R"(histogram_quantile(0.99, sum by (le) (rate(x_bucket{svc="a"}[5m]))) > 0.5)", "svc=a"},
    {R"(absent(up{job="a"}))", "job=a"},
    {R"(absent_over_time(up{job="a"}[10m:1m] offset 5m))", "job=a"},
    {R"(x{a="b"} @ 1609746000.000)", "a=b"},
    {R"(x{a="b"} @ end() offset -1h30m)", "a=b"},
    {R"(max_over_time((x{a="b"} > 1)[1h:]))", "a=b"},
    {R"p(label_replace(up{job="a"}, "dst", "$1", "src", "(.*)"))p", "job=a"},
    {R"(a{x="1"} or b{y="2"})", "x=1 | y=2"},
    {R"(a{x="1"} or vector(0))", "x=1"},
    {R"(a{x="1"} unless b{y="2"})", "x=1"},
    {R"(a{x="1"} and b{y="2"})", "x=1 y=2"},
    {R"(a{x="1"} and on() b{y="2"})", "x=1"},
    {R"(a{x="1"} and on(y) b{y="2", z="3"})", "x=1 y=2"},
    {R"(a{x="1"} / ignoring(y) b{y="2", z="3"})", "x=1 z=3"},
    {R"(a{x="1"} * on(z) group_left(w) b{z="3", y="2"})", "x=1 z=3"},
    {R"(a{x="1", z="9"} * on(z) group_right b{z="3", y="2"})", "z=3 y=2"},
    {R"(a{x="1"} / b{x="2"})", "x=1"},
    {R"(-a{x="1"} ^ 2 > bool 3)", "x=1"},
    {R"((a{x="1"} or b{x="2"}) and c{y="3"})", "x=1 y=3 | x=2 y=3"},
    {R"(a{x="1"} or b{x="2"} and c{y="3"})", "x=1 | x=2 y=3"},
    {R"(A{x="1"} OR b{x="2"})", "x=1 | x=2"},
    {"a{x=\"1\"} # or b\n > 3", "x=1"},
    {R"(kube_pod_info{job="kube-state-metrics", pod="a"})", "pod=a"},
    {R"(container_cpu{service="kubelet", container="a"})", "container=a"},
    {R"(node:cpu:rate5m{job="a"} > 0x1F)", "job=a"},
    {R"(x{a="b" or c="d"})", "a=b | c=d"},
    {"inf > NaN", "nothing"},
    {"sum > 1", "all"},  // a metric of that name
    // ---- not understood ----
    {"", "?"},
    {"up{", "?"},
    {R"(up{job="a)", "?"},
    {R"(up{job=a})", "?"},
    {R"(up{job=="a"})", "?"},
    {R"(up{job="a"} ==)", "?"},
    {R"(up{job="\q"})", "?"},
    {R"(up{job=~"("})", "?"},
    {R"(rate(x{job="a"}[$__rate_interval]))", "?"},
    {R"(%(selector)s > 1)", "?"},
    {"up) + (1", "?"},
    {"sum by (a (x)", "?"},
    {"a b", "?"},
    {"x[5m][1h]]", "?"},
};

INSTANTIATE_TEST_SUITE_P(Expressions, PromqlTest, ::testing::ValuesIn(kCases));

TEST(PromqlLimitsTest, DepthLengthAndAlternativesAreBounded) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '(') + "up" + std::string(depth, ')');
  };
  EXPECT_EQ(Read(nested(kMaxPromqlDepth - 1)), "all");
  EXPECT_EQ(Read(nested(kMaxPromqlDepth)), "?");
  EXPECT_EQ(Read(nested(30'000)), "?");
  EXPECT_EQ(Read(std::string(30'000, '-') + "up"), "all");
  EXPECT_EQ(Read("up" + std::string(kMaxPromqlBytes, ' ')), "?");
  std::string either = "a";
  for (size_t i = 1; i < kMaxPromqlAlternatives; ++i) either += " or a";
  EXPECT_TRUE(ReadPromql(either).known);
  EXPECT_FALSE(ReadPromql(either + " or a").known);
  EXPECT_FALSE(ReadPromql("(" + either + ") + (b or c)").known);
  std::string matchers = "x{";
  for (size_t i = 0; i <= kMaxPromqlMatchers; ++i) matchers += "a" + std::to_string(i) + "=\"b\",";
  EXPECT_EQ(Read(matchers + "}"), "?");
}

TEST(PromqlRecordsTest, ARecordedSeriesSpeaksOfWhatItIsMadeOf) {
  PromqlRecords records;
  records.emplace("job:errors:rate5m", ReadPromql(R"(sum(rate(errors{job="a"}[5m])))"));
  records.emplace("unclear", ReadPromql("("));
  const PromqlSubject subject = ReadPromql(R"(job:errors:rate5m{env="prod"} > 1)", &records);
  ASSERT_TRUE(subject.known);
  ASSERT_EQ(subject.alternatives.size(), 1u);
  EXPECT_TRUE(subject.alternatives[0].Has("job"));
  EXPECT_TRUE(subject.alternatives[0].Has("env"));
  EXPECT_FALSE(ReadPromql("unclear > 1", &records).known);
}

TEST(ValuePatternTest, SaysWhetherItSinglesAnybodyOut) {
  for (const std::string_view all : {".*", ".+", "", "|.+", "^.*$", "[a-z0-9-]+"}) {
    EXPECT_FALSE(ValuePattern::Matching(all).value().selective()) << all;
  }
  for (const std::string_view some : {"a", "a.*", "a|b", "[a-c]+-x"}) {
    EXPECT_TRUE(ValuePattern::Matching(some).value().selective()) << some;
  }
  EXPECT_FALSE(ValuePattern::Exactly("").selective());
  EXPECT_FALSE(ValuePattern::Matching("(").has_value());
  EXPECT_FALSE(ValuePattern::Matching(std::string(kMaxPatternBytes + 1, 'a')).has_value());
  EXPECT_FALSE(ValuePattern::Matching("((a{1,100}){1,100}){1,100}").has_value());
}

TEST(ValuePatternTest, MatchesAsPrometheusDoes) {
  const auto matches = [](std::string_view pattern, std::string_view value) {
    return ValuePattern::Matching(pattern).value().Matches(value);
  };
  EXPECT_TRUE(matches("a|b-.*", "b-1"));
  EXPECT_TRUE(matches("a|b-.*", "b-"));
  EXPECT_FALSE(matches("a|b-.+", "b-"));
  EXPECT_FALSE(matches("a", "aa"));  // as a whole
  EXPECT_TRUE(matches("a.c", "abc"));
  EXPECT_FALSE(matches("a\\.c", "abc"));
  EXPECT_TRUE(matches("(?i)abc", "ABC"));
  EXPECT_TRUE(matches("x(a|b)", "xb"));
  EXPECT_EQ(ValuePattern::Matching("checkout-[a-z]+").value().prefix(), "checkout-");
  EXPECT_EQ(ValuePattern::Matching("checkouts?-x").value().prefix(), "checkout");
  EXPECT_EQ(ValuePattern::Matching("(a|b)[0-9]").value().prefix(), "");
}

}  // namespace
}  // namespace plimsoll
