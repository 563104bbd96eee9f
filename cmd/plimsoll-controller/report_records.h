// ReportRecords: every WorkloadReadiness of the cluster as the report needs it. Kept only where the report is served; what
// brings them is the watch that histories have anyway.
//
// Thread-safety: Current, Revision and synced from any thread; the handler's methods from the informer's. Memory: a record
// as it is read, some 3 KB with four findings.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "plimsoll/base/fingerprint.h"
#include "plimsoll/kube/informer.h"
#include "plimsoll/record/questions.h"

namespace plimsoll::controller {

class ReportRecords final : public kube::ObjectHandler {
 public:
  void Upsert(const ObjectKey& key, JsonView object) override;
  void Remove(const ObjectKey& key, std::string_view uid) override;
  void Synced() override { synced_ = true; }

  bool synced() const { return synced_; }
  // By namespace and name.
  std::vector<RecordWithHistory> Current() const;
  // Adds what the API server calls the state of each: the same on every replica that has seen the same.
  void AddRevision(FingerprintText& text) const;

 private:
  struct Known {
    std::string resource_version;
    std::shared_ptr<const RecordWithHistory> record;
  };

  std::atomic<bool> synced_{false};
  mutable std::mutex mutex_;        // held while pointers are copied
  std::map<ObjectKey, Known> all_;  // guarded by mutex_
};

// Hands on to two what one watch brings.
class BothHandlers final : public kube::ObjectHandler {
 public:
  BothHandlers(kube::ObjectHandler& first, kube::ObjectHandler& second)
      : first_(first), second_(second) {}
  void Upsert(const ObjectKey& key, JsonView object) override {
    first_.Upsert(key, object);
    second_.Upsert(key, object);
  }
  void Remove(const ObjectKey& key, std::string_view uid) override {
    first_.Remove(key, uid);
    second_.Remove(key, uid);
  }
  void Synced() override {
    first_.Synced();
    second_.Synced();
  }
  void NotInstalled() override {
    first_.NotInstalled();
    second_.NotInstalled();
  }
  void Refused() override {
    first_.Refused();
    second_.Refused();
  }

 private:
  kube::ObjectHandler& first_;
  kube::ObjectHandler& second_;
};

}  // namespace plimsoll::controller
