// ClusterEvents as objects of events.k8s.io/v1: made to fit the API server's validation, and spelled.
//
// Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "plimsoll/base/time.h"
#include "plimsoll/controllers/ports.h"

namespace plimsoll::kube {

// Who reports.
struct EventSource {
  std::string controller;
  std::string instance;
};

// How often something was seen, and when last.
struct EventCount {
  int64_t count = 1;
  Timestamp last;
};

// Texts cut and cleaned as EventRecorder says.
controllers::ClusterEvent FittingEvent(controllers::ClusterEvent event);
EventSource FittingSource(EventSource source);

// "checkout.1f2e3d4c5b6a7988": a valid name whatever the subject is called.
std::string EventName(std::string_view subject, uint64_t unique);
// Of the Event itself.
std::string EventNamespace(const controllers::ClusterEvent& event);

// With a series where it was seen more than once.
std::string NewEvent(const controllers::ClusterEvent& event, const EventSource& source,
                     const std::string& name, Timestamp first, const EventCount& seen);
// A merge patch: of an Event only the series may change.
std::string SeriesPatch(const EventCount& seen);

}  // namespace plimsoll::kube
