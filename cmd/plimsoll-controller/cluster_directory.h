// ClusterDirectory: the directory of teams as a ConfigMap of the controller's own namespace has it, compiled. Requests take a
// shared pointer and keep what they began with.
//
// What cannot be read refuses nobody: while the ConfigMap has a problem, cannot be read, or has been deleted, the last good
// version goes on to be used, marked as outdated (model/team_directory.h); where there never was one, an empty one stands for
// it. A ConfigMap that was not there when we began is no directory: rules that would ask it do not apply.
//
// Thread-safety: Current, Problem, settled and teams from any thread; the rest from the informer's.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "plimsoll/kube/informer.h"
#include "plimsoll/model/team_directory.h"
#include "plimsoll/telemetry/logger.h"

namespace plimsoll::controller {

class ClusterDirectory final : public kube::ObjectHandler, public kube::InformerObserver {
 public:
  // `name`: of the ConfigMap, for messages. `observer` is told what an informer tells; `changed` is called from the
  // informer's thread.
  ClusterDirectory(std::string name, Logger& logger, kube::InformerObserver& observer,
                   std::function<void()> changed);

  // Null: there is no directory.
  std::shared_ptr<const TeamDirectory> Current() const;
  // What is wrong with it, for people; nothing where all is well, or there is no directory.
  std::optional<std::string> Problem() const;
  // In force as the ConfigMap has it now.
  bool ready() const;
  // It has been read, or could not be: who waits for it need wait no longer.
  bool settled() const { return settled_; }

  void Upsert(const ObjectKey& key, JsonView object) override;
  void Remove(const ObjectKey& key, std::string_view uid) override;
  void Synced() override;

  void Began(const kube::ResourceType& type) override { observer_.Began(type); }
  void Heard(const kube::ResourceType& type) override { observer_.Heard(type); }
  void Ended(const kube::ResourceType& type) override { observer_.Ended(type); }
  void Failed(const kube::ResourceType& type, const Error& error,
              std::chrono::milliseconds wait) override;
  void Relisted(const kube::ResourceType& type) override { observer_.Relisted(type); }
  void Absent(const kube::ResourceType& type) override { observer_.Absent(type); }

 private:
  void Set(std::shared_ptr<const TeamDirectory> directory, std::string problem);
  // The last good version, marked.
  void Outdate(std::string problem);

  const std::string name_;
  Logger& logger_;
  kube::InformerObserver& observer_;
  std::function<void()> changed_;
  std::atomic<bool> settled_ = false;
  bool known_ = false;  // of the informer's thread: it has been there once
  mutable std::mutex mutex_;
  std::shared_ptr<const TeamDirectory> current_;  // guarded by mutex_
  std::string problem_;                           // guarded by mutex_
};

}  // namespace plimsoll::controller
