#include "plimsoll/render/patch_merge.h"

#include <gtest/gtest.h>

#include <string>

namespace plimsoll {
namespace {

TEST(PatchMerge, MapsAndNamedListsMergeAndCommentsStay) {
  EXPECT_EQ(MergePatches("metadata:\n"
                         "  labels:\n"
                         "    a: b  # replace with a\n"
                         "spec:\n"
                         "  template:\n"
                         "    spec:\n"
                         "      containers:\n"
                         "        - name: web\n"
                         "          readinessProbe:\n"
                         "            periodSeconds: 5\n",
                         "spec:\n"
                         "  replicas: 2\n"
                         "  template:\n"
                         "    spec:\n"
                         "      containers:\n"
                         "        - name: log\n"
                         "          image: log:1\n"
                         "        - name: web\n"
                         "          livenessProbe:\n"
                         "            exec:\n"
                         "              command:  # replace\n"
                         "                - /bin/app\n"),
            "metadata:\n"
            "  labels:\n"
            "    a: b  # replace with a\n"
            "spec:\n"
            "  template:\n"
            "    spec:\n"
            "      containers:\n"
            "        - name: web\n"
            "          readinessProbe:\n"
            "            periodSeconds: 5\n"
            "          livenessProbe:\n"
            "            exec:\n"
            "              command:  # replace\n"
            "                - /bin/app\n"
            "        - name: log\n"
            "          image: log:1\n"
            "  replicas: 2\n");
}

TEST(PatchMerge, OnePatchTwiceIsItself) {
  const std::string patch = "# note\nspec:\n  command:\n    - a\n    - a\n";
  EXPECT_EQ(MergePatches(patch, patch), patch);
}

TEST(PatchMerge, ContradictionsStayApart) {
  EXPECT_EQ(MergePatches("a: 1\n", "a: 2\n"), std::nullopt);
  // What comes first may be an object beside the workload: a patch of the workload is none of its business.
  const std::string budget =
      "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: web\n";
  EXPECT_EQ(MergePatches(budget, "metadata:\n  labels:\n    a: b\n"), std::nullopt);
  EXPECT_EQ(MergePatches("metadata:\n  labels:\n    a: b\n", budget), std::nullopt);
  EXPECT_EQ(MergePatches(budget, budget), std::nullopt);
  EXPECT_EQ(MergePatches("a: 1  # x\n", "a: 1  # y\n"), "a: 1  # x\n");
  EXPECT_EQ(MergePatches("a: \"x  # 1\"\n", "a: \"x  # 2\"\n"), std::nullopt);
  EXPECT_EQ(MergePatches("a:\n  - 1\n", "a:\n  - 2\n"), std::nullopt);
  EXPECT_EQ(MergePatches("a: null\n", "a:\n  b: 1\n"), std::nullopt);
  EXPECT_EQ(MergePatches("a:\n  - key: x\n", "a:\n  - key: y\n"), std::nullopt);
}

TEST(PatchMerge, WhatIsNotUnderstoodStaysApart) {
  for (const char* text : {"", "a: |\n  text\n", "a:\n   b: 1\n", "  a: 1\n b: 2\n",
                           "a: 1\n\nb: 2\n", "- metadata:\n    labels: x\n"}) {
    EXPECT_EQ(MergePatches("x: 1\n", text), std::nullopt) << text;
    EXPECT_EQ(MergePatches(text, "x: 1\n"), std::nullopt) << text;
  }
  std::string deep;
  for (size_t i = 0; i < 200; ++i) deep += std::string(2 * i, ' ') + "a:\n";
  EXPECT_EQ(MergePatches(deep, "x: 1\n"), std::nullopt);
}

}  // namespace
}  // namespace plimsoll
