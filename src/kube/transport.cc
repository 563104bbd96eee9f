#include "kube/transport.h"

#include <optional>
#include <utility>

#include "kube/credential_text.h"
#include "kube/exec_credential.h"
#include "kube/header_text.h"

namespace plimsoll::kube {
namespace {

// Whether doing it twice is doing it once (RFC 9110 section 9.2.2); of the patches, server-side apply is.
bool IsIdempotent(const ApiRequest& request) {
  switch (request.method) {
    case ApiMethod::kPost:
      return false;
    case ApiMethod::kPatch:
      return request.content_type.starts_with("application/apply-patch");
    default:
      return true;
  }
}

Result<Route> RouteOf(const ClusterConfig& config) {
  Result<Endpoint> server = ParseServerUrl(config.server);
  if (!server) return Fail(server.error().code, "server: " + server.error().message);
  Route route;
  if (!config.proxy_url.empty()) {
    Result<ProxyEndpoint> proxy = ParseProxyUrl(config.proxy_url);
    if (!proxy) return Fail(proxy.error().code, "proxy-url: " + proxy.error().message);
    route.proxy = *std::move(proxy);
  }
  route.server_name = config.tls_server_name.empty() ? server->host : config.tls_server_name;
  if (!IsVisibleAscii(route.server_name)) {
    return Fail(ErrorCode::kInvalidArgument, "tls-server-name: expected a host name");
  }
  route.server = *std::move(server);
  return route;
}

// What a plugin is told about the cluster; the CA is read only where it is.
Result<std::string> ExecInfoFor(const ClusterConfig& config) {
  const std::optional<ExecPlugin>& plugin = config.credentials.exec;
  if (!plugin) return std::string();
  std::string ca = config.ca;
  if (ca.empty() && !config.ca_file.empty() && plugin->provide_cluster_info) {
    Result<std::string> read = ReadSmallFile(config.ca_file, "certificate authority");
    if (!read) return read;
    ca = *std::move(read);
  }
  return ExecInfo(*plugin, config, ca);
}

}  // namespace

std::string_view MethodName(ApiMethod method) {
  switch (method) {
    case ApiMethod::kGet:
      return "GET";
    case ApiMethod::kPost:
      return "POST";
    case ApiMethod::kPut:
      return "PUT";
    case ApiMethod::kPatch:
      return "PATCH";
    case ApiMethod::kDelete:
      return "DELETE";
  }
  return "GET";
}

Transport::Transport(const ClusterConfig& config, std::string user_agent,
                     const ApiClientOptions& options, Route route)
    : user_agent_(std::move(user_agent)),
      route_(std::move(route)),
      tls_(config, options.file_max_age),
      credentials_(config.credentials, ExecInfoFor(config).value_or(""), options.clock,
                   options.file_max_age),
      pool_(options.idle_connection_max_age) {}

Result<std::unique_ptr<Transport>> Transport::Create(const ClusterConfig& config,
                                                     std::string user_agent,
                                                     const ApiClientOptions& options) {
  if (!IsHeaderText(user_agent) || user_agent.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "user agent: expected text without control characters");
  }
  if (const Status status = CheckCredentials(config.credentials); !status) {
    return tl::unexpected(status.error());
  }
  if (const Result<std::string> info = ExecInfoFor(config); !info) {
    return tl::unexpected(info.error());
  }
  Result<Route> route = RouteOf(config);
  if (!route) return tl::unexpected(route.error());
  std::unique_ptr<Transport> transport(
      new Transport(config, std::move(user_agent), options, *std::move(route)));
  const Result<Identity> identity = transport->Identify(net::Patience::For(kExecTimeout));
  if (!identity) return tl::unexpected(identity.error());
  if (transport->route_.server.tls) {
    const auto context = transport->tls_.Get(identity->client);
    if (!context) return tl::unexpected(context.error());
  }
  return transport;
}

bool Transport::Refused(const Identity& identity) {
  if (!credentials_.Refused(identity)) return false;
  pool_.Clear();
  return true;
}

Transport::Lease Transport::Acquire(const Identity& identity, const net::Patience& patience,
                                    Kept kept) {
  std::shared_ptr<ssl_ctx_st> context;
  for (const bool again : {false, true}) {
    if (route_.server.tls) {
      Result<std::shared_ptr<ssl_ctx_st>> current = tls_.Get(identity.client);
      if (!current) return {nullptr, false, current.error()};
      context = *std::move(current);
    }
    if (kept == Kept::kAllowed) {
      if (auto connection = pool_.Take(context.get())) return {std::move(connection), true, {}};
    }
    Dialed dialed = Dial(resolver_, route_, context, patience);
    if (dialed.connection != nullptr) return {std::move(dialed.connection), false, {}};
    if (again || !dialed.distrusted || !tls_.Distrusted()) {
      return {nullptr, false, std::move(dialed.error)};
    }
  }
  return {};
}

net::HttpRequest Transport::Describe(const ApiRequest& request, const Identity& identity) const {
  net::HttpRequest http;
  http.method = MethodName(request.method);
  http.target = route_.server.base_path + request.path;
  http.body = request.body;
  http.headers = {{"Host", route_.server.HostHeader()},
                  {"User-Agent", user_agent_},
                  {"Accept", request.accept},
                  {"Accept-Encoding", "identity"}};
  if (!request.body.empty()) http.headers.emplace_back("Content-Type", request.content_type);
  if (!identity.authorization.empty()) {
    http.headers.emplace_back("Authorization", identity.authorization);
  }
  for (const auto& header : credentials_.headers()) http.headers.push_back(header);
  if (route_.proxy && !route_.server.tls) {
    http.target = "http://" + route_.server.Authority() + http.target;
    if (!route_.proxy->authorization.empty()) {
      http.headers.emplace_back("Proxy-Authorization", route_.proxy->authorization);
    }
  }
  return http;
}

net::HttpExchange Transport::Send(const ApiRequest& request, const Identity& identity,
                                  net::Patience& patience,
                                  const std::function<bool(const net::HttpHead&)>& on_head,
                                  const std::function<bool(std::string_view)>& on_body) {
  const net::HttpRequest http = Describe(request, identity);
  Kept kept = Kept::kAllowed;
  while (true) {
    Lease lease = Acquire(identity, patience, kept);
    if (lease.connection == nullptr) {
      net::HttpExchange failed;
      failed.error = std::move(lease.error);
      return failed;
    }
    net::HttpExchange exchange = net::Exchange(*lease.connection, http, patience, on_head, on_body);
    if (exchange.reusable) pool_.Give(std::move(lease.connection));
    if (exchange.complete || exchange.ended_by_caller) return exchange;
    pool_.Clear();
    const bool was_closed =
        lease.kept && !exchange.answered && !patience.stopped() && patience.left().count() > 0;
    if (!was_closed || !(IsIdempotent(request) || exchange.sent_bytes == 0)) return exchange;
    kept = Kept::kNotAllowed;
  }
}

}  // namespace plimsoll::kube
