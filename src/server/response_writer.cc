#include "server/response_writer.h"

#include <array>
#include <charconv>
#include <cstdint>

namespace plimsoll {
namespace {

void AppendNumber(uint64_t number, std::string& out) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace

std::string_view StatusText(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

void AppendResponse(const HttpResponse& response, const ResponseFraming& framing,
                    std::string& out) {
  out.append("HTTP/1.1 ");
  AppendNumber(static_cast<uint64_t>(response.status), out);
  out.append(" ").append(StatusText(response.status));
  out.append("\r\nContent-Type: ").append(response.content_type);
  // Not modified: the length would be that of what is not sent (RFC 9110, 15.4.5).
  if (response.status != 304) {
    out.append("\r\nContent-Length: ");
    const bool shared = response.shared_body != nullptr;
    AppendNumber(shared ? response.shared_body->size() : response.body.size(), out);
  }
  if (!response.etag.empty()) out.append("\r\nETag: ").append(response.etag);
  if (!framing.allow.empty()) out.append("\r\nAllow: ").append(framing.allow);
  if (response.retry_after_seconds > 0) {
    out.append("\r\nRetry-After: ");
    AppendNumber(static_cast<uint64_t>(response.retry_after_seconds), out);
  }
  if (framing.close) out.append("\r\nConnection: close");
  out.append("\r\n").append(response.fixed_headers).append("\r\n");
  if (!framing.head_only && response.status != 304 && response.shared_body == nullptr)
    out.append(response.body);
}

void AppendRefusal(const Refusal& refusal, bool head_only, std::string& out) {
  HttpResponse response;
  response.status = refusal.status;
  response.retry_after_seconds = refusal.retry_after_seconds;
  response.body = refusal.text + "\n";
  AppendResponse(response, {.close = true, .head_only = head_only, .allow = refusal.allow}, out);
}

}  // namespace plimsoll
