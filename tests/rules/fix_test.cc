#include "rules/fix.h"

#include <gtest/gtest.h>

#include <string>

#include "plimsoll/codec/json_parser.h"

namespace plimsoll {
namespace {

struct Loaded {
  explicit Loaded(std::string json) : text(std::move(json)) {
    const Result<JsonView> object = parser.Parse(text);
    EXPECT_TRUE(object.has_value());
    EXPECT_TRUE(workload.Assign(*object));
  }
  std::string text;
  JsonParser parser;
  Workload workload;
};

TEST(FixTest, PutsAContainersChangeWhereTheKindHasIt) {
  const Yaml change = Yaml::Map({{"image", Yaml::String("web:1")}});
  Loaded deployment(R"({"apiVersion":"apps/v1","kind":"Deployment","spec":{"template":{"spec":
      {"containers":[{"name":"web","image":"x"}]}}}})");
  EXPECT_EQ(ContainerFix(deployment.workload, deployment.workload.containers()[0], change),
            "spec:\n  template:\n    spec:\n      containers:\n        - name: web\n"
            "          image: web:1\n");
  Loaded cron_job(R"({"apiVersion":"batch/v1","kind":"CronJob","spec":{"jobTemplate":{"spec":
      {"template":{"spec":{"containers":[{"name":"web","image":"x"}]}}}}}})");
  EXPECT_EQ(
      ContainerFix(cron_job.workload, cron_job.workload.containers()[0], change),
      "spec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          containers:\n"
      "            - name: web\n              image: web:1\n");
  Loaded pod(R"({"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"a","image":"x"}],
      "initContainers":[{"name":"proxy","restartPolicy":"Always"}]}})");
  EXPECT_EQ(ContainerFix(pod.workload, pod.workload.containers()[1], change),
            "spec:\n  initContainers:\n    - name: proxy\n      image: web:1\n");
  EXPECT_EQ(TemplateFix(pod.workload, Yaml::Map({{"metadata", Yaml::Map()}})), "metadata: {}\n");
}

TEST(FixTest, WritesCommentsAndEveryShape) {
  Yaml change = Yaml::Map();
  change.Set("a", Yaml::String("x").Commented("replace with y\nno second line"));
  change.Set("b",
             Yaml::List({Yaml::Int(1), Yaml::Map({{"c", Yaml::Bool(true)}, {"d", Yaml::Null()}}),
                         Yaml::List()})
                 .Commented("why"));
  change.Set("a", Yaml::String("z").Commented("replace with y"));
  EXPECT_EQ(ObjectFix(change),
            "a: z  # replace with y\nb:  # why\n  - 1\n  - c: true\n    d: null\n  - []\n");
  EXPECT_EQ(LabelFix("plimsoll.dev/owner", Yaml::String("payments")),
            "metadata:\n  labels:\n    plimsoll.dev/owner: payments\n");
}

TEST(FixTest, QuotesWhatYamlWouldReadAsSomethingElse) {
  for (const char* plain : {"web", "https://wiki.corp.internal/a", "team-a", "a b", "/bin/app"}) {
    EXPECT_EQ(YamlQuote(plain), plain);
  }
  for (const char* quoted :
       {"",   "true",       "No",    "on", "null", "~",  "8080", "1e3", "0x1f", "-1",
        ".5", "2026-01-01", "12:30", "<<", "- a",  "*a", "&a",   "# a", "@a",   "%a"}) {
    EXPECT_EQ(YamlQuote(quoted), "\"" + std::string(quoted) + "\"");
  }
  EXPECT_EQ(YamlQuote("a: b"), "\"a: b\"");
  EXPECT_EQ(YamlQuote("a #b"), "\"a #b\"");
  EXPECT_EQ(YamlQuote("a:"), "\"a:\"");
  EXPECT_EQ(YamlQuote("a{{b}}"), "\"a{{b}}\"");
  EXPECT_EQ(YamlQuote("a\"b\\c\n\t\x01\x7f"), "\"a\\\"b\\\\c\\n\\t\\x01\\x7f\"");
  EXPECT_EQ(YamlQuote("\xc2\x85"), "\"\\x85\"");
  EXPECT_EQ(YamlQuote("\xff"), "\"\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace plimsoll
