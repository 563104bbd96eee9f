#include "kube/conversation.h"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "kube/api_status.h"
#include "kube/retry.h"

namespace plimsoll::kube {
namespace {

constexpr int kUnauthorized = 401;
constexpr int kTooManyRequests = 429;

bool IsSuccess(int status) { return status >= 200 && status < 300; }

}  // namespace

Conversation::Conversation(Transport& transport, const ApiClientOptions& options,
                           const ApiRequest& request, const net::Patience& overall)
    : transport_(transport),
      options_(options),
      request_(request),
      overall_(overall),
      name_(std::string(MethodName(request.method)) + " " + request.path),
      random_(std::random_device()()) {}

Error Conversation::Named(const Error& error) const {
  return {error.code, name_ + ": " + error.message, {}};
}

Result<int> Conversation::Run(const std::function<bool(std::string_view)>& take) {
  for (int retries = 0;; ++retries) {
    if (const Status status = Ask(take); !status) return tl::unexpected(status.error());
    if (IsSuccess(head_.status)) return head_.status;
    const Error error = ApiError(ApiStatusFromBody(head_.status, std::move(error_body_)), name_);
    if (!WaitToAskAgain(error, retries)) return tl::unexpected(error);
  }
}

Status Conversation::Ask(const std::function<bool(std::string_view)>& take) {
  while (true) {
    const Result<Identity> identity = transport_.Identify(overall_);
    if (!identity) return tl::unexpected(Named(identity.error()));
    if (const Status status = AskOnce(*identity, take); !status) return status;
    if (head_.status != kUnauthorized || identity_renewed_) return {};
    if (!transport_.Refused(*identity)) return {};
    identity_renewed_ = true;
  }
}

Status Conversation::AskOnce(const Identity& identity,
                             const std::function<bool(std::string_view)>& take) {
  net::Patience patience = overall_.AtMost(request_.timeout);
  patience.silence = net::Patience().silence;
  head_ = {};
  error_body_.clear();
  const auto on_head = [&](const net::HttpHead& head) {
    head_ = head;
    if (IsSuccess(head.status)) patience = overall_;
    return true;
  };
  const auto on_body = [&](std::string_view piece) {
    if (IsSuccess(head_.status)) {
      ended_by_caller_ = !take(piece);
      return !ended_by_caller_;
    }
    error_body_ += piece.substr(0, kMaxErrorBodyBytes - error_body_.size());
    return error_body_.size() < kMaxErrorBodyBytes;
  };
  const net::HttpExchange exchange =
      transport_.Send(request_, identity, patience, on_head, on_body);
  head_ = exchange.head;
  if (exchange.complete || exchange.ended_by_caller) return {};
  return tl::unexpected(Named(exchange.error));
}

bool Conversation::WaitToAskAgain(const Error& error, int retries) {
  if (head_.status != kTooManyRequests && head_.status < 500) return false;
  const std::optional<std::chrono::seconds> asked = ParseRetryAfter(head_.retry_after);
  if (!asked || retries >= kMaxRetries) return false;
  const std::chrono::milliseconds wait = WithJitter(*asked, random_);
  if (wait >= overall_.left()) return false;
  if (options_.retrying) options_.retrying(request_, error, wait);
  return Pause(wait);
}

bool Conversation::Pause(std::chrono::milliseconds wait) const {
  if (options_.pause) {
    options_.pause(wait);
    return !overall_.stopped();
  }
  const net::Patience::Clock::time_point end = net::Patience::Clock::now() + wait;
  while (!overall_.stopped()) {
    const auto left = end - net::Patience::Clock::now();
    if (left <= net::Patience::Clock::duration::zero()) return true;
    std::this_thread::sleep_for(std::min<net::Patience::Clock::duration>(left, net::kStopInterval));
  }
  return false;
}

}  // namespace plimsoll::kube
