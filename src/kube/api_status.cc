#include "kube/api_status.h"

#include <utility>

#include "plimsoll/base/text.h"
#include "plimsoll/codec/json_parser.h"

namespace plimsoll::kube {
namespace {

// The causes of a refused object, which name fields, are the part to read; a page of HTML is not.
constexpr size_t kMaxMessageBytes = 2000;
constexpr size_t kMaxForeignBytes = 200;

ErrorCode CodeOf(const ApiStatus& status) {
  switch (status.code) {
    case 401:
    case 403:
      return ErrorCode::kForbidden;
    case 404:
      return ErrorCode::kNotFound;
    case 409:
      return status.reason == "AlreadyExists" ? ErrorCode::kAlreadyExists : ErrorCode::kConflict;
    case 410:
      return ErrorCode::kConflict;
    case 408:
    case 429:
      return ErrorCode::kUnavailable;
    default:
      return status.code >= 500 ? ErrorCode::kUnavailable : ErrorCode::kInvalidArgument;
  }
}

}  // namespace

ApiStatus ReadApiStatus(JsonView status) {
  ApiStatus read;
  read.code = static_cast<int>(status["code"].AsInt().value_or(0));
  read.reason = status["reason"].StringOrEmpty();
  read.message = SanitizeLine(status["message"].StringOrEmpty(), kMaxMessageBytes);
  const JsonView details = status["details"];
  const int64_t seconds = details["retryAfterSeconds"].AsInt().value_or(0);
  if (seconds > 0) read.retry_after = std::chrono::seconds(seconds);
  for (const JsonView cause : details["causes"].elements()) {
    if (cause["reason"].StringOrEmpty() == "ResourceVersionTooLarge") {
      read.resource_version_too_large = true;
    }
  }
  return read;
}

ApiStatus ApiStatusFromBody(int code, std::string body) {
  JsonParser parser;
  const Result<JsonView> root = parser.Parse(body);
  if (root && (*root)["kind"].StringOrEmpty() == "Status") {
    ApiStatus status = ReadApiStatus(*root);
    status.code = code;
    return status;
  }
  ApiStatus status;
  status.code = code;
  status.message = SanitizeLine(Trim(body), kMaxForeignBytes);
  return status;
}

Error ApiError(const ApiStatus& status, std::string_view what) {
  std::string message(what);
  message += ": " + std::to_string(status.code);
  if (!status.reason.empty()) message += " " + SanitizeLine(status.reason, kMaxForeignBytes);
  if (!status.message.empty()) message += ": " + status.message;
  if (status.code >= 300 && status.code < 400) {
    message += ": redirects are not followed; is this the API server's address?";
  }
  return {CodeOf(status), std::move(message), {}};
}

}  // namespace plimsoll::kube
