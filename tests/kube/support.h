// What the tests of API calls have in common.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plimsoll/kube/api_client.h"
#include "plimsoll/kube/cluster_config.h"
#include "tests/fakes/fake_api_server.h"

namespace plimsoll::kube {

using testing::FakeApiServer;
using testing::FakeExchange;
using testing::FakeServerOptions;

inline Environment EnvironmentOf(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(std::string(name));
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

inline ClusterConfig ConfigOf(const FakeApiServer& server) {
  ClusterConfig config;
  config.server = server.url();
  return config;
}

// Fails the test where there is none; then null.
inline std::unique_ptr<ApiClient> MakeClient(ClusterConfig config, ApiClientOptions options = {}) {
  auto client = ApiClient::Create(std::move(config), "plimsoll-test/1", std::move(options));
  if (client) return *std::move(client);
  ADD_FAILURE() << client.error().message;
  return nullptr;
}

inline ApiRequest Get(std::string path) { return {ApiMethod::kGet, std::move(path), "", ""}; }

inline ApiRequest Send(ApiMethod method, std::string path, std::string body,
                       std::string content_type = "application/json") {
  return {method, std::move(path), std::move(body), std::move(content_type)};
}

// "200 body" or "code: message".
inline std::string Told(const Result<ApiResponse>& result) {
  if (result) return std::to_string(result->status) + " " + result->body;
  return std::to_string(static_cast<int>(result.error().code)) + ": " + result.error().message;
}

inline std::string Told(const Status& status) { return status ? "ok" : status.error().message; }

}  // namespace plimsoll::kube
