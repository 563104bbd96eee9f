// Runs every case of every rule: the verdict, each finding to the letter, the same from JSON as from YAML, and each
// fix applied makes the rule pass. UPDATE_GOLDEN=1 rewrites the outcomes in the case files.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "plimsoll/codec/json_parser.h"
#include "plimsoll/codec/manifest.h"
#include "plimsoll/model/neighbours.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/rules/rule.h"
#include "rules/fix.h"
#include "tests/rules/case_loader.h"
#include "tests/rules/strategic_merge.h"

namespace plimsoll::testing {
namespace {

std::filesystem::path CasesFolder() {
  return std::filesystem::path(PLIMSOLL_SOURCE_DIR) / "tests" / "rules";
}

bool UpdatesGolden() {
  const char* value = std::getenv("UPDATE_GOLDEN");
  return value != nullptr && std::string_view(value) == "1";
}

const std::vector<RuleCase>& Cases() {
  static const std::vector<RuleCase> kCases = LoadRuleCases(CasesFolder());
  return kCases;
}

struct Outcome {
  std::string result;
  std::string reason;
  std::vector<ExpectedFinding> findings;
  std::vector<std::string> identities;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// Judges `object` by the case's rule under its parameters and environment.
Outcome Judge(const RuleCase& rule_case, JsonView object, const std::vector<std::string>& others) {
  const Rule* rule = FindRule(rule_case.rule);
  if (rule == nullptr) throw std::runtime_error("no rule " + rule_case.rule);
  Workload workload;
  if (!workload.Assign(object, "default")) throw std::runtime_error("not a workload");

  std::string texts[] = {rule_case.parameters_json, rule_case.namespace_labels_json,
                         rule_case.namespace_annotations_json};
  JsonParser parsers[3];
  JsonView views[3];
  for (int i = 0; i < 3; ++i) {
    if (texts[i].empty()) continue;
    const Result<JsonView> view = parsers[i].Parse(texts[i]);
    if (!view) throw std::runtime_error(view.error().message);
    views[i] = *view;
  }
  std::vector<Diagnostic> problems;
  const Parameters parameters = CompileParameters(*rule, views[0], "parameters", problems);
  if (!problems.empty()) throw std::runtime_error(FormatDiagnostic(problems.front()));

  RuleOutcome outcome;
  const std::shared_ptr<const RelatedObjects> related = RelatedOfCase(rule_case, others);
  RuleEnvironment environment{rule_case.now, views[1], views[2]};
  Neighbours beside;
  if (related != nullptr) {
    beside.Begin(workload, *related);
    environment.beside = &beside;
  }
  const std::shared_ptr<const TeamDirectory> directory = DirectoryOf(rule_case);
  environment.directory = directory.get();
  if (rule_case.has_links) environment.links = &rule_case.links;
  rule->evaluate({workload, parameters, environment}, outcome);

  Outcome told;
  told.reason = outcome.not_applicable();
  told.result = !outcome.violations().empty() ? "fail"
                : told.reason.empty()         ? "pass"
                                              : "notApplicable";
  if (told.result == "pass") told.reason = outcome.note();
  for (const Violation& violation : outcome.violations()) {
    told.findings.push_back({violation.path, violation.container, violation.message,
                             violation.observed, violation.required, violation.fix});
    told.identities.push_back(violation.identity);
  }
  return told;
}

Outcome Judge(const RuleCase& rule_case, JsonView object) {
  return Judge(rule_case, object, rule_case.other_texts);
}

Outcome JudgeJson(const RuleCase& rule_case, const std::string& json,
                  const std::vector<std::string>& others) {
  std::string text = json;
  JsonParser parser;
  const Result<JsonView> object = parser.Parse(text);
  if (!object) throw std::runtime_error(object.error().message);
  return Judge(rule_case, *object, others);
}

std::string NameOfObject(const Json& object) {
  const Json metadata = object.value("metadata", Json::object());
  return object.value("kind", "") + "/" + metadata.value("namespace", "default") + "/" +
         metadata.value("name", "");
}

// The lists of rule groups have no merge key that the API server knows; the fix says "add this".
Json MergeGroups(const Json& base, const Json& patch) {
  Json groups = base.is_array() ? base : Json::array();
  for (const Json& more : patch) {
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const Json& each) {
      return each.at("name") == more.at("name");
    });
    if (group == groups.end()) {
      groups.push_back(more);
      continue;
    }
    for (const Json& rule : more.at("rules")) {
      bool found = false;
      for (Json& there : group->at("rules")) {
        if (there.value("alert", "") != rule.at("alert")) continue;
        there = StrategicMerge(there, rule);
        found = true;
      }
      if (!found) group->at("rules").push_back(rule);
    }
  }
  return groups;
}

// A fix that is an object of its own: created, or merged into the one there is, or deleted.
void ApplyToOthers(const Json& fix, std::vector<Json>& others) {
  for (Json& other : others) {
    if (fix.contains("groups") && other.value("kind", "") == "ConfigMap") {
      for (auto& [file, text] : other["data"].items()) {
        Json content = Json::parse(ToJson(ParseManifests(text)->documents.front()->root()));
        content["groups"] = MergeGroups(content["groups"], fix["groups"]);
        text = content.dump();
      }
      return;
    }
    if (NameOfObject(other) != NameOfObject(fix)) continue;
    if (fix.contains("$patch")) {
      other = Json::object();
      return;
    }
    Json groups = fix.at("spec").contains("groups")
                      ? MergeGroups(other["spec"]["groups"], fix["spec"]["groups"])
                      : Json();
    other = StrategicMerge(other, fix);
    if (!groups.is_null()) other["spec"]["groups"] = groups;
    return;
  }
  others.push_back(StrategicMerge(Json(), fix));
}

// The third document of a case file.
std::string GoldenText(const Outcome& outcome) {
  std::string text = "result: " + outcome.result + "\n";
  if (!outcome.reason.empty()) text += "reason: " + YamlQuote(outcome.reason) + "\n";
  if (!outcome.findings.empty()) text += "findings:\n";
  for (const ExpectedFinding& finding : outcome.findings) {
    text += "  - path: " + YamlQuote(finding.path) + "\n";
    if (!finding.container.empty()) text += "    container: " + YamlQuote(finding.container) + "\n";
    text += "    message: " + YamlQuote(finding.message) + "\n";
    text += "    observed: " + YamlQuote(finding.observed) + "\n";
    text += "    required: " + YamlQuote(finding.required) + "\n";
    text += "    fix: |\n";
    std::istringstream lines(finding.fix);
    for (std::string line; std::getline(lines, line);) text += "      " + line + "\n";
  }
  return text;
}

void Describe(const Outcome& outcome, std::ostream& out) { out << GoldenText(outcome); }

void PrintTo(const Outcome& outcome, std::ostream* out) { Describe(outcome, *out); }

class RuleCaseTest : public ::testing::TestWithParam<RuleCase> {
 protected:
  void SetUp() override {
    manifests_ = ParseManifests(GetParam().object_text);
    ASSERT_FALSE(manifests_->objects.empty()) << "the object cannot be read";
    object_ = manifests_->objects.front();
  }

  std::unique_ptr<Manifests> manifests_;
  JsonView object_;
};

TEST_P(RuleCaseTest, TellsExactlyThis) {
  const RuleCase& rule_case = GetParam();
  const Outcome outcome = Judge(rule_case, object_);
  EXPECT_EQ(outcome.result, rule_case.expect) << rule_case.story;
  if (UpdatesGolden()) {
    std::ofstream(rule_case.file, std::ios::binary) << rule_case.input_text << "---\n"
                                                    << GoldenText(outcome);
    return;
  }
  Outcome expected;
  expected.result = rule_case.expect;
  expected.reason = rule_case.reason;
  expected.findings = rule_case.findings;
  expected.identities = outcome.identities;
  EXPECT_EQ(outcome, expected) << rule_case.story;
}

TEST_P(RuleCaseTest, TellsTheSameOfJson) {
  if (!object_.document()->notes().empty()) {
    GTEST_SKIP() << "duplicate and merge keys are matters of spelling, which its JSON has not";
  }
  EXPECT_EQ(JudgeJson(GetParam(), ToJson(object_), GetParam().other_texts),
            Judge(GetParam(), object_));
}

// What the ratchet and the record tell findings apart by.
TEST_P(RuleCaseTest, HasFindingsThatCanBeToldApart) {
  const Outcome outcome = Judge(GetParam(), object_);
  std::set<std::string> seen;
  for (size_t i = 0; i < outcome.findings.size(); ++i) {
    std::string identity = outcome.identities[i];
    if (identity.empty()) identity = outcome.findings[i].container + outcome.findings[i].path;
    EXPECT_TRUE(seen.insert(identity).second) << identity;
  }
}

TEST_P(RuleCaseTest, PassesOnceItsFixesAreApplied) {
  const Outcome outcome = Judge(GetParam(), object_);
  Json object = Json::parse(ToJson(object_));
  std::vector<Json> others;
  for (const std::string& text : GetParam().other_texts) {
    others.push_back(Json::parse(ToJson(ParseManifests(text)->documents.front()->root())));
  }
  for (const ExpectedFinding& finding : outcome.findings) {
    EXPECT_FALSE(finding.message.empty());
    EXPECT_FALSE(finding.observed.empty());
    EXPECT_FALSE(finding.required.empty());
    ASSERT_FALSE(finding.fix.empty()) << finding.message;
    const std::unique_ptr<Manifests> fix = ParseManifests(finding.fix, DuplicateKeys::kReject);
    ASSERT_TRUE(fix->problems.empty()) << finding.fix;
    ASSERT_EQ(fix->documents.size(), 1u) << finding.fix;
    const Json change = Json::parse(ToJson(fix->documents.front()->root()));
    if (change.contains("kind") || change.contains("groups")) {
      ApplyToOthers(change, others);
    } else {
      object = StrategicMerge(object, change);
    }
  }
  if (outcome.findings.empty()) return;
  std::vector<std::string> texts;
  for (const Json& other : others) texts.push_back(other.dump());
  std::string all = object.dump(2);
  for (const Json& other : others) all += "\n---\n" + other.dump(2);
  EXPECT_EQ(JudgeJson(GetParam(), object.dump(), texts).result, "pass") << all;
}

INSTANTIATE_TEST_SUITE_P(Rules, RuleCaseTest, ::testing::ValuesIn(Cases()),
                         [](const ::testing::TestParamInfo<RuleCase>& instance) {
                           std::string name = instance.param.rule + "_" + instance.param.name;
                           for (char& c : name) {
                             if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
                           }
                           return name;
                         });

// ---- completeness ----

TEST(RuleCatalogTest, EveryRuleHasCasesOfEachOutcome) {
  std::map<std::string, std::set<std::string>> outcomes;
  for (const RuleCase& rule_case : Cases()) outcomes[rule_case.rule].insert(rule_case.expect);
  for (const Rule* rule : RuleCatalog()) {
    const std::set<std::string> all = {"fail", "notApplicable", "pass"};
    EXPECT_EQ(outcomes[std::string(rule->id)], all) << "tests/rules/" << rule->id;
  }
}

TEST(RuleCatalogTest, EveryFolderOfCasesHasARule) {
  for (const auto& entry : std::filesystem::directory_iterator(CasesFolder())) {
    if (!entry.is_directory()) continue;
    EXPECT_NE(FindRule(entry.path().filename().string()), nullptr) << entry.path();
  }
}

TEST(RuleCatalogTest, EveryRuleHasItsPageAndEveryPageItsRule) {
  const std::filesystem::path pages = std::filesystem::path(PLIMSOLL_SOURCE_DIR) / "docs" / "rules";
  ASSERT_TRUE(std::filesystem::is_directory(pages)) << "run `make docs`";
  for (const Rule* rule : RuleCatalog()) {
    const std::filesystem::path page = pages / (std::string(rule->id) + ".md");
    ASSERT_TRUE(std::filesystem::exists(page)) << page;
    const std::string text = case_loader_internal::ReadFile(page);
    for (const ParameterSpec& parameter : rule->parameters) {
      EXPECT_NE(text.find(parameter.name), std::string::npos)
          << page << " does not mention the parameter " << parameter.name;
    }
  }
  for (const auto& entry : std::filesystem::directory_iterator(pages)) {
    const std::string stem = entry.path().stem().string();
    if (stem == "README" || stem == "index") continue;
    EXPECT_NE(FindRule(stem), nullptr) << entry.path();
  }
}

TEST(RuleCatalogTest, IsSortedAndComplete) {
  std::string_view last;
  for (const Rule* rule : RuleCatalog()) {
    EXPECT_LT(last, rule->id);
    last = rule->id;
    EXPECT_EQ(FindRule(rule->id), rule);
    EXPECT_FALSE(rule->title.empty()) << rule->id;
    EXPECT_FALSE(rule->rationale.empty()) << rule->id;
    EXPECT_FALSE(rule->remediation.empty()) << rule->id;
    EXPECT_NE(rule->evaluate, nullptr) << rule->id;
    for (const ParameterSpec& parameter : rule->parameters) {
      EXPECT_FALSE(parameter.description.empty()) << rule->id << " " << parameter.name;
    }
  }
  EXPECT_EQ(FindRule("health.readiness"), nullptr);
  EXPECT_EQ(NearestRuleId("health.readyness-probe"), "health.readiness-probe");
}

// A default is what an author would get by writing it down.
TEST(RuleCatalogTest, DefaultsAreValidParameters) {
  for (const Rule* rule : RuleCatalog()) {
    std::string json = "{";
    for (const ParameterSpec& parameter : rule->parameters) {
      if (json.size() > 1) json += ',';
      json += "\"" + std::string(parameter.name) + "\":" + std::string(parameter.default_json);
    }
    json += "}";
    JsonParser parser;
    const Result<JsonView> given = parser.Parse(json);
    ASSERT_TRUE(given.has_value()) << json << ": " << given.error().message;
    std::vector<Diagnostic> problems;
    Parameters written = CompileParameters(*rule, *given, "", problems);
    EXPECT_TRUE(problems.empty()) << rule->id << ": " << FormatDiagnostic(problems.front());
    Parameters unwritten = CompileParameters(*rule, JsonView(), "", problems);
    for (size_t i = 0; i < rule->parameters.size(); ++i) {
      if (rule->parameters[i].type == ParameterType::kPattern) continue;
      EXPECT_EQ(written.values()[i], unwritten.values()[i])
          << rule->id << " " << rule->parameters[i].name;
    }
  }
}

}  // namespace
}  // namespace plimsoll::testing
