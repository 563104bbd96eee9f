#include "plimsoll/kube/serving_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_api_server.h"
#include "tests/fakes/test_pki.h"

namespace plimsoll::kube {
namespace {

constexpr std::string_view kName = "plimsoll-webhook.plimsoll-system.svc";

TEST(ServingCheckTest, WhatTheApiServerWouldAccept) {
  const testing::TestPki pki;
  const testing::TestPki other;
  testing::FakeServerOptions options;
  options.certificate = pki.Issue({std::string(kName)});
  testing::FakeApiServer server([](testing::FakeExchange&) {}, options);
  ServingCheck check("127.0.0.1", server.port(), std::string(kName));

  EXPECT_TRUE(check.Check(pki.ca()));
  EXPECT_TRUE(check.Check(other.ca() + pki.ca()));

  for (const std::string& bundle : {other.ca(), std::string("no PEM"), std::string()}) {
    EXPECT_FALSE(check.Check(bundle)) << bundle;
  }
  ServingCheck another("127.0.0.1", server.port(), "another.plimsoll-system.svc");
  const Status refused = another.Check(pki.ca());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
}

TEST(ServingCheckTest, NobodyListens) {
  const testing::TestPki pki;
  uint16_t port = 0;
  {
    testing::FakeApiServer server([](testing::FakeExchange&) {});
    port = server.port();
  }
  EXPECT_EQ(ServingCheck("127.0.0.1", port, std::string(kName)).Check(pki.ca()).error().code,
            ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace plimsoll::kube
