// ClusterWaivers: the ReadinessWaivers of the cluster as an informer brings them. Requests take a shared pointer and keep
// what they began with.
//
// One that cannot be read excuses nothing, nor does one that is being deleted: from then on its spec is nobody's promise.
//
// Thread-safety: Current and Waivers from any thread; the handler's methods from the informer's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "plimsoll/controllers/waiver_status.h"
#include "plimsoll/kube/informer.h"
#include "plimsoll/policy/waiver_set.h"
#include "plimsoll/telemetry/logger.h"

namespace plimsoll::controller {

// One ReadinessWaiver as the API server has it. Immutable.
struct ClusterWaiver {
  ObjectKey key;
  std::string uid;
  int64_t generation = 0;
  bool deleting = false;
  std::shared_ptr<const ParsedWaiver> parsed;
  std::optional<controllers::WaiverStatus> status;  // as stored
};

class ClusterWaivers final : public kube::ObjectHandler {
 public:
  // `changed` is called from the informer's thread after what there is has changed, and at the first sync.
  ClusterWaivers(Logger& logger, std::function<void()> changed);

  // Null until all have been read for the first time.
  std::shared_ptr<const WaiverSet> Current() const;
  // All of them by namespace and name, those that excuse nothing among them.
  std::vector<std::shared_ptr<const ClusterWaiver>> Waivers() const;

  void Upsert(const ObjectKey& key, JsonView object) override;
  void Remove(const ObjectKey& key, std::string_view uid) override;
  void Synced() override;

 private:
  void Publish();

  Logger& logger_;
  std::function<void()> changed_;
  bool synced_ = false;  // of the informer's thread
  // Held for the copy of pointers.
  mutable std::mutex mutex_;
  std::map<ObjectKey, std::shared_ptr<const ClusterWaiver>> waivers_;  // guarded by mutex_
  std::shared_ptr<const WaiverSet> current_;                           // guarded by mutex_
};

}  // namespace plimsoll::controller
