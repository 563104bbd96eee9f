#include "plimsoll/kube/api_client.h"

#include <utility>

#include "kube/conversation.h"
#include "kube/header_text.h"
#include "kube/transport.h"

namespace plimsoll::kube {
namespace {

Status CheckRequest(const ApiRequest& request) {
  if (!IsRequestTarget(request.path)) {
    return Fail(ErrorCode::kInvalidArgument,
                "a request's path must be absolute and percent-encoded");
  }
  if (!IsHeaderText(request.accept) || request.accept.empty() ||
      !IsHeaderText(request.content_type)) {
    return Fail(ErrorCode::kInvalidArgument, "Accept and Content-Type must be media types");
  }
  if (!request.body.empty() && request.content_type.empty()) {
    return Fail(ErrorCode::kInvalidArgument, request.path + ": a body without a Content-Type");
  }
  return {};
}

}  // namespace

struct ApiClient::State {
  const ClusterConfig config;
  const ApiClientOptions options;
  const std::unique_ptr<Transport> transport;
};

ApiClient::ApiClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
ApiClient::~ApiClient() = default;

const ClusterConfig& ApiClient::config() const { return state_->config; }

Result<std::unique_ptr<ApiClient>> ApiClient::Create(ClusterConfig config, std::string user_agent,
                                                     ApiClientOptions options) {
  Result<std::unique_ptr<Transport>> transport =
      Transport::Create(config, std::move(user_agent), options);
  if (!transport) return tl::unexpected(transport.error());
  std::unique_ptr<State> state(
      new State{std::move(config), std::move(options), *std::move(transport)});
  return std::unique_ptr<ApiClient>(new ApiClient(std::move(state)));
}

Result<ApiResponse> ApiClient::Call(const ApiRequest& request) {
  if (const Status status = CheckRequest(request); !status) return tl::unexpected(status.error());
  const net::Patience overall = net::Patience::For(request.timeout);
  const size_t max = state_->options.max_response_bytes;
  ApiResponse response;
  Conversation conversation(*state_->transport, state_->options, request, overall);
  const Result<int> status = conversation.Run([&](std::string_view piece) {
    if (piece.size() > max - response.body.size()) return false;
    response.body += piece;
    return true;
  });
  if (!status) return tl::unexpected(status.error());
  if (conversation.ended_by_caller()) {
    return Fail(ErrorCode::kLimitExceeded,
                request.path + ": the answer is larger than " + std::to_string(max) + " bytes");
  }
  response.status = *status;
  return response;
}

Status ApiClient::Stream(const ApiRequest& request, const StreamLimits& limits,
                         const std::function<bool(std::string_view piece)>& take,
                         const std::function<bool()>& stop) {
  if (const Status status = CheckRequest(request); !status) return status;
  if (request.method != ApiMethod::kGet) {
    return Fail(ErrorCode::kInvalidArgument, request.path + ": only GET can be streamed");
  }
  net::Patience overall = net::Patience::For(limits.total);
  overall.silence = limits.silence;
  overall.stop = &stop;
  Conversation conversation(*state_->transport, state_->options, request, overall);
  const Result<int> status = conversation.Run(take);
  if (status || overall.stopped()) return {};
  return tl::unexpected(status.error());
}

}  // namespace plimsoll::kube
