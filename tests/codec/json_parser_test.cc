#include "plimsoll/codec/json_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {
namespace {

std::string Spell(SourcePosition position) {
  return std::to_string(position.line) + ":" + std::to_string(position.column);
}

// "3:7: message" of the error, or the document as compact JSON.
std::string ParseToText(std::string text, DuplicateKeys duplicates = DuplicateKeys::kReject) {
  JsonParser parser;
  const Result<JsonView> root = parser.Parse(text, duplicates);
  if (root) return ToJson(*root);
  return Spell(root.error().position) + ": " + root.error().message;
}

std::string Nested(size_t depth, std::string_view core = "") {
  return std::string(depth, '[') + std::string(core) + std::string(depth, ']');
}

struct Case {
  std::string text;
  std::string want;
};

TEST(JsonParserTest, ReadsEveryKindOfValue) {
  const std::vector<Case> cases = {
      {R"({})", R"({})"},
      {R"([])", R"([])"},
      {" [ ]\n", "[]"},
      {R"(null)", R"(null)"},
      {R"( true )", R"(true)"},
      {R"(false)", R"(false)"},
      {R"("")", R"("")"},
      {R"( "a" )", R"("a")"},
      {R"("a\"b\\c\/d\b\f\n\r\t")", R"("a\"b\\c/d\u0008\u000c\n\u000d\t")"},
      {R"("\u0041\u00e9\u20ac\ud83d\ude00")", R"("Aé€😀")"},
      {R"("\ud83d\ude00" )", R"("😀")"},
      {R"({"a":{"b":[1,-2.5e+3,true,false,null,"x",{},[]]},"c":"d"})",
       R"({"a":{"b":[1,-2.5e+3,true,false,null,"x",{},[]]},"c":"d"})"},
      {R"({"k\u0065y": "a long string that is more than eight bytes \\ long"})",
       R"({"key":"a long string that is more than eight bytes \\ long"})"},
      // Numbers keep their text.
      {"0", "0"},
      {"-0", "-0"},
      {"-0.0E-0", "-0.0E-0"},
      {"1e999", "1e999"},
      {"123456789012345678901234567890", "123456789012345678901234567890"},
      {"[18446744073709551616]", "[18446744073709551616]"},
      {"\r\n\t 1 \t\r\n", "1"},
      {Nested(kMaxDepth), Nested(kMaxDepth)},
  };
  for (const Case& c : cases) EXPECT_EQ(ParseToText(c.text), c.want) << c.text;
}

TEST(JsonParserTest, SaysWhatIsWrongAndWhere) {
  using namespace std::string_literals;
  const std::vector<Case> cases = {
      {"", "1:1: the text is empty: expected a JSON value"},
      {" \n\t", "2:2: the text is empty: expected a JSON value"},
      {"\xEF\xBB\xBF{}",
       "1:1: the text begins with a byte order mark (EF BB BF): JSON takes plain UTF-8 without "
       "one"},
      {"{",
       "1:2: the text ends inside the object that begins at line 1, column 1: expected a member "
       "name"},
      {"[",
       "1:2: the text ends inside the array that begins at line 1, column 1: expected a value"},
      {"[1",
       "1:3: the text ends inside the array that begins at line 1, column 1: expected ',' or "
       "']'"},
      {"{\"a\"", "1:5: expected ':' after the member name, got the end of the text"},
      {"{\"a\":",
       "1:6: the text ends inside the object that begins at line 1, column 1: expected a "
       "value"},
      {"{\n \"a\": [1,\n",
       "3:1: the text ends inside the array that begins at line 2, column 7: "
       "expected a value"},
      {"{\"a\":1",
       "1:7: the text ends inside the object that begins at line 1, column 1: expected "
       "',' or '}'"},
      {"{\"a\":1,",
       "1:8: the text ends inside the object that begins at line 1, column 1: expected a "
       "member name"},
      {"\"abc",
       "1:5: the text ends inside the string that begins at line 1, column 1: expected '\"'"},
      {"\"abc\\", "1:6: the text ends inside an escape: expected '\"'"},
      {"\"abc\\\"",
       "1:7: the text ends inside the string that begins at line 1, column 1: expected "
       "'\"'"},
      {"{} {}", "1:4: expected nothing after the JSON value, got '{'"},
      {"[1]]", "1:4: expected nothing after the JSON value, got ']'"},
      {"1 2", "1:3: expected nothing after the JSON value, got '2'"},
      {"true false", "1:6: expected nothing after the JSON value, got 'f'"},
      {"\"a\"b", "1:4: expected nothing after the JSON value, got 'b'"},
      {"[1 2]", "1:4: expected ',' or ']' in the array that begins at line 1, column 1, got '2'"},
      {"[\"a\":1]",
       "1:5: expected ',' or ']' in the array that begins at line 1, column 1, got ':'"},
      {"[1:2]", "1:3: expected ',' or ']' in the array that begins at line 1, column 1, got ':'"},
      {"[1}", "1:3: expected ',' or ']' in the array that begins at line 1, column 1, got '}'"},
      {"{\"a\":1]",
       "1:7: expected ',' or '}' in the object that begins at line 1, column 1, got ']'"},
      {"[1,]", "1:4: expected a value after ',', got ']': JSON takes no trailing comma"},
      {"{\"a\":1,}", "1:8: expected a member after ',', got '}': JSON takes no trailing comma"},
      {"[,1]", "1:2: expected a value, got ','"},
      {"{,}", "1:2: expected a member name in double quotes or '}', got ','"},
      {"{a:1}", "1:2: expected a member name in double quotes or '}', got 'a'"},
      {"{\"a\":1,b:2}", "1:8: expected a member name in double quotes, got 'b'"},
      {"{1:2}", "1:2: expected a member name in double quotes or '}', got '1'"},
      {"{\"a\" 1}", "1:6: expected ':' after the member name, got '1'"},
      {"{\"a\":}", "1:6: expected a value, got '}'"},
      {"{\"a\"::1}", "1:6: expected a value, got ':'"},
      {"[NaN]", "1:2: expected a value, got `NaN`: JSON has no such number"},
      {"[Infinity]", "1:2: expected a value, got `Infinity`: JSON has no such number"},
      {"[-Infinity]", "1:2: expected a number such as 12, -0.5 or 1e3, got `-Infinity`"},
      {"[True]", "1:2: expected a value, got `True`: write it in lower case"},
      {"[tru]", "1:2: expected a value, got `tru`"},
      {"[nullx]", "1:2: expected a value, got `nullx`"},
      {"['a']", "1:2: expected a value, got `'a'`: strings take double quotes"},
      {"[1, // one\n2]", "1:5: expected a value, got `//`: JSON has no comments"},
      {"[/* */1]", "1:2: expected a value, got `/*`: JSON has no comments"},
      {"[01]", "1:2: expected a number such as 12, -0.5 or 1e3, got `01`"},
      {"[+1]", "1:2: expected a number such as 12, -0.5 or 1e3, got `+1`"},
      {"[.5]", "1:2: expected a number such as 12, -0.5 or 1e3, got `.5`"},
      {"[1.]", "1:2: expected a number such as 12, -0.5 or 1e3, got `1.`"},
      {"[1e]", "1:2: expected a number such as 12, -0.5 or 1e3, got `1e`"},
      {"[-]", "1:2: expected a number such as 12, -0.5 or 1e3, got `-`"},
      {"[0x10]", "1:2: expected a number such as 12, -0.5 or 1e3, got `0x10`"},
      {"[1_000]", "1:2: expected a number such as 12, -0.5 or 1e3, got `1_000`"},
      {"[\"a\nb\"]",
       "1:4: expected a string without control characters, got byte 0x0A: write it as an escape"},
      {"[\"a\0b\"]"s,
       "1:4: expected a string without control characters, got byte 0x00: write it as an escape"},
      {"[1\0]"s, "1:2: expected a number such as 12, -0.5 or 1e3, got `1 `"},
      {"[\"\\x41\"]",
       "1:3: unknown escape in a string: expected one of \\\" \\\\ \\/ \\b \\f \\n \\r "
       "\\t \\uXXXX, got a backslash and 'x'"},
      {"[\"\\u12g4\"]", "1:3: expected four hexadecimal digits after \\u"},
      {"[\"\\u12\"]", "1:3: expected four hexadecimal digits after \\u"},
      {"[\"\\ud83d\"]", "1:3: lone surrogate \\ud83d: expected a pair such as \\ud83d\\ude00"},
      {"[\"\\ud83dx\"]", "1:3: lone surrogate \\ud83d: expected a pair such as \\ud83d\\ude00"},
      {"[\"\\ud83d\\u0041\"]",
       "1:3: lone surrogate \\ud83d: expected a pair such as \\ud83d\\ude00"},
      {"[\"\\ude00\\ud83d\"]",
       "1:3: lone surrogate \\ude00: expected a pair such as \\ud83d\\ude00"},
      {"[\"\xFF\"]", "1:3: expected valid UTF-8, got byte 0xFF"},
      {"[\"\xC0\xAF\"]", "1:3: expected valid UTF-8, got byte 0xC0"},
      {"[\"\xED\xA0\x80\"]", "1:3: expected valid UTF-8, got byte 0xED"},
      {"[\"\xF4\x90\x80\x80\"]", "1:3: expected valid UTF-8, got byte 0xF4"},
      {"[\"\xE2\x82\"]", "1:3: expected valid UTF-8, got byte 0xE2"},
      {"[\"\xE2\x82", "1:3: expected valid UTF-8, got byte 0xE2"},
      {Nested(kMaxDepth + 1), "1:201: nested deeper than 200 levels"},
      {std::string(10000, '['), "1:201: nested deeper than 200 levels"},
  };
  for (const Case& c : cases) EXPECT_EQ(ParseToText(c.text), c.want) << c.text;
}

TEST(JsonParserTest, TenThousandObjectsDeepIsALimitNotACrash) {
  std::string text;
  for (int i = 0; i < 10000; ++i) text += "{\"a\":";
  JsonParser parser;
  const Result<JsonView> root = parser.Parse(text);
  ASSERT_FALSE(root.has_value());
  EXPECT_EQ(root.error().code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(Spell(root.error().position), "1:1001");  // 200 times five bytes, and one
}

TEST(JsonParserTest, RefusesDuplicateKeysNamingBothPlaces) {
  const std::vector<Case> cases = {
      {"{\"a\":1,\n \"a\":2}",
       "2:2: duplicate key \"a\": first at line 1, column 2; write each key once"},
      {R"({"a":1,"\u0061":2})",
       "1:8: duplicate key \"a\": first at line 1, column 2; write each key once"},
      {R"([{"b":1,"a":1,"a":2,"b":2}])",
       "1:15: duplicate key \"a\": first at line 1, column 9; write each key once"},
      {R"({"":1,"":2})", "1:7: duplicate key \"\": first at line 1, column 2; write each key once"},
      {R"({"a":{"a":1},"b":{"a":2}})", R"({"a":{"a":1},"b":{"a":2}})"},
  };
  for (const Case& c : cases) EXPECT_EQ(ParseToText(c.text), c.want) << c.text;
}

TEST(JsonParserTest, WhereDuplicatesAreNotedTheLastWins) {
  JsonParser parser;
  std::string text =
      "{\"a\":{\"x\":1,\"x\":2},\n"
      " \"b\":[{\"y\":1,\"y\":2,\"z\":3}],\n"
      " \"a\":{\"p\":{\"q\":1,\"q\":[2,3]}},\"c\":0}";
  const Result<JsonView> root = parser.Parse(text, DuplicateKeys::kNote);
  ASSERT_TRUE(root.has_value());
  EXPECT_EQ(ToJson(*root), R"({"b":[{"y":2,"z":3}],"a":{"p":{"q":[2,3]}},"c":0})");
  // The note about the x that lost with its parent is gone; the others follow their values.
  const std::vector<Document::Note>& notes = parser.document().notes();
  ASSERT_EQ(notes.size(), 3U);
  const auto note = [&notes, &parser](size_t i) {
    return notes[i].key + " " + Spell(notes[i].position) + " " + Spell(notes[i].first) + " " +
           ToJson(JsonView(&parser.document(), notes[i].node));
  };
  EXPECT_EQ(note(0), "y 2:14 2:8 2");
  EXPECT_EQ(note(1), "q 3:18 3:12 [2,3]");
  EXPECT_EQ(note(2), R"(a 3:2 1:2 {"p":{"q":[2,3]}})");
}

TEST(JsonParserTest, ManyKeysAreComparedWithoutComparingEveryPair) {
  // Quadratic work would take a minute or more here.
  std::string text = "{";
  for (int i = 0; i < 300000; ++i)
    text += "\"key" + std::to_string(i) + "\":" + std::to_string(i) + ",";
  JsonParser parser;
  std::string unique = text + "\"last\":0}";
  const Result<JsonView> root = parser.Parse(unique);
  ASSERT_TRUE(root.has_value());
  EXPECT_EQ(root->size(), 300001U);
  EXPECT_EQ((*root)["key299999"].AsInt(), 299999);

  std::string repeated = text + "\"key7\":0}";
  EXPECT_FALSE(parser.Parse(repeated).has_value());

  std::string all_equal = "{";
  for (int i = 0; i < 300000; ++i) all_equal += "\"a\":" + std::to_string(i) + ",";
  all_equal += "\"a\":-1}";
  const Result<JsonView> last = parser.Parse(all_equal, DuplicateKeys::kNote);
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(ToJson(*last), R"({"a":-1})");
  EXPECT_EQ(parser.Parse(all_equal).error().message,
            "duplicate key \"a\": first at line 1, column 2; write each key once");
}

// Keys are told apart by their length, their first and their last eight bytes, and then by their text.
TEST(JsonParserTest, KeysThatLookAlikeAreNotTakenForEqual) {
  std::string alike = "{";
  for (const char middle : {'A', 'B', 'C'}) {
    if (alike.size() > 1) alike += ',';
    alike.append("\"aaaaaaaa").append(1, middle).append("bbbbbbbb\":1");
  }
  alike += "}";
  EXPECT_EQ(ParseToText(alike), alike);
  const std::string short_ones =
      R"({"a":1,"aa":2,"":3,"b":4,"ab":5,"ba":6,"aaaaaaaa":7,"aaaaaaa":8})";
  EXPECT_EQ(ParseToText(short_ones), short_ones);
  // What stands behind a short key is none of its text.
  EXPECT_NE(ParseToText(R"({"a":1,"b":[{"c":1}],"a" :2})").find("duplicate key \"a\""),
            std::string::npos);
  EXPECT_NE(ParseToText(R"({"\u0061":1,"a":2})").find("duplicate key \"a\""), std::string::npos);
  // As many keys as are remembered, one more, and an object within that has as many.
  for (const size_t count : {size_t{16}, size_t{17}, size_t{40}}) {
    std::string many;
    for (size_t i = 0; i < count; ++i) many += "\"key" + std::to_string(i) + "\":{},";
    std::string nested = "{" + many + "\"in\":{" + many + "\"end\":1}}";
    EXPECT_EQ(ParseToText(nested), nested) << count;
    EXPECT_NE(ParseToText("{" + many + "\"key3\":1}").find("duplicate key \"key3\""),
              std::string::npos)
        << count;
    EXPECT_NE(ParseToText("{\"in\":{" + many + "\"key0\":1}}").find("duplicate key \"key0\""),
              std::string::npos)
        << count;
    EXPECT_EQ(ParseToText("{\"key0\":[]," + many + "\"end\":{\"a\":1}}", DuplicateKeys::kNote),
              "{" + many + "\"end\":{\"a\":1}}")
        << count;
  }
}

TEST(JsonParserTest, PositionsAreThoseOfTheValuesAndTheirKeys) {
  std::string text = "\n {\"a\" : [ 1,\n\t\"x\\ny\" ],\"bé\":{\"c\":null}}";
  JsonParser parser;
  const Result<JsonView> root = parser.Parse(text);
  ASSERT_TRUE(root.has_value());
  EXPECT_EQ(Spell(root->position()), "2:2");
  EXPECT_EQ(Spell(root->KeyPosition("a")), "2:3");
  EXPECT_EQ(Spell((*root)["a"].position()), "2:9");
  EXPECT_EQ(Spell((*root)["a"].At(0).position()), "2:11");
  EXPECT_EQ(Spell((*root)["a"].At(1).position()), "3:2");
  EXPECT_EQ(Spell((*root)["bé"]["c"].position()), "3:22");
}

TEST(JsonParserTest, IsReusableAfterSuccessErrorAndLargeInput) {
  JsonParser parser;
  std::string small = R"({"a\n":"b\n"})";
  std::string bad = "{";
  std::string large = "[\"" + std::string(3 * 1024 * 1024, 'x') + "\\n\"]";
  for (int i = 0; i < 3; ++i) {
    Result<JsonView> root = parser.Parse(small);
    ASSERT_TRUE(root.has_value());
    EXPECT_EQ(ToJson(*root), R"({"a\n":"b\n"})");
    EXPECT_FALSE(parser.Parse(bad).has_value());
    EXPECT_TRUE(parser.document().empty());
    root = parser.Parse(large);
    ASSERT_TRUE(root.has_value());
    EXPECT_EQ(root->At(0).text().size(), 3U * 1024 * 1024 + 1);
  }
}

TEST(JsonParserTest, ManagedFieldsAreCheckedAndLeftOut) {
  const std::vector<Case> cases = {
      {R"({"metadata":{"managedFields":[{"f:a":{"f:b":{}},"x":["\u0041",1]}],"name":"web"}})",
       R"({"metadata":{"managedFields":[],"name":"web"}})"},
      {R"({"managedFields":[[[]]],"b":{"managedFields":[1]},"c":"a\"b"})",
       R"({"managedFields":[],"b":{"managedFields":[]},"c":"a\"b"})"},
      // Only what the API server writes: an array.
      {R"({"managedFields":{"a":1}})", R"({"managedFields":{"a":1}})"},
      {R"({"managedFields":"x"})", R"({"managedFields":"x"})"},
  };
  for (const Case& c : cases) EXPECT_EQ(ParseToText(c.text), c.want);
  for (const char* bad : {R"({"managedFields":[{"a"}]})", R"({"managedFields":[1,]})",
                          R"({"managedFields":["\x"]})", R"({"managedFields":[nan]})",
                          R"({"managedFields":[1})", R"({"managedFields":[]],"a":1})"}) {
    EXPECT_TRUE(ParseToText(bad).starts_with("1:")) << bad << ": " << ParseToText(bad);
  }
  EXPECT_NE(ParseToText("{\"managedFields\":" + Nested(kMaxDepth) + "}").find("deep"),
            std::string::npos);
  EXPECT_NE(ParseToText(R"({"managedFields":[1],"managedFields":[2]})").find("duplicate key"),
            std::string::npos);
}

TEST(JsonParserTest, PlainStringsAreNotCopied) {
  JsonParser parser;
  std::string text = R"(["plain string"])";
  const Result<JsonView> root = parser.Parse(text);
  ASSERT_TRUE(root.has_value());
  EXPECT_EQ(root->At(0).text().data(), text.data() + 2);
}

}  // namespace
}  // namespace plimsoll
