#include "policy/locate.h"

#include <gtest/gtest.h>

#include "tests/policy/support.h"

namespace plimsoll {
namespace {

constexpr std::string_view kObject = R"({
  "metadata": {
    "annotations": {"plimsoll.dev/owner": "a"}
  },
  "spec": {
    "containers": [
      {"name": "a",
       "image": "b"},
      {"name": "c"}
    ]
  }
})";

TEST(Locate, PointsAtTheKeyOrTheInnermostThingThere) {
  struct Case {
    std::string_view path;
    SourcePosition position;
  };
  const test::Json object(kObject);
  for (const Case& c : std::vector<Case>{
           {"", {1, 1}},
           {"spec", {5, 3}},
           {"metadata.annotations[plimsoll.dev/owner]", {3, 21}},
           {"metadata.annotations[other.dev/owner]", {3, 5}},
           {"metadata.labels[x]", {2, 3}},
           {"spec.containers[0]", {7, 7}},
           {"spec.containers[0].image", {8, 8}},
           {"spec.containers[1].image", {9, 7}},
           {"spec.containers[1].resources.limits.memory", {9, 7}},
           {"spec.containers[7].image", {6, 5}},
           {"spec.containers[99999999999999999999]", {6, 5}},
           {"spec.containers[", {6, 5}},
           {"status", {1, 1}},
           {"...", {1, 1}},
           {"[]", {1, 1}},
       }) {
    EXPECT_EQ(Locate(object.view(), c.path), c.position) << c.path;
  }
  EXPECT_EQ(Locate(JsonView(), "spec"), SourcePosition());
}

}  // namespace
}  // namespace plimsoll
