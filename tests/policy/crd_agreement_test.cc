// The CRD and the parser describe one and the same object.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "plimsoll/policy/waiver_set.h"
#include "policy/policy_schema.h"
#include "policy/waiver_schema.h"
#include "tests/policy/schema_checker.h"
#include "tests/policy/yaml.h"

namespace plimsoll {
namespace {

using test::Yaml;

const std::filesystem::path kSource = PLIMSOLL_SOURCE_DIR;

class Crd {
 public:
  explicit Crd(const std::string& plural)
      : yaml_(test::ReadFile(kSource / ("crds/plimsoll.dev_" + plural + ".yaml"))) {}
  JsonView schema() const {
    return yaml_.view()["spec"]["versions"].At(0)["schema"]["openAPIV3Schema"];
  }

 private:
  Yaml yaml_;
};

class CrdAgreement : public testing::Test {
 protected:
  JsonView schema() const { return policies_.schema(); }
  JsonView waivers() const { return waivers_.schema(); }

 private:
  Crd policies_{"readinesspolicies"};
  Crd waivers_{"readinesswaivers"};
};

struct Case {
  std::string name;
  std::string refused_by;
  std::string yaml;
};

// See the head of tests/policy/agreement.txt. `head`: what a case begins with that is no whole document.
std::vector<Case> ReadCases(const std::string& file, const std::string& head_of_document) {
  const std::string text = "\n" + test::ReadFile(kSource / "tests/policy" / file);
  constexpr std::string_view kMark = "\n=== ";
  std::vector<Case> cases;
  for (size_t at = text.find(kMark); at != std::string::npos;) {
    const size_t next = text.find(kMark, at + 1);
    const std::string block =
        text.substr(at + kMark.size(), next == std::string::npos ? next : next - at - kMark.size());
    const std::string head = block.substr(0, block.find('\n'));
    const size_t colon = head.rfind(": ");
    Case c{head.substr(0, colon), head.substr(colon + 2), block.substr(block.find('\n') + 1)};
    if (("\n" + c.yaml).find("\napiVersion:") == std::string::npos) {
      c.yaml = head_of_document + c.yaml;
    }
    cases.push_back(std::move(c));
    at = next;
  }
  return cases;
}

// Who refuses what, over all cases.
template <class ProblemsOf>
std::set<std::string> ExpectAgreement(const std::vector<Case>& cases, JsonView schema,
                                      const ProblemsOf& problems_of) {
  std::set<std::string> kinds;
  for (const Case& c : cases) {
    const Yaml document(c.yaml);
    const std::vector<Diagnostic> problems = problems_of(document.view());
    const std::vector<std::string> errors = test::CheckAgainstSchema(document.view(), schema);
    const std::string found =
        testing::PrintToString(test::Lines(problems)) + " " + testing::PrintToString(errors);
    EXPECT_EQ(problems.empty(), c.refused_by == "nobody") << c.name << " " << found;
    EXPECT_EQ(errors.empty(), c.refused_by != "schema") << c.name << " " << found;
    for (const Diagnostic& problem : problems) {
      EXPECT_TRUE(problem.position.known()) << c.name << " " << FormatDiagnostic(problem);
      EXPECT_FALSE(problem.path.empty()) << c.name << " " << FormatDiagnostic(problem);
    }
    kinds.insert(c.refused_by);
  }
  return kinds;
}

TEST_F(CrdAgreement, OnPoliciesGoodAndBad) {
  const auto cases = ReadCases(
      "agreement.txt",
      "apiVersion: plimsoll.dev/v1alpha1\nkind: ReadinessPolicy\nmetadata: {name: case}\nspec:\n");
  const auto kinds = ExpectAgreement(
      cases, schema(), [](JsonView document) { return ParseReadinessPolicy(document).problems; });
  EXPECT_THAT(kinds, testing::ElementsAre("cel", "nobody", "parser", "schema"));
}

TEST_F(CrdAgreement, OnWaiversGoodAndBad) {
  const auto cases = ReadCases("waiver_agreement.txt",
                               "apiVersion: plimsoll.dev/v1alpha1\nkind: ReadinessWaiver\n"
                               "metadata: {name: case, namespace: shop}\nspec:\n");
  const auto kinds = ExpectAgreement(cases, waivers(), [](JsonView document) {
    const ParsedWaiver parsed = ParseReadinessWaiver(document);
    EXPECT_EQ(parsed.waiver.has_value(), parsed.problems.empty());
    return parsed.problems;
  });
  EXPECT_THAT(kinds, testing::ElementsAre("cel", "nobody", "parser", "schema"));
}

std::set<std::string> Texts(JsonView list) {
  std::set<std::string> out;
  for (const JsonView element : list.elements()) out.emplace(element.text());
  return out;
}

std::set<std::string> Texts(std::span<const std::string_view> list) {
  return {list.begin(), list.end()};
}

size_t Number(JsonView value) { return static_cast<size_t>(value.AsInt().value_or(0)); }

// Walks table and schema together.
void ExpectSame(const FieldSpec& field, JsonView schema, const std::string& path);

void ExpectSameFields(std::span<const FieldSpec> fields, JsonView schema, const std::string& path) {
  std::set<std::string> names;
  std::set<std::string> required;
  for (const FieldSpec& field : fields) {
    names.emplace(field.name);
    if (field.required) required.emplace(field.name);
    ExpectSame(field, schema["properties"][field.name], path + "." + std::string(field.name));
  }
  std::set<std::string> in_crd;
  for (const JsonMember member : schema["properties"].members()) in_crd.emplace(member.key);
  EXPECT_EQ(names, in_crd) << path;
  EXPECT_EQ(required, Texts(schema["required"])) << path;
}

void ExpectSame(const FieldSpec& field, JsonView schema, const std::string& path) {
  const std::string_view type = schema["type"].StringOrEmpty();
  switch (field.type) {
    case FieldType::kString:
      EXPECT_EQ(type, "string") << path;
      EXPECT_EQ(field.minimum, Number(schema["minLength"])) << path;
      EXPECT_EQ(field.maximum, Number(schema["maxLength"])) << path;
      EXPECT_EQ(Texts(field.allowed), Texts(schema["enum"])) << path;
      EXPECT_EQ(field.format != TextFormat::kAny, schema["pattern"].exists()) << path;
      EXPECT_EQ(field.format == TextFormat::kDateTime, schema["format"].exists()) << path;
      break;
    case FieldType::kList:
      EXPECT_EQ(type, "array") << path;
      EXPECT_EQ(field.minimum, Number(schema["minItems"])) << path;
      EXPECT_EQ(field.maximum, Number(schema["maxItems"])) << path;
      ExpectSame(*field.element, schema["items"], path + "[]");
      break;
    case FieldType::kMap:
      EXPECT_EQ(type, "object") << path;
      EXPECT_EQ(field.maximum, Number(schema["maxProperties"])) << path;
      ExpectSame(*field.element, schema["additionalProperties"], path + ".*");
      break;
    case FieldType::kObject:
      EXPECT_EQ(type, "object") << path;
      ExpectSameFields(field.fields, schema, path);
      break;
    case FieldType::kAnything:
      EXPECT_EQ(type, "object") << path;
      break;
  }
}

void ExpectSameRoot(std::span<const FieldSpec> root, std::span<const FieldSpec> spec,
                    JsonView schema) {
  ExpectSameFields(spec, schema["properties"]["spec"], "spec");
  std::set<std::string> names;
  for (const FieldSpec& field : root) names.emplace(field.name);
  std::set<std::string> in_crd;
  for (const JsonMember member : schema["properties"].members()) in_crd.emplace(member.key);
  EXPECT_EQ(names, in_crd);
}

TEST_F(CrdAgreement, OnEveryFieldAndLimit) {
  ExpectSameRoot(policy_schema::kRootFields, policy_schema::kSpecFields, schema());
  ExpectSameRoot(waiver_schema::kRootFields, waiver_schema::kSpecFields, waivers());
}

TEST_F(CrdAgreement, OnDefaults) {
  const Yaml minimal(
      "apiVersion: plimsoll.dev/v1alpha1\nkind: ReadinessPolicy\nmetadata: {name: a}\n"
      "spec: {tiers: {values: [a], default: a}, rules: [{rule: health.readiness-probe}]}\n");
  const ParsedPolicy parsed = ParseReadinessPolicy(minimal.view());
  ASSERT_TRUE(parsed.problems.empty()) << testing::PrintToString(test::Lines(parsed.problems));
  const ReadinessPolicy& policy = *parsed.policy;
  const JsonView spec = schema()["properties"]["spec"]["properties"];
  const auto default_of = [](JsonView field) { return ToJson(field["default"]); };
  std::vector<std::string> kinds;
  for (const WorkloadKind kind : policy.match.kinds) kinds.emplace_back(WorkloadKindName(kind));
  EXPECT_EQ(Texts(spec["match"]["properties"]["kinds"]["default"]),
            std::set<std::string>(kinds.begin(), kinds.end()));
  EXPECT_EQ(policy.failure_policy, FailurePolicy::kIgnore);
  EXPECT_EQ(default_of(spec["failurePolicy"]), "\"Ignore\"");
  EXPECT_EQ(policy.stages, std::vector<Stage>{Stage{}});
  EXPECT_EQ(default_of(spec["stages"]), R"([{"action":"Audit"}])");
  EXPECT_EQ(policy.existing_violations, ExistingViolations{});
  EXPECT_EQ(default_of(spec["existingViolations"]), R"({"action":"Warn"})");
  EXPECT_EQ(default_of(spec["tiers"]["properties"]["label"]), "\"" + policy.tiers.label + "\"");
  EXPECT_TRUE(policy.waivers.approval_required);
  EXPECT_EQ(default_of(spec["waivers"]["properties"]["approval"]), "\"Required\"");
  EXPECT_EQ(ParseDuration(spec["waivers"]["properties"]["maxDuration"]["default"].text()),
            policy.waivers.max_duration);
}

// Kubernetes sets a budget on what CEL rules may cost; without a limit a field counts as three megabytes.
void ExpectBounded(JsonView schema, const std::string& path) {
  if (path == ".metadata") return;
  const std::string_view type = schema["type"].StringOrEmpty();
  if (type == "string") {
    EXPECT_TRUE(schema["maxLength"].exists()) << path;
  }
  if (type == "array") {
    EXPECT_TRUE(schema["maxItems"].exists()) << path;
    EXPECT_TRUE(schema["x-kubernetes-list-type"].exists()) << path;
    ExpectBounded(schema["items"], path + "[]");
  }
  if (type == "object") {
    const JsonView additional = schema["additionalProperties"];
    if (additional.exists()) ExpectBounded(additional, path + ".*");
    EXPECT_TRUE(schema["properties"].exists() || schema["maxProperties"].exists()) << path;
  }
  for (const JsonMember member : schema["properties"].members()) {
    const std::string member_path = path + "." + std::string(member.key);
    if (member_path != ".metadata") {
      const std::string_view description = member.value["description"].StringOrEmpty();
      EXPECT_TRUE(description.ends_with('.')) << member_path;
    }
    ExpectBounded(member.value, member_path);
  }
}

TEST(Crds, EveryFieldIsDescribedAndBounded) {
  size_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator(kSource / "crds")) {
    SCOPED_TRACE(file.path());
    const Yaml crd(test::ReadFile(file.path()));
    ExpectBounded(crd.view()["spec"]["versions"].At(0)["schema"]["openAPIV3Schema"], "");
    ++files;
  }
  EXPECT_GE(files, 3U);
}

}  // namespace
}  // namespace plimsoll
