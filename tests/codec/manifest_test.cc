#include "plimsoll/codec/manifest.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {
namespace {

// Objects one a line, then problems as "line:column: message".
std::string Read(std::string text, DuplicateKeys duplicates = DuplicateKeys::kNote) {
  const std::unique_ptr<Manifests> manifests = ParseManifests(std::move(text), duplicates);
  std::string out;
  for (const JsonView object : manifests->objects) out += ToJson(object) + "\n";
  for (const Diagnostic& problem : manifests->problems) out += FormatDiagnostic(problem) + "\n";
  return out;
}

struct Case {
  std::string text;
  std::string want;
};

void Check(const std::vector<Case>& cases) {
  for (const Case& c : cases) EXPECT_EQ(Read(c.text), c.want) << c.text;
}

constexpr std::string_view kTemplate =
    "unrendered template: render first (helm template / kustomize build)\n";

TEST(ManifestTest, ReadsYaml) {
  Check({
      {"a: 1\nb: [x, \"y\", 'z']\nc: {d: no}\n",
       "{\"a\":1,\"b\":[\"x\",\"y\",\"z\"],\"c\":{\"d\":false}}\n"},
      {"a: |\n  line\n  line\nb: >-\n  folded\n  text\n",
       "{\"a\":\"line\\nline\\n\",\"b\":\"folded text\"}\n"},
      {"# comment\na: b # comment\n", "{\"a\":\"b\"}\n"},
      {"a:\n- b\n- c: d\n", "{\"a\":[\"b\",{\"c\":\"d\"}]}\n"},
      {"a:\r\n  b: c\r\n", "{\"a\":{\"b\":\"c\"}}\n"},
      {"a:\tb\n", "{\"a\":\"b\"}\n"},
      {"\xEF\xBB\xBF"
       "a: b\n",
       "{\"a\":\"b\"}\n"},
      {"a: \"\\u00e9\\t\\x41\"\n", "{\"a\":\"é\\tA\"}\n"},
      {"a: \"x\\N\\_y\"\n", "{\"a\":\"x\u0085\u00a0y\"}\n"},
      {"a: ''\nb:\nc: ~\n", "{\"a\":\"\",\"b\":null,\"c\":null}\n"},
      {"8080: x\non: y\n1.10: z\n", "{\"8080\":\"x\",\"true\":true,\"1.1\":\"z\"}\n"},
      {"%YAML 1.1\n---\na: b\n", "{\"a\":\"b\"}\n"},
      {"a: ${VALUE}\nb: x{{ .y }}\n", "{\"a\":\"${VALUE}\",\"b\":\"x{{ .y }}\"}\n"},
      {"a: |\n  x", "{\"a\":\"x\"}\n"},
      {"a: |+\n  x\n\n", "{\"a\":\"x\\n\\n\"}\n"},
      {"a: |-\n  x\n\n  ", "{\"a\":\"x\"}\n"},
      {"a: b\n  c\n", "{\"a\":\"b c\"}\n"},
  });
}

TEST(ManifestTest, ReadsSeveralDocuments) {
  const std::unique_ptr<Manifests> manifests = ParseManifests(
      "# only a comment\n---\na: 1\n---\n---\n# nothing\n--- # here\nb: 2\n...\n---\nc: 3\n...\n"
      "d: |\n  ---\n  x\n--- {e: 5}\n---");
  ASSERT_EQ(manifests->problems.size(), 0U);
  std::string objects;
  for (const JsonView object : manifests->objects) objects += ToJson(object);
  EXPECT_EQ(objects, R"({"a":1}{"b":2}{"c":3}{"d":"---\nx\n"}{"e":5})");
  EXPECT_EQ(manifests->document_count, 5U);
}

TEST(ManifestTest, EmptyTextHasNoDocuments) {
  for (const char* text : {"", "\n\n", "---\n", "# x\n", "---\n---\n...\n", "--- ~\n", "null\n"}) {
    const std::unique_ptr<Manifests> manifests = ParseManifests(text);
    EXPECT_EQ(manifests->document_count, 0U) << text;
    EXPECT_EQ(manifests->objects.size(), 0U) << text;
    EXPECT_EQ(manifests->problems.size(), 0U) << text;
  }
}

TEST(ManifestTest, ABrokenDocumentTakesNoOtherWithIt) {
  Check({
      {"a: 1\n---\nb: [x\n---\nc: 3\n---\n\td: 4\n---\ne: 5\n",
       "{\"a\":1}\n{\"c\":3}\n{\"e\":5}\n"
       "4:1: expected ',' or ']' in the […] list that begins at line 3, column 4\n"
       "7:1: a tab in the indentation: YAML takes spaces\n"},
      {"a: \"x\n---\nb: 2\n",
       "{\"b\":2}\n1:4: the quoted value that begins here has no closing quote in this document\n"},
      {"{\"a\": 1}\n---\n{\"b\": }\n---\n{\"c\": 3}\n",
       "{\"a\":1}\n{\"c\":3}\n3:7: expected a value, got '}'\n"},
      {"a: \xFF\n---\nb: 2\n",
       "{\"b\":2}\n1:4: expected UTF-8 text without control characters, got byte 0xFF\n"},
      {"a: 1\n---\nb: \x04\n---\nc: 3\n",
       "{\"a\":1}\n{\"c\":3}\n3:4: expected UTF-8 text without control characters, got byte "
       "0x04\n"},
  });
}

TEST(ManifestTest, SaysWhatIsWrongAndWhere) {
  Check({
      {"a: b: c\n", "1:5: a `:` is not allowed here: quote the value, or check the indentation\n"},
      {"a: 1\n b: 2\n",
       "2:3: a `:` is not allowed here: quote the value, or check the indentation\n"},
      {"a:\n  b: 1\n c: 2\n",
       "3:2: expected another key of the mapping, or the end of the document: check the "
       "indentation "
       "here and above\n"},
      {"a:\n- b\n c\n- d\n", "{\"a\":[\"b c\",\"d\"]}\n"},
      {"a: 1\n- b\n",
       "2:1: expected another key of the mapping, or the end of the document: check the "
       "indentation here and above\n"},
      {"a: {b: c\n",
       "2:1: expected ',' or '}' in the {…} mapping that begins at line 1, column 4\n"},
      {"a: {b: [1, 2\nc: d\n",
       "2:2: expected ',' or ']' in the […] list that begins at line 1, column 8\n"},
      {"a: \"x\nb: c\nd: \"e\"\n",
       "3:5: text after the closing quote of the value that begins at line 1, column 4: is a quote "
       "missing, or one too many?\n"},
      {"a: 'it's'\n",
       "1:8: text after the closing quote of the value that begins at line 1, column 4: is a quote "
       "missing, or one too many?\n"},
      {"a: @b\n", "1:4: no value can begin with this character: quote the value\n"},
      {"a:\n\tb: 1\n", "2:1: a tab in the indentation: YAML takes spaces\n"},
      {"a: \"x\n  \n",
       "1:4: the quoted value that begins here has no closing quote in this document\n"},
      {"a: \"x\n  ",
       "1:4: the quoted value that begins here has no closing quote in this document\n"},
      {"a: 'x\n", "1:4: the quoted value that begins here has no closing quote in this document\n"},
      {"a: 'x", "1:4: the quoted value that begins here has no closing quote in this document\n"},
      {"a: *x\n", "1:4: an alias (*name) to an anchor (&name) that is not defined before it\n"},
      {"a: \"\\q\"\n", "1:7: unknown escape in a double-quoted value\n"},
      {"a: .inf\n", "1:4: `.inf` is a number that JSON does not have: quote it\n"},
      {"? [a]\n: b\n", "1:3: a key is a collection: keys are strings\n"},
      {"~: b\n", "1:1: a key is null: keys are strings, quote it\n"},
      {"- a\n", "1:1: expected a Kubernetes object, got an array\n"},
      {"just text\n", "1:1: expected a Kubernetes object, got a string\n"},
      {"--- 7\n", "1:5: expected a Kubernetes object, got a number\n"},
      {"a: !!int x\n", "1:4: the tag !!int does not fit `x`, which is a string\n"},
      {std::string("\xFF\xFE") + "a", "1:1: the text is UTF-16: save it as UTF-8\n"},
      {"a: 1\n]\n", "2:1: a closing bracket without an opening one\n"},
  });
}

TEST(ManifestTest, UnrenderedTemplates) {
  const std::string message(kTemplate);
  Check({
      {"a:\n  b: {{ .Values.b }}\n", "2:6: " + message},
      {"a: 1\n{{- if .Values.x }}\nb: 2\n{{- end }}\n", "2:1: " + message},
      {"{{- if .Values.x }}\na: 1\n{{- end }}\n", "1:1: " + message},
      {"a:\n  {{- toYaml .Values.a | nindent 2 }}\n", "2:3: " + message},
      {"a:\n  - {{ .x }}\n", "2:5: " + message},
      {"a: {{ include \"x.y\" . | quote }}: b\n", "1:4: " + message},
      {"a: 1\n{% if x %}\nb: 2\n{% endif %}\n", "2:1: " + message},
      {"{{/* comment */}}\na: 1\n---\nb: 2\n", "{\"b\":2}\n1:1: " + message},
      // Text within a value, and braces that are quoted, are nobody's template.
      {"a: x-{{ .b }}\nc: \"{{ .d }}\"\n", "{\"a\":\"x-{{ .b }}\",\"c\":\"{{ .d }}\"}\n"},
      {"a: \"{{ $labels.x }}\"\nb: [\n",
       "3:1: expected ',' or ']' in the […] list that begins at line 2, column 4\n"},
  });
}

TEST(ManifestTest, AnchorsAliasesAndMergeKeys) {
  Check({
      {"a: &x {b: 1}\nc: *x\nd: [*x, *x]\n",
       "{\"a\":{\"b\":1},\"c\":{\"b\":1},\"d\":[{\"b\":1},{\"b\":1}]}\n"},
      {"a: &x key\n*x : v\n", "{\"a\":\"key\",\"key\":\"v\"}\n"},
      {"a: &x 1\nb: &x 2\nc: *x\n", "{\"a\":1,\"b\":2,\"c\":2}\n"},
      {"a: &n ~\nb: *n\n", "{\"a\":null,\"b\":null}\n"},
      {"<<: {a: 2, b: 3}\na: 1\n", "{\"b\":3,\"a\":1}\n"},
      // As go-yaml v2 has it: what stands before a merge key is overwritten by it.
      {"a: 1\n<<: {a: 2, b: 3}\n", "{\"a\":2,\"b\":3}\n"},
      {"<<: [{a: 1}, {a: 2, c: 3}]\n", "{\"c\":3,\"a\":1}\n"},
      {"<<: {a: 1}\n<<: {a: 2}\n", "{\"a\":2}\n"},
      {"x: &x {a: {m: [1]}, b: 2}\nz:\n  <<: *x\n  b: {m: 3}\n  c: 4\n",
       "{\"x\":{\"a\":{\"m\":[1]},\"b\":2},\"z\":{\"a\":{\"m\":[1]},\"b\":{\"m\":3},\"c\":4}}\n"},
      {"\"<<\": {a: 1}\n", "{\"<<\":{\"a\":1}}\n"},
      {"<<: ~\n", "1:5: a merge key (<<) takes a mapping or a sequence of mappings, not a null\n"},
      {"<<: [x]\n",
       "1:6: a merge key (<<) takes a mapping or a sequence of mappings, not a string\n"},
      {"a: &a [*a]\n", "1:8: an anchor's value contains itself\n"},
      {"a: &a\n  b: {c: *a}\n", "2:10: an anchor's value contains itself\n"},
      {"&k {a: 1}: b\n", "1:1: a key is a collection: keys are strings\n"},
      {"a: &k [1]\n*k : b\n", "2:1: a key is a collection: keys are strings\n"},
  });
}

TEST(ManifestTest, MergeKeysAreNotedWhereTheyStand) {
  const std::unique_ptr<Manifests> manifests =
      ParseManifests("x: &x {a: 1, a: 2}\nd: {k: 1, k: 3}\nz:\n  b: 1\n  <<: *x\n");
  ASSERT_EQ(manifests->documents.size(), 1U);
  const Document& document = *manifests->documents[0];
  std::string notes;
  for (const Document::Note& note : document.notes()) {
    notes += note.key + "@" + std::to_string(note.position.line) + ":" +
             std::to_string(note.position.column) + " " + ToJson(JsonView(&document, note.node)) +
             "\n";
  }
  EXPECT_EQ(notes, "a@1:14 2\nk@2:11 3\n<<@5:3 {\"b\":1,\"a\":2}\n");
}

TEST(ManifestTest, DuplicateKeys) {
  EXPECT_EQ(
      Read("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n"),
      "{\"a\":1,\"b\":{\"d\":2,\"c\":3}}\n"
      "5:3: duplicate key \"c\": first at line 3, column 3; write each key once; here the last "
      "one counts\n");
  EXPECT_EQ(
      Read("a: 1\n\"a\": 2\n---\nb: 1\n", DuplicateKeys::kReject),
      "{\"b\":1}\n2:1: duplicate key \"a\": first at line 1, column 1; write each key once\n");
  EXPECT_EQ(Read("8080: 1\n0x1F90: 2\n", DuplicateKeys::kReject),
            "2:1: duplicate key \"8080\": first at line 1, column 1; write each key once\n");
  EXPECT_EQ(
      Read("x: 1\n---\n{\"a\":1,\n \"a\":2}\n"),
      "{\"x\":1}\n{\"a\":2}\n"
      "4:2: duplicate key \"a\": first at line 3, column 2; write each key once; here the last "
      "one counts\n");
  EXPECT_EQ(Read("{\"a\":1,\"a\":2}", DuplicateKeys::kReject),
            "1:8: duplicate key \"a\": first at line 1, column 2; write each key once\n");
}

TEST(ManifestTest, WhereDuplicateKeysAreRejectedAllAreToldAndTheObjectIsSetAside) {
  const std::unique_ptr<Manifests> manifests = ParseManifests(
      "a: 1\na: 2\nb: {c: 1, c: 2}\n---\nd: 1\n---\n{\"e\": 1, \"e\": 2}\n---\n"
      "kind: List\nitems: [{f: 1, f: 2}]\n",
      DuplicateKeys::kReject);
  ASSERT_EQ(manifests->objects.size(), 1U);
  EXPECT_EQ(ToJson(manifests->objects[0]), "{\"d\":1}");
  std::string refused;
  for (const JsonView object : manifests->refused) refused += ToJson(object);
  EXPECT_EQ(refused, "{\"a\":2,\"b\":{\"c\":2}}{\"e\":2}{\"f\":2}");
  std::string places;
  for (const Diagnostic& problem : manifests->problems) {
    places +=
        std::to_string(problem.position.line) + ":" + std::to_string(problem.position.column) + " ";
  }
  EXPECT_EQ(places, "2:1 3:11 7:10 10:16 ");
}

// The first repeated key is noted however many merge keys stand before it.
TEST(ManifestTest, MergeKeysLeaveRoomForDuplicateKeys) {
  std::string text = "x: &x {a: 1}\nl:\n";
  for (int i = 0; i < 1000; ++i) text += "- {<<: *x}\n";
  const std::unique_ptr<Manifests> manifests =
      ParseManifests(text + "d: 1\nd: 2\n", DuplicateKeys::kReject);
  EXPECT_TRUE(manifests->objects.empty());
  EXPECT_EQ(manifests->problems.size(), 1U);
}

TEST(ManifestTest, NotesFollowTheItemsOfTypedLists) {
  const std::unique_ptr<Manifests> manifests = ParseManifests(
      "apiVersion: v1\nkind: PodList\nitems:\n- {metadata: {}}\n- metadata: {name: a, name: b}\n");
  ASSERT_EQ(manifests->objects.size(), 2U);
  EXPECT_TRUE(manifests->objects[0].document()->notes().empty());
  const Document& document = *manifests->objects[1].document();
  ASSERT_EQ(document.notes().size(), 1U);
  EXPECT_EQ(ToJson(JsonView(&document, document.notes()[0].node)), "\"b\"");
  EXPECT_EQ(document.notes()[0].key, "name");
}

TEST(ManifestTest, Json) {
  Check({
      {"{\"a\": \"\\ud83d\\ude00\\/\"}", "{\"a\":\"😀/\"}\n"},
      {" \n{\"a\": 1}{\"b\": 2}\n\n{\"c\": 3}", "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n"},
      {"\xEF\xBB\xBF{\"a\": 1}", "{\"a\":1}\n"},
      {"{\"a\":1}\n...\n---\n{\"b\":2} # comment\n", "{\"a\":1}\n{\"b\":2}\n"},
      {"{\"a\": NaN}", "1:7: expected a value, got `NaN`: JSON has no such number\n"},
      {"{\"a\": 1,}", "1:9: expected a member after ',', got '}': JSON takes no trailing comma\n"},
      {"{\"a\": 1",
       "1:8: the text ends inside the object that begins at line 1, column 1: expected ',' or "
       "'}'\n"},
      {"{\"a\": 1}\n{\"b\": [}]}\n{\"c\": 3}",
       "{\"a\":1}\n{\"c\":3}\n2:8: expected a value, got '}'\n"},
      {"{\"a\":1}\nb\n", "{\"a\":1}\n2:1: expected a value, got `b`\n"},
      {"{\"a\":\"\\ud800\"}",
       "1:7: lone surrogate \\ud800: expected a pair such as \\ud83d\\ude00\n"},
      // YAML's own way to write collections.
      {"{a: 1, b: [c, 'd']}\n", "{\"a\":1,\"b\":[\"c\",\"d\"]}\n"},
      {"[1]", "1:1: expected a Kubernetes object, got an array\n"},
  });
}

TEST(ManifestTest, ListsAreUnrolled) {
  Check({
      {"kind: List\nitems:\n- kind: A\n- kind: BList\n  items: [{kind: C}]\n- {}\n",
       "{\"kind\":\"A\"}\n{\"kind\":\"C\"}\n{}\n"},
      {"kind: List\nitems: []\n", ""},
      {"kind: PriceList\nspec: 1\n", "{\"kind\":\"PriceList\",\"spec\":1}\n"},
      {"kind: List\nitems: [x, ~]\n",
       "2:9: expected a Kubernetes object as an item of the list, got a string\n"
       "2:12: expected a Kubernetes object as an item of the list, got a null\n"},
      {"apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- metadata: {name: a}\n  spec: [1]\n"
       "- {kind: Deployment, metadata: {}}\n",
       "{\"apiVersion\":\"apps/"
       "v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"a\"},\"spec\":[1]}\n"
       "{\"kind\":\"Deployment\",\"metadata\":{}}\n"},
  });
  EXPECT_EQ(ParseManifests("kind: List\nitems: [{kind: A}, {kind: B}]\n")->document_count, 1U);
}

TEST(ManifestTest, PositionsInItemsOfTypedLists) {
  const std::unique_ptr<Manifests> manifests =
      ParseManifests("{\"kind\":\"PodList\",\n \"items\":[{\n  \"spec\":{\n   \"x\":1}}]}");
  ASSERT_EQ(manifests->objects.size(), 1U);
  const JsonView pod = manifests->objects[0];
  EXPECT_EQ(pod["kind"].text(), "Pod");
  EXPECT_EQ(pod["spec"]["x"].position(), (SourcePosition{4, 8}));
  EXPECT_EQ(pod.position(), (SourcePosition{2, 11}));
}

TEST(ManifestTest, PositionsAreTrueInEveryDocument) {
  const std::unique_ptr<Manifests> manifests = ParseManifests(
      "# first\na:\n  - b: \"c\"\n    é: d\n---\n{\"e\":\n  {\"f\": 1}}\n--- !x\ng:\r\n  h: &n {i: "
      "j}\n"
      "  k: *n\n...\n# between\nl: |\n  text\nm: 1\n");
  ASSERT_EQ(manifests->objects.size(), 4U) << manifests->problems.size();
  const auto at = [](JsonView view) {
    return std::to_string(view.position().line) + ":" + std::to_string(view.position().column);
  };
  const auto key = [](JsonView view, std::string_view name) {
    const SourcePosition position = view.KeyPosition(name);
    return std::to_string(position.line) + ":" + std::to_string(position.column);
  };
  const JsonView a = manifests->objects[0];
  EXPECT_EQ(key(a, "a"), "2:1");
  EXPECT_EQ(at(a["a"]), "3:3");
  EXPECT_EQ(key(a["a"].At(0), "b"), "3:5");
  EXPECT_EQ(at(a["a"].At(0)["b"]), "3:8");
  EXPECT_EQ(at(a["a"].At(0)["é"]), "4:9");
  const JsonView e = manifests->objects[1];
  EXPECT_EQ(at(e), "6:1");
  EXPECT_EQ(key(e, "e"), "6:2");
  EXPECT_EQ(at(e["e"]["f"]), "7:9");
  const JsonView g = manifests->objects[2];
  EXPECT_EQ(key(g, "g"), "9:1");
  EXPECT_EQ(at(g["g"]["k"]), "11:6");        // the alias
  EXPECT_EQ(at(g["g"]["k"]["i"]), "10:13");  // what it stands for
  const JsonView l = manifests->objects[3];
  EXPECT_EQ(key(l, "l"), "14:1");
  EXPECT_EQ(key(l, "m"), "16:1");
}

TEST(ManifestTest, JsonAndYamlSpellingsAreEqual) {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"a: 1\nb: [true, ~, 1.50, x]\nc: {d: 1e3}\n",
       R"({"a":1,"b":[true,null,1.5,"x"],"c":{"d":1000}})"},
      {"c: \"8080\"\nb: 8080\na: 0x1F90\n", R"({"a":8080,"b":8080,"c":"8080"})"},
      {"a: yes\nb: 'yes'\nc: é\n", R"({"a":true,"b":"yes","c":"\u00e9"})"},
      {"a: |\n  x\n  y\n", R"({"a":"x\ny\n"})"},
      {"x: &x {k: v}\nz: *x\n", R"({"x":{"k":"v"},"z":{"k":"v"}})"},
  };
  for (const auto& [yaml, json] : pairs) {
    const std::unique_ptr<Manifests> a = ParseManifests(yaml);
    const std::unique_ptr<Manifests> b = ParseManifests(json);
    ASSERT_EQ(a->objects.size(), 1U) << yaml;
    ASSERT_EQ(b->objects.size(), 1U) << json;
    EXPECT_TRUE(DeepEquals(a->objects[0], b->objects[0])) << yaml << json;
  }
  EXPECT_FALSE(
      DeepEquals(ParseManifests("a: '1'")->objects[0], ParseManifests("a: 1")->objects[0]));
}

// Each of these was chosen to make a reader hang, overflow or run out of memory.
TEST(ManifestTest, LimitsAreErrorsThatNameThem) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int j = 0; j < 9; ++j) bomb += ", " + last;
    bomb += "]\n";
  }
  EXPECT_EQ(Read(bomb),
            "6:45: more than 1000000 values in a document, counting what its aliases stand for\n");

  std::string bombs;
  const std::string one = bomb.substr(0, bomb.find("a4:"));
  for (int i = 0; i < 200; ++i) bombs += "---\n" + one;
  const std::unique_ptr<Manifests> manifests = ParseManifests(bombs);
  EXPECT_EQ(manifests->document_count, 200U);
  EXPECT_LT(manifests->objects.size(), 200U);
  EXPECT_EQ(manifests->problems.back().message,
            "more than 1000000 values through aliases in one text");

  EXPECT_EQ(Read(std::string(10000, '[')), "1:201: nested deeper than 200 levels\n");
  EXPECT_EQ(Read("a: " + std::string(5000, '[') + std::string(5000, ']')),
            "1:203: nested deeper than 200 levels\n");
  std::string deep;
  for (size_t i = 0; i < 1000; ++i) deep += std::string(i, ' ') + "a:\n";
  EXPECT_EQ(Read(deep), "201:201: nested deeper than 200 levels\n");
  std::string chain = "a0: &a0 " + std::string(150, '[') + std::string(150, ']') + "\n";
  chain += "b: " + std::string(60, '[') + "*a0" + std::string(60, ']') + "\n";
  EXPECT_EQ(Read(chain), "2:64: nested deeper than 200 levels, following this alias\n");
  // The deepest that is taken.
  EXPECT_EQ(ParseManifests("a: " + std::string(199, '[') + std::string(199, ']'))->objects.size(),
            1U);
}

TEST(ManifestTest, TooManyProblemsStopTheReading) {
  std::string yaml;
  for (int i = 0; i < 3000; ++i) yaml += "---\n- [\n";
  std::unique_ptr<Manifests> manifests = ParseManifests(yaml);
  EXPECT_EQ(manifests->problems.size(), 1001U);
  EXPECT_EQ(manifests->problems.back().message,
            "too many problems: the rest of the text was not read");
  std::string json;
  for (int i = 0; i < 3000; ++i) json += "{\"a\":}\n";
  manifests = ParseManifests(json);
  EXPECT_EQ(manifests->problems.size(), 1001U);
  EXPECT_EQ(manifests->problems.back().message,
            "too many problems: the rest of the text was not read");
}

// Each would take minutes if anything were quadratic.
TEST(ManifestTest, LongTextsAreLinear) {
  std::string stream;
  for (int i = 0; i < 20000; ++i) stream += "{\"a\":{\"b\":1}}";
  EXPECT_EQ(ParseManifests(stream)->objects.size(), 20000U);
  std::string list = "{\"kind\":\"List\",\"items\":[{}";
  for (int i = 0; i < 100000; ++i) list += ",{\"a\":1}";
  EXPECT_EQ(ParseManifests(list + "]}")->objects.size(), 100001U);
  std::string keys;
  for (int i = 0; i < 30000; ++i)
    keys += "k" + std::to_string(i) + ": &a" + std::to_string(i) + " 1\n";
  EXPECT_EQ(ParseManifests(keys)->objects[0].size(), 30000U);
}

}  // namespace
}  // namespace plimsoll
