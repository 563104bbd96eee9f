#include "tests/controllers/audit_world.h"

#include <sstream>
#include <stdexcept>
#include <utility>

namespace plimsoll::controllers::test {
namespace {

using plimsoll::test::Json;

constexpr size_t kAll = 1'000'000;

std::string ControllerJson(const std::string& controller) {
  std::istringstream words(controller);
  std::string kind;
  std::string name;
  std::string uid;
  words >> kind >> name >> uid;
  const std::optional<WorkloadKind> known = ParseWorkloadKind(kind);
  const std::string version = known ? ServedApiVersion(*known) : "example.org/v1";
  return R"(,"ownerReferences":[{"apiVersion":")" + version + R"(","kind":")" + kind +
         R"(","name":")" + name + R"(","uid":")" + uid + R"(","controller":true}])";
}

std::string Told(const RecordChange& change) {
  const std::string key = change.key.namespace_name + "/" + change.key.name;
  if (!change.record) return key + " deleted";
  return key + " " + std::string(ReadinessStateName(change.record->state)) + " " +
         std::to_string(change.record->failing);
}

}  // namespace

ReadinessPolicy TestPolicy(std::string name, std::vector<Stage> stages) {
  ReadinessPolicy policy =
      plimsoll::test::Policy(std::move(name), std::move(stages),
                             {&plimsoll::test::NeedsOwner(), &plimsoll::test::NeedsProbe()});
  policy.owner_keys = {"owner"};
  policy.tiers = {"tier", {"critical", "standard"}, "standard"};
  return policy;
}

Stage From(Action action, std::string_view date) { return {action, At(date)}; }

std::string ToText(const WorkloadJson& workload) {
  const WorkloadKey& key = workload.key;
  const std::string uid = workload.uid.empty() ? "uid-" + key.name : workload.uid;
  std::string text = R"({"apiVersion":")" + ServedApiVersion(key.kind) + R"(","kind":")" +
                     std::string(WorkloadKindName(key.kind)) + R"(","metadata":{"name":")" +
                     key.name + R"(","namespace":")" + key.namespace_name + R"(","uid":")" + uid +
                     R"(","labels":{)" + workload.labels + R"(},"annotations":{)" +
                     workload.annotations + "}" + workload.metadata;
  if (!workload.controller.empty()) text += ControllerJson(workload.controller);
  const std::string pod = R"("containers":[{"name":"main","image":"a")" + workload.container + "}]";
  if (key.kind == WorkloadKind::kPod) return text + R"(},"spec":{)" + pod + "}}";
  return text + R"(},"spec":{"replicas":)" + workload.replicas +
         R"(,"template":{"metadata":{"labels":{"app":"web"}},"spec":{)" + pod + "}}}}";
}

World::World() : audit_(std::make_unique<Audit>()) {}

void World::Restart() {
  audit_ = std::make_unique<Audit>();
  for (const auto& [key, record] : records_) audit_->SetRecord(key, record);
  if (policies_ != nullptr) audit_->SetPolicies(policies_);
  audit_->SetWaivers(waivers_);
  for (const auto& [name, metadata] : namespaces_) {
    const Json json(metadata);
    audit_->SetNamespace(name, json.view());
  }
  for (const auto& [key, text] : workloads_) {
    const Json json(text);
    audit_->SetWorkload(key, json.view());
  }
}

void World::SetPolicies(std::vector<ReadinessPolicy> policies) {
  policies_ = std::make_shared<const PolicySnapshot>(std::move(policies));
  audit_->SetPolicies(policies_);
}

void World::SetWaivers(const std::vector<ReadinessWaiver>& waivers) {
  std::vector<WaiverSet::Pointer> shared;
  for (const ReadinessWaiver& waiver : waivers) {
    shared.push_back(std::make_shared<const ReadinessWaiver>(waiver));
  }
  waivers_ = std::make_shared<const WaiverSet>(std::move(shared));
  audit_->SetWaivers(waivers_);
}

void World::SetNamespace(const std::string& name, const std::string& labels) {
  namespaces_[name] = R"({"name":")" + name + R"(","labels":{)" + labels + "}}";
  const Json json(namespaces_[name]);
  audit_->SetNamespace(name, json.view());
}

void World::RemoveNamespace(const std::string& name) {
  namespaces_.erase(name);
  audit_->RemoveNamespace(name);
}

void World::Set(const WorkloadJson& workload) {
  const std::string text = ToText(workload);
  workloads_[workload.key] = text;
  const Json json(text);
  audit_->SetWorkload(workload.key, json.view());
}

void World::Remove(const WorkloadKey& key) {
  workloads_.erase(key);
  audit_->RemoveWorkload(key);
}

std::vector<std::string> World::RunAt(std::string_view now) { return RunAt(At(now)); }

std::vector<std::string> World::RunAt(Timestamp now) {
  if (audit_->Judge(now, kAll) != 0) throw std::logic_error("some still wait");
  return Write();
}

std::vector<std::string> World::Write(size_t max) {
  std::vector<std::string> told;
  for (const RecordChange& change : audit_->TakeChanges(max)) {
    told.push_back(Told(change));
    if (change.record) {
      records_[change.key] = *change.record;
      audit_->SetRecord(change.key, *change.record);  // as the watch tells it
    } else {
      records_.erase(change.key);
      audit_->RemoveRecord(change.key);
    }
  }
  return told;
}

const WorkloadRecord& World::record(const std::string& name, const std::string& namespace_name) {
  const auto found = records_.find({namespace_name, name});
  if (found == records_.end()) throw std::logic_error("no record " + name);
  return found->second;
}

}  // namespace plimsoll::controllers::test
