// What histories count: blocked releases, what was told and how it ended, lead times.
//
// Thread-safety: from any thread. Ownership: registry and label values must outlive it.
#pragma once

#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <string_view>

#include "plimsoll/record/advance.h"
#include "telemetry/counter_series.h"

namespace plimsoll {

class HistoryMetrics {
 public:
  HistoryMetrics(prometheus::Registry& registry, LabelValues& owners, LabelValues& namespaces);

  void Count(const HistoryEffects& effects, std::string_view resource_namespace,
             std::string_view owner);
  void ObserveLead(std::chrono::seconds lead, std::string_view owner);

 private:
  LabelValues& owners_;
  LabelValues& namespaces_;
  CounterSeries<4> blocked_;
  CounterSeries<3> blocked_by_;
  CounterSeries<3> told_;
  CounterSeries<4> ended_;
  prometheus::Family<prometheus::Histogram>&
      lead_;  // a series for each owner: LabelValues bounds them
};

}  // namespace plimsoll
