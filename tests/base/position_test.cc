#include "plimsoll/base/position.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

TEST(FormatDiagnosticTest, ShowsWhatIsKnown) {
  EXPECT_EQ(FormatDiagnostic({"a.yaml", {3, 7}, "spec.rules[0].rule", "unknown rule"}),
            "a.yaml:3:7: spec.rules[0].rule: unknown rule");
  EXPECT_EQ(FormatDiagnostic({"a.yaml", {}, "", "empty"}), "a.yaml: empty");
  EXPECT_EQ(FormatDiagnostic({"", {3, 7}, "", "tab"}), "3:7: tab");
  EXPECT_EQ(FormatDiagnostic({"", {}, "spec", "missing"}), "spec: missing");
  EXPECT_EQ(FormatDiagnostic({"", {}, "", "missing"}), "missing");
}

}  // namespace
}  // namespace plimsoll
