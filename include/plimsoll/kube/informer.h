// Informer: knows every object of one resource, and keeps knowing: a list (streamed where the server can), then a watch
// that is taken up again for ever: with bookmarks, after 410 by a new list, after trouble with backoff and jitter. A
// silent peer is noticed by a deadline of our own.
//
// A resource that the server does not know (404: a CRD that is not installed) is one without objects: synced, and looked
// for again now and then. Where there were objects, it takes several such answers to believe it.
//
// It keeps keys, uids and resource versions, not objects: its handler keeps what it needs of each. Objects of a list by
// pages have neither kind nor apiVersion, as the API server leaves them out there.
//
// Only ApiCaller::Stream is used, for pages, too: it can be stopped.
//
// Thread-safety: all methods from any thread; the handler is called from the informer's own thread, one call at a time.
// Ownership: caller and handler must outlive it. Semantics: KEP-3157 (streaming lists), client-go tools/cache/reflector.go.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/time.h"
#include "plimsoll/kube/api_client.h"
#include "plimsoll/kube/resources.h"
#include "plimsoll/model/object_key.h"

namespace plimsoll::kube {

// One frame of a watch holds one object (3 MiB at most) and its envelope.
inline constexpr size_t kMaxWatchFrameBytes = 8 * 1024 * 1024;
inline constexpr size_t kListPageSize = 500;

class ObjectHandler {
 public:
  virtual ~ObjectHandler() = default;
  // New or changed; not called again for a resourceVersion that was handled. The view lives until the call returns.
  virtual void Upsert(const ObjectKey& key, JsonView object) = 0;
  // Deleted, or no longer selected, or found missing by a new list. An object that was replaced by another of its name is
  // removed before the other is handed over.
  virtual void Remove(const ObjectKey& key, std::string_view uid) = 0;
  // Everything that exists has been handed over, for the first time or after a new list.
  virtual void Synced() = 0;
  // The server does not know the resource. Until it does, that is all there is.
  virtual void NotInstalled() { Synced(); }
  // We may not list them (403, 401). It is tried again; Synced says that it has succeeded.
  virtual void Refused() {}
};

// Whoever logs and counts. Called from the informer's thread, Ended from the one that ends it.
class InformerObserver {
 public:
  virtual ~InformerObserver() = default;
  // An informer begins; nothing has been heard yet.
  virtual void Began(const ResourceType& /*type*/) {}
  // The server told us something: an event, a bookmark, a page, the end of a list.
  virtual void Heard(const ResourceType& /*type*/) {}
  // It is over; no call will follow.
  virtual void Ended(const ResourceType& /*type*/) {}
  // A list or watch failed and will be tried again after `wait`.
  virtual void Failed(const ResourceType& type, const Error& error,
                      std::chrono::milliseconds wait) = 0;
  // The server no longer has the changes since our last one (410): everything is listed anew.
  virtual void Relisted(const ResourceType& type) = 0;
  // The server does not know the resource (a CRD that is not installed): there are none, until it does.
  virtual void Absent(const ResourceType& type) = 0;
};

struct InformerOptions {
  ResourceType type;
  std::string namespace_name;  // "" for all
  std::string field_selector;  // "metadata.name=plimsoll"
  std::string label_selector;
  bool metadata_only = false;  // PartialObjectMetadata: owners, namespaces
  bool streaming_list = true;  // falls back to pages where the server refuses
  // The watch is renewed after a random time between once and twice this (client-go: 5 to 10 minutes).
  std::chrono::seconds watch_timeout{300};
  std::chrono::milliseconds backoff_first{800};
  std::chrono::milliseconds backoff_max{30'000};
  // Without trouble for this long, the next trouble is a first one again.
  std::chrono::milliseconds backoff_reset{120'000};
  // How long to leave a server alone that does not know the resource.
  std::chrono::seconds absent_retry{30};
  // A peer that says nothing for the watch's own time and this long besides is taken for dead.
  std::chrono::milliseconds silence_grace{30'000};
  size_t page_size = kListPageSize;
  InformerObserver* observer = nullptr;  // may be null; must outlive the informer
};

class Informer {
 public:
  Informer(ApiCaller& api, ObjectHandler& handler, InformerOptions options);
  // Stops and waits for the thread, which takes a second at most.
  ~Informer();
  Informer(const Informer&) = delete;
  Informer& operator=(const Informer&) = delete;

  const ResourceType& type() const;
  bool synced() const;
  // Listing was refused the last time (403, 401), and what it knows, if anything, is from before.
  bool refused() const;
  // The last time the server told us something (an event, a bookmark, a complete list): how old our knowledge may be.
  std::chrono::steady_clock::time_point last_heard() const;
  size_t objects() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll::kube
