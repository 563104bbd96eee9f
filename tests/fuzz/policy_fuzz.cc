// Policy files to policies, and to what evaluation uses.
#include "plimsoll/base/text.h"
#include "plimsoll/codec/manifest.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace plimsoll;
  const std::unique_ptr<Manifests> manifests =
      ParseManifests(std::string(FuzzText(data, size)), DuplicateKeys::kReject);
  std::vector<ReadinessPolicy> policies;
  for (const JsonView object : manifests->objects) {
    ParsedPolicy parsed = ParseReadinessPolicy(object);
    FuzzExpect(parsed.policy.has_value() || !parsed.problems.empty(),
               "what is no policy has a problem");
    for (const Diagnostic& problem : parsed.problems) {
      FuzzExpect(!problem.message.empty() && IsValidUtf8(problem.message), "problems say what");
    }
    if (parsed.policy) policies.push_back(std::move(*parsed.policy));
  }
  const PolicySnapshot snapshot(std::move(policies));
  return 0;
}
