// What a handler sees of HTTP: a request, a response, a route. No sockets, no Beast.
//
// Thread-safety: value types; a handler serves one thread, a factory makes one for each. Ownership: a request's text and
// body live until its handler returns.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {

enum class HttpMethod : uint8_t { kGet, kHead, kPost, kOther };
std::string_view HttpMethodName(HttpMethod method);  // "GET", "HEAD", "POST", "other"

inline constexpr std::string_view kPlainText = "text/plain; charset=utf-8";
inline constexpr std::string_view kJsonMediaType = "application/json";

struct HttpRequest {
  HttpMethod method = HttpMethod::kGet;
  std::string_view path;          // "/validate", without the query
  std::string_view target;        // as sent
  std::string_view content_type;  // as sent
  // As sent, "" where they are not: credentials, which belong into no log; and the ETags that the client has already.
  std::string_view authorization = {};
  std::string_view if_none_match = {};
  std::string_view peer;  // "192.0.2.1:40000", for logs
  std::string& body;      // the handler may add capacity or take it
  // How long the answer has been put off already; 0 when the handler is called for the first time.
  std::chrono::milliseconds waited{0};
  // The handler may ask to be called again. False once the time for that is over (ServerTimeouts::wait).
  bool may_wait = false;

  // "limit=10&continue=x" of the target; "" where there is none.
  std::string_view query() const {
    const size_t mark = target.find('?');
    return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  }
};

// There is no way to set a header freely, so no byte of a request can reach one (response splitting).
struct HttpResponse {
  int status = 200;
  std::string_view content_type = kPlainText;  // of static storage
  int retry_after_seconds = 0;                 // 0: no Retry-After
  // Further headers, each with CR LF behind it: of static storage, and so the same whatever was asked.
  std::string_view fixed_headers = {};
  // A validator as the header has it, such as W/"1f"; of our own making. "": none.
  std::string etag = {};
  std::string body;  // empty when the handler is called; its memory is reused
  // Where it is set, it is sent instead of `body`, and not copied: for what is large and the same for many.
  std::shared_ptr<const std::string> shared_body = {};
  // Above 0: there is no answer yet, and the rest of this is not looked at. The handler is called again with the same
  // request after that time (or when its time for waiting is over); until then the thread serves others. Only where the
  // request may wait.
  std::chrono::milliseconds again_in{0};
};

using HttpHandler = std::function<void(const HttpRequest&, HttpResponse&)>;
// Called once per serving thread when the server starts, so that a handler may keep scratch memory.
using HttpHandlerFactory = std::function<HttpHandler()>;

struct Route {
  // Compared whole; the query is not looked at. One that ends with "/": all that begins with it, where no other fits.
  std::string path;
  std::vector<HttpMethod> methods;  // HEAD comes with GET
  HttpHandlerFactory make_handler;
  std::string_view content_type;  // the request's media type must be this one; "" for any
  size_t max_body_bytes = 0;
};

// GET (and HEAD) `path`, answered by `answer` from any serving thread.
Route GetRoute(std::string path, std::function<void(HttpResponse&)> answer);

}  // namespace plimsoll
