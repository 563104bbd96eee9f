// ApiClient: calls to the API server. ApiCaller is what everything else in this room needs of it, so that tests can answer
// instead.
//
// Call sends one request and waits for the whole answer; what the server asks to be tried again (429 and 5xx with
// Retry-After) and connections that break before a request was sent are tried again within the request's timeout. So is,
// for GET, PUT, DELETE and server-side apply, a request whose kept connection turns out to be closed before any answer.
// A status of 400 and above is an Error: 404 kNotFound, 409 kConflict (AlreadyExists: kAlreadyExists), 410 kConflict (what was
// read is too old: read again), 401 and 403 kForbidden, 408, 429 and 5xx kUnavailable, every other kInvalidArgument; so are
// redirects, which are not followed. The message has the method, the path and the server's own words. Transport trouble is
// kUnavailable, an answer beyond a limit kLimitExceeded.
//
// Stream sends one GET and hands over the answer's bytes as they come (watches). Until the first byte it behaves like Call,
// with the request's timeout for each attempt; a status of 400 and above is the same Error.
//
// Thread-safety: every method from any thread. A call has a connection for itself while it lasts; idle ones are kept. No
// method throws. No Error and no text given to callbacks holds a credential. Semantics: docs.kubernetes.io API concepts;
// client-go rest/request.go, rest/with_retry.go, transport/token_source.go; docs/adr/0044-http-over-our-own-connections.md.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/kube/cluster_config.h"

namespace plimsoll::kube {

// Twice the API server's own 60 s limit on requests that are no watches helps nobody: a caller has its own deadline.
inline constexpr std::chrono::milliseconds kDefaultCallTimeout = std::chrono::seconds(30);
// A page of 500 objects of 100 KiB; larger answers are a mistake or an attack.
inline constexpr size_t kMaxResponseBytes = 64 * 1024 * 1024;

enum class ApiMethod { kGet, kPost, kPut, kPatch, kDelete };

struct ApiRequest {
  ApiMethod method = ApiMethod::kGet;
  std::string path;  // with its query, percent-encoded: "/api/v1/namespaces?limit=500"
  std::string body;
  std::string content_type;  // "" where there is no body
  std::string accept = "application/json";
  std::chrono::milliseconds timeout = kDefaultCallTimeout;
};

struct ApiResponse {
  int status = 0;
  std::string body;
};

class ApiCaller {
 public:
  virtual ~ApiCaller() = default;
  virtual Result<ApiResponse> Call(const ApiRequest& request) = 0;

  struct StreamLimits {
    // From one byte to the next; a peer that is silent for longer is taken for dead.
    std::chrono::milliseconds silence;
    // Of the whole stream.
    std::chrono::milliseconds total;
  };
  // `take` gets pieces of the body, cut anywhere; false ends the stream (which is no error). Returns when the server has
  // ended it. `stop` is asked at least once a second; true ends the stream, too.
  virtual Status Stream(const ApiRequest& request, const StreamLimits& limits,
                        const std::function<bool(std::string_view piece)>& take,
                        const std::function<bool()>& stop) = 0;
};

struct ApiClientOptions {
  // client-go reads a token file again after a minute; the kubelet renews it when a fifth of its life is left.
  std::chrono::milliseconds file_max_age{60'000};
  // The API server closes idle connections after 90 s, some load balancers after 60 s; whoever closes first cannot be
  // surprised.
  std::chrono::milliseconds idle_connection_max_age{50'000};
  size_t max_response_bytes = kMaxResponseBytes;
  // Says when an exec plugin's credential has expired. Null: it is used until the server refuses it. Must outlive the client.
  const Clock* clock = nullptr;
  // A request will be sent again after `wait`, because of `error`. For logs; called on the caller's thread.
  std::function<void(const ApiRequest& request, const Error& error, std::chrono::milliseconds wait)>
      retrying;
  // Instead of waiting; for tests.
  std::function<void(std::chrono::milliseconds wait)> pause;
};

class ApiClient final : public ApiCaller {
 public:
  // `user_agent`: "plimsoll-controller/0.1.0". Reads CA and credentials once (an exec plugin is run), so that what is wrong
  // with them is said now. Opens no connection.
  static Result<std::unique_ptr<ApiClient>> Create(ClusterConfig config, std::string user_agent,
                                                   ApiClientOptions options = {});
  // No call may be under way.
  ~ApiClient() override;

  Result<ApiResponse> Call(const ApiRequest& request) override;
  Status Stream(const ApiRequest& request, const StreamLimits& limits,
                const std::function<bool(std::string_view piece)>& take,
                const std::function<bool()>& stop) override;

  const ClusterConfig& config() const;

 private:
  struct State;
  explicit ApiClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll::kube
