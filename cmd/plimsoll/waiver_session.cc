#include "waiver_session.h"

#include <utility>

#include "cluster.h"

namespace plimsoll::cli {

std::string WordFor(const Error& error, std::string_view doing) {
  std::string text = error.message;
  if (error.code == ErrorCode::kForbidden) {
    text += "; it takes the permission to " + std::string(doing) +
            " readinesswaivers.plimsoll.dev there (cluster roles plimsoll-waiver-requester and "
            "plimsoll-waiver-approver)";
  }
  if (error.code == ErrorCode::kNotFound) {
    text += "; is Plimsoll installed there? There are no waivers otherwise";
  }
  return text;
}

Result<Session> Begin(const ClusterOptions& options) {
  auto api = ConnectTo(options);
  if (!api) return tl::unexpected(api.error());
  std::string name = options.namespace_name;
  if (name.empty()) name = (*api)->config().default_namespace;
  return Session{*std::move(api), std::move(name)};
}

}  // namespace plimsoll::cli
