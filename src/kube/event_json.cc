#include "kube/event_json.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "kube/object_json.h"
#include "plimsoll/base/text.h"
#include "plimsoll/kube/event_recorder.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::kube {
namespace {

using controllers::ClusterEvent;

// A DNS subdomain (RFC 1123) as the API has it.
constexpr size_t kMaxNameBytes = 253;
constexpr size_t kUniqueBytes = 17;  // "." and 16 digits

nlohmann::json Series(const EventCount& seen) {
  return {{"count", seen.count}, {"lastObservedTime", FormatMicroTime(seen.last)}};
}

nlohmann::json Reference(const ClusterEvent& event) {
  nlohmann::json reference = {
      {"apiVersion", event.api_version}, {"kind", event.kind}, {"name", event.regarding.name}};
  if (!event.regarding.namespace_name.empty()) {
    reference["namespace"] = event.regarding.namespace_name;
  }
  if (!event.uid.empty()) reference["uid"] = event.uid;
  return reference;
}

}  // namespace

ClusterEvent FittingEvent(ClusterEvent event) {
  event.note = SanitizeLine(event.note, kMaxEventNoteBytes);
  event.reason = SanitizeLine(event.reason, kMaxEventWordBytes);
  event.action = SanitizeLine(event.action, kMaxEventWordBytes);
  return event;
}

EventSource FittingSource(EventSource source) {
  source.instance = SanitizeLine(source.instance, kMaxEventWordBytes);
  return source;
}

std::string EventName(std::string_view subject, uint64_t unique) {
  std::string name;
  for (const char c : ToLowerAscii(subject.substr(0, kMaxNameBytes - kUniqueBytes))) {
    const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (alphanumeric || !name.empty()) name += alphanumeric ? c : '-';
  }
  while (name.ends_with('-')) name.pop_back();
  if (name.empty()) name = "event";
  std::array<char, kUniqueBytes + 1> suffix{};
  std::snprintf(suffix.data(), suffix.size(), ".%016llx", static_cast<unsigned long long>(unique));
  return name + suffix.data();
}

std::string EventNamespace(const ClusterEvent& event) {
  return event.regarding.namespace_name.empty() ? "default" : event.regarding.namespace_name;
}

std::string NewEvent(const ClusterEvent& event, const EventSource& source, const std::string& name,
                     Timestamp first, const EventCount& seen) {
  const bool warning = event.type == ClusterEvent::Type::kWarning;
  nlohmann::json object = {{"apiVersion", kEvents.api_version()},
                           {"kind", kEvents.kind},
                           {"metadata", {{"name", name}, {"namespace", EventNamespace(event)}}},
                           {"eventTime", FormatMicroTime(first)},
                           {"reportingController", source.controller},
                           {"reportingInstance", source.instance},
                           {"type", warning ? "Warning" : "Normal"},
                           {"reason", event.reason},
                           {"action", event.action},
                           {"note", event.note},
                           {"regarding", Reference(event)}};
  if (seen.count > 1) object["series"] = Series(seen);
  return WriteJson(object);
}

std::string SeriesPatch(const EventCount& seen) { return WriteJson({{"series", Series(seen)}}); }

}  // namespace plimsoll::kube
