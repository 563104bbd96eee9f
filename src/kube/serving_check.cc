#include "plimsoll/kube/serving_check.h"

#include <utility>

#include "kube/dialer.h"
#include "plimsoll/net/tls_context.h"

namespace plimsoll::kube {

struct ServingCheck::State {
  Route route;
  net::Resolver resolver;
};

ServingCheck::ServingCheck(std::string host, uint16_t port, std::string server_name)
    : state_(std::make_unique<State>()) {
  state_->route.server.host = std::move(host);
  state_->route.server.port = port;
  state_->route.server_name = std::move(server_name);
}

ServingCheck::~ServingCheck() = default;

Status ServingCheck::Check(const std::string& ca_bundle) {
  if (ca_bundle.empty()) return Fail(ErrorCode::kUnavailable, "there is no caBundle to trust yet");
  Result<std::shared_ptr<ssl_ctx_st>> tls = net::MakeTlsContext({ca_bundle, true, {}});
  if (!tls) return tl::unexpected(tls.error());
  const Dialed dialed = Dial(state_->resolver, state_->route, std::move(*tls),
                             net::Patience::For(kServingCheckTimeout));
  if (dialed.connection == nullptr) return tl::unexpected(dialed.error);
  return {};
}

}  // namespace plimsoll::kube
