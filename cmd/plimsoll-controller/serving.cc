#include "serving.h"

#include <chrono>
#include <string>
#include <utility>

namespace plimsoll::controller {
namespace {

// Two serve reviews with room to spare (10,000 reviews a second each); metrics and probes need no more than one.
constexpr size_t kWebhookThreads = 2;
constexpr size_t kMetricsThreads = 1;
constexpr size_t kReportThreads = 1;
// Readers are people and a few programs, mostly behind one proxy.
constexpr size_t kReportConnections = 64;
// A page of 5,000 workloads has 11 MB, and comes through a port-forward or a phone.
constexpr std::chrono::seconds kReportWriteTime(60);
// A first page is made while its reader waits; on a busy node that may take seconds, and costs nobody else anything.
constexpr std::chrono::seconds kReportWaitTime(15);
// An event loop comes round four times a second. One that has not for this long is stuck, not busy.
constexpr std::chrono::seconds kMaxStall(10);
constexpr std::chrono::milliseconds kSignalInterval(200);

}  // namespace

void Serving::Observers::Observe(const ObservedReview& review) {
  for (VerdictObserver* observer : all_) observer->Observe(review);
}

void Serving::Observers::ObserveUndecided(std::string_view uid, std::string_view reason,
                                          std::string_view detail,
                                          std::chrono::nanoseconds duration) {
  for (VerdictObserver* observer : all_) observer->ObserveUndecided(uid, reason, detail, duration);
}

Serving::Serving(const Options& options, const Clock& clock, Logger& logger, Metrics& metrics)
    : options_(options),
      clock_(clock),
      logger_(logger),
      metrics_(metrics),
      review_log_(logger),
      observers_(metrics, review_log_),
      webhook_events_("webhook", logger, &metrics),
      metrics_events_("metrics", logger, nullptr),
      report_events_("report", logger, nullptr) {
  metrics_.Read("plimsoll_log_lines_dropped_total",
                [this] { return static_cast<double>(logger_.dropped()); });
}

Status Serving::StartWebhook(ReloadableServerContext& tls, std::vector<Route> routes) {
  tls_ = &tls;
  HttpServerOptions server;
  server.address = options_.listen;
  server.tls = tls_;
  server.threads = kWebhookThreads;
  server.routes = std::move(routes);
  server.timeouts.drain_accept = options_.shutdown_delay;
  server.observer = &webhook_events_;
  auto started = HttpServer::Start(std::move(server));
  if (!started) return tl::unexpected(started.error());
  webhook_ = std::move(*started);
  return {};
}

Status Serving::StartMetrics(std::function<std::vector<Check>()> readiness) {
  more_readiness_ = std::move(readiness);
  HttpServerOptions server;
  server.address = options_.metrics_listen;
  server.threads = kMetricsThreads;
  server.routes = {ChecksRoute("/healthz", [this] { return Health(); }),
                   ChecksRoute("/readyz", [this] { return Readiness(); }),
                   MetricsRoute([this] { return metrics_.Expose(clock_.Now()); })};
  server.observer = &metrics_events_;
  auto started = HttpServer::Start(std::move(server));
  if (!started) return tl::unexpected(started.error());
  metrics_server_ = std::move(*started);
  logger_.Log(LogLevel::kInfo, "metrics listening",
              {{"address", metrics_server_->address()},
               {"port", int64_t{metrics_server_->port()}},
               {"paths", "/metrics /healthz /readyz"}});
  return {};
}

Status Serving::StartReport(std::vector<Route> routes) {
  HttpServerOptions server;
  server.address = options_.report_listen;
  server.tls = tls_;
  server.threads = kReportThreads;
  server.routes = std::move(routes);
  server.limits.connections = kReportConnections;
  server.limits.refusal_connections = kReportConnections / 8;
  server.timeouts.write = kReportWriteTime;
  server.timeouts.wait = kReportWaitTime;
  server.observer = &report_events_;
  auto started = HttpServer::Start(std::move(server));
  if (!started) return tl::unexpected(started.error());
  report_server_ = std::move(*started);
  logger_.Log(LogLevel::kInfo, "report listening",
              {{"address", report_server_->address()},
               {"port", int64_t{report_server_->port()}},
               {"paths", "/report /api/v1/"}});
  return {};
}

std::vector<Check> Serving::Health() const {
  const auto stall = webhook_->stalled_for();
  const bool ok = stall < kMaxStall;
  return {{"event loops", ok,
           ok ? "turning" : "one has been stuck for " + std::to_string(stall.count()) + " ms"}};
}

std::vector<Check> Serving::Readiness() const {
  std::vector<Check> checks = more_readiness_();
  const CertificateInfo certificate = tls_->info();
  const bool valid = clock_.Now() <= certificate.not_after;
  const bool draining = webhook_->draining();
  checks.push_back({"certificate", valid,
                    (valid ? "expires " : "expired ") + FormatTimestamp(certificate.not_after)});
  checks.push_back({"shutdown", !draining, draining ? "draining" : "not under way"});
  return checks;
}

void Serving::BeginDrain() {
  webhook_->BeginDrain();
  logger_.Log(LogLevel::kInfo, "draining; another signal ends it at once",
              {{"accepting_s", options_.shutdown_delay.count()},
               {"connections", static_cast<int64_t>(webhook_->connections())}});
}

void Serving::WaitDrained(const Signals& signals) {
  while (!webhook_->WaitUntilStopped(std::chrono::milliseconds(0))) {
    if (signals.Wait(kSignalInterval) == Signal::kStop) webhook_->Stop();
  }
}

void Serving::Stop() {
  report_server_.reset();
  metrics_server_.reset();  // before it: it asks how the other one is
  webhook_.reset();
}

}  // namespace plimsoll::controller
