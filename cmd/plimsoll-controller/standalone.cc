#include "standalone.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "certificate_keeper.h"
#include "health.h"
#include "plimsoll/server/http_server.h"
#include "plimsoll/server/webhook_endpoint.h"
#include "policy_keeper.h"
#include "reloader.h"
#include "server_events.h"
#include "serving_names.h"
#include "system_clock.h"

namespace plimsoll::controller {
namespace {

// Two serve reviews with room to spare (10,000 reviews a second each); metrics and probes need no more than one.
constexpr size_t kWebhookThreads = 2;
constexpr size_t kMetricsThreads = 1;
// An event loop comes round four times a second. One that has not for this long is stuck, not busy.
constexpr std::chrono::seconds kMaxStall(10);
constexpr std::chrono::milliseconds kSignalInterval(200);

// Tells several who want to know.
class Observers final : public VerdictObserver {
 public:
  Observers(VerdictObserver& first, VerdictObserver& second) : all_{&first, &second} {}
  void Observe(const ObservedReview& review) override {
    for (VerdictObserver* observer : all_) observer->Observe(review);
  }
  void ObserveUndecided(std::string_view uid, std::string_view reason, std::string_view detail,
                        std::chrono::nanoseconds duration) override {
    for (VerdictObserver* observer : all_) {
      observer->ObserveUndecided(uid, reason, detail, duration);
    }
  }

 private:
  std::array<VerdictObserver*, 2> all_;
};

std::string HostName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

class Standalone {
 public:
  explicit Standalone(const Options& options)
      : options_(options),
        logger_(options.log_level, STDOUT_FILENO),
        metrics_(PLIMSOLL_VERSION),
        policies_(options.policies, logger_, metrics_),
        certificates_(options.state, ServingNames(options.listen, options.tls_names, HostName()),
                      logger_, metrics_),
        webhook_events_("webhook", logger_, &metrics_),
        metrics_events_("metrics", logger_, nullptr) {
    metrics_.Read("plimsoll_log_lines_dropped_total",
                  [this] { return static_cast<double>(logger_.dropped()); });
  }

  Status Start();
  // Until a signal says stop, and everything has drained.
  void Run(const Signals& signals);

 private:
  Status StartWebhook();
  Status StartMetrics();
  std::vector<Check> Health() const;
  std::vector<Check> Readiness() const;
  void Drain(const Signals& signals);

  const Options& options_;
  SystemClock clock_;
  Logger logger_;
  Metrics metrics_;
  ReviewLog review_log_{logger_};
  Observers observers_{metrics_, review_log_};
  PolicyKeeper policies_;
  CertificateKeeper certificates_;
  ServerEvents webhook_events_;
  ServerEvents metrics_events_;
  std::unique_ptr<Reloader> reloader_;
  std::unique_ptr<HttpServer> webhook_;
  std::unique_ptr<HttpServer> metrics_server_;
};

Status Standalone::Start() {
  struct stat status{};
  if (::stat(options_.policies.c_str(), &status) != 0) {
    return Fail(ErrorCode::kNotFound, "--policies " + options_.policies + ": no such folder");
  }
  logger_.Log(LogLevel::kInfo, "starting", {{"version", PLIMSOLL_VERSION}, {"mode", "standalone"}});
  if (Status loaded = certificates_.Load(clock_.Now()); !loaded) return loaded;
  policies_.Refresh(clock_.Now(), true);
  // Nobody can ask whether it is ready before there is something to be ready.
  if (Status started = StartWebhook(); !started) return started;
  if (Status started = StartMetrics(); !started) return started;
  reloader_ = std::make_unique<Reloader>([this](bool anyway) {
    policies_.Refresh(clock_.Now(), anyway);
    certificates_.Refresh(clock_.Now(), anyway);
  });
  return {};
}

Status Standalone::StartWebhook() {
  WebhookPorts ports;
  ports.policies = [this] { return policies_.Current(); };
  ports.namespaces = &policies_;
  ports.clock = &clock_;
  ports.observer = &observers_;
  HttpServerOptions server;
  server.address = options_.listen;
  server.tls = &certificates_.context();
  server.threads = kWebhookThreads;
  server.routes = {WebhookRoute(std::move(ports))};
  server.timeouts.drain_accept = options_.shutdown_delay;
  server.observer = &webhook_events_;
  auto started = HttpServer::Start(std::move(server));
  if (!started) return tl::unexpected(started.error());
  webhook_ = std::move(*started);
  const std::string ca_file = certificates_.ca_file();
  logger_.Log(LogLevel::kInfo, "webhook listening",
              {{"address", webhook_->address()},
               {"port", int64_t{webhook_->port()}},
               {"path", "/validate"},
               {"ca_file", ca_file}});
  return {};
}

Status Standalone::StartMetrics() {
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

std::vector<Check> Standalone::Health() const {
  const auto stall = webhook_->stalled_for();
  const bool ok = stall < kMaxStall;
  return {{"event loops", ok,
           ok ? "turning" : "one has been stuck for " + std::to_string(stall.count()) + " ms"}};
}

std::vector<Check> Standalone::Readiness() const {
  const PolicyKeeper::Standing policies = policies_.standing();
  std::string text = std::to_string(policies.policies) + " in force";
  if (!policies.loaded) text = "none could be read; the log has each problem";
  if (policies.loaded && policies.problems > 0) {
    text += ", " + std::to_string(policies.problems) + " problems in their files";
  }
  const CertificateInfo certificate = certificates_.context().info();
  const bool valid = clock_.Now() <= certificate.not_after;
  const bool draining = webhook_->draining();
  return {{"policies", policies.loaded && (policies.policies > 0 || policies.problems == 0), text},
          {"certificate", valid,
           (valid ? "expires " : "expired ") + FormatTimestamp(certificate.not_after)},
          {"shutdown", !draining, draining ? "draining" : "not under way"}};
}

void Standalone::Run(const Signals& signals) {
  while (true) {
    switch (signals.Wait(std::chrono::hours(1))) {
      case Signal::kNone:
        break;
      case Signal::kReload:
        logger_.Log(LogLevel::kInfo, "reading everything again: SIGHUP");
        reloader_->Now();
        break;
      case Signal::kStop:
        return Drain(signals);
    }
  }
}

void Standalone::Drain(const Signals& signals) {
  webhook_->BeginDrain();
  logger_.Log(LogLevel::kInfo, "draining; another signal ends it at once",
              {{"accepting_s", options_.shutdown_delay.count()},
               {"connections", static_cast<int64_t>(webhook_->connections())}});
  while (!webhook_->WaitUntilStopped(std::chrono::milliseconds(0))) {
    if (signals.Wait(kSignalInterval) == Signal::kStop) webhook_->Stop();
  }
  metrics_server_->Stop();
  reloader_.reset();
  logger_.Log(LogLevel::kInfo, "ended");
}

}  // namespace

int RunStandalone(const Options& options, const Signals& signals) {
  Standalone standalone(options);
  if (Status started = standalone.Start(); !started) {
    std::cerr << "error: " << started.error().message << "\n";
    return kExitUsage;
  }
  standalone.Run(signals);
  return 0;
}

}  // namespace plimsoll::controller
