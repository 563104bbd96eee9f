// ClusterRelated: what there is beside workloads (model/related_objects.h), from informers of those kinds that the rules of
// the policies ask about: mostly few. A kind that is not known yet, or that we may not read, is not known; nobody waits.
//
// Changes are gathered for kPublishInterval and then shown at once, to reviews and to the listener.
//
// Thread-safety: all methods from any thread; the listener is called from a thread of this. Ownership: `api` and `observer`
// must outlive it.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "loop.h"
#include "plimsoll/admission/handler.h"
#include "plimsoll/kube/api_client.h"
#include "plimsoll/kube/informer.h"
#include "plimsoll/model/related_objects.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll::controller {

// A rollout of a thousand applications changes thousands of objects: each is worth a snapshot only so often.
inline constexpr std::chrono::milliseconds kPublishInterval(100);

class ClusterRelated final : public RelatedSource {
 public:
  using Listener = std::function<void(std::shared_ptr<const RelatedObjects>, const RelatedChange&)>;

  ClusterRelated(kube::ApiCaller& api, kube::InformerObserver& observer,
                 std::chrono::seconds grace);
  ~ClusterRelated() override;

  std::shared_ptr<const RelatedObjects> Current() const override;
  std::chrono::seconds Grace() const override { return grace_; }

  // Watches what the rules of these policies ask about, and nothing else. From one thread.
  void Follow(const PolicySnapshot& policies);
  // What these policies need is known, or may not be read.
  bool Settled(const PolicySnapshot& policies) const;

  // Tells `listener` what is known, and of each change from now on, before Current has it; null ends that.
  void SetListener(Listener listener);

 private:
  class Handler;
  struct Watch;
  void Changed(const RelatedChange& change);  // with index_mutex_ held
  std::chrono::milliseconds Publish();

  kube::ApiCaller& api_;
  kube::InformerObserver& observer_;
  const std::chrono::seconds grace_;
  // Held while an object is read in or a snapshot is made; never taken by a review.
  std::mutex index_mutex_;
  RelatedIndex index_;     // guarded by index_mutex_
  RelatedChange pending_;  // guarded by index_mutex_: not published yet
  // Held while the listener is told, and keeps SetListener's first call apart from changes.
  std::mutex listener_mutex_;
  Listener listener_;  // guarded by listener_mutex_
  mutable std::mutex mutex_;
  std::shared_ptr<const RelatedObjects> published_;        // guarded by mutex_
  std::map<RelatedKind, std::unique_ptr<Watch>> watches_;  // guarded by mutex_, but ended outside
  std::chrono::steady_clock::time_point publish_at_;       // of the loop's thread
  Loop loop_;
};

}  // namespace plimsoll::controller
