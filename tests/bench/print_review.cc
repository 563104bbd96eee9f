// Prints what the benchmarks send: `print_review ready|unready BYTES` an AdmissionReview, `print_review policy 0` the
// policy that judges it; `print_review rollout N` AdmissionReviews of N Deployments out of kRolloutWorkloads, one a line.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "tests/bench/samples.h"
#include "tests/bench/workload_generator.h"

namespace plimsoll::bench {
namespace {

// As the API server asks when somebody changes a Deployment of before.
std::string ChangeOf(const WorkloadGenerator& generator, uint32_t number) {
  return R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"705ab4f5-6393-11e8-b7cc-42010a8)" +
         std::to_string(10000 + number) +
         R"(","kind":{"group":"apps","version":"v1","kind":"Deployment"},"resource":{"group":"apps","version":"v1","resource":"deployments"},"requestKind":{"group":"apps","version":"v1","kind":"Deployment"},"requestResource":{"group":"apps","version":"v1","resource":"deployments"},"name":")" +
         WorkloadGenerator::NameOf(number) + R"(","namespace":")" +
         WorkloadGenerator::NamespaceOf(number) +
         R"(","operation":"CREATE","userInfo":{"username":"ann","groups":["system:authenticated"]},"object":)" +
         generator.Deployment(number) +
         R"(,"oldObject":null,"dryRun":false,"options":{"kind":"CreateOptions","apiVersion":"meta.k8s.io/v1"}}})";
}

void PrintRollout(uint32_t count) {
  const WorkloadGenerator generator(kGeneratorSeed);
  for (uint32_t i = 0; i < count; ++i) {
    std::cout << ChangeOf(generator, i * 7 % kRolloutWorkloads) << '\n';
  }
}

}  // namespace
}  // namespace plimsoll::bench

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  using plimsoll::bench::Quality;
  if (std::string_view(argv[1]) == "policy") {
    std::cout << plimsoll::bench::FourChecksPolicyYaml();
    return 0;
  }
  if (std::string_view(argv[1]) == "rollout") {
    plimsoll::bench::PrintRollout(static_cast<uint32_t>(std::strtoul(argv[2], nullptr, 10)));
    return 0;
  }
  const Quality quality =
      std::string_view(argv[1]) == "ready" ? Quality::kReady : Quality::kUnready;
  std::cout << plimsoll::bench::MakeReview(quality, std::strtoul(argv[2], nullptr, 10));
  return 0;
}
