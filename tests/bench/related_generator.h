// What stands beside the Deployments of workload_generator.h: of each a budget, an autoscaler, a Service, a ServiceMonitor
// and a PrometheusRule with three alerts that speak of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "plimsoll/codec/json_parser.h"
#include "plimsoll/model/readiness_waiver.h"
#include "plimsoll/model/related_objects.h"

namespace plimsoll::bench {

class RelatedGenerator {
 public:
  // All kinds are known.
  explicit RelatedGenerator(RelatedIndex& index);

  void AddBeside(uint32_t number);
  void Set(RelatedKind kind, uint32_t number, std::string json);

 private:
  RelatedIndex& index_;
  JsonParser parser_;
};

// An approved waiver of every tenth of so many Deployments, for two rules of the starter policy.
std::vector<std::shared_ptr<const ReadinessWaiver>> WaiversFor(uint32_t workloads, Timestamp now);

}  // namespace plimsoll::bench
