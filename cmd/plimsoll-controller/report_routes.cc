#include "report_routes.h"

#include <string>
#include <string_view>
#include <utility>

#include "plimsoll/base/text.h"
#include "plimsoll/render/html_report.h"
#include "plimsoll/render/report_api.h"

namespace plimsoll::controller {
namespace {

constexpr std::string_view kHtmlType = "text/html; charset=utf-8";
constexpr int kRetrySeconds = 2;

// For every answer: it is for whoever asked, is asked for again each time, and is what it says it is.
constexpr std::string_view kCommonHeaders =
    "Cache-Control: private, no-cache\r\nVary: Authorization\r\n"
    "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n";

// Both of static storage, as HttpResponse wants them. A browser knows how to ask for a name and a password.
std::string_view SignInHeaders() {
  static const std::string headers =
      std::string(kCommonHeaders) +
      "WWW-Authenticate: Bearer realm=\"plimsoll\"\r\n"
      "WWW-Authenticate: Basic realm=\"Plimsoll: any name, and a token of the cluster as the "
      "password\", charset=\"UTF-8\"\r\n";
  return headers;
}

std::string_view PageHeaders() {
  static const std::string headers = std::string(kCommonHeaders) +
                                     "Content-Security-Policy: " + HtmlReportPolicy(true) +
                                     "; frame-ancestors 'none'\r\nX-Frame-Options: DENY\r\n";
  return headers;
}

const std::vector<std::string_view>& PageResources() {
  static const std::vector<std::string_view> resources = {"workloadreadinesses",
                                                          "readinesswaivers"};
  return resources;
}

bool IsApi(const HttpRequest& request) { return request.path != kReportPath; }

void Refuse(const HttpRequest& request, int status, std::string_view reason,
            const std::string& message, HttpResponse& response) {
  response.status = status;
  response.fixed_headers = status == 401 ? SignInHeaders() : kCommonHeaders;
  if (status == 503) response.retry_after_seconds = kRetrySeconds;
  response.content_type = IsApi(request) ? kJsonMediaType : kPlainText;
  response.body = IsApi(request) ? ApiError(status, reason, message).body : message + "\n";
}

// True where `etag` is one of those; compared weakly, as If-None-Match is (RFC 9110, 13.1.2).
bool Has(std::string_view list, std::string_view etag) {
  const auto opaque = [](std::string_view tag) {
    return tag.starts_with("W/") ? tag.substr(2) : tag;
  };
  for (const std::string_view one : Split(list, ',')) {
    if (Trim(one) == "*" || opaque(Trim(one)) == opaque(etag)) return true;
  }
  return false;
}

// True once it may be answered; otherwise `response` says why not, or when to ask again.
bool Admit(const ReportRoutePorts& ports, const HttpRequest& request,
           const std::vector<std::string_view>& resources, HttpResponse& response) {
  switch (ports.access->MayRead(request.authorization, resources)) {
    case ReportAccess::Answer::kAllowed:
      return true;
    case ReportAccess::Answer::kNobody:
      Refuse(request, 401, "Unauthorized",
             "a token of this cluster is needed, as \"Authorization: Bearer TOKEN\"; such as "
             "kubectl create token NAME prints",
             response);
      return false;
    case ReportAccess::Answer::kDenied: {
      std::string names;
      for (const std::string_view resource : resources) {
        (names += names.empty() ? "" : " and ") += std::string(resource) + ".plimsoll.dev";
      }
      Refuse(request, 403, "Forbidden",
             "it takes the permission to list " + names + " in all namespaces", response);
      return false;
    }
    case ReportAccess::Answer::kPending:
      if (request.may_wait) {
        response.again_in = kReportAskAgain;
        return false;
      }
      break;
    case ReportAccess::Answer::kUnknown:
      break;
  }
  Refuse(request, 503, "Unavailable", "the API server has not said yet whether you may; try again",
         response);
  return false;
}

// Null where there is none yet; then `response` says so, or when to ask again.
std::shared_ptr<const ReportSnapshot> Snapshot(const ReportRoutePorts& ports,
                                               const HttpRequest& request, HttpResponse& response) {
  std::shared_ptr<const ReportSnapshot> snapshot = ports.page->Current();
  if (snapshot != nullptr) return snapshot;
  if (request.may_wait && ports.page->synced()) {
    response.again_in = kReportAskAgain;
    return nullptr;
  }
  // It takes longer than a request waits: an old one is better than none.
  if (snapshot = ports.page->Latest(); snapshot != nullptr) return snapshot;
  Refuse(request, 503, "Unavailable",
         ports.page->synced() ? "the report is being made; try again"
                              : "this replica has not read all records yet; try again",
         response);
  return nullptr;
}

// True where the client has it already, and that is the answer.
bool NotModified(const HttpRequest& request, const std::string& etag, HttpResponse& response) {
  response.etag = etag;
  if (!Has(request.if_none_match, etag)) return false;
  response.status = 304;
  return true;
}

void AnswerPage(const ReportRoutePorts& ports, const HttpRequest& request, HttpResponse& response) {
  if (!Admit(ports, request, PageResources(), response)) return;
  const auto snapshot = Snapshot(ports, request, response);
  if (snapshot == nullptr) return;
  response.content_type = kHtmlType;
  response.fixed_headers = PageHeaders();
  if (!NotModified(request, snapshot->etag, response)) response.shared_body = snapshot->page;
}

void AnswerQuestion(const ReportRoutePorts& ports, const HttpRequest& request,
                    HttpResponse& response) {
  std::vector<std::string_view> resources = ApiResources(request.path);
  const bool known = !resources.empty();
  // What there is not is told to those who may read what there is.
  if (!Admit(ports, request, known ? resources : PageResources(), response)) return;
  const auto snapshot = Snapshot(ports, request, response);
  if (snapshot == nullptr) return;
  const auto policies = ports.policies();
  const ApiAnswer answer = AnswerApi(
      *snapshot->facts, {request.path, request.query(), policies.get(), ports.clock->Now()});
  response.status = answer.status;
  response.content_type = kJsonMediaType;
  response.fixed_headers = kCommonHeaders;
  response.body = answer.body;
}

Route RouteOf(std::string_view path, const std::shared_ptr<const ReportRoutePorts>& ports,
              void (*answer)(const ReportRoutePorts&, const HttpRequest&, HttpResponse&)) {
  return {.path = std::string(path),
          .methods = {HttpMethod::kGet},
          .make_handler = [ports, answer]() -> HttpHandler {
            return [ports, answer](const HttpRequest& request, HttpResponse& response) {
              answer(*ports, request, response);
            };
          },
          .content_type = "",
          .max_body_bytes = 0};
}

}  // namespace

std::vector<Route> ReportRoutes(ReportRoutePorts ports) {
  const auto shared = std::make_shared<const ReportRoutePorts>(std::move(ports));
  return {RouteOf(kReportPath, shared, AnswerPage), RouteOf(kApiPath, shared, AnswerQuestion)};
}

}  // namespace plimsoll::controller
