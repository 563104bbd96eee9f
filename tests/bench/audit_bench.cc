// The audit of so many Deployments: CPU of each part, and memory. Prints one JSON object; figures, never pass or fail.
//
// Usage: audit_bench [WORKLOADS]
#include <malloc.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plimsoll/base/time.h"
#include "plimsoll/codec/json_parser.h"
#include "plimsoll/codec/manifest.h"
#include "plimsoll/controllers/audit.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "tests/bench/samples.h"
#include "tests/bench/workload_generator.h"

namespace plimsoll::bench {
namespace {

using controllers::Audit;
using controllers::RecordChange;

constexpr size_t kAll = SIZE_MAX;

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(2);
}

double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// What has been allocated and not freed, and what the process holds.
double HeapBytes() { return static_cast<double>(mallinfo2().uordblks + mallinfo2().hblkhd); }
double ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  double resident = 0;
  file >> pages >> resident;
  return resident * 4096;
}

template <class Work>
double Measure(Work work) {
  const double begun = CpuSeconds();
  work();
  return CpuSeconds() - begun;
}

std::vector<ReadinessPolicy> Policies() {
  std::vector<ReadinessPolicy> policies;
  for (const std::string_view text : {BaselinePolicyYaml(), FourChecksPolicyYaml()}) {
    const std::unique_ptr<Manifests> manifests = ParseManifests(std::string(text));
    for (const JsonView object : manifests->objects) {
      ParsedPolicy parsed = ParseReadinessPolicy(object);
      for (const Diagnostic& problem : parsed.problems) Die(FormatDiagnostic(problem));
      if (parsed.policy) policies.push_back(*std::move(parsed.policy));
    }
  }
  return policies;
}

std::shared_ptr<const PolicySnapshot> Snapshot(std::vector<ReadinessPolicy> policies) {
  return std::make_shared<const PolicySnapshot>(std::move(policies));
}

class Bench {
 public:
  explicit Bench(uint32_t workloads) : workloads_(workloads), generator_(kGeneratorSeed) {}

  void Run() {
    std::vector<ReadinessPolicy> policies = Policies();
    audit_.SetPolicies(Snapshot(policies));
    for (uint32_t i = 0; i < 200; ++i) SetNamespace(WorkloadGenerator::NamespaceOf(i));
    Hand(1,
         nullptr);  // the parser's and the generator's memory is there before anything is measured
    malloc_trim(0);
    const double heap = HeapBytes();
    const double resident = ResidentBytes();
    double parsing = 0;
    Say("take_in_us", Hand(workloads_, &parsing) / workloads_ * 1e6);
    Say("parse_us", parsing / workloads_ * 1e6);
    const Timestamp now = *ParseTimestamp("2026-12-01T12:00:00Z");
    Say("judge_us", Measure([&] { Judge(now); }) / workloads_ * 1e6);
    Say("take_changes_us", Measure([&] { Write(); }) / workloads_ * 1e6);
    malloc_trim(0);
    Say("heap_bytes", (HeapBytes() - heap) / workloads_);
    Say("resident_bytes", (ResidentBytes() - resident) / workloads_);
    Say("no_op_update_us", Hand(workloads_, nullptr, 2) / workloads_ * 1e6);
    if (audit_.Judge(now, 0) != 0) Die("a status made work");

    policies.back().rules.pop_back();
    auto changed = Snapshot(policies);
    Say("policy_change_seconds", Measure([&] {
          audit_.SetPolicies(changed);
          Judge(now);
        }));
    Say("policy_change_records", static_cast<double>(audit_.changes()));
    Write();
    policies.back().description = "Other words.";
    changed = Snapshot(policies);
    Say("policy_words_seconds", Measure([&] {
          audit_.SetPolicies(changed);
          Judge(now);
        }));
    double findings = 0;
    for (const auto& [of, count] : audit_.Figures().findings) findings += count;
    Say("findings", findings / workloads_);
    Say("figures_us", Measure([&] { audit_.Figures(); }) * 1e6);
    std::printf("\"workloads\": %u}\n", workloads_);
  }

 private:
  void Say(const char* name, double value) {
    std::printf("%s\"%s\": %.3f, ", first_ ? "{" : "", name, value);
    first_ = false;
  }

  void SetNamespace(const std::string& name) {
    std::string text =
        R"({"name":")" + name + R"(","labels":{"kubernetes.io/metadata.name":")" + name + R"("}})";
    audit_.SetNamespace(name, *parser_.Parse(text));
  }

  // CPU of the audit's part; `parsing` gets that of the parser, which the watch pays.
  double Hand(uint32_t count, double* parsing, uint32_t version = 1) {
    double taking = 0;
    for (uint32_t i = 0; i < count; ++i) {
      std::string text = generator_.Deployment(i, version);
      Result<JsonView> object = JsonView();
      const double parse = Measure([&] { object = parser_.Parse(text); });
      if (!object) Die(object.error().message);
      if (parsing != nullptr) *parsing += parse;
      const WorkloadKey key{WorkloadKind::kDeployment, WorkloadGenerator::NamespaceOf(i),
                            WorkloadGenerator::NameOf(i)};
      taking += Measure([&] { audit_.SetWorkload(key, *object); });
    }
    return taking;
  }

  void Judge(Timestamp now) {
    if (audit_.Judge(now, kAll) != 0) Die("some still wait");
  }

  void Write() {
    while (audit_.changes() > 0) audit_.TakeChanges(100);
  }

  uint32_t workloads_;
  WorkloadGenerator generator_;
  Audit audit_;
  JsonParser parser_;
  bool first_ = true;
};

}  // namespace
}  // namespace plimsoll::bench

int main(int argc, char** argv) {
  const int workloads = argc > 1 ? std::atoi(argv[1]) : 10'000;
  if (workloads < 1) {
    std::fprintf(stderr, "usage: audit_bench [WORKLOADS]\n");
    return 2;
  }
  plimsoll::bench::Bench(static_cast<uint32_t>(workloads)).Run();
  return 0;
}
