#include "plimsoll/base/json_view.h"

#include <string>

#include <gtest/gtest.h>

#include "plimsoll/codec/json_parser.h"

namespace plimsoll {
namespace {

// A document and the parser and text it views into.
class Json {
 public:
  explicit Json(std::string text) : text_(std::move(text)) {
    Result<JsonView> root = parser_.Parse(text_, DuplicateKeys::kNote);
    EXPECT_TRUE(root.has_value()) << text_;
    if (root) root_ = *root;
  }
  const JsonView& operator*() const { return root_; }
  JsonView operator[](std::string_view key) const { return root_[key]; }

 private:
  JsonParser parser_;
  std::string text_;
  JsonView root_;
};

TEST(JsonViewTest, AMissingViewAnswersEverythingHarmlessly) {
  const JsonView missing;
  EXPECT_EQ(missing.kind(), JsonKind::kMissing);
  EXPECT_FALSE(missing.exists());
  EXPECT_FALSE(missing.present());
  EXPECT_FALSE(missing["a"]["b"].At(3).exists());
  EXPECT_EQ(missing.text(), "");
  EXPECT_EQ(missing.size(), 0U);
  EXPECT_EQ(missing.AsString(), std::nullopt);
  EXPECT_EQ(missing.AsInt(), std::nullopt);
  EXPECT_EQ(missing.position(), SourcePosition());
  for (const JsonMember member : missing.members()) FAIL() << member.key;
  for (const JsonView element : missing.elements()) FAIL() << element.text();
  EXPECT_EQ(ToJson(missing), "null");
}

TEST(JsonViewTest, FindsMembersAndElements) {
  const Json json(R"({"a":{"b":[10,{"c":"x"},null]},"n":null,"t":true})");
  EXPECT_EQ(json["a"]["b"].size(), 3U);
  EXPECT_EQ(json["a"]["b"].At(0).AsInt(), 10);
  EXPECT_EQ(json["a"]["b"].At(1)["c"].AsString(), "x");
  EXPECT_TRUE(json["a"]["b"].At(2).exists());
  EXPECT_FALSE(json["a"]["b"].At(2).present());
  EXPECT_FALSE(json["a"]["b"].At(3).exists());
  EXPECT_FALSE(json["b"].exists());
  EXPECT_EQ(json["t"].AsBool(), true);
  std::string keys;
  for (const JsonMember member : (*json).members()) keys += member.key;
  EXPECT_EQ(keys, "ant");
}

TEST(JsonViewTest, KnowsWhereThingsStand) {
  const Json json("{\n  \"a\": [1,\n    22]\n}");
  EXPECT_EQ((*json).position(), (SourcePosition{1, 1}));
  EXPECT_EQ((*json).KeyPosition("a"), (SourcePosition{2, 3}));
  EXPECT_EQ(json["a"].position(), (SourcePosition{2, 8}));
  EXPECT_EQ(json["a"].At(1).position(), (SourcePosition{3, 5}));
}

TEST(JsonViewTest, ConvertsOnlyWhatIsOfThatType) {
  const Json json(
      R"({"i":8080,"f":1.5,"e":1e3,"w":2.0,"s":"8080","big":9223372036854775807,"over":9223372036854775808,
          "huge":1e999,"minus":-1,"b":false})");
  EXPECT_EQ(json["i"].AsInt(), 8080);
  EXPECT_EQ(json["f"].AsInt(), std::nullopt);
  EXPECT_EQ(json["f"].AsDouble(), 1.5);
  EXPECT_EQ(json["e"].AsInt(), 1000);
  EXPECT_EQ(json["w"].AsInt(), 2);
  EXPECT_EQ(json["s"].AsInt(), std::nullopt);
  EXPECT_EQ(json["i"].AsString(), std::nullopt);
  EXPECT_EQ(json["big"].AsInt(), INT64_MAX);
  EXPECT_EQ(json["over"].AsInt(), std::nullopt);
  EXPECT_EQ(json["huge"].AsInt(), std::nullopt);
  EXPECT_EQ(json["minus"].AsInt(), -1);
  EXPECT_EQ(json["b"].AsBool(), false);
  EXPECT_EQ(json["i"].AsBool(), std::nullopt);
}

TEST(CopyOfTest, TheCopyLivesOnAlone) {
  std::unique_ptr<Document> copy;
  {
    const Json json(R"({"a":[1,{"b":"x\"y","c":[]},null],"d":{"e":{"f":true}},"g":""})");
    EXPECT_TRUE(DeepEquals(CopyOf(*json)->root(), *json));
    EXPECT_EQ(ToJson(CopyOf(json["g"])->root()), "\"\"");
    copy = CopyOf(json["a"]);
  }
  EXPECT_EQ(ToJson(copy->root()), R"([1,{"b":"x\"y","c":[]},null])");
  EXPECT_EQ(copy->root().size(), 3u);
  EXPECT_FALSE(copy->root().position().known());
  EXPECT_FALSE(CopyOf(JsonView())->root().exists());
}

TEST(DeepEqualsTest, ComparesValuesNotSpellings) {
  struct Case {
    const char* a;
    const char* b;
    bool equal;
  };
  const Case cases[] = {
      {R"({"a":1,"b":[1,2]})", R"({"b":[1,2],"a":1})", true},
      {R"({"a":1})", R"({"a":1.0})", true},
      {R"({"a":1000})", R"({"a":1e3})", true},
      {R"({"a":1})", R"({"a":"1"})", false},
      {R"({"a":1})", R"({"a":1,"b":2})", false},
      {R"({"a":1,"b":2})", R"({"a":1,"c":2})", false},
      {"[1,2]", "[2,1]", false},
      {"[1,2]", "[1,2,3]", false},
      {"[]", "{}", false},
      {"null", "null", true},
      {"9007199254740993", "9007199254740992", false},
      {"1e400", "1e401", false},
      {"1e400", "1e400", true},
      {R"("\u0041")", R"("A")", true},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(DeepEquals(*Json(c.a), *Json(c.b)), c.equal) << c.a << " and " << c.b;
    EXPECT_EQ(DeepEquals(*Json(c.b), *Json(c.a)), c.equal) << c.b << " and " << c.a;
  }
}

TEST(MembersEqualTest, LeavesOutWhatIsExcepted) {
  const std::string_view except[] = {"x", "y"};
  const auto equal = [&](const char* a, const char* b) {
    const bool there = MembersEqual(*Json(a), *Json(b), except);
    EXPECT_EQ(MembersEqual(*Json(b), *Json(a), except), there) << a << " and " << b;
    return there;
  };
  EXPECT_TRUE(equal(R"({"a":1,"x":2})", R"({"x":3,"a":1})"));
  EXPECT_TRUE(equal(R"({"x":2})", "{}"));
  EXPECT_TRUE(equal(R"({"x":2,"a":1,"b":2})", R"({"b":2,"a":1,"y":[]})"));
  EXPECT_TRUE(equal("[1]", "{}"));
  EXPECT_FALSE(equal(R"({"x":2,"a":1})", R"({"x":2,"a":2})"));
  EXPECT_FALSE(equal(R"({"x":2,"a":1})", R"({"x":2,"b":1})"));
  EXPECT_FALSE(equal(R"({"a":1,"b":1})", R"({"b":1})"));
}

// Members in another order must not cost their square: looking up each of these would take the test's whole time limit.
TEST(MembersEqualTest, TakesObjectsOfHostileSize) {
  constexpr int kMembers = 400'000;
  std::string forth = "{";
  std::string back = "{";
  for (int i = 0; i < kMembers; ++i) {
    if (i > 0) forth += ',';
    if (i > 0) back += ',';
    forth += '"' + std::to_string(i) + "\":0";
    back += '"' + std::to_string(kMembers - 1 - i) + "\":0";
  }
  const auto a = Json(forth + "}");
  const auto b = Json(back + "}");
  EXPECT_TRUE(DeepEquals(*a, *b));
  EXPECT_FALSE(DeepEquals(*a, *Json(back + R"(,"x":0})")));
}

TEST(ToJsonTest, IsCompactAndEscaped) {
  EXPECT_EQ(ToJson(*Json(R"( { "a" : [ 1 , "x\ny\u0001\"\\" , null , true ] } )")),
            R"({"a":[1,"x\ny\u0001\"\\",null,true]})");
}

TEST(ToJsonTest, CutsAtACharacterBorderWithinTheLimit) {
  const Json json(R"({"a":"äöüäöüäöüäöüäöü"})");
  for (size_t limit = 3; limit < 40; ++limit) {
    const std::string text = ToJson(*json, limit);
    EXPECT_LE(text.size(), limit);
    EXPECT_TRUE(text == ToJson(*json) || text.ends_with("…")) << text;
  }
}

}  // namespace
}  // namespace plimsoll
