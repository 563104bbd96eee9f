#include "waiver_session.h"

#include <utility>

#include "cluster.h"
#include "plimsoll/codec/json_parser.h"

namespace plimsoll::cli {

std::string WordFor(const Error& error, std::string_view doing) {
  // What the webhook says is meant for people; what carried it here is not.
  constexpr std::string_view kDenied = "denied the request: ";
  if (const size_t at = error.message.find(kDenied); at != std::string::npos) {
    return error.message.substr(at + kDenied.size());
  }
  // Of an object, such as the namespace, it is said by name.
  const bool no_api = error.message.find("\" not found") == std::string::npos;
  return InWords(error,
                 std::string(doing) +
                     " readinesswaivers.plimsoll.dev there (cluster roles "
                     "plimsoll-waiver-requester and plimsoll-waiver-approver)",
                 no_api ? "is Plimsoll installed there? There are no waivers otherwise" : "");
}

Status MustBeObject(Result<kube::ApiResponse> answer) {
  if (!answer) return tl::unexpected(answer.error());
  JsonParser parser;
  const Result<JsonView> object = parser.Parse(answer->body);
  if (object && !(*object)["kind"].StringOrEmpty().empty()) return {};
  return Fail(ErrorCode::kInternal,
              "the answer is no Kubernetes object; is this an API server (--context)?");
}

Result<Session> Begin(const ClusterOptions& options) {
  auto api = ConnectTo(options);
  if (!api) return tl::unexpected(api.error());
  std::string name = options.namespace_name;
  if (name.empty()) name = (*api)->config().default_namespace;
  return Session{*std::move(api), std::move(name)};
}

}  // namespace plimsoll::cli
