#include "tests/server/fixture.h"

#include <stdexcept>
#include <utility>

#include "plimsoll/tls/certificate_authority.h"

namespace plimsoll::testing {

void RecordingObserver::Note(const std::function<void()>& change) {
  const std::lock_guard lock(mutex_);
  change();
  changed_.notify_all();
}

void RecordingObserver::ConnectionOpened() {
  Note([this] { ++opened; });
}
void RecordingObserver::ConnectionClosed() {
  Note([this] { ++closed; });
}
void RecordingObserver::HandshakeFailed(std::string_view /*peer*/, std::string_view detail) {
  Note([&] { handshakes.emplace_back(detail); });
}
void RecordingObserver::RequestRefused(std::string_view /*peer*/, int status,
                                       std::string_view reason, std::string_view /*detail*/) {
  Note([&] { refused.push_back(std::to_string(status) + " " + std::string(reason)); });
}
void RecordingObserver::HandlerFailed(std::string_view path, std::string_view detail) {
  Note([&] { failed.push_back(std::string(path) + ": " + std::string(detail)); });
}
void RecordingObserver::AcceptFailed(std::string_view detail) {
  Note([&] { failed.push_back("accept: " + std::string(detail)); });
}

bool RecordingObserver::WaitFor(const std::function<bool(const RecordingObserver&)>& done) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(30), [&] { return done(*this); });
}

KeyPairPem TestLeaf() {
  // Sessions and certificates are made for a fixed day; the test client trusts anybody.
  static const Timestamp now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23);
  static const CertificateAuthority ca = CertificateAuthority::Create(now).value();
  return ca.IssueServerCertificate({{"localhost"}, {"127.0.0.1"}}, now).value();
}

ServerTimeouts FineTimeouts() {
  ServerTimeouts timeouts;
  timeouts.resolution = std::chrono::milliseconds(5);
  return timeouts;
}

std::unique_ptr<Running> StartServer(Tls tls, ServerTimeouts timeouts, ServerLimits limits,
                                     std::vector<Route> more) {
  auto running = std::make_unique<Running>();
  if (tls == Tls::kOn) running->tls = ReloadableServerContext::Create(TestLeaf()).value();
  HttpServerOptions options;
  options.address = "127.0.0.1:0";
  options.tls = running->tls.get();
  options.timeouts = timeouts;
  options.limits = limits;
  options.observer = &running->observer;
  options.routes = std::move(more);
  options.routes.push_back({.path = "/echo",
                            .methods = {HttpMethod::kPost},
                            .make_handler = []() -> HttpHandler {
                              return [](const HttpRequest& request, HttpResponse& response) {
                                response.content_type = kJsonMediaType;
                                response.body = request.body.size() < 100000
                                                    ? request.body
                                                    : std::to_string(request.body.size());
                              };
                            },
                            .content_type = kJsonMediaType,
                            .max_body_bytes = 7 * 1024 * 1024});
  options.routes.push_back(
      GetRoute("/constant", [](HttpResponse& response) { response.body = "constant\n"; }));
  options.routes.push_back(GetRoute(
      "/large", [](HttpResponse& response) { response.body.assign(size_t{1024} * 1024, 'x'); }));
  options.routes.push_back(
      GetRoute("/throw", [](HttpResponse&) { throw std::runtime_error("on purpose"); }));
  Result<std::unique_ptr<HttpServer>> server = HttpServer::Start(std::move(options));
  if (!server) throw std::runtime_error(server.error().message);
  running->server = *std::move(server);
  return running;
}

}  // namespace plimsoll::testing
