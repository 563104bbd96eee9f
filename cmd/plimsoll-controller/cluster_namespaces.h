// ClusterNamespaces: the labels and annotations of the cluster's namespaces, as an informer brings them, for reviews and
// for the audit. A namespace that a review names and nobody has met is asked for (fact_resolver.h).
//
// Thread-safety: all methods from any thread. Ownership: `api` and `resolver` must outlive it.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "fact_resolver.h"
#include "plimsoll/admission/handler.h"
#include "plimsoll/kube/api_client.h"
#include "plimsoll/kube/informer.h"

namespace plimsoll::controller {

// How long a namespace that could not be found counts as one without labels before it is asked for again.
inline constexpr std::chrono::seconds kAbsentNamespaceLife(5);

class ClusterNamespaces final : public NamespaceSource, public kube::ObjectHandler {
 public:
  // Who wants to know of changes, too (the audit). Called from the informer's thread; `metadata` is missing where the
  // namespace is gone.
  using Listener = std::function<void(std::string_view name, JsonView metadata)>;

  ClusterNamespaces(kube::ApiCaller& api, FactResolver& resolver);

  Facts Find(std::string_view name) const override;

  void Upsert(const ObjectKey& key, JsonView object) override;
  void Remove(const ObjectKey& key, std::string_view uid) override;
  void Synced() override { synced_ = true; }
  // Every namespace that exists has been met once.
  bool synced() const { return synced_; }

  // Tells `listener` of every namespace, and of each change from now on; null ends that.
  void SetListener(Listener listener);

 private:
  struct Namespace {
    std::shared_ptr<const Document> metadata;  // null: not there when it was asked for
    std::chrono::steady_clock::time_point asked;
  };
  void Ask(const std::string& name) const;
  void Keep(const std::string& name, Namespace found, bool unless_known) const;

  std::atomic<bool> synced_{false};
  kube::ApiCaller& api_;
  FactResolver& resolver_;
  // Held for a look-up and the copy of a pointer. `listener_mutex_` is held while the listener is told, and keeps
  // SetListener's first round apart from changes; it is never taken by a review.
  mutable std::mutex listener_mutex_;
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, Namespace> namespaces_;  // guarded by mutex_
  Listener listener_;                                              // guarded by listener_mutex_
};

}  // namespace plimsoll::controller
