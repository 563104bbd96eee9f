#include "plimsoll/codec/manifest_patch.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/rules/case_loader.h"
#include "tests/rules/strategic_merge.h"

namespace plimsoll {
namespace {

using testing::Json;

struct Patched {
  std::string text;
  std::string refusal;
};

Patched Patch(const std::string& text, const std::string& patch, size_t object = 0) {
  const std::unique_ptr<Manifests> before = ParseManifests(text);
  const ObjectPatch one{object, patch};
  PatchedManifests result = PatchManifests(*before, {&one, 1});
  return {result.manifests->text, result.refusals.front()};
}

struct EditCase {
  std::string name;
  std::string before;
  std::string patch;
  std::string after;  // "": refused, and as it was
};

const std::vector<EditCase>& EditCases() {
  static const std::vector<EditCase> kCases = {
      {"a scalar, with its comment", "a: 1  # one\nb: 2\n", "a: 3\n", "a: 3  # one\nb: 2\n"},
      {"a quoted scalar", "a: 'x # y'  # one\n", "a: z\n", "a: z  # one\n"},
      {"the remark of the patch comes first", "a: x # y\n", "a: z  # mark\n", "a: z  # mark # y\n"},
      {"a member, deeper first", "a:\n  b:\n    c: 1\nd: 2\n", "a:\n  e: 4\n  b:\n    f: 3\n",
       "a:\n  b:\n    c: 1\n    f: 3\n  e: 4\nd: 2\n"},
      {"before the comments that follow", "a:\n  b: 1\n\n# of c\nc: 2\n", "a:\n  d: 3\n",
       "a:\n  b: 1\n  d: 3\n\n# of c\nc: 2\n"},
      {"a block scalar at the end", "a:\n  b: |\n    x\n\n    # y\nc: 1\n", "a:\n  d: 3\n",
       "a:\n  b: |\n    x\n\n    # y\n  d: 3\nc: 1\n"},
      {"a block scalar itself", "a: |\n  x\nb: 1\n", "a: y\n", "a: y\nb: 1\n"},
      {"an empty map", "a: {}  # none\nb: 1\n", "a:\n  c: 2\n", "a:  # none\n  c: 2\nb: 1\n"},
      {"nothing", "a:  # none\nb: 1\n", "a:\n  c: 2\n", "a:  # none\n  c: 2\nb: 1\n"},
      {"an item by its name", "containers:\n- name: a\n  x: 1\n- name: b  # b\n",
       "containers:\n  - name: b\n    x: 2\n",
       "containers:\n- name: a\n  x: 1\n- name: b  # b\n  x: 2\n"},
      {"an item that is new", "containers:\n- name: a\n  x:\n    - y\nz: 1\n",
       "containers:\n  - name: b\n    x: 2\n",
       "containers:\n- name: a\n  x:\n    - y\n- name: b\n  x: 2\nz: 1\n"},
      {"a list without names", "a:\n- x\n- y\nb: 1\n", "a:\n  - z\n", "a:\n  - z\nb: 1\n"},
      {"a list in the flow style", "a: [x, y]  # two\nb: 1\n", "a:\n  - z\n",
       "a:  # two\n  - z\nb: 1\n"},
      {"away with a member", "a:\n  b:\n    c: 1\n  d: 2\n", "a:\n  b: null\n", "a:\n  d: 2\n"},
      {"away with the first of an item", "containers:\n  - image: x\n    name: a\n    y: 1\n",
       "containers:\n  - name: a\n    image: null\n", "containers:\n  - name: a\n    y: 1\n"},
      {"away with one in the flow style", "a: {b: 1, c: [2, 3], d: 4}\n",
       "a:\n  c: null\n  d: null\n", ""},
      {"away with the last in the flow style", "a: {b: 1, c: [2, 3]}\n", "a:\n  c: null\n",
       "a: {b: 1}\n"},
      {"the flow style", "a: {b: 'it''s', c: don't}\n", "a:\n  d:\n    - e\n  f: 1\n",
       "a: {b: 'it''s', c: don't, \"d\": [\"e\"], \"f\": 1}\n"},
      {"the flow style over lines", "a: {\n  b: 1\n}\nc: 2\n", "a:\n  d: 3\n",
       "a: {\n  b: 1,\n  \"d\": 3\n}\nc: 2\n"},
      {"no mark in the flow style", "a: {b: 1}\n", "a:\n  d: 3  # mark\n", ""},
      {"an alias", "x: &x {b: 1}\na: *x\n", "a:\n  c: 1\n", ""},
      {"an anchor that is followed", "a: &x\n  b: 1\nc: *x\n", "a:\n  b: 2\n", ""},
      {"an anchor elsewhere", "a: &x 1\nb: *x\nc: 2\n", "c: 3\n", "a: &x 1\nb: *x\nc: 3\n"},
      {"a merge key", "x: &x {b: 1}\na:\n  <<: *x\n  c: 2\n", "a:\n  b: 2\n", ""},
      {"beside a merge key", "x: &x {b: 1}\na:\n  <<: *x\n  c: 2\n", "a:\n  c: 3\n",
       "x: &x {b: 1}\na:\n  <<: *x\n  c: 3\n"},
      {"what is there already", "a: 1\n", "a: 1\n", ""},
      {"a plain scalar over lines", "a: x\n  y\nb: 1\n", "a: z\n", ""},
      {"a document marker", "a: 1\n---\nb: 1\n", "c: 2\n", "a: 1\nc: 2\n---\nb: 1\n"},
      {"json", R"({"a":{"b":[1,{"c":"}"}]}})", "a:\n  d: 2\n",
       R"({"a":{"b":[1,{"c":"}"}], "d": 2}})"},
  };
  return kCases;
}

TEST(ManifestPatch, ChangesWhatIsMeantAndNothingElse) {
  for (const EditCase& one : EditCases()) {
    for (const bool crlf : {false, true}) {
      const auto ended = [crlf](std::string text) {
        for (size_t at = 0; crlf && (at = text.find('\n', at)) != std::string::npos; at += 2) {
          text.insert(at, "\r");
        }
        return text;
      };
      const Patched patched = Patch(ended(one.before), one.patch);
      EXPECT_EQ(patched.text, ended(one.after.empty() ? one.before : one.after)) << one.name;
      EXPECT_EQ(patched.refusal.empty(), !one.after.empty()) << one.name << ": " << patched.refusal;
    }
  }
}

TEST(ManifestPatch, ARefusalTakesNoOtherObjectWithIt) {
  const std::unique_ptr<Manifests> before =
      ParseManifests("a: &x\n  b: 1\nc: *x\n---\na: {b: 1}\n");
  const std::vector<ObjectPatch> patches = {{0, "a:\n  b: 2\n"}, {1, "a:\n  b: 2\n"}};
  const PatchedManifests result = PatchManifests(*before, patches);
  EXPECT_EQ(result.manifests->text, "a: &x\n  b: 1\nc: *x\n---\na: {b: 2}\n");
  EXPECT_FALSE(result.refusals[0].empty());
  EXPECT_EQ(result.refusals[1], "");
}

Json Value(JsonView view) { return Json::parse(ToJson(view)); }

// Each fix of each rule's cases, in the text of the case: what comes out is what strategic merge makes of it, by an
// implementation that knows no text; and in pretty and compact JSON, which no text of ours has been written for.
TEST(ManifestPatch, EveryRulesFixesComeOutAsTheyAreMeant) {
  size_t applied = 0;
  size_t refused = 0;
  for (const testing::RuleCase& rule_case :
       testing::LoadRuleCases(std::filesystem::path(PLIMSOLL_SOURCE_DIR) / "tests" / "rules")) {
    const std::unique_ptr<Manifests> parsed = ParseManifests(rule_case.object_text);
    if (parsed->objects.size() != 1 || !parsed->problems.empty()) continue;
    const Json object = Value(parsed->objects.front());
    for (const testing::ExpectedFinding& finding : rule_case.findings) {
      const std::unique_ptr<Manifests> fix = ParseManifests(finding.fix);
      if (fix->objects.size() != 1 || fix->objects.front()["kind"].exists()) continue;
      const Json expected = testing::StrategicMerge(object, Value(fix->objects.front()));
      for (const std::string& text : {rule_case.object_text, object.dump(), object.dump(2)}) {
        const Patched patched = Patch(text, finding.fix);
        if (!patched.refusal.empty()) {
          EXPECT_EQ(patched.text, text);
          ++refused;
          continue;
        }
        ++applied;
        const Json after = Value(ParseManifests(patched.text)->objects.front());
        EXPECT_TRUE(after == expected || nlohmann::json(after) == nlohmann::json(expected))
            << rule_case.file << "\n"
            << patched.text;
      }
    }
  }
  EXPECT_GT(applied, 300U);
  EXPECT_GT(applied, refused) << "most of them can be put in";
}

}  // namespace
}  // namespace plimsoll
