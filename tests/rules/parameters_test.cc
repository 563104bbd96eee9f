#include <gtest/gtest.h>

#include <re2/re2.h>

#include <string>
#include <vector>

#include "plimsoll/codec/json_parser.h"
#include "plimsoll/rules/rule.h"
#include "rules/pattern.h"

namespace plimsoll {
namespace {

constexpr std::string_view kModes[] = {"traffic", "all"};
constexpr ParameterSpec kSpecs[] = {
    {.name = "strict", .type = ParameterType::kBoolean, .default_json = "true", .description = "d"},
    {.name = "minimum",
     .type = ParameterType::kInteger,
     .default_json = "2",
     .description = "d",
     .minimum = 1,
     .maximum = 100},
    {.name = "text",
     .type = ParameterType::kString,
     .default_json = R"("a \"b\" \\c")",
     .description = "d"},
    {.name = "scope",
     .type = ParameterType::kEnum,
     .default_json = "\"all\"",
     .description = "d",
     .allowed = kModes},
    {.name = "words",
     .type = ParameterType::kStringList,
     .default_json = R"(["a","b,c"])",
     .description = "d"},
    {.name = "containers",
     .type = ParameterType::kGlobList,
     .default_json = "[]",
     .description = "d"},
    {.name = "hosts", .type = ParameterType::kHostList, .default_json = "[]", .description = "d"},
    {.name = "keys",
     .type = ParameterType::kKeyList,
     .default_json = R"(["team"])",
     .description = "d"},
    {.name = "pattern",
     .type = ParameterType::kPattern,
     .default_json = "\"\"",
     .description = "d"},
    {.name = "modes",
     .type = ParameterType::kStringList,
     .default_json = R"(["all"])",
     .description = "d",
     .allowed = kModes},
    {.name = "aliases",
     .type = ParameterType::kAliasList,
     .default_json = "[]",
     .description = "d"},
};
enum Spec : size_t {
  kStrict,
  kMinimum,
  kText,
  kScope,
  kWords,
  kContainers,
  kHosts,
  kKeys,
  kPattern,
  kModeList,
  kAliases
};

constexpr Rule kRule = {.id = "test.rule",
                        .title = "t",
                        .rationale = "r",
                        .remediation = "r",
                        .parameters = kSpecs,
                        .evaluate = nullptr};
constexpr Rule kBare = {.id = "test.bare",
                        .title = "t",
                        .rationale = "r",
                        .remediation = "r",
                        .parameters = {},
                        .evaluate = nullptr};

struct Compiled {
  Parameters parameters;
  std::vector<Diagnostic> problems;
  std::string Problems() const {
    std::string text;
    for (const Diagnostic& problem : problems) {
      text += std::to_string(problem.position.line) + ":" +
              std::to_string(problem.position.column) + " " + problem.path + ": " +
              problem.message + "\n";
    }
    return text;
  }
};

Compiled Compile(std::string json, const Rule& rule = kRule) {
  JsonParser parser;
  const Result<JsonView> given = parser.Parse(json);
  EXPECT_TRUE(given.has_value()) << json;
  Compiled compiled;
  compiled.parameters = CompileParameters(rule, given ? *given : JsonView(),
                                          "spec.rules[1].parameters", compiled.problems);
  return compiled;
}

TEST(ParametersTest, DefaultsStandForWhatIsNotGiven) {
  for (const char* json : {"{}", "null", R"({"strict": null, "keys": null})"}) {
    const Compiled compiled = Compile(json);
    EXPECT_EQ(compiled.Problems(), "");
    EXPECT_TRUE(compiled.parameters.Boolean(kStrict));
    EXPECT_EQ(compiled.parameters.Integer(kMinimum), 2);
    EXPECT_EQ(compiled.parameters.String(kText), "a \"b\" \\c");
    EXPECT_EQ(compiled.parameters.String(kScope), "all");
    EXPECT_EQ(compiled.parameters.List(kWords), (std::vector<std::string>{"a", "b,c"}));
    EXPECT_TRUE(compiled.parameters.List(kHosts).empty());
    EXPECT_EQ(compiled.parameters.List(kKeys), std::vector<std::string>{"team"});
    EXPECT_EQ(compiled.parameters.Pattern(kPattern), nullptr);
  }
}

TEST(ParametersTest, TakesWhatIsGiven) {
  const Compiled compiled =
      Compile(R"({"strict": false, "minimum": 3, "text": "", "scope": "traffic",
      "words": ["x"], "containers": ["istio-*", "?"], "hosts": ["Wiki.Corp.Internal.", "*.corp.com", "Wiki.BÜCHER.de"],
      "modes": ["traffic", "all"], "aliases": ["old=new"], "keys": ["a8r.io/owner", "team"], "pattern": "[a-z]+"})");
  EXPECT_EQ(compiled.Problems(), "");
  EXPECT_FALSE(compiled.parameters.Boolean(kStrict));
  EXPECT_EQ(compiled.parameters.Integer(kMinimum), 3);
  EXPECT_EQ(compiled.parameters.String(kScope), "traffic");
  EXPECT_EQ(
      compiled.parameters.List(kHosts),
      (std::vector<std::string>{"wiki.corp.internal", "*.corp.com", "wiki.xn--bcher-kva.de"}));
  EXPECT_EQ(compiled.parameters.List(kModeList), (std::vector<std::string>{"traffic", "all"}));
  EXPECT_EQ(compiled.parameters.List(kAliases), std::vector<std::string>{"old=new"});
  EXPECT_TRUE(MatchesWhole(compiled.parameters.Pattern(kPattern), "abc"));
  EXPECT_FALSE(MatchesWhole(compiled.parameters.Pattern(kPattern), "abc1"));
  EXPECT_TRUE(MatchesWhole(nullptr, "anything"));
}

TEST(ParametersTest, AreEqualWhereARuleCannotTellThemApart) {
  EXPECT_EQ(Compile("{}").parameters, Compile(R"({"minimum": 2, "pattern": ""})").parameters);
  EXPECT_EQ(Compile(R"({"pattern": "[a-z]+"})").parameters,
            Compile(R"({"pattern": "[a-z]+"})").parameters);
  for (const char* other : {R"({"pattern": "[a-z]"})", R"({"minimum": 3})", R"({"words": ["a"]})",
                            R"({"strict": false})", R"({"scope": "traffic"})"}) {
    EXPECT_FALSE(Compile("{}").parameters == Compile(other).parameters) << other;
  }
  EXPECT_FALSE(Compile(R"({"pattern": "a"})").parameters ==
               Compile(R"({"pattern": "b"})").parameters);
  EXPECT_FALSE(Compile("{}").parameters == Compile("{}", kBare).parameters);
}

struct Bad {
  const char* json;
  const char* problem;
};

TEST(ParametersTest, SaysWhatIsWrongWhereAndWhatToDo) {
  const std::vector<Bad> bad = {
      {R"([1])", "1:1 spec.rules[1].parameters: must be a map of parameters, found array\n"},
      {R"({"scop": "all"})",
       "1:2 spec.rules[1].parameters.scop: unknown parameter \"scop\" of rule test.rule; did you "
       "mean "
       "\"scope\"?\n"},
      {R"({"zzzzzzzzzz": 1})",
       "1:2 spec.rules[1].parameters.zzzzzzzzzz: unknown parameter \"zzzzzzzzzz\" of rule "
       "test.rule; it has "
       "strict, minimum, text, scope, words, containers, hosts, keys, pattern, modes, aliases\n"},
      {R"({"strict": "yes"})",
       "1:12 spec.rules[1].parameters.strict: must be true or false, found string \"yes\"\n"},
      {R"({"minimum": "2"})",
       "1:13 spec.rules[1].parameters.minimum: must be an integer, found string \"2\"\n"},
      {R"({"minimum": 2.5})",
       "1:13 spec.rules[1].parameters.minimum: must be an integer, found number 2.5\n"},
      {R"({"minimum": 0})",
       "1:13 spec.rules[1].parameters.minimum: must be at least 1 and at most 100, found 0\n"},
      {R"({"text": {}})", "1:10 spec.rules[1].parameters.text: must be a string, found object\n"},
      {R"({"scope": "trafic"})",
       "1:11 spec.rules[1].parameters.scope: must be one of traffic, all, found \"trafic\"; did "
       "you mean "
       "\"traffic\"?\n"},
      {R"({"scope": true})",
       "1:11 spec.rules[1].parameters.scope: must be one of traffic, all, found boolean true\n"},
      {R"({"words": "a"})",
       "1:11 spec.rules[1].parameters.words: must be a list of strings, found string \"a\"\n"},
      {R"({"words": ["a", 1]})",
       "1:17 spec.rules[1].parameters.words[1]: must be a string, found number\n"},
      {R"({"words": [""]})", "1:12 spec.rules[1].parameters.words[0]: \"\" must not be empty\n"},
      {R"({"containers": ["[ab]"]})",
       "1:17 spec.rules[1].parameters.containers[0]: \"[ab]\" is no pattern that a name can match: "
       "only "
       "\"*\" (any run) and \"?\" (any one character) are special, and \"[\" occurs in no name\n"},
      {R"({"hosts": ["https://wiki.corp.internal"]})",
       "1:12 spec.rules[1].parameters.hosts[0]: \"https://wiki.corp.internal\" must be a host name "
       "such as "
       "\"wiki.corp.internal\", or \"*.corp.internal\" for those below it, without scheme, port or "
       "path\n"},
      {R"({"hosts": ["*corp.com"]})",
       "1:12 spec.rules[1].parameters.hosts[0]: \"*corp.com\" \"*\" may only stand for the first "
       "labels, as "
       "in \"*.corp.internal\"\n"},
      {R"({"keys": ["Corp.com/owner"]})",
       "1:11 spec.rules[1].parameters.keys[0]: \"Corp.com/owner\" must be a label or annotation "
       "key; what "
       "stands before \"/\" must be a DNS name in lower case\n"},
      {R"({"hosts": ["*.ﬁrm.de"]})",
       "1:12 spec.rules[1].parameters.hosts[0]: \"*.ﬁrm.de\" has letters that are read in different "
       "ways, or a label of more than 63 bytes; write its \"xn--\" form\n"},
      {R"({"modes": []})",
       "1:11 spec.rules[1].parameters.modes: must not be empty; expected one of traffic, all\n"},
      {R"({"modes": ["all", "trafic"]})",
       "1:19 spec.rules[1].parameters.modes[1]: \"trafic\" must be one of traffic, all; did you mean "
       "\"traffic\"?\n"},
      {R"({"aliases": ["a=b", "a", "=b", "a=", "a=b=c"]})",
       "1:21 spec.rules[1].parameters.aliases[1]: \"a\" must be two names with = between them, such "
       "as \"payment=payments\"\n"
       "1:26 spec.rules[1].parameters.aliases[2]: \"=b\" must be two names with = between them, such "
       "as \"payment=payments\"\n"
       "1:32 spec.rules[1].parameters.aliases[3]: \"a=\" must be two names with = between them, such "
       "as \"payment=payments\"\n"
       "1:38 spec.rules[1].parameters.aliases[4]: \"a=b=c\" must be two names with = between them, "
       "such as \"payment=payments\"\n"},
      {R"j({"pattern": "("})j",
       "1:13 spec.rules[1].parameters.pattern: is no valid regular expression (RE2): missing ): "
       "(\n"},
      {R"j({"pattern": "(?=a)"})j",
       "1:13 spec.rules[1].parameters.pattern: is no valid regular expression (RE2): invalid perl "
       "operator: "
       "(?=\n"},
      {R"({"pattern": "((a{1000}){1000}){1000}"})",
       "1:13 spec.rules[1].parameters.pattern: is no valid regular expression (RE2): invalid "
       "repetition "
       "size: {1000}\n"},
  };
  for (const Bad& row : bad) {
    Compiled compiled = Compile(row.json);
    EXPECT_EQ(compiled.Problems(), row.problem) << row.json;
    // Usable all the same.
    EXPECT_EQ(compiled.parameters.values().size(), std::size(kSpecs));
    EXPECT_EQ(compiled.parameters.Integer(kMinimum), 2);
  }
}

TEST(ParametersTest, ReportsEveryProblemAtOnce) {
  const Compiled compiled =
      Compile("{\n \"strict\": 1,\n \"unknown\": 2,\n \"hosts\": [\"10.0.0.1\", \"a b\"]}");
  ASSERT_EQ(compiled.problems.size(), 4u) << compiled.Problems();
  for (const Diagnostic& problem : compiled.problems) EXPECT_TRUE(problem.position.known());
}

TEST(ParametersTest, KeepsWithinItsLimits) {
  const std::string long_pattern = "{\"pattern\": \"" + std::string(513, 'a') + "\"}";
  EXPECT_NE(Compile(long_pattern).Problems().find("at most 512 bytes long, is 513"),
            std::string::npos);
  std::string many = "{\"words\": [\"a\"";
  for (int i = 0; i < 256; ++i) many += ",\"a\"";
  EXPECT_NE(Compile(many + "]}").Problems().find("at most 256 items, has 257"), std::string::npos);
  const std::string long_text = "{\"text\": \"" + std::string(1025, 'a') + "\"}";
  EXPECT_NE(Compile(long_text).Problems().find("at most 1024 bytes long"), std::string::npos);
  // Small to write, large to run.
  const Compiled large = Compile(R"j({"pattern": "((((\\pL{1,500}))))"})j");
  EXPECT_NE(large.Problems().find("pattern too large"), std::string::npos) << large.Problems();
}

// Patterns that take a backtracking engine for ever: RE2 reads each byte once. What would hang fails by the test's timeout.
TEST(ParametersTest, PatternsMeantToHangAreAnswered) {
  const std::string value(1'000'000, 'a');
  for (const char* pattern : {"(a+)+b", "(a|a)*b", "(a*)*$b", "^(([a-z])+.)+[A-Z]([a-z])+$",
                              "(.*)*(.*)*(.*)*b", "(a?){50}a{50}b"}) {
    const Compiled compiled = Compile(std::string("{\"pattern\": \"") + pattern + "\"}");
    EXPECT_EQ(compiled.Problems(), "") << pattern;
    const re2::RE2* compiled_pattern = compiled.parameters.Pattern(kPattern);
    EXPECT_FALSE(MatchesWhole(compiled_pattern, value)) << pattern;
  }
}

TEST(ParametersTest, TellsOfRulesWithoutParameters) {
  EXPECT_EQ(Compile(R"({"a": 1})", kBare).Problems(),
            "1:2 spec.rules[1].parameters.a: unknown parameter \"a\" of rule test.bare, which has "
            "none\n");
  EXPECT_EQ(Compile("{}", kBare).Problems(), "");
}

}  // namespace
}  // namespace plimsoll
