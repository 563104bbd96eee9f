#include "plimsoll/record/service.h"

#include <gtest/gtest.h>

#include <string>

#include "plimsoll/model/workload_history.h"
#include "tests/policy/yaml.h"

namespace plimsoll {
namespace {

std::string Service(const std::string& metadata, std::string_view owner) {
  const test::Yaml yaml("{apiVersion: apps/v1, kind: Deployment, metadata: " + metadata +
                        ", spec: {template: {spec: {containers: [{name: a, image: b}]}}}}");
  Workload workload;
  EXPECT_TRUE(workload.Assign(yaml.view()));
  return ServiceOf(workload, owner, "shop", "web");
}

TEST(ServiceTest, IsWhatSaysMost) {
  const std::string app = "app.kubernetes.io/name: checkout";
  const struct {
    std::string metadata;
    std::string_view owner;
    std::string_view service;
  } kCases[] = {
      {"{name: web}", "", "Deployment/web in shop"},
      {"{name: web}", "payments", "Deployment/web in shop"},
      {"{name: web, labels: {" + app + "}}", "payments", "checkout (payments)"},
      {"{name: web, labels: {" + app + "}}", "", "Deployment/web in shop"},
      {"{name: web, labels: {" + app + ", plimsoll.dev/service: pay}}", "payments", "pay"},
      {"{name: web, annotations: {plimsoll.dev/service: ' pay '}}", "", "pay"},
      {"{name: web, labels: {plimsoll.dev/service: ''}}", "payments", "Deployment/web in shop"},
  };
  for (const auto& one : kCases) {
    EXPECT_EQ(Service(one.metadata, one.owner), one.service) << one.metadata;
  }
}

TEST(ServiceTest, IsBoundedAndPrintable) {
  const std::string service = Service(
      "{name: web, annotations: {plimsoll.dev/service: \"a\\nb" + std::string(5000, 'x') + "\"}}",
      "");
  EXPECT_LE(service.size(), kMaxServiceBytes);
  EXPECT_EQ(service.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace plimsoll
