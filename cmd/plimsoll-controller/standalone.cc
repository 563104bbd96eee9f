#include "standalone.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "certificate_keeper.h"
#include "loop.h"
#include "policy_keeper.h"
#include "serving.h"
#include "serving_names.h"
#include "system_clock.h"

namespace plimsoll::controller {
namespace {

// Looking costs some microseconds per file; nobody notices a second after an edit, or after the minute that a ConfigMap
// takes to arrive.
constexpr std::chrono::milliseconds kReloadInterval(1000);

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
        serving_(options, clock_, logger_, metrics_),
        policies_(options.policies, logger_, metrics_),
        certificates_(options.state, ServingNames(options.listen, options.tls_names, HostName()),
                      logger_, metrics_) {}

  Status Start();
  // Until a signal says stop, and everything has drained.
  void Run(const Signals& signals);

 private:
  std::vector<Check> Readiness() const;

  const Options& options_;
  SystemClock clock_;
  Logger logger_;
  Metrics metrics_;
  Serving serving_;
  PolicyKeeper policies_;
  CertificateKeeper certificates_;
  std::unique_ptr<Loop> reloading_;
};

Status Standalone::Start() {
  struct stat status{};
  if (::stat(options_.policies.c_str(), &status) != 0) {
    return Fail(ErrorCode::kNotFound, "--policies " + options_.policies + ": no such folder");
  }
  logger_.Log(LogLevel::kInfo, "starting", {{"version", PLIMSOLL_VERSION}, {"mode", "standalone"}});
  if (Status loaded = certificates_.Load(clock_.Now()); !loaded) return loaded;
  policies_.Refresh(clock_.Now(), true);
  WebhookPorts ports;
  ports.policies = [this] { return policies_.Current(); };
  ports.waivers = [this] { return policies_.Waivers(); };
  ports.namespaces = &policies_;
  ports.clock = &clock_;
  ports.observer = &serving_.observer();
  Status started = serving_.StartWebhook(certificates_.context(), {WebhookRoute(std::move(ports))});
  if (!started) return started;
  const std::string ca_file = certificates_.ca_file();
  logger_.Log(LogLevel::kInfo, "webhook listening",
              {{"address", serving_.address()},
               {"port", int64_t{serving_.port()}},
               {"path", "/validate"},
               {"ca_file", ca_file}});
  if (started = serving_.StartMetrics([this] { return Readiness(); }); !started) return started;
  reloading_ = std::make_unique<Loop>([this](bool anyway) {
    policies_.Refresh(clock_.Now(), anyway);
    certificates_.Refresh(clock_.Now(), anyway);
    return kReloadInterval;
  });
  return {};
}

std::vector<Check> Standalone::Readiness() const {
  const PolicyKeeper::Standing policies = policies_.standing();
  std::string text = std::to_string(policies.policies) + " in force";
  if (!policies.loaded) text = "none could be read; the log has each problem";
  if (policies.loaded && policies.problems > 0) {
    text += ", " + std::to_string(policies.problems) + " problems in their files";
  }
  return {{"policies", policies.loaded && (policies.policies > 0 || policies.problems == 0), text}};
}

void Standalone::Run(const Signals& signals) {
  for (Signal signal = Signal::kNone; signal != Signal::kStop;) {
    signal = signals.Wait(std::chrono::hours(1));
    if (signal != Signal::kReload) continue;
    logger_.Log(LogLevel::kInfo, "reading everything again: SIGHUP");
    reloading_->Wake();
  }
  serving_.BeginDrain();
  serving_.WaitDrained(signals);
  serving_.Stop();
  reloading_.reset();
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
