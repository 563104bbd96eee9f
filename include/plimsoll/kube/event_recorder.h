// EventRecorder: writes events.k8s.io/v1 Events, what `kubectl describe` and `kubectl get events` show. It writes from a
// thread of its own; Emit takes the event in and returns.
//
// The same event again (subject, type, reason, action and note all equal) within six minutes is no new Event but a series:
// the first repetition is written at once, later ones are counted and written every half hour and when the series has been
// quiet for six minutes. New Events of one subject are limited to kEventBurst at once and one each kEventInterval. What
// fails for a reason that passes is tried kMaxEventTries times, kEventRetryInterval apart. What is beyond a limit, or is
// refused, or cannot be written is dropped and counted: Events are for people, and no record.
//
// Texts are made to fit: control characters become spaces, bytes that are no UTF-8 become U+FFFD, what is too long is cut.
// Events of cluster-scoped subjects are in the namespace `default`, where the API puts them. RBAC: create and patch on
// events.events.k8s.io.
//
// Thread-safety: all methods from any thread. Ownership: `api` and `clock` must outlive it. Semantics: KEP-383; client-go
// tools/events; limits of Events: kubernetes pkg/apis/core/validation/events.go.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/controllers/ports.h"
#include "plimsoll/kube/api_client.h"

namespace plimsoll::kube {

// The API server takes no more.
inline constexpr size_t kMaxEventNoteBytes = 1024;
inline constexpr size_t kMaxEventWordBytes = 128;  // reason, action, reportingInstance
// client-go's limits: a subject in trouble must not fill etcd with Events.
inline constexpr size_t kEventBurst = 25;
inline constexpr std::chrono::seconds kEventInterval{300};
inline constexpr std::chrono::minutes kEventSeriesIdle{6};
inline constexpr std::chrono::minutes kEventSeriesRefresh{30};
inline constexpr int kMaxEventTries = 12;
inline constexpr std::chrono::seconds kEventRetryInterval{10};
// Some 3 KiB each.
inline constexpr size_t kMaxQueuedEvents = 1000;
// Series and subjects that are remembered; beyond it the oldest are forgotten.
inline constexpr size_t kMaxEventSeries = 4096;
// The end of the process does not wait longer for what is still to be written.
inline constexpr std::chrono::seconds kEventFlushTime{3};

struct EventRecorderOptions {
  std::string reporting_controller = "plimsoll.dev/plimsoll-controller";  // a qualified name
  std::string reporting_instance;                                         // the pod's name
  const Clock* clock = nullptr;  // for the Events' dates; needed
  // For logs: an Event that was given up, and why. Called from the recorder's thread.
  std::function<void(const Error&)> failed;
  // What intervals are measured by. Tests turn it themselves.
  std::function<std::chrono::steady_clock::time_point()> now;
};

class EventRecorder final : public controllers::EventSink {
 public:
  EventRecorder(ApiCaller& api, EventRecorderOptions options);
  // Tries once to write what is still to be written, for kEventFlushTime at most (and a call under way).
  ~EventRecorder() override;
  EventRecorder(const EventRecorder&) = delete;
  EventRecorder& operator=(const EventRecorder&) = delete;

  void Emit(const controllers::ClusterEvent& event) override;
  // Events, repetitions included, that nobody will see.
  uint64_t dropped() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll::kube
