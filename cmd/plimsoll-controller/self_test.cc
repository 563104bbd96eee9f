#include "self_test.h"

#include <algorithm>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

#include "plimsoll/codec/json_parser.h"
#include "plimsoll/kube/list.h"
#include "plimsoll/kube/resources.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/policy/evaluator.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll::controller {
namespace {

constexpr std::string_view kDryRun = "?dryRun=All";
// As the API server names every one of our entries that refuses.
constexpr std::string_view kOurDenial = ".plimsoll.dev\" denied the request";

// Fits the CRD, and names a rule that no version has.
constexpr std::string_view kWrongPolicy = R"({
  "apiVersion": "plimsoll.dev/v1alpha1", "kind": "ReadinessPolicy",
  "metadata": {"name": "plimsoll-self-test"},
  "spec": {"match": {"kinds": ["Deployment"]}, "rules": [{"rule": "self-test.no-such-rule"}]}})";

// Has nothing that a policy may ask for.
constexpr std::string_view kUnreadyDeployment = R"({
  "apiVersion": "apps/v1", "kind": "Deployment",
  "metadata": {"name": "plimsoll-self-test", "labels": {"app": "plimsoll-self-test"}},
  "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "plimsoll-self-test"}},
    "template": {"metadata": {"labels": {"app": "plimsoll-self-test"}},
      "spec": {"containers": [{"name": "web", "image": "plimsoll.dev/self-test:latest",
        "ports": [{"containerPort": 8080}]}]}}}})";

enum class Answer { kAccepted, kDeniedByUs };

// What the API server says to the creation. Errors: whatever else it says.
Result<Answer> Create(kube::ApiCaller& api, std::string path, std::string_view object) {
  kube::ApiRequest request;
  request.method = kube::ApiMethod::kPost;
  request.path = std::move(path.append(kDryRun));
  request.body = object;
  request.content_type = "application/json";
  const Result<kube::ApiResponse> response = api.Call(request);
  if (response) return Answer::kAccepted;
  if (response.error().message.find(kOurDenial) != std::string::npos) return Answer::kDeniedByUs;
  return tl::unexpected(response.error());
}

Status RefusesWrongPolicy(kube::ApiCaller& api) {
  const Result<Answer> answer = Create(api, kube::CollectionPath(kube::kPolicies), kWrongPolicy);
  if (!answer) return tl::unexpected(answer.error());
  if (*answer == Answer::kDeniedByUs) return {};
  return Fail(ErrorCode::kUnavailable,
              "a policy with a mistake was accepted: the API server does not ask Plimsoll (yet)");
}

Result<PolicySnapshot> PoliciesOf(kube::ApiCaller& api, Action strongest) {
  std::vector<ReadinessPolicy> policies;
  const Status listed = kube::ListObjects(api, kube::kPolicies, {}, [&](JsonView object) {
    ParsedPolicy parsed = ParseReadinessPolicy(object);
    if (parsed.policy) policies.push_back(HeldBack(*std::move(parsed.policy), strongest));
  });
  if (!listed) return tl::unexpected(listed.error());
  return PolicySnapshot(std::move(policies));
}

// What this version answers, were it asked.
Result<Decision> Expected(kube::ApiCaller& api, const SelfTestOptions& options, Timestamp now) {
  const Result<PolicySnapshot> policies = PoliciesOf(api, options.strongest);
  if (!policies) return tl::unexpected(policies.error());
  kube::ApiRequest request;
  request.path = kube::ObjectPath(kube::kNamespaces, {"", options.namespace_name});
  Result<kube::ApiResponse> response = api.Call(request);
  if (!response) return tl::unexpected(response.error());
  JsonParser namespace_parser;
  const Result<JsonView> found = namespace_parser.Parse(response->body);
  if (!found) return tl::unexpected(found.error());
  JsonParser parser;
  std::string text(kUnreadyDeployment);
  const Result<JsonView> object = parser.Parse(text);
  if (!object) return tl::unexpected(object.error());
  Workload workload;
  if (!workload.Assign(*object, options.namespace_name)) {
    return Fail(ErrorCode::kInternal, "the Deployment of the test is none");
  }
  EvaluationContext context;
  context.now = now;
  context.namespace_name = options.namespace_name;
  context.namespace_labels = (*found)["metadata"]["labels"];
  context.namespace_annotations = (*found)["metadata"]["annotations"];
  context.locate = false;
  return Evaluator().Evaluate(*policies, workload, context).decision;
}

Status AnswersDeployment(kube::ApiCaller& api, const SelfTestOptions& options, Timestamp now,
                         std::ostream& said) {
  const Result<Decision> expected = Expected(api, options, now);
  if (!expected) return tl::unexpected(expected.error());
  const kube::ResourceType deployments = kube::ResourceOf(WorkloadKind::kDeployment);
  const Result<Answer> answer =
      Create(api, kube::CollectionPath(deployments, options.namespace_name), kUnreadyDeployment);
  if (!answer) return tl::unexpected(answer.error());
  const bool denied = *answer == Answer::kDeniedByUs;
  const std::string what = std::string("an unready Deployment in namespace ") +
                           options.namespace_name + " was " + (denied ? "denied" : "let through");
  if (denied != (*expected == Decision::kDeny)) {
    return Fail(ErrorCode::kUnavailable, what + ", which is not what policies and mode say");
  }
  said << "ok: " << what << ", as policies and mode say (at most " << ActionName(options.strongest)
       << ")\n";
  return {};
}

}  // namespace

Status SelfTest(kube::ApiCaller& api, const SelfTestOptions& options, Timestamp now,
                std::ostream& said) {
  const auto& never = options.exclude_namespaces;
  if (std::find(never.begin(), never.end(), options.namespace_name) != never.end()) {
    return Fail(
        ErrorCode::kInvalidArgument,
        "namespace " + options.namespace_name + " is never judged; --test-namespace takes another");
  }
  if (Status status = RefusesWrongPolicy(api); !status) return status;
  std::ostringstream lines;
  lines << "ok: a policy with a mistake is refused\n";
  if (Status status = AnswersDeployment(api, options, now, lines); !status) return status;
  said << lines.str();
  return {};
}

Status SelfTestUntil(kube::ApiCaller& api, const SelfTestOptions& options, const Clock& clock,
                     const std::function<void(std::chrono::milliseconds)>& pause,
                     std::ostream& said) {
  const Timestamp deadline = clock.Now() + kSelfTestTimeout;
  while (true) {
    Status status = SelfTest(api, options, clock.Now(), said);
    if (status || status.error().code == ErrorCode::kInvalidArgument) return status;
    if (clock.Now() >= deadline) return status;
    pause(kSelfTestInterval);
  }
}

}  // namespace plimsoll::controller
