// Every field of a workload with every wrong type: no rule may crash, hang, or find something it cannot say.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "plimsoll/codec/json_parser.h"
#include "plimsoll/codec/related_objects.h"
#include "plimsoll/model/neighbours.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/rules/rule.h"

namespace plimsoll {
namespace {

using Json = nlohmann::ordered_json;

// A workload in which every field that rules look at is set.
Json CompleteWorkload() {
  return Json::parse(R"({
    "apiVersion": "apps/v1", "kind": "Deployment",
    "metadata": {"name": "checkout", "namespace": "payments",
      "labels": {"app": "checkout", "plimsoll.dev/owner": "payments", "plimsoll.dev/tier": "standard"},
      "annotations": {"plimsoll.dev/runbook": "https://wiki.corp.internal/checkout",
                      "plimsoll.dev/alert-route": "payments-pager", "plimsoll.dev/contact": "#payments"}},
    "spec": {"replicas": 3, "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%"}},
      "selector": {"matchLabels": {"app": "checkout"}},
      "template": {
        "metadata": {"labels": {"app": "checkout"}, "annotations": {"prometheus.io/scrape": "true"}},
        "spec": {"terminationGracePeriodSeconds": 30, "hostNetwork": false, "restartPolicy": "Always",
          "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": {"matchLabels": {"app": "checkout"}}}],
          "affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
            {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchExpressions":
              [{"key": "app", "operator": "In", "values": ["checkout"]}]}}]}},
          "initContainers": [{"name": "proxy", "image": "proxy:1", "restartPolicy": "Always",
            "ports": [{"containerPort": 8443}], "readinessProbe": {"tcpSocket": {"port": 8443}}}],
          "containers": [{"name": "web", "image": "registry:5000/web:1.2.3",
            "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
            "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}},
            "lifecycle": {"preStop": {"exec": {"command": ["sleep", "5"]}}},
            "readinessProbe": {"httpGet": {"path": "/readyz", "port": "http", "scheme": "HTTP",
              "host": "a", "httpHeaders": [{"name": "a", "value": "b"}]}, "periodSeconds": 5,
              "timeoutSeconds": 1, "failureThreshold": 3, "successThreshold": 1, "initialDelaySeconds": 0},
            "livenessProbe": {"exec": {"command": ["sh", "-c", "check || exit 1"]}, "periodSeconds": 10},
            "startupProbe": {"grpc": {"port": 9090, "service": "s"}}}]}}}})");
}

void CollectPointers(const Json& value, const Json::json_pointer& at,
                     std::vector<Json::json_pointer>& pointers) {
  if (!value.is_structured()) return;  // items() of a scalar gives the scalar
  for (const auto& [key, child] : value.items()) {
    const Json::json_pointer below = value.is_array() ? at / std::stoul(key) : at / key;
    pointers.push_back(below);
    CollectPointers(child, below, pointers);
  }
}

void ExpectSensibleOutcome(const Rule& rule, const Json& object) {
  std::string text = object.dump();
  JsonParser parser;
  const Result<JsonView> view = parser.Parse(text);
  ASSERT_TRUE(view.has_value()) << view.error().message;
  Workload workload;
  if (!workload.Assign(*view)) return;  // no longer a workload
  std::vector<Diagnostic> problems;
  const Parameters parameters = CompileParameters(rule, JsonView(), "", problems);
  RelatedIndex index;
  AddAllRelated(index, {}, "");
  const std::shared_ptr<const RelatedObjects> related = index.Snapshot();
  RuleEnvironment environment{};
  Neighbours beside(workload, *related);
  environment.beside = &beside;
  RuleOutcome outcome;
  rule.evaluate({workload, parameters, environment}, outcome);
  for (const Violation& violation : outcome.violations()) {
    EXPECT_FALSE(violation.message.empty()) << rule.id << "\n" << text;
    EXPECT_FALSE(violation.path.empty()) << rule.id << "\n" << text;
    EXPECT_FALSE(violation.fix.empty()) << rule.id << "\n" << text;
  }
}

class WrongTypesTest : public ::testing::TestWithParam<const Rule*> {};

TEST_P(WrongTypesTest, AreJudgedWithoutHarm) {
  const Json whole = CompleteWorkload();
  std::vector<Json::json_pointer> pointers;
  CollectPointers(whole, Json::json_pointer(), pointers);
  const std::vector<Json> values = {Json(),
                                    Json(true),
                                    Json(-1),
                                    Json(1e99),
                                    Json(9223372036854775807),
                                    Json(2.5),
                                    Json(""),
                                    Json("\xc2\x85\n{{ x }}"),
                                    Json(std::string(70000, 'a')),
                                    Json::array(),
                                    Json::object(),
                                    Json::array({Json::array({Json::object()})}),
                                    Json::object({{"a", Json::object({{"b", Json()}})}})};
  for (const Json::json_pointer& pointer : pointers) {
    for (const Json& value : values) {
      Json object = whole;
      object[pointer] = value;
      ExpectSensibleOutcome(*GetParam(), object);
    }
    Json object = whole;
    Json& parent = object[pointer.parent_pointer()];
    if (parent.is_array()) {
      parent.erase(std::stoul(pointer.back()));
    } else {
      parent.erase(pointer.back());
    }
    ExpectSensibleOutcome(*GetParam(), object);
  }
}

// One container more than a rule may describe violations for: all are counted, memory stays bounded.
TEST_P(WrongTypesTest, ManyContainersAreCountedAndNotAllDescribed) {
  constexpr size_t kContainers = kMaxViolationsPerRule + 100;
  Json object = CompleteWorkload();
  Json& containers = object["spec"]["template"]["spec"]["containers"];
  containers = Json::array();
  for (size_t i = 0; i < kContainers; ++i) {
    Json bad = Json::parse(R"({"image": "x", "ports": [{"containerPort": 1}],
        "livenessProbe": {"exec": {"command": ["true"]}, "timeoutSeconds": 20},
        "startupProbe": {"tcpSocket": {"port": "none"}}})");
    bad["name"] = "c" + std::to_string(i);
    containers.push_back(bad);
  }
  std::string text = object.dump();
  JsonParser parser;
  const Result<JsonView> view = parser.Parse(text);
  ASSERT_TRUE(view.has_value());
  Workload workload;
  ASSERT_TRUE(workload.Assign(*view));
  std::vector<Diagnostic> problems;
  const Parameters parameters = CompileParameters(*GetParam(), JsonView(), "", problems);
  RuleOutcome outcome;
  GetParam()->evaluate({workload, parameters, RuleEnvironment{}}, outcome);
  EXPECT_LE(outcome.violations().size(), kMaxViolationsPerRule);
  if (outcome.violations().size() == kMaxViolationsPerRule) {
    EXPECT_GE(outcome.violations().size() + outcome.untold(), kContainers);
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, WrongTypesTest,
                         ::testing::ValuesIn(RuleCatalog().begin(), RuleCatalog().end()),
                         [](const ::testing::TestParamInfo<const Rule*>& instance) {
                           std::string name(instance.param->id);
                           for (char& c : name) {
                             if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
                           }
                           return name;
                         });

}  // namespace
}  // namespace plimsoll
