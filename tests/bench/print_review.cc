// Prints what the benchmarks send: `print_review ready|unready BYTES` an AdmissionReview, `print_review policy 0` the
// policy that judges it.
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "tests/bench/samples.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  using plimsoll::bench::Quality;
  if (std::string_view(argv[1]) == "policy") {
    std::cout << plimsoll::bench::FourChecksPolicyYaml();
    return 0;
  }
  const Quality quality =
      std::string_view(argv[1]) == "ready" ? Quality::kReady : Quality::kUnready;
  std::cout << plimsoll::bench::MakeReview(quality, std::strtoul(argv[2], nullptr, 10));
  return 0;
}
