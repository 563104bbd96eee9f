#include "kube/watch_event.h"

#include <string>

namespace plimsoll::kube {
namespace {

constexpr std::string_view kInitialEventsEnd = "k8s.io/initial-events-end";

std::optional<WatchEvent::Kind> KindOf(std::string_view type) {
  if (type == "ADDED" || type == "MODIFIED") return WatchEvent::Kind::kUpsert;
  if (type == "DELETED") return WatchEvent::Kind::kDelete;
  if (type == "BOOKMARK") return WatchEvent::Kind::kBookmark;
  if (type == "ERROR") return WatchEvent::Kind::kError;
  return std::nullopt;
}

}  // namespace

Result<WatchEvent> ReadWatchEvent(JsonView frame) {
  const std::optional<WatchEvent::Kind> kind = KindOf(frame["type"].StringOrEmpty());
  const JsonView object = frame["object"];
  if (!kind || !object.is_object()) {
    return Fail(ErrorCode::kUnavailable,
                "expected a frame with a type (ADDED, MODIFIED, DELETED, BOOKMARK or ERROR) and an "
                "object");
  }
  const JsonView metadata = object["metadata"];
  if (*kind == WatchEvent::Kind::kBookmark && metadata["resourceVersion"].StringOrEmpty().empty()) {
    return Fail(ErrorCode::kUnavailable, "expected a bookmark with a resourceVersion");
  }
  return WatchEvent{*kind, object,
                    metadata["annotations"][kInitialEventsEnd].StringOrEmpty() == "true"};
}

Result<ObjectIdentity> IdentityOf(JsonView object) {
  const JsonView metadata = object["metadata"];
  ObjectIdentity identity{{std::string(metadata["namespace"].StringOrEmpty()),
                           std::string(metadata["name"].StringOrEmpty())},
                          metadata["uid"].StringOrEmpty(),
                          metadata["resourceVersion"].StringOrEmpty()};
  if (identity.key.name.empty() || identity.uid.empty() || identity.resource_version.empty()) {
    return Fail(ErrorCode::kUnavailable,
                "expected an object with metadata.name, uid and resourceVersion");
  }
  return identity;
}

}  // namespace plimsoll::kube
