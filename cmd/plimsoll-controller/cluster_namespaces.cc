#include "cluster_namespaces.h"

#include <utility>
#include <vector>

#include "plimsoll/codec/json_parser.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::controller {
namespace {

NamespaceSource::Facts FactsOf(std::shared_ptr<const Document> metadata) {
  const JsonView root = metadata->root();
  return {root["labels"], root["annotations"], std::move(metadata), false};
}

}  // namespace

ClusterNamespaces::ClusterNamespaces(kube::ApiCaller& api, FactResolver& resolver)
    : api_(api), resolver_(resolver) {}

NamespaceSource::Facts ClusterNamespaces::Find(std::string_view name) const {
  {
    const std::lock_guard lock(mutex_);
    const auto found = namespaces_.find(std::string(name));
    if (found != namespaces_.end()) {
      if (found->second.metadata != nullptr) return FactsOf(found->second.metadata);
      const auto age = std::chrono::steady_clock::now() - found->second.asked;
      if (age < kAbsentNamespaceLife) return {};
    }
  }
  Ask(std::string(name));
  return {{}, {}, nullptr, true};
}

void ClusterNamespaces::Ask(const std::string& name) const {
  // Too many at once: this one is not asked for; the review is sent again, and asks again.
  (void)resolver_.Ask("namespace/" + name, [this, name] {
    kube::ApiRequest request;
    request.path = kube::ObjectPath(kube::kNamespaces, {"", name});
    request.timeout = kResolveTimeout;
    Result<kube::ApiResponse> response = api_.Call(request);
    if (!response) {
      // Only "there is none" is an answer. After anything else the review is sent again, and asks again.
      if (response.error().code == ErrorCode::kNotFound) {
        Keep(name, {nullptr, std::chrono::steady_clock::now()}, true);
      }
      return;
    }
    JsonParser parser;
    const Result<JsonView> object = parser.Parse(response->body);
    if (object) Keep(name, {CopyOf((*object)["metadata"]), {}}, true);
  });
}

void ClusterNamespaces::Keep(const std::string& name, Namespace found, bool unless_known) const {
  const std::lock_guard lock(mutex_);
  Namespace& entry = namespaces_[name];
  if (unless_known && entry.metadata != nullptr) return;
  entry = std::move(found);
}

void ClusterNamespaces::Upsert(const ObjectKey& key, JsonView object) {
  const std::lock_guard told(listener_mutex_);
  Keep(key.name, {CopyOf(object["metadata"]), {}}, false);
  if (listener_) listener_(key.name, object["metadata"]);
}

void ClusterNamespaces::Remove(const ObjectKey& key, std::string_view /*uid*/) {
  const std::lock_guard told(listener_mutex_);
  {
    const std::lock_guard lock(mutex_);
    namespaces_.erase(key.name);
  }
  if (listener_) listener_(key.name, {});
}

void ClusterNamespaces::SetListener(Listener listener) {
  const std::lock_guard told(listener_mutex_);
  listener_ = std::move(listener);
  if (!listener_) return;
  std::vector<std::pair<std::string, std::shared_ptr<const Document>>> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, entry] : namespaces_) {
      if (entry.metadata != nullptr) all.emplace_back(name, entry.metadata);
    }
  }
  for (const auto& [name, metadata] : all) listener_(name, metadata->root());
}

}  // namespace plimsoll::controller
