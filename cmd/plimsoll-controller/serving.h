// Serving: the controller's two listeners, from their start until everything has drained: reviews over TLS, and metrics,
// health and readiness over plain HTTP. What is judged, and by which policies, is its caller's affair.
//
// Thread-safety: starting and Drain from one thread. Ownership: what is handed over must outlive it.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "health.h"
#include "options.h"
#include "plimsoll/server/http_server.h"
#include "plimsoll/server/webhook_endpoint.h"
#include "plimsoll/telemetry/logger.h"
#include "plimsoll/telemetry/metrics.h"
#include "plimsoll/tls/reloadable_server_context.h"
#include "server_events.h"
#include "signals.h"

namespace plimsoll::controller {

class Serving {
 public:
  Serving(const Options& options, const Clock& clock, Logger& logger, Metrics& metrics);

  // Whom reviews are told to: metrics, log and whoever was added.
  VerdictObserver& observer() { return observers_; }
  // One more, before StartWebhook.
  void AddObserver(VerdictObserver& observer) { observers_.Add(observer); }

  Status StartWebhook(ReloadableServerContext& tls, std::vector<Route> routes);
  // After StartWebhook: nobody can ask whether it is ready before there is something to be ready. `readiness`: what
  // /readyz asks besides certificate and shutdown.
  Status StartMetrics(std::function<std::vector<Check>()> readiness);
  // After StartWebhook, with its certificate: a listener and a thread of its own, so that no review waits for a reader.
  Status StartReport(std::vector<Route> routes);

  // Of the webhook, as bound.
  const std::string& address() const { return webhook_->address(); }
  uint16_t port() const { return webhook_->port(); }

  // Not ready from now on; connections are served on, and end as they fall idle.
  void BeginDrain();
  // After BeginDrain: returns when all connections have ended; another signal ends them at once. Metrics and health are
  // served to the end: call Stop after that.
  void WaitDrained(const Signals& signals);
  // Ends both listeners, where they have begun, and waits for their threads. Twice is once.
  void Stop();

 private:
  // Tells several who want to know.
  class Observers final : public VerdictObserver {
   public:
    Observers(VerdictObserver& first, VerdictObserver& second) : all_{&first, &second} {}
    void Add(VerdictObserver& observer) { all_.push_back(&observer); }
    void Observe(const ObservedReview& review) override;
    void ObserveUndecided(std::string_view uid, std::string_view reason, std::string_view detail,
                          std::chrono::nanoseconds duration) override;

   private:
    std::vector<VerdictObserver*> all_;
  };

  std::vector<Check> Health() const;
  std::vector<Check> Readiness() const;

  const Options& options_;
  const Clock& clock_;
  Logger& logger_;
  Metrics& metrics_;
  ReviewLog review_log_;
  Observers observers_;
  ServerEvents webhook_events_;
  ServerEvents metrics_events_;
  ServerEvents report_events_;
  ReloadableServerContext* tls_ = nullptr;
  std::function<std::vector<Check>()> more_readiness_;
  std::unique_ptr<HttpServer> webhook_;
  std::unique_ptr<HttpServer> metrics_server_;
  std::unique_ptr<HttpServer> report_server_;
};

}  // namespace plimsoll::controller
