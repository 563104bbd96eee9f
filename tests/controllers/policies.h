// Policies for tests, from the YAML of their spec.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "plimsoll/codec/manifest.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll::testing {

struct PolicyText {
  std::string name;
  std::string spec;  // YAML, less its rules
};

inline PolicySnapshot MakePolicies(const std::vector<PolicyText>& texts) {
  std::vector<ReadinessPolicy> policies;
  for (const PolicyText& text : texts) {
    const auto manifests = ParseManifests(
        "apiVersion: plimsoll.dev/v1alpha1\nkind: ReadinessPolicy\nmetadata: {name: " + text.name +
        "}\nspec:\n  rules: [{rule: ownership.owner}]\n" + text.spec);
    EXPECT_TRUE(manifests->problems.empty()) << text.spec;
    ParsedPolicy parsed = ParseReadinessPolicy(manifests->objects.at(0));
    for (const Diagnostic& problem : parsed.problems) ADD_FAILURE() << FormatDiagnostic(problem);
    policies.push_back(std::move(parsed.policy.value()));
  }
  return PolicySnapshot(std::move(policies));
}

}  // namespace plimsoll::testing
