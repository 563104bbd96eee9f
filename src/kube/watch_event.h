// WatchEvent: what one frame of a watch says, and which object an object is.
//
// Pure. Thread-safety: value types, functions without state. Ownership: views live as long as the parsed frame.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/result.h"
#include "plimsoll/model/object_key.h"

namespace plimsoll::kube {

struct WatchEvent {
  enum class Kind : uint8_t { kUpsert, kDelete, kBookmark, kError };
  Kind kind = Kind::kError;
  JsonView object;                  // with kError a Status
  bool initial_events_end = false;  // with kBookmark: the streamed list is complete
};

// Errors say what was expected of a frame.
Result<WatchEvent> ReadWatchEvent(JsonView frame);

struct ObjectIdentity {
  ObjectKey key;
  std::string_view uid;
  std::string_view resource_version;
};

Result<ObjectIdentity> IdentityOf(JsonView object);

}  // namespace plimsoll::kube
