#include "cluster_owners.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "plimsoll/codec/json_parser.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::controller {

class ClusterOwners::Handler final : public kube::ObjectHandler {
 public:
  Handler(ClusterOwners& owners, WorkloadKind kind) : owners_(owners), kind_(kind) {}

  void Upsert(const ObjectKey& /*key*/, JsonView object) override {
    const std::lock_guard lock(owners_.mutex_);
    owners_.index_.Set(kind_, object["metadata"]);
  }
  void Remove(const ObjectKey& /*key*/, std::string_view uid) override {
    const std::lock_guard lock(owners_.mutex_);
    owners_.index_.Remove(uid);
  }
  void Synced() override {}

 private:
  ClusterOwners& owners_;
  WorkloadKind kind_;
};

struct ClusterOwners::Watch {
  Watch(ClusterOwners& owners, WorkloadKind kind)
      : handler(owners, kind), informer(owners.api_, handler, Options(owners, kind)) {}

  static kube::InformerOptions Options(ClusterOwners& owners, WorkloadKind kind) {
    kube::InformerOptions options;
    options.type = kube::ResourceOf(kind);
    options.metadata_only = true;
    options.observer = &owners.observer_;
    return options;
  }

  Handler handler;
  kube::Informer informer;
};

ClusterOwners::ClusterOwners(kube::ApiCaller& api, FactResolver& resolver,
                             kube::InformerObserver& observer)
    : api_(api), resolver_(resolver), observer_(observer) {}

ClusterOwners::~ClusterOwners() = default;

OwnerSource::Answer ClusterOwners::Confirm(std::string_view namespace_name, WorkloadKind owned,
                                           JsonView reference,
                                           const PolicySnapshot& policies) const {
  using Known = controllers::OwnerIndex::Answer;
  controllers::OwnerIndex::Claim unknown;
  const std::lock_guard lock(mutex_);
  switch (index_.Confirm(namespace_name, owned, reference, policies, &unknown)) {
    case Known::kConfirmed:
      return Answer::kConfirmed;
    case Known::kNotConfirmed:
      return Answer::kNotConfirmed;
    case Known::kUnknown:
      break;
  }
  if (!unknown.kind) return Answer::kNotConfirmed;
  Ask(*unknown.kind, std::string(namespace_name), unknown.name, unknown.uid);
  return Answer::kPending;
}

void ClusterOwners::Ask(WorkloadKind kind, const std::string& namespace_name,
                        const std::string& name, const std::string& uid) const {
  // Called with mutex_ held. Where too many are being asked for already, the review is sent again and asks then.
  resolver_.Ask("owner/" + uid, [this, kind, namespace_name, name, uid] {
    kube::ApiRequest request;
    request.path = kube::ObjectPath(kube::ResourceOf(kind), {namespace_name, name});
    request.timeout = kResolveTimeout;
    Result<kube::ApiResponse> response = api_.Call(request);
    JsonParser parser;
    const Result<JsonView> object =
        response ? parser.Parse(response->body) : tl::unexpected(response.error());
    const std::lock_guard lock(mutex_);
    index_.SetAnswer(kind, uid, object);
  });
}

void ClusterOwners::Follow(const PolicySnapshot& policies) {
  const controllers::WorkloadKindSet needed = controllers::KindsOfOwners(policies);
  std::vector<std::unique_ptr<Watch>> ended;  // joins threads that may wait for mutex_
  std::vector<WorkloadKind> begun;
  {
    const std::lock_guard lock(mutex_);
    for (auto watch = watches_.begin(); watch != watches_.end();) {
      const bool keep = needed[static_cast<size_t>(watch->first)];
      if (!keep) ended.push_back(std::move(watch->second));
      watch = keep ? std::next(watch) : watches_.erase(watch);
    }
    for (size_t i = 0; i < kWorkloadKindCount; ++i) {
      const auto kind = static_cast<WorkloadKind>(i);
      if (needed[i] && !watches_.contains(kind)) begun.push_back(kind);
    }
  }
  ended.clear();
  for (const WorkloadKind kind : begun) {
    auto watch = std::make_unique<Watch>(*this, kind);
    const std::lock_guard lock(mutex_);
    watches_.emplace(kind, std::move(watch));
  }
  const std::lock_guard lock(mutex_);
  index_.Keep(needed);
  followed_ = true;
}

bool ClusterOwners::synced() const {
  const std::lock_guard lock(mutex_);
  synced_ =
      synced_ || (followed_ && std::all_of(watches_.begin(), watches_.end(), [](const auto& entry) {
                    return entry.second->informer.synced();
                  }));
  return synced_;
}

}  // namespace plimsoll::controller
