// The input of the benchmarks: AdmissionReviews of a given size, made as the API server makes them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace plimsoll::bench {

enum class Quality {
  kReady,    // passes the four checks and the baseline
  kUnready,  // no probes, owner, alert route or runbook
};

// A CREATE of a Deployment with two containers and what real ones carry along (last-applied-configuration, environment,
// managedFields), padded by the last to `bytes`, which must be at least 7,000.
std::string MakeReview(Quality quality, size_t bytes);

// Policies that deny: the four checks probes, owner, alert route and runbook.
std::string_view FourChecksPolicyYaml();

}  // namespace plimsoll::bench
