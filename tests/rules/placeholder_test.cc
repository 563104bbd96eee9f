#include "rules/placeholder.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace plimsoll {
namespace {

TEST(IsPlaceholderTest, WordsThatOnlyHoldAPlace) {
  for (const std::string_view value :
       {"",          " ",        "todo",      "TODO",        "Todo",         "tbd",
        "fixme",     "changeme", "change-me", "CHANGE-ME",   "replace-me",   "xxx",
        "none",      "null",     "n/a",       "N/A",         "na",           "unknown",
        "undefined", "example",  "foo",       "bar",         "test",         "dummy",
        "-",         "?",        " TODO ",    "\ttodo\n",    "placeholder",  "your-team",
        "YOUR-TEAM", "your-",    "<team>",    "<>",          "< the team >", "{{ .Values.team }}",
        "{{.x}}",    "${TEAM}",  "$(TEAM)",   "x-{{ y }}-z", "team-${ENV}"}) {
    EXPECT_TRUE(IsPlaceholder(value)) << "\"" << value << "\"";
  }
}

TEST(IsPlaceholderTest, WordsInsideALongerNameAreLegitimate) {
  for (const std::string_view value : {"todo-app-team",
                                       "todos",
                                       "test-platform",
                                       "examples",
                                       "foobar",
                                       "bar-staff",
                                       "none-such",
                                       "yours",
                                       "your",
                                       "unknown-unknowns",
                                       "na-east",
                                       "nullable",
                                       "payments",
                                       "a",
                                       "x",
                                       "xx",
                                       "xxxx",
                                       "?!",
                                       "--",
                                       "{}",
                                       "$TEAM",
                                       "${",
                                       "{{",
                                       "<team",
                                       "team>"}) {
    EXPECT_FALSE(IsPlaceholder(value)) << "\"" << value << "\"";
  }
}

struct SegmentCase {
  std::string_view path;
  std::string_view placeholder;
};

TEST(PlaceholderSegmentTest, WholeSegmentsOnly) {
  const SegmentCase cases[] = {
      {"", ""},
      {"/", ""},
      {"//", ""},
      {"/runbooks/checkout", ""},
      {"/runbooks/TODO", "TODO"},
      {"/todo", "todo"},
      {"/TODO/checkout", "TODO"},
      {"/runbooks/todo-app", ""},
      {"/runbooks/todo.md", ""},
      {"/runbooks/checkout/", ""},
      {"/runbooks//checkout", ""},
      {"/your-service/runbook", "your-service"},
      {"/runbooks/<service>", "<service>"},
      {"/runbooks/%3Cservice%3E", "%3Cservice%3E"},
      {"/runbooks/%54ODO", "%54ODO"},
      {"/runbooks/%zz", ""},
      {"/runbooks/{{ name }}", "{{ name }}"},
      {"/runbooks/${NAME}", "${NAME}"},
      {"/n/a", "n/a"},
      {"/N/A/", "N/A"},
      {"/sre/runbooks/-/blob/main/checkout.md", ""},  // GitLab
      {"/sre/runbooks/-", "-"},
      {"/sre/runbooks/-/", "-"},
      {"/?", "?"},
  };
  for (const SegmentCase& c : cases) {
    EXPECT_EQ(PlaceholderSegment(c.path), c.placeholder) << c.path;
  }
}

TEST(PlaceholderSegmentTest, LongSegmentsAreJudgedAsTheyStand) {
  const std::string path = "/" + std::string(100'000, '%');
  EXPECT_EQ(PlaceholderSegment(path), "");
}

}  // namespace
}  // namespace plimsoll
