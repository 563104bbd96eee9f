#include "plimsoll/server/webhook_endpoint.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "plimsoll/admission/policy_review.h"
#include "plimsoll/admission/waiver_review.h"
#include "plimsoll/base/text.h"
#include "plimsoll/codec/admission_review.h"
#include "plimsoll/codec/json_parser.h"

namespace plimsoll {
namespace {

// A Document takes several times the bytes it was read from. After a review above this size its memory is not kept.
constexpr size_t kMaxKeptReviewBytes = 512 * 1024;
constexpr size_t kMaxErrorBytes = 1024;
constexpr size_t kMaxUidBytes = 64;

// Why there is no verdict.
struct Undecided {
  int status = 500;
  std::string_view reason;  // for the observer
  std::string detail;       // for people
  bool soon = false;        // what is missing is being asked for
};

Undecided BadReview(const Error& error) {
  std::string detail = error.message;
  if (error.position.known()) {
    detail = "line " + std::to_string(error.position.line) + ", column " +
             std::to_string(error.position.column) + ": " + detail;
  }
  const bool limit = error.code == ErrorCode::kLimitExceeded;
  return {400, limit ? "limit_exceeded" : "bad_request", std::move(detail)};
}

Undecided NotJudged(const Error& error) {
  if (error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kLimitExceeded) {
    return BadReview(error);
  }
  return {503, "unavailable", error.message, error.code == ErrorCode::kUnavailable};
}

// One request in, one answer out: what both paths have in common.
class ReviewEndpoint {
 public:
  // Fills `outcome`, or says why there is no verdict.
  using Decide = std::function<Status(const AdmissionRequest&, ReviewOutcome& outcome)>;

  ReviewEndpoint(const WebhookPorts& ports, Decide decide)
      : ports_(ports), decide_(std::move(decide)), parser_(std::make_unique<JsonParser>()) {}

  void Answer(const HttpRequest& request, HttpResponse& response) {
    const auto began = std::chrono::steady_clock::now() - request.waited;
    uid_.clear();
    std::optional<Undecided> undecided;
    try {
      undecided = Review(request.body, response.body, began);
    } catch (const std::exception& error) {
      undecided = Undecided{500, "internal", error.what()};
    } catch (...) {
      undecided = Undecided{500, "internal", "exception of an unknown type"};
    }
    if (request.body.size() > kMaxKeptReviewBytes) parser_ = std::make_unique<JsonParser>();
    if (undecided && undecided->soon && request.may_wait) {
      response.body.clear();
      response.again_in = std::min(kFirstReviewWait + request.waited, kLongestReviewWait);
    } else if (undecided) {
      Report(*undecided, response, began);
    } else {
      response.content_type = kJsonMediaType;
    }
  }

 private:
  // Writes the review to `out`, or says why it cannot.
  std::optional<Undecided> Review(std::string& body, std::string& out,
                                  std::chrono::steady_clock::time_point began) {
    const Result<JsonView> review = parser_->Parse(body);
    if (!review) return BadReview(review.error());
    uid_ = SanitizeLine(ReviewUid(*review), kMaxUidBytes);
    const Result<AdmissionRequest> request = ReadAdmissionReview(*review);
    if (!request) return BadReview(request.error());
    ReviewOutcome outcome;
    if (const Status decided = decide_(*request, outcome); !decided) {
      return NotJudged(decided.error());
    }
    WriteAdmissionReview(outcome.response, out);
    if (ports_.observer != nullptr) {
      ports_.observer->Observe({*request, outcome.response, outcome.verdict,
                                std::chrono::steady_clock::now() - began, outcome.workload,
                                outcome.old_workload});
    }
    return std::nullopt;
  }

  void Report(const Undecided& undecided, HttpResponse& response,
              std::chrono::steady_clock::time_point began) {
    response.status = undecided.status;
    response.content_type = kPlainText;
    response.retry_after_seconds = undecided.status == 503 ? kRetryAfterSeconds : 0;
    response.body = "plimsoll: ";
    if (!uid_.empty()) response.body += "review " + uid_ + ": ";
    // What an exception says is for our logs.
    response.body += undecided.status == 500 ? std::string("internal error")
                                             : SanitizeLine(undecided.detail, kMaxErrorBytes);
    response.body += "\n";
    if (ports_.observer != nullptr) {
      ports_.observer->ObserveUndecided(uid_, undecided.reason, undecided.detail,
                                        std::chrono::steady_clock::now() - began);
    }
  }

  const WebhookPorts& ports_;
  Decide decide_;
  std::unique_ptr<JsonParser> parser_;
  std::string uid_;
};

// Null where there are none.
Result<std::shared_ptr<const WaiverSet>> WaiversOf(const WebhookPorts& ports) {
  if (!ports.waivers) return std::shared_ptr<const WaiverSet>();
  std::shared_ptr<const WaiverSet> waivers = ports.waivers();
  // Without them, what a waiver excuses would be denied.
  if (waivers == nullptr) return Fail(ErrorCode::kUnavailable, "no waivers are loaded yet");
  return waivers;
}

WebhookPorts::Judge MakeJudge(const WebhookPorts& ports) {
  if (ports.make_judge) return ports.make_judge();
  return [handler = std::make_shared<AdmissionHandler>(), &ports](
             const AdmissionRequest& request, const PolicySnapshot& policies,
             const NamespaceSource* namespaces, Timestamp now) -> Result<ReviewOutcome> {
    const Result<std::shared_ptr<const WaiverSet>> waivers = WaiversOf(ports);
    if (!waivers) return tl::unexpected(waivers.error());
    if (ports.directory) handler->UseDirectory(ports.directory());
    return handler->Handle(request, policies, namespaces, now, ports.owners, ports.mercy,
                           ports.related, waivers->get());
  };
}

// Workloads, judged by the policies in force.
ReviewEndpoint::Decide JudgeWorkloads(const WebhookPorts& ports) {
  return [&ports, judge = MakeJudge(ports)](const AdmissionRequest& request,
                                            ReviewOutcome& outcome) -> Status {
    const std::shared_ptr<const PolicySnapshot> policies = ports.policies();
    if (policies == nullptr) return Fail(ErrorCode::kUnavailable, "no policies are loaded yet");
    Result<ReviewOutcome> judged = judge(request, *policies, ports.namespaces, ports.clock->Now());
    if (!judged) return tl::unexpected(judged.error());
    outcome = std::move(*judged);
    return {};
  };
}

// What a review of an object of ours came to, as observers are told of verdicts.
ReviewOutcome OutcomeOf(AdmissionResponse response) {
  ReviewOutcome outcome;
  if (!response.allowed) {
    outcome.verdict.decision = Decision::kDeny;
  } else if (!response.warnings.empty()) {
    outcome.verdict.decision = Decision::kWarn;
  }
  outcome.response = std::move(response);
  return outcome;
}

// Policies themselves.
ReviewEndpoint::Decide ReviewPolicies(const WebhookPorts& ports) {
  return [&ports](const AdmissionRequest& request, ReviewOutcome& outcome) -> Status {
    Result<AdmissionResponse> response = ReviewPolicy(request, ports.clock->Now());
    if (!response) return tl::unexpected(response.error());
    outcome = OutcomeOf(std::move(*response));
    return {};
  };
}

// Waivers.
ReviewEndpoint::Decide ReviewWaivers(const WebhookPorts& ports) {
  return [&ports](const AdmissionRequest& request, ReviewOutcome& outcome) -> Status {
    const std::shared_ptr<const PolicySnapshot> policies = ports.policies();
    if (policies == nullptr) return Fail(ErrorCode::kUnavailable, "no policies are loaded yet");
    const Result<std::shared_ptr<const WaiverSet>> waivers = WaiversOf(ports);
    if (!waivers) return tl::unexpected(waivers.error());
    Result<AdmissionResponse> response =
        ReviewWaiver(request, {*policies, waivers->get(), ports.mercy.access, ports.clock->Now()});
    if (!response) return tl::unexpected(response.error());
    outcome = OutcomeOf(std::move(*response));
    return {};
  };
}

Route ReviewRoute(std::string path, WebhookPorts ports,
                  ReviewEndpoint::Decide (*make_decide)(const WebhookPorts&)) {
  // The route's factory keeps the ports alive for the handlers it makes.
  auto shared = std::make_shared<const WebhookPorts>(std::move(ports));
  return {.path = std::move(path),
          .methods = {HttpMethod::kPost},
          .make_handler = [shared, make_decide]() -> HttpHandler {
            auto endpoint = std::make_shared<ReviewEndpoint>(*shared, make_decide(*shared));
            return [shared, endpoint](const HttpRequest& request, HttpResponse& response) {
              endpoint->Answer(request, response);
            };
          },
          .content_type = kJsonMediaType,
          .max_body_bytes = kMaxReviewBytes};
}

}  // namespace

Route WebhookRoute(WebhookPorts ports) {
  return ReviewRoute("/validate", std::move(ports), JudgeWorkloads);
}

Route WaiverWebhookRoute(WebhookPorts ports) {
  return ReviewRoute("/validate-waivers", std::move(ports), ReviewWaivers);
}

Route PolicyWebhookRoute(WebhookPorts ports) {
  return ReviewRoute("/validate-policies", std::move(ports), ReviewPolicies);
}

}  // namespace plimsoll
