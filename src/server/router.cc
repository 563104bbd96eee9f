#include "server/router.h"

#include <algorithm>
#include <utility>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

// The one of exactly that path, else the one with the longest beginning of it.
std::vector<Route>::const_iterator Find(const std::vector<Route>& routes, std::string_view path) {
  auto found = routes.end();
  for (auto route = routes.begin(); route != routes.end(); ++route) {
    if (route->path == path) return route;
    const bool below = route->path.ends_with('/') && path.starts_with(route->path);
    if (below && (found == routes.end() || route->path.size() > found->path.size())) found = route;
  }
  return found;
}

bool Takes(const Route& route, HttpMethod method) {
  if (method == HttpMethod::kHead) method = HttpMethod::kGet;
  return std::find(route.methods.begin(), route.methods.end(), method) != route.methods.end();
}

std::string Methods(const Route& route) {
  std::string list;
  for (const HttpMethod method : route.methods) {
    if (!list.empty()) list += ", ";
    list += HttpMethodName(method);
    if (method == HttpMethod::kGet) list += ", HEAD";
  }
  return list;
}

// "application/json; charset=utf-8" is application/json.
bool IsMediaType(std::string_view content_type, std::string_view wanted) {
  return EqualsIgnoreCase(Trim(content_type.substr(0, content_type.find(';'))), wanted);
}

}  // namespace

std::string_view HttpMethodName(HttpMethod method) {
  switch (method) {
    case HttpMethod::kGet:
      return "GET";
    case HttpMethod::kHead:
      return "HEAD";
    case HttpMethod::kPost:
      return "POST";
    case HttpMethod::kOther:
      break;
  }
  return "other";
}

Route GetRoute(std::string path, std::function<void(HttpResponse&)> answer) {
  return {.path = std::move(path),
          .methods = {HttpMethod::kGet},
          .make_handler = [answer = std::move(answer)]() -> HttpHandler {
            return [answer](const HttpRequest&, HttpResponse& response) { answer(response); };
          },
          .content_type = "",
          .max_body_bytes = 0};
}

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)) {
  not_found_ = "no such path; served here:";
  for (const Route& route : routes_) not_found_ += " " + Methods(route) + " " + route.path + ";";
  not_found_.pop_back();
}

std::optional<Refusal> Router::Choose(const RequestHead& head, size_t& route) const {
  const std::string_view path = head.path();
  const auto found = Find(routes_, path);
  if (found == routes_.end()) return Refusal{404, "not_found", not_found_, 0, {}};
  if (!Takes(*found, head.method)) {
    const std::string allow = Methods(*found);
    return Refusal{405, "method", found->path + " is served for " + allow + " only", 0, allow};
  }
  if (!found->content_type.empty() && !IsMediaType(head.content_type, found->content_type)) {
    return Refusal{
        415, "content_type", "expected Content-Type: " + std::string(found->content_type), 0, {}};
  }
  if (head.content_length && *head.content_length > found->max_body_bytes) {
    return BodyTooLarge(head.content_length, found->max_body_bytes);
  }
  route = static_cast<size_t>(found - routes_.begin());
  return std::nullopt;
}

}  // namespace plimsoll
