// Policy files to policies and waivers, and to what evaluation uses.
#include "plimsoll/base/text.h"
#include "plimsoll/codec/manifest.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "plimsoll/policy/waiver_set.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace plimsoll;
  const std::unique_ptr<Manifests> manifests =
      ParseManifests(std::string(FuzzText(data, size)), DuplicateKeys::kReject);
  std::vector<ReadinessPolicy> policies;
  std::vector<WaiverSet::Pointer> waivers;
  for (const JsonView object : manifests->objects) {
    ParsedWaiver waiver = ParseReadinessWaiver(object, "shop");
    FuzzExpect(waiver.waiver.has_value() == waiver.problems.empty(),
               "a waiver with a problem is none");
    for (const Diagnostic& problem : waiver.problems) {
      FuzzExpect(!problem.message.empty() && IsValidUtf8(problem.message), "problems say what");
    }
    if (waiver.waiver) {
      waivers.push_back(std::make_shared<const ReadinessWaiver>(*std::move(waiver.waiver)));
    }
    ParsedPolicy parsed = ParseReadinessPolicy(object);
    FuzzExpect(parsed.policy.has_value() || !parsed.problems.empty(),
               "what is no policy has a problem");
    for (const Diagnostic& problem : parsed.problems) {
      FuzzExpect(!problem.message.empty() && IsValidUtf8(problem.message), "problems say what");
    }
    if (parsed.policy) policies.push_back(std::move(*parsed.policy));
  }
  const PolicySnapshot snapshot(std::move(policies));
  const WaiverSet set(std::move(waivers));
  constexpr Timestamp kNow{std::chrono::hours(24 * 365 * 57)};
  for (const WaiverSet::Pointer& waiver : set.all()) {
    const WaiverStanding standing = ExplainState(*waiver, snapshot, kNow);
    FuzzExpect(!standing.message.empty() && !standing.reason.empty(), "a state says why");
    for (const WaivedWorkload& workload : waiver->workloads) {
      FuzzExpect(!set.For(workload.kind, waiver->namespace_name, workload.name).empty(),
                 "what is named is found");
    }
  }
  return 0;
}
