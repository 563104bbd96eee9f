// BreakGlassEvents: an Event on the workload whenever somebody has broken the glass for it, so that it shows in
// `kubectl describe` and to whoever watches Events. Nothing of a dry run.
//
// Thread-safety: all methods from any thread. Ownership: `events` must outlive it.
#pragma once

#include <chrono>
#include <string_view>

#include "plimsoll/controllers/ports.h"
#include "plimsoll/policy/verdict_observer.h"

namespace plimsoll::controller {

class BreakGlassEvents final : public VerdictObserver {
 public:
  explicit BreakGlassEvents(controllers::EventSink& events) : events_(events) {}

  void Observe(const ObservedReview& review) override;
  void ObserveUndecided(std::string_view, std::string_view, std::string_view,
                        std::chrono::nanoseconds) override {}

 private:
  controllers::EventSink& events_;
};

}  // namespace plimsoll::controller
