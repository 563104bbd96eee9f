// CPU of judging one review, part by part, each with its floor beside it. Figures, never pass or fail.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plimsoll/admission/handler.h"
#include "plimsoll/base/time.h"
#include "plimsoll/codec/admission_review.h"
#include "plimsoll/codec/json_parser.h"
#include "plimsoll/codec/manifest.h"
#include "plimsoll/policy/evaluator.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "tests/bench/samples.h"

namespace plimsoll::bench {
namespace {

constexpr size_t kReviewBytes = 8 * 1024;

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(2);
}

PolicySnapshot Compile(std::string_view yaml) {
  const std::unique_ptr<Manifests> manifests = ParseManifests(std::string(yaml));
  std::vector<ReadinessPolicy> policies;
  for (const JsonView object : manifests->objects) {
    ParsedPolicy parsed = ParseReadinessPolicy(object);
    for (const Diagnostic& problem : parsed.problems) Die(FormatDiagnostic(problem));
    if (parsed.policy) policies.push_back(*std::move(parsed.policy));
  }
  if (policies.empty()) Die("the benchmark's policy holds no policy");
  return PolicySnapshot(std::move(policies));
}

Timestamp Now() { return *ParseTimestamp("2026-12-01T12:00:00Z"); }

// The floor of everything below: the document, and nothing asked of it.
void ParseJson(benchmark::State& state) {
  std::string body = MakeReview(Quality::kReady, kReviewBytes);
  JsonParser parser;
  for (auto _ : state) {
    auto root = parser.Parse(body);
    if (!root) Die(root.error().message);
    benchmark::DoNotOptimize(*root);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * kReviewBytes));
}

// What the webhook does between the bytes of the request and the verdict.
void ParseAndEvaluate(benchmark::State& state, std::string_view policy, Quality quality) {
  const PolicySnapshot policies = Compile(policy);
  std::string body = MakeReview(quality, kReviewBytes);
  JsonParser parser;
  Evaluator evaluator;
  Workload workload;
  size_t findings = 0;
  size_t passed = 0;
  for (auto _ : state) {
    auto root = parser.Parse(body);
    if (!root) Die(root.error().message);
    auto request = ReadAdmissionReview(*root);
    if (!request) Die(request.error().message);
    if (!workload.Assign(request->object, request->namespace_name)) Die("not a workload");
    EvaluationContext context;
    context.now = Now();
    context.namespace_name = request->namespace_name;
    context.locate = false;  // as at admission
    Verdict verdict = evaluator.Evaluate(policies, workload, context);
    findings = verdict.findings.size();
    passed = verdict.passed;
    benchmark::DoNotOptimize(verdict);
  }
  state.counters["findings"] = static_cast<double>(findings);
  state.counters["passed"] = static_cast<double>(passed);
}

// From bytes to bytes, the whole answer written.
void ReviewToAnswer(benchmark::State& state, std::string_view policy, Quality quality) {
  const PolicySnapshot policies = Compile(policy);
  std::string body = MakeReview(quality, kReviewBytes);
  JsonParser parser;
  AdmissionHandler handler;
  std::string answer;
  for (auto _ : state) {
    auto root = parser.Parse(body);
    if (!root) Die(root.error().message);
    auto request = ReadAdmissionReview(*root);
    if (!request) Die(request.error().message);
    auto outcome = handler.Handle(*request, policies, nullptr, Now());
    if (!outcome) Die(outcome.error().message);
    answer.clear();
    WriteAdmissionReview(outcome->response, answer);
    benchmark::DoNotOptimize(answer);
  }
  state.counters["answer_bytes"] = static_cast<double>(answer.size());
}

void Register() {
  const std::string_view four = FourChecksPolicyYaml();
  const std::string_view baseline = BaselinePolicyYaml();
  const auto add = [](const char* name, auto function, std::string_view policy, Quality quality) {
    benchmark::RegisterBenchmark(
        name, [=](benchmark::State& state) { function(state, policy, quality); });
  };
  benchmark::RegisterBenchmark("parse_json", ParseJson);
  add("parse_evaluate/baseline/ready", ParseAndEvaluate, baseline, Quality::kReady);
  add("parse_evaluate/baseline/unready", ParseAndEvaluate, baseline, Quality::kUnready);
  add("parse_evaluate/four_checks/ready", ParseAndEvaluate, four, Quality::kReady);
  add("review_to_answer/four_checks/ready", ReviewToAnswer, four, Quality::kReady);
  add("review_to_answer/four_checks/unready", ReviewToAnswer, four, Quality::kUnready);
}

}  // namespace
}  // namespace plimsoll::bench

int main(int argc, char** argv) {
  plimsoll::bench::Register();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
