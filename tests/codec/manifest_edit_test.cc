#include "plimsoll/codec/manifest_edit.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "plimsoll/codec/manifest.h"

namespace plimsoll {
namespace {

constexpr std::string_view kKey = "example.com/a";

// `before` with the annotation set in its first object; the error's text where that is not done.
std::string Edited(const std::string& before, std::string_view value = "v") {
  const auto manifests = ParseManifests(before);
  const Result<TextEdit> edit = SetAnnotation(before, manifests->objects.at(0), kKey, value);
  return edit ? ApplyEdits(before, {*edit}) : "error: " + edit.error().message;
}

struct Case {
  std::string before;
  std::string after;
};

TEST(ManifestEditTest, AddsAndReplaces) {
  const std::string head = "kind: A\napiVersion: v1\n";
  for (const Case& c : std::vector<Case>{
           {"metadata:\n  name: a\n",
            "metadata:\n  annotations:\n    example.com/a: \"v\"\n  name: a\n"},
           {"metadata:\n  annotations:\n    b: c\n",
            "metadata:\n  annotations:\n    example.com/a: \"v\"\n    b: c\n"},
           {"metadata:\n  annotations:\n    example.com/a: old # why\n",
            "metadata:\n  annotations:\n    example.com/a: \"v\" # why\n"},
           {"metadata:\n  annotations:\n    example.com/a: 'it''s'\n",
            "metadata:\n  annotations:\n    example.com/a: \"v\"\n"},
           {"metadata:\n  annotations:\n    example.com/a: \"a \\\" b\"\n",
            "metadata:\n  annotations:\n    example.com/a: \"v\"\n"},
           {"metadata: {annotations: {example.com/a: old, b: c}}\n",
            "metadata: {annotations: {example.com/a: \"v\", b: c}}\n"},
           {"metadata:\n  name: a\n  annotations:",
            "metadata:\n  name: a\n  annotations:\n    example.com/a: \"v\"\n"},
           {"metadata:\n  name: a\n  annotations: null\n", ""},
           {"metadata: {}\n", ""},
           {"metadata:\n", ""},
           {"metadata:\n  annotations:\n    example.com/a: >\n      folded\n", ""},
           {"metadata:\n  annotations:\n    example.com/a: [x]\n", ""},
       }) {
    const std::string edited = Edited(head + c.before);
    if (c.after.empty()) {
      EXPECT_TRUE(edited.starts_with("error: ")) << c.before << edited;
      EXPECT_NE(edited.find("by hand"), std::string::npos) << edited;
    } else {
      EXPECT_EQ(edited, head + c.after);
      EXPECT_EQ(ParseManifests(edited)->objects.at(0)["metadata"]["annotations"][kKey].AsString(),
                "v");
    }
  }
}

TEST(ManifestEditTest, ValuesAreQuoted) {
  const std::string value = "a: b # \"c\" \\ \xC3\xA9";
  const std::string edited = Edited("kind: A\nmetadata:\n  name: a\n", value);
  EXPECT_EQ(ParseManifests(edited)->objects.at(0)["metadata"]["annotations"][kKey].AsString(),
            value);
}

TEST(ManifestEditTest, ItemsOfAListAreEditedWhereTheyStand) {
  const std::string before =
      "kind: List\napiVersion: v1\nitems:\n- kind: A\n  metadata:\n    name: a\n- kind: B\n  metadata:\n    name: b\n";
  const auto manifests = ParseManifests(before);
  std::vector<TextEdit> edits;
  for (const JsonView object : manifests->objects) {
    edits.push_back(*SetAnnotation(before, object, kKey, "v"));
  }
  const auto after = ParseManifests(ApplyEdits(before, edits));
  ASSERT_EQ(after->objects.size(), 2U);
  for (const JsonView object : after->objects) {
    EXPECT_EQ(object["metadata"]["annotations"][kKey].AsString(), "v");
  }
  EXPECT_EQ(after->objects[1]["metadata"]["name"].AsString(), "b");
}

}  // namespace
}  // namespace plimsoll
