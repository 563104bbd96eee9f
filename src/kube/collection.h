// The requests an informer makes of one collection.
//
// Pure. Thread-safety: functions without state. Semantics: API concepts ("Streaming lists", "Retrieving large results sets in
// chunks", "Watch bookmarks"); KEP-3157.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "plimsoll/kube/api_client.h"
#include "plimsoll/kube/informer.h"

namespace plimsoll::kube {

// One page; `continue_token` is "" for the first. No resourceVersion: what is true now, not what a cache remembers.
ApiRequest PageRequest(const InformerOptions& options, size_t page_size,
                       std::string_view continue_token);
// All objects as ADDED frames, a bookmark at their end, and then the changes.
ApiRequest StreamedListRequest(const InformerOptions& options, std::chrono::seconds timeout);
// The changes after `resource_version`.
ApiRequest WatchRequest(const InformerOptions& options, std::chrono::seconds timeout,
                        std::string_view resource_version);

}  // namespace plimsoll::kube
