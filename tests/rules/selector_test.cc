#include "rules/selector.h"

#include <gtest/gtest.h>

#include <string>

#include "plimsoll/codec/json_parser.h"

namespace plimsoll {
namespace {

struct SelectorCase {
  std::string selector;
  bool matches;
};

TEST(SelectorTest, SemanticsOfLabelSelectorAsSelector) {
  JsonParser labels_parser;
  std::string labels_text = R"({"app":"checkout","env":"prod","number":7,"empty":""})";
  const LabelSet labels{labels_parser.Parse(labels_text).value()};
  const SelectorCase cases[] = {
      {"{}", true},
      {"null", false},
      {R"("app")", false},
      {"[]", false},
      {R"({"matchLabels":{}})", true},
      {R"({"matchLabels":null,"matchExpressions":null})", true},
      {R"({"matchLabels":{"app":"checkout"}})", true},
      {R"({"matchLabels":{"app":"checkout","env":"prod"}})", true},
      {R"({"matchLabels":{"app":"checkout","env":"test"}})", false},
      {R"({"matchLabels":{"tier":"web"}})", false},
      {R"({"matchLabels":{"empty":""}})", true},
      {R"({"matchLabels":{"missing":""}})", false},
      {R"({"matchLabels":{"number":"7"}})", false},
      {R"({"matchLabels":{"app":1}})", false},
      {R"({"matchLabels":["app"]})", false},
      {R"({"matchExpressions":{}})", false},
      {R"({"matchExpressions":[]})", true},
      {R"({"matchExpressions":[{"key":"app","operator":"In","values":["cart","checkout"]}]})",
       true},
      {R"({"matchExpressions":[{"key":"app","operator":"In","values":["cart"]}]})", false},
      {R"({"matchExpressions":[{"key":"tier","operator":"In","values":["web"]}]})", false},
      {R"({"matchExpressions":[{"key":"app","operator":"NotIn","values":["cart"]}]})", true},
      {R"({"matchExpressions":[{"key":"app","operator":"NotIn","values":["checkout"]}]})", false},
      {R"({"matchExpressions":[{"key":"tier","operator":"NotIn","values":["web"]}]})", true},
      {R"({"matchExpressions":[{"key":"app","operator":"Exists"}]})", true},
      {R"({"matchExpressions":[{"key":"tier","operator":"Exists"}]})", false},
      {R"({"matchExpressions":[{"key":"tier","operator":"DoesNotExist"}]})", true},
      {R"({"matchExpressions":[{"key":"app","operator":"DoesNotExist"}]})", false},
      // What the API server refuses matches nothing.
      {R"({"matchExpressions":[{"key":"app","operator":"In","values":[]}]})", false},
      {R"({"matchExpressions":[{"key":"app","operator":"NotIn"}]})", false},
      {R"({"matchExpressions":[{"key":"app","operator":"Exists","values":["x"]}]})", false},
      {R"({"matchExpressions":[{"key":"app","operator":"in","values":["checkout"]}]})", false},
      {R"({"matchExpressions":[{"key":"app","operator":"In","values":["checkout",1]}]})", false},
      {R"({"matchExpressions":[{"operator":"Exists"}]})", false},
      {R"({"matchExpressions":["app"]})", false},
      // All must hold.
      {R"({"matchLabels":{"app":"checkout"},
           "matchExpressions":[{"key":"env","operator":"NotIn","values":["prod"]}]})",
       false},
  };
  for (const SelectorCase& c : cases) {
    JsonParser parser;
    std::string text = c.selector;
    EXPECT_EQ(SelectorMatches(parser.Parse(text).value(), labels), c.matches) << c.selector;
  }
}

TEST(SelectorTest, AbsentSelectorsAndLabels) {
  EXPECT_FALSE(SelectorMatches(JsonView(), {JsonView()}));
  JsonParser parser;
  std::string everything = "{}";
  EXPECT_TRUE(SelectorMatches(parser.Parse(everything).value(), {JsonView()}));
}

TEST(SelectorTest, ALabelThatIsKnownAnyway) {
  JsonParser parser;
  std::string text = R"({"matchLabels":{"kubernetes.io/metadata.name":"payments"}})";
  const JsonView selector = parser.Parse(text).value();
  EXPECT_TRUE(SelectorMatches(selector, {JsonView(), "kubernetes.io/metadata.name", "payments"}));
  EXPECT_FALSE(SelectorMatches(selector, {JsonView(), "kubernetes.io/metadata.name", "ledger"}));
}

}  // namespace
}  // namespace plimsoll
