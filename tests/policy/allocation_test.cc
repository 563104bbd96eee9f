// Judging a workload that is ready allocates a fixed small number of times, however many rules it passes.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "plimsoll/policy/waiver_set.h"
#include "tests/policy/support.h"
#include "tests/policy/yaml.h"

namespace {
std::atomic<size_t> allocations{0};

void* Allocate(size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
}  // namespace

void* operator new(size_t size) { return Allocate(size); }
void* operator new[](size_t size) { return Allocate(size); }
// std::stable_sort asks for its buffer by this one.
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }

namespace plimsoll {
namespace {

const std::filesystem::path kSource = PLIMSOLL_SOURCE_DIR;

size_t AllocationsOf(const PolicySnapshot& snapshot, const Workload& workload, Verdict& verdict,
                     const WaiverSet* waivers = nullptr) {
  Evaluator evaluator;
  EvaluationContext context;
  context.now = test::At("2026-12-01");
  context.namespace_name = "shop";
  context.waivers = waivers;
  // What is made once for the whole program, such as compiled patterns, is made now.
  verdict = evaluator.Evaluate(snapshot, workload, context);
  const size_t before = allocations.load();
  verdict = evaluator.Evaluate(snapshot, workload, context);
  return allocations.load() - before;
}

// The baseline, with all its rules or just the one with this id.
PolicySnapshot Baseline(std::string_view only = {}) {
  const test::Yaml yaml{std::string(BaselinePolicyYaml())};
  ParsedPolicy parsed = ParseReadinessPolicy(yaml.view());
  std::erase_if(parsed.policy->rules,
                [&](const PolicyRule& rule) { return !only.empty() && rule.rule->id != only; });
  std::vector<ReadinessPolicy> policies;
  policies.push_back(std::move(*parsed.policy));
  return PolicySnapshot(std::move(policies));
}

TEST(Allocation, PassingRulesAllocateNothing) {
  const test::Yaml yaml{test::ReadFile(kSource / "deploy/samples/workloads/ready.yaml")};
  Workload workload;
  ASSERT_TRUE(workload.Assign(yaml.view()));
  // The list of policies in the verdict.
  constexpr size_t kForTheVerdict = 1;
  Verdict verdict;
  const PolicySnapshot baseline = Baseline();
  EXPECT_EQ(AllocationsOf(baseline, workload, verdict), kForTheVerdict);
  EXPECT_EQ(test::Summary(verdict), std::vector<std::string>());
  EXPECT_EQ(verdict.passed + verdict.not_applicable, 25u);
  // Waivers that are not needed cost nothing, also those that name the workload.
  ReadinessWaiver waiver;
  waiver.namespace_name = "shop";
  waiver.name = "a";
  waiver.workloads = {{workload.kind(), workload.name()}};
  waiver.policy = "plimsoll-baseline";
  waiver.rules = {"runbook.url"};
  waiver.expires = test::At("2027-01-01");
  const WaiverSet waivers({std::make_shared<const ReadinessWaiver>(waiver)});
  EXPECT_EQ(AllocationsOf(baseline, workload, verdict, &waivers), kForTheVerdict);
  // Which one it is, if it is not all.
  for (const PolicyRule& rule : baseline.policies().front().rules) {
    EXPECT_EQ(AllocationsOf(Baseline(rule.rule->id), workload, verdict), kForTheVerdict)
        << rule.rule->id;
  }
}

}  // namespace
}  // namespace plimsoll
