#include "cluster_related.h"

#include <iterator>
#include <utility>
#include <vector>

#include "plimsoll/codec/related_objects.h"
#include "plimsoll/kube/resources.h"
#include "plimsoll/policy/needs.h"

namespace plimsoll::controller {
namespace {

// Beside publishing, nothing happens by the clock.
constexpr std::chrono::milliseconds kIdle = std::chrono::hours(1);

}  // namespace

class ClusterRelated::Handler final : public kube::ObjectHandler {
 public:
  Handler(ClusterRelated& related, RelatedKind kind) : related_(related), kind_(kind) {}

  void Upsert(const ObjectKey& key, JsonView object) override {
    const std::lock_guard lock(related_.index_mutex_);
    Tell(SetRelated(related_.index_, kind_, key, object));
  }
  void Remove(const ObjectKey& key, std::string_view /*uid*/) override {
    const std::lock_guard lock(related_.index_mutex_);
    Tell(related_.index_.Remove(kind_, key));
  }
  void Synced() override { Know(Knowledge::kKnown); }
  void NotInstalled() override { Know(Knowledge::kNotInstalled); }

 private:
  void Know(Knowledge knowledge) {
    const std::lock_guard lock(related_.index_mutex_);
    related_.Changed(related_.index_.SetKnowledge(kind_, knowledge));
  }

  // Until all of the kind are known no rule asks for it: there is nothing to tell, ten thousand times, while it is listed.
  // While index_mutex_ is held.
  void Tell(const RelatedChange& change) {
    if (related_.index_.KnowledgeOf(kind_) == Knowledge::kKnown) related_.Changed(change);
  }

  ClusterRelated& related_;
  RelatedKind kind_;
};

struct ClusterRelated::Watch {
  Watch(ClusterRelated& related, RelatedKind kind)
      : handler(related, kind), informer(related.api_, handler, Options(related, kind)) {}

  static kube::InformerOptions Options(ClusterRelated& related, RelatedKind kind) {
    kube::InformerOptions options;
    options.type = kube::ResourceOf(kind);
    options.observer = &related.observer_;
    if (kind == RelatedKind::kRuleFile) {
      options.label_selector = std::string(kRuleFileLabel) + "=true";
    }
    return options;
  }

  Handler handler;
  kube::Informer informer;
};

ClusterRelated::ClusterRelated(kube::ApiCaller& api, kube::InformerObserver& observer,
                               std::chrono::seconds grace)
    : api_(api),
      observer_(observer),
      grace_(grace),
      published_(index_.Snapshot()),
      loop_([this](bool) { return Publish(); }) {}

ClusterRelated::~ClusterRelated() {
  std::map<RelatedKind, std::unique_ptr<Watch>> ended;
  const std::lock_guard lock(mutex_);
  ended.swap(watches_);
}

std::shared_ptr<const RelatedObjects> ClusterRelated::Current() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

void ClusterRelated::Changed(const RelatedChange& change) {
  if (change.none()) return;
  pending_.any_namespace = pending_.any_namespace || change.any_namespace;
  // Whom a change of everybody concerns need not be listed.
  if (pending_.any_namespace) {
    pending_.namespaces.clear();
  } else {
    pending_.namespaces.insert(pending_.namespaces.end(), change.namespaces.begin(),
                               change.namespaces.end());
  }
  loop_.Wake();
}

std::chrono::milliseconds ClusterRelated::Publish() {
  const auto now = std::chrono::steady_clock::now();
  if (now < publish_at_) return std::chrono::ceil<std::chrono::milliseconds>(publish_at_ - now);
  publish_at_ = now + kPublishInterval;
  const std::lock_guard told(listener_mutex_);
  std::shared_ptr<const RelatedObjects> snapshot;
  RelatedChange change;
  {
    const std::lock_guard lock(index_mutex_);
    if (pending_.none()) return kIdle;
    snapshot = index_.Snapshot();
    change = std::exchange(pending_, {});
  }
  if (listener_) listener_(snapshot, change);
  const std::lock_guard lock(mutex_);
  published_ = std::move(snapshot);
  return kIdle;
}

void ClusterRelated::Follow(const PolicySnapshot& policies) {
  const RelatedKinds needs = RelatedKindsOf(policies);
  std::map<RelatedKind, std::unique_ptr<Watch>> ended;  // joins threads that may wait for a lock
  std::vector<RelatedKind> begun;
  {
    const std::lock_guard lock(mutex_);
    for (size_t i = 0; i < kRelatedKindCount; ++i) {
      const auto kind = static_cast<RelatedKind>(i);
      const auto watch = watches_.find(kind);
      if (needs.Has(kind) && watch == watches_.end()) begun.push_back(kind);
      if (!needs.Has(kind) && watch != watches_.end()) ended.insert(watches_.extract(watch));
    }
  }
  for (auto& [kind, watch] : ended) {
    watch.reset();
    const std::lock_guard lock(index_mutex_);
    Changed(index_.SetKnowledge(kind, Knowledge::kUnknown));
  }
  for (const RelatedKind kind : begun) {
    auto watch = std::make_unique<Watch>(*this, kind);
    const std::lock_guard lock(mutex_);
    watches_.emplace(kind, std::move(watch));
  }
}

bool ClusterRelated::Settled(const PolicySnapshot& policies) const {
  const RelatedKinds needs = RelatedKindsOf(policies);
  const std::lock_guard lock(mutex_);
  for (size_t i = 0; i < kRelatedKindCount; ++i) {
    const auto kind = static_cast<RelatedKind>(i);
    if (!needs.Has(kind) || published_->KnowledgeOf(kind) != Knowledge::kUnknown) continue;
    const auto watch = watches_.find(kind);
    if (watch == watches_.end() || !watch->second->informer.refused()) return false;
  }
  return true;
}

void ClusterRelated::SetListener(Listener listener) {
  const std::lock_guard told(listener_mutex_);
  listener_ = std::move(listener);
  if (listener_) listener_(Current(), {true, {}});
}

}  // namespace plimsoll::controller
