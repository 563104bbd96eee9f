// What objects beside workloads cost: memory of so many workloads' budgets, autoscalers, Services, monitors and alert
// rules, and CPU of a verdict with them and without. Prints one JSON object; figures, never pass or fail.
//
// Usage: related_bench [WORKLOADS]
#include <malloc.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plimsoll/codec/json_parser.h"
#include "plimsoll/codec/manifest.h"
#include "plimsoll/model/related_objects.h"
#include "plimsoll/policy/evaluator.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "tests/bench/related_generator.h"
#include "tests/bench/workload_generator.h"

namespace plimsoll::bench {
namespace {

constexpr uint32_t kReviews = 20'000;

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(2);
}

double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}
double HeapBytes() { return static_cast<double>(mallinfo2().uordblks + mallinfo2().hblkhd); }

PolicySnapshot StarterPolicy() {
  const std::unique_ptr<Manifests> manifests = ParseManifests(std::string(BaselinePolicyYaml()));
  std::vector<ReadinessPolicy> policies;
  policies.push_back(ParseReadinessPolicy(manifests->objects.at(0)).policy.value());
  return PolicySnapshot(std::move(policies));
}

class Bench {
 public:
  explicit Bench(uint32_t workloads) : workloads_(workloads), generator_(kGeneratorSeed) {}

  void Run() {
    malloc_trim(0);
    const double heap = HeapBytes();
    double begun = CpuSeconds();
    for (uint32_t i = 0; i < workloads_; ++i) beside_.AddBeside(i);
    Say("take_in_us", (CpuSeconds() - begun) / workloads_ * 1e6);
    begun = CpuSeconds();
    const std::shared_ptr<const RelatedObjects> related = index_.Snapshot();
    Say("first_snapshot_ms", (CpuSeconds() - begun) * 1e3);
    Say("heap_bytes_each", (HeapBytes() - heap) / workloads_);
    begun = CpuSeconds();
    for (uint32_t i = 0; i < 100; ++i) {
      beside_.Set(RelatedKind::kService, i,
                  R"({"spec":{"selector":{"app":"x)" + std::to_string(i) + "\"}}}");
      index_.Snapshot();
    }
    Say("changed_snapshot_ms", (CpuSeconds() - begun) / 100 * 1e3);
    // One after the other, so that a busy machine is busy for both.
    double with = 0;
    double without = 0;
    for (int round = 0; round < 5; ++round) {
      without += Reviews(nullptr);
      with += Reviews(related.get());
    }
    Say("verdict_us_without", without / 5 / kReviews * 1e6);
    Say("verdict_us_with", with / 5 / kReviews * 1e6);
    Say("ratio", with / without);
    std::printf("\"workloads\": %u}\n", workloads_);
  }

 private:
  void Say(const char* name, double value) {
    std::printf("%s\"%s\": %.3f, ", first_ ? "{" : "", name, value);
    first_ = false;
  }

  double Reviews(const RelatedObjects* related) {
    EvaluationContext context;
    context.now = *ParseTimestamp("2026-12-01T12:00:00Z");
    context.locate = false;
    context.related = related;
    double seconds = 0;
    for (uint32_t i = 0; i < kReviews; ++i) {
      const uint32_t number = i * 7 % workloads_;
      std::string text = generator_.Deployment(number);
      const std::string home = WorkloadGenerator::NamespaceOf(number);
      context.namespace_name = home;
      const double begun = CpuSeconds();
      const Result<JsonView> object = parser_.Parse(text);
      if (!object || !workload_.Assign(*object, home)) Die("no workload");
      findings_ += evaluator_.Evaluate(policy_, workload_, context).findings.size();
      seconds += CpuSeconds() - begun;
    }
    return seconds;
  }

  const uint32_t workloads_;
  const WorkloadGenerator generator_;
  const PolicySnapshot policy_ = StarterPolicy();
  RelatedIndex index_;
  RelatedGenerator beside_{index_};
  JsonParser parser_;
  Workload workload_;
  Evaluator evaluator_;
  size_t findings_ = 0;
  bool first_ = true;
};

}  // namespace
}  // namespace plimsoll::bench

int main(int argc, char** argv) {
  const int workloads = argc > 1 ? std::atoi(argv[1]) : 10'000;
  if (workloads < 1) return 2;
  plimsoll::bench::Bench(static_cast<uint32_t>(workloads)).Run();
  return 0;
}
