// A small cluster for tests of the audit: objects in JSON, policies of the test rules, and a store of records that takes
// what the audit wants written.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/controllers/audit.h"
#include "tests/policy/support.h"

namespace plimsoll::controllers::test {

using plimsoll::test::At;

// A policy "name" about Deployments, StatefulSets and DaemonSets: an annotation "owner", a probe in each container. Its
// owner is that annotation, its tiers are critical and standard, by the label "tier".
ReadinessPolicy TestPolicy(std::string name, std::vector<Stage> stages = {Stage{}});
Stage From(Action action, std::string_view date);

struct WorkloadJson {
  WorkloadKey key{WorkloadKind::kDeployment, "shop", "web"};
  std::string uid = "";          // "" is "uid-" and its name
  std::string annotations = "";  // members: `"owner":"a"`
  std::string labels = "";
  std::string replicas = "2";
  std::string controller = "";  // "ReplicaSet web-1 uid-web-1": kind, name and uid
  std::string metadata = "";    // more members, each with a comma before it
  std::string container = "";   // likewise
};
std::string ToText(const WorkloadJson& workload);

class World {
 public:
  World();

  Audit& audit() { return *audit_; }
  // Another process takes over, and is told of everything that exists.
  void Restart();

  void SetPolicies(std::vector<ReadinessPolicy> policies);
  void SetWaivers(const std::vector<ReadinessWaiver>& waivers);
  void SetNamespace(const std::string& name, const std::string& labels = "");
  void RemoveNamespace(const std::string& name);
  void Set(const WorkloadJson& workload);
  void Remove(const WorkloadKey& key);

  // Judges all that waits and writes what must be written. Returns the changes, in order: "shop/deployment-web NotReady 2",
  // "shop/deployment-web deleted".
  std::vector<std::string> RunAt(std::string_view now);
  std::vector<std::string> RunAt(Timestamp now);
  // Writes what must be written, at most `max`.
  std::vector<std::string> Write(size_t max = 1'000'000);
  // How many would be judged.
  size_t Waiting(std::string_view now) { return audit_->Judge(At(now), 0); }

  std::map<ObjectKey, WorkloadRecord>& records() { return records_; }
  const WorkloadRecord& record(const std::string& name, const std::string& namespace_name = "shop");

  const std::shared_ptr<const PolicySnapshot>& policies() const { return policies_; }
  const std::shared_ptr<const WaiverSet>& waivers() const { return waivers_; }
  const std::map<WorkloadKey, std::string>& workloads() const { return workloads_; }
  const std::map<std::string, std::string>& namespaces() const { return namespaces_; }

 private:
  std::unique_ptr<Audit> audit_;
  std::shared_ptr<const PolicySnapshot> policies_;
  std::shared_ptr<const WaiverSet> waivers_;
  std::map<std::string, std::string> namespaces_;  // their metadata
  std::map<WorkloadKey, std::string> workloads_;
  std::map<ObjectKey, WorkloadRecord> records_;
};

}  // namespace plimsoll::controllers::test
