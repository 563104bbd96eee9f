// ClusterOwners: confirms that the owner of a controlled object exists and is judged itself, from informers of the
// metadata of those kinds that policies make it necessary to know (controllers/owner_index.h): mostly none.
//
// Thread-safety: all methods from any thread. Ownership: `api` and `resolver` must outlive it.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "fact_resolver.h"
#include "plimsoll/admission/handler.h"
#include "plimsoll/controllers/owner_index.h"
#include "plimsoll/kube/api_client.h"
#include "plimsoll/kube/informer.h"

namespace plimsoll::controller {

class ClusterOwners final : public OwnerSource {
 public:
  ClusterOwners(kube::ApiCaller& api, FactResolver& resolver, kube::InformerObserver& observer);
  ~ClusterOwners() override;

  Answer Confirm(std::string_view namespace_name, WorkloadKind owned, JsonView reference,
                 const PolicySnapshot& policies) const override;

  // Watches what these policies make necessary, and nothing else. From one thread.
  void Follow(const PolicySnapshot& policies);
  // Every kind that the first policies made necessary has been listed. Once is enough: a policy that makes another kind
  // necessary must not make every replica unready at once. An owner that is not known yet is asked for.
  bool synced() const;

 private:
  class Handler;
  struct Watch;
  void Ask(WorkloadKind kind, const std::string& namespace_name, const std::string& name,
           const std::string& uid) const;

  kube::ApiCaller& api_;
  FactResolver& resolver_;
  kube::InformerObserver& observer_;
  mutable std::mutex mutex_;
  mutable controllers::OwnerIndex index_;                   // guarded by mutex_
  bool followed_ = false;                                   // guarded by mutex_
  mutable bool synced_ = false;                             // guarded by mutex_
  std::map<WorkloadKind, std::unique_ptr<Watch>> watches_;  // guarded by mutex_, but ended outside
};

}  // namespace plimsoll::controller
