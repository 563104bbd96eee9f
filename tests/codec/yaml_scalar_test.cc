// The expected values are what sigs.k8s.io/yaml v1.6.0 (on go.yaml.in/yaml/v2 v2.4.2) makes of the same scalars.
#include "codec/yaml_scalar.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {
namespace {

constexpr std::string_view kPlain = "?";
constexpr std::string_view kQuoted = "!";

// "number 8080", or "problem: ...".
std::string Value(std::string_view tag, std::string_view value) {
  std::string scratch;
  std::string problem;
  const std::optional<YamlScalar> scalar = ResolveYamlScalar(tag, value, scratch, problem);
  if (!scalar) return "problem: " + problem;
  return std::string(JsonKindName(scalar->kind)) + " " + std::string(scalar->text);
}

std::string Key(std::string_view tag, std::string_view value) {
  std::string scratch;
  std::string problem;
  const std::optional<std::string_view> key = ResolveYamlKey(tag, value, scratch, problem);
  return key ? std::string(*key) : "problem: " + problem;
}

TEST(YamlScalarTest, Words) {
  for (const char* word :
       {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"}) {
    EXPECT_EQ(Value(kPlain, word), "boolean true") << word;
    EXPECT_EQ(Value(kQuoted, word), "string " + std::string(word));
  }
  for (const char* word :
       {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"}) {
    EXPECT_EQ(Value(kPlain, word), "boolean false") << word;
  }
  for (const char* word : {"", "~", "null", "Null", "NULL"}) {
    EXPECT_EQ(Value(kPlain, word), "null null") << word;
    EXPECT_EQ(Value(kQuoted, word), "string " + std::string(word));
  }
  for (const char* word :
       {"yEs", "tRue", "oN", "nULL", "yes ", "nope", "offf", "~~", "none", "f", "t"}) {
    EXPECT_EQ(Value(kPlain, word), "string " + std::string(word)) << word;
  }
}

TEST(YamlScalarTest, NumbersHaveTheirJsonSpelling) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"0", "0"},
      {"-0", "0"},
      {"8080", "8080"},
      {"+12", "12"},
      {"-12", "-12"},
      {"014", "12"},
      {"0o14", "12"},
      {"0O14", "12"},
      {"-014", "-12"},
      {"0777", "511"},
      {"08", "8"},
      {"09.5", "9.5"},
      {"0x1F", "31"},
      {"+0X1f", "31"},
      {"-0x1f", "-31"},
      {"0b11", "3"},
      {"-0B11", "-3"},
      {"1_000", "1000"},
      {"1__0", "10"},
      {"1_", "1"},
      {"0x_1", "1"},
      {"18446744073709551615", "18446744073709551615"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"18446744073709551616", "18446744073709552000"},
      {"-9223372036854775809", "-9223372036854776000"},
      {"123456789012345678901234567890", "1.2345678901234568e+29"},
      {"1.0", "1"},
      {"1.10", "1.1"},
      {"1.", "1"},
      {".5", "0.5"},
      {"+.5", "0.5"},
      {"-.5", "-0.5"},
      {".5_0", "0.5"},
      {"-0.0", "-0"},
      {"1e3", "1000"},
      {"1.5E+3", "1500"},
      {"1e20", "100000000000000000000"},
      {"1e21", "1e+21"},
      {"0.000001", "0.000001"},
      {"1e-7", "1e-7"},
      {"1.25e-10", "1.25e-10"},
      {"5e-324", "5e-324"},
      {"1e-400", "0"},
      {"1.7976931348623157e308", "1.7976931348623157e+308"},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(Value(kPlain, text), "number " + want) << text;
}

TEST(YamlScalarTest, WhatLooksLikeANumberAndIsNone) {
  for (const char* text : {"1e999",      "-1e999",
                           ".5e999",     "0x",
                           "0b",         "0b12",
                           "0o8",        "0xFFFFFFFFFFFFFFFFFF",
                           "1.2.3",      "1e",
                           "e1",         "_1",
                           "-_",         "+-1",
                           "--1",        "-",
                           "+",          ".",
                           "..",         "._1",
                           ".1_",        ".5__0",
                           "1-2",        "1,000",
                           "10m",        "1Gi",
                           "190:20:30",  "12:30",
                           "2001-01-01", "2001-12-14T21:59:43Z",
                           "0x1p3",      "v1",
                           "1.2-rc"}) {
    EXPECT_EQ(Value(kPlain, text), "string " + std::string(text));
  }
}

TEST(YamlScalarTest, NumbersThatJsonDoesNotHave) {
  for (const char* text : {".inf", ".Inf", ".INF", "+.inf", "-.inf", ".nan", ".NaN", ".NAN"}) {
    EXPECT_EQ(Value(kPlain, text),
              "problem: `" + std::string(text) + "` is a number that JSON does not have: quote it");
    EXPECT_EQ(Value(kQuoted, text), "string " + std::string(text));
  }
  EXPECT_EQ(Value(kPlain, ".Nan"), "string .Nan");
  EXPECT_EQ(Value(kPlain, "inf"), "string inf");
  EXPECT_EQ(Value(kPlain, "NaN"), "string NaN");
}

TEST(YamlScalarTest, Tags) {
  const auto tag = [](std::string_view name) { return "tag:yaml.org,2002:" + std::string(name); };
  EXPECT_EQ(Value(tag("str"), "12"), "string 12");
  EXPECT_EQ(Value(tag("str"), ""), "string ");
  EXPECT_EQ(Value(tag("int"), "0x10"), "number 16");
  EXPECT_EQ(Value(tag("float"), "3"), "number 3");
  EXPECT_EQ(Value(tag("bool"), "yes"), "boolean true");
  EXPECT_EQ(Value(tag("null"), ""), "null null");
  EXPECT_EQ(Value(tag("timestamp"), "2001-01-01"), "string 2001-01-01");
  EXPECT_EQ(Value("!Foo", "12"), "string 12");
  EXPECT_EQ(Value(tag("int"), "x"), "problem: the tag !!int does not fit `x`, which is a string");
  EXPECT_EQ(Value(tag("int"), "1.5"),
            "problem: the tag !!int does not fit `1.5`, which is a number");
  EXPECT_EQ(Value(tag("bool"), "1"),
            "problem: the tag !!bool does not fit `1`, which is an integer");
  EXPECT_EQ(Value(tag("null"), "x"), "problem: the tag !!null does not fit `x`, which is a string");
  EXPECT_EQ(Value(tag("binary"), "aGk="),
            "problem: !!binary is not supported: write the base64 text as a plain string");
}

TEST(YamlScalarTest, KeysBecomeStrings) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"app", "app"},
      {"8080", "8080"},
      {"0x10", "16"},
      {"014", "12"},
      {"1_000", "1000"},
      {"1.10", "1.1"},
      {"1.0", "1"},
      {"1e3", "1000"},
      {"1e7", "1e+07"},
      {"0.00001", "1e-05"},
      {"100000000.5", "1e+08"},
      {"16777217.5", "1.6777218e+07"},
      {".inf", ".inf"},
      {"-.INF", "-.inf"},
      {".nan", ".nan"},
      {"1e300", ".inf"},
      {"on", "true"},
      {"n", "false"},
      {"2001-01-01", "2001-01-01"},
      {"~", "problem: a key is null: keys are strings, quote it"},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(Key(kPlain, text), want) << text;
  EXPECT_EQ(Key(kQuoted, "~"), "~");
  EXPECT_EQ(Key(kQuoted, "1.0"), "1.0");
}

}  // namespace
}  // namespace plimsoll
