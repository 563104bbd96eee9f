// Deployments as an API server has them, made from a seed: different in names, owners, containers, environment, probes and
// annotations; with what is not kept of them (status, managedFields, last-applied-configuration).
#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace plimsoll::bench {

inline constexpr uint32_t kGeneratorSeed = 20261124;
// Of the cluster that a rollout is measured in.
inline constexpr uint32_t kRolloutWorkloads = 10'000;

class WorkloadGenerator {
 public:
  explicit WorkloadGenerator(uint32_t seed) : seed_(seed) {}

  static std::string NamespaceOf(uint32_t number) { return "team-" + std::to_string(number % 200); }
  static std::string NameOf(uint32_t number) { return "service-" + std::to_string(number); }
  // The same number gives the same object; `version` is its resourceVersion, and shows in the status, too.
  std::string Deployment(uint32_t number, uint32_t version = 1) const;

 private:
  uint32_t seed_;
};

}  // namespace plimsoll::bench
