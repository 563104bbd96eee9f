#include "cluster_waivers.h"

#include <utility>

#include "plimsoll/kube/waiver_status_store.h"

namespace plimsoll::controller {

ClusterWaivers::ClusterWaivers(Logger& logger, std::function<void()> changed)
    : logger_(logger), changed_(std::move(changed)) {}

std::shared_ptr<const WaiverSet> ClusterWaivers::Current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

std::vector<std::shared_ptr<const ClusterWaiver>> ClusterWaivers::Waivers() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<const ClusterWaiver>> waivers;
  waivers.reserve(waivers_.size());
  for (const auto& [key, waiver] : waivers_) waivers.push_back(waiver);
  return waivers;
}

void ClusterWaivers::Upsert(const ObjectKey& key, JsonView object) {
  const JsonView metadata = object["metadata"];
  auto waiver = std::make_shared<ClusterWaiver>();
  waiver->key = key;
  waiver->uid = metadata["uid"].StringOrEmpty();
  waiver->generation = metadata["generation"].AsInt().value_or(0);
  waiver->deleting = metadata["deletionTimestamp"].present();
  waiver->status = kube::ReadWaiverStatus(object);
  std::shared_ptr<const ClusterWaiver> known;
  {
    const std::lock_guard lock(mutex_);
    const auto found = waivers_.find(key);
    if (found != waivers_.end()) known = found->second;
  }
  // The generation changes with the spec, and nothing but names, the creation and the spec is read.
  const bool same_spec =
      known != nullptr && known->uid == waiver->uid && known->generation == waiver->generation;
  if (same_spec) {
    waiver->parsed = known->parsed;
  } else {
    waiver->parsed =
        std::make_shared<const ParsedWaiver>(ParseReadinessWaiver(object, key.namespace_name));
    for (const Diagnostic& problem : waiver->parsed->problems) {
      logger_.Log(LogLevel::kError, "problem in a waiver",
                  {{"resource_namespace", key.namespace_name},
                   {"name", key.name},
                   {"path", problem.path},
                   {"problem", problem.message}});
      break;  // its status has all of them
    }
  }
  const bool nothing_new = same_spec && known->deleting == waiver->deleting;
  {
    const std::lock_guard lock(mutex_);
    waivers_[key] = std::move(waiver);
  }
  if (!nothing_new) Publish();
}

void ClusterWaivers::Remove(const ObjectKey& key, std::string_view /*uid*/) {
  {
    const std::lock_guard lock(mutex_);
    waivers_.erase(key);
  }
  Publish();
}

void ClusterWaivers::Synced() {
  synced_ = true;
  Publish();
}

void ClusterWaivers::Publish() {
  if (!synced_) return;
  std::vector<WaiverSet::Pointer> waivers;
  for (const auto& waiver : Waivers()) {
    const std::optional<ReadinessWaiver>& parsed = waiver->parsed->waiver;
    // Shares the life of what it is a part of.
    if (parsed && !waiver->deleting) waivers.emplace_back(waiver->parsed, &*parsed);
  }
  auto set = std::make_shared<const WaiverSet>(std::move(waivers));
  {
    const std::lock_guard lock(mutex_);
    current_ = std::move(set);
  }
  changed_();
}

}  // namespace plimsoll::controller
