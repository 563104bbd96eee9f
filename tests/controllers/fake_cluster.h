// The objects of the API server that certificates and the webhook configuration are about, in memory: with versions,
// conflicts, and faults on demand.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plimsoll/controllers/ports.h"

namespace plimsoll::testing {

using controllers::ClusterEvent;
using controllers::ReplicaReport;
using controllers::SecretData;
using controllers::Webhook;
using controllers::WebhookConfiguration;

class FakeCluster final : public controllers::WebhookConfigurationStore,
                          public controllers::ReplicaReports,
                          public controllers::EventSink {
 public:
  // Called before and after each call with its name; an error is what the caller gets (after: although it was done).
  std::function<Status(const std::string& call)> before;
  std::function<Status(const std::string& call)> after;

  // What another admission plugin makes of a configuration that is applied.
  std::function<void(WebhookConfiguration&)> admit;

  std::optional<WebhookConfiguration> configuration;
  std::optional<SecretData> secret;
  std::map<std::string, ReplicaReport> reports;
  std::vector<ClusterEvent> events;
  std::vector<std::string> writes;

  // ---- somebody else's hands ----
  void Touch(WebhookConfiguration& object) { object.resource_version = NextVersion(); }
  void Edit(const std::function<void(WebhookConfiguration&)>& edit) {
    edit(configuration.value());
    Touch(*configuration);
  }
  void EditSecret(const std::function<void(SecretData&)>& edit) {
    edit(secret.value());
    secret->resource_version = NextVersion();
  }

  // ---- WebhookConfigurationStore ----
  Result<WebhookConfiguration> Read() override {
    if (Status fault = Before("read configuration"); !fault) return tl::unexpected(fault.error());
    if (!configuration) return Fail(ErrorCode::kNotFound, "no configuration");
    return *configuration;
  }
  Result<WebhookConfiguration> Apply(const WebhookConfiguration& wanted,
                                     const WebhookConfiguration* live) override {
    if (Status fault = Before("apply configuration"); !fault) return tl::unexpected(fault.error());
    const bool same = live == nullptr
                          ? !configuration
                          : configuration && configuration->uid == live->uid &&
                                configuration->resource_version == live->resource_version;
    if (!same) return Fail(ErrorCode::kConflict, "the configuration has changed");
    WebhookConfiguration next = configuration.value_or(WebhookConfiguration{});
    if (next.uid.empty()) next.uid = "uid-" + NextVersion();
    const WebhookConfiguration old = next;
    std::erase_if(next.webhooks,
                  [](const Webhook& one) { return controllers::IsOurWebhook(one.name); });
    for (Webhook webhook : wanted.webhooks) {
      const Webhook* have = old.Find(webhook.name);
      if (webhook.ca_bundle.empty() && have != nullptr) webhook.ca_bundle = have->ca_bundle;
      next.webhooks.push_back(std::move(webhook));
    }
    next.owners = wanted.owners;
    if (admit) admit(next);
    // What changes nothing is no new version.
    if (!configuration || next != *configuration) Touch(next);
    configuration = std::move(next);
    writes.emplace_back("configuration");
    if (Status fault = After("apply configuration"); !fault) return tl::unexpected(fault.error());
    return *configuration;
  }

  // ---- ReplicaReports ----
  Status Report(const ReplicaReport& report) override {
    if (Status fault = Before("report"); !fault) return fault;
    reports[report.replica] = report;
    return After("report");
  }
  Result<std::vector<ReplicaReport>> List() override {
    if (Status fault = Before("list reports"); !fault) return tl::unexpected(fault.error());
    std::vector<ReplicaReport> out;
    for (const auto& [name, report] : reports) out.push_back(report);
    return out;
  }

  // ---- EventSink ----
  void Emit(const ClusterEvent& event) override { events.push_back(event); }

  // ---- SecretStore, whose Read is another one ----
  class Secrets final : public controllers::SecretStore {
   public:
    explicit Secrets(FakeCluster& cluster) : cluster_(cluster) {}
    Result<SecretData> Read() override { return cluster_.ReadSecret(); }
    Result<SecretData> Create(const SecretData& data) override {
      return cluster_.CreateSecret(data);
    }
    Result<SecretData> Update(const SecretData& data) override {
      return cluster_.UpdateSecret(data);
    }

   private:
    FakeCluster& cluster_;
  };
  Secrets secrets{*this};

 private:
  Result<SecretData> ReadSecret() {
    if (Status fault = Before("read secret"); !fault) return tl::unexpected(fault.error());
    if (!secret) return Fail(ErrorCode::kNotFound, "no secret");
    return *secret;
  }
  Result<SecretData> CreateSecret(const SecretData& data) {
    if (Status fault = Before("create secret"); !fault) return tl::unexpected(fault.error());
    if (secret) return Fail(ErrorCode::kAlreadyExists, "there is one");
    secret = data;
    secret->resource_version = NextVersion();
    writes.emplace_back("secret");
    if (Status fault = After("create secret"); !fault) return tl::unexpected(fault.error());
    return *secret;
  }
  Result<SecretData> UpdateSecret(const SecretData& data) {
    if (Status fault = Before("update secret"); !fault) return tl::unexpected(fault.error());
    if (!secret || secret->resource_version != data.resource_version) {
      return Fail(ErrorCode::kConflict, "the secret has changed");
    }
    secret->entries = data.entries;
    secret->resource_version = NextVersion();
    writes.emplace_back("secret");
    if (Status fault = After("update secret"); !fault) return tl::unexpected(fault.error());
    return *secret;
  }

  Status Before(const std::string& call) { return before ? before(call) : Status{}; }
  Status After(const std::string& call) { return after ? after(call) : Status{}; }
  std::string NextVersion() { return std::to_string(++version_); }

  uint64_t version_ = 0;
};

class FakeNamespace final : public controllers::OwnNamespace {
 public:
  Result<controllers::OwnerReference> result = Fail(ErrorCode::kUnavailable, "not asked yet");
  int reads = 0;

  Result<controllers::OwnerReference> Read() override {
    ++reads;
    return result;
  }
};

// Says what it is told to, and remembers with what it was asked.
class FakeCheck final : public controllers::ServingCheck {
 public:
  Status result;
  std::vector<std::string> bundles;
  std::function<Status(const std::string&)> answer;

  Status Check(const std::string& ca_bundle) override {
    bundles.push_back(ca_bundle);
    return answer ? answer(ca_bundle) : result;
  }
};

}  // namespace plimsoll::testing
