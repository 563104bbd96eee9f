#include "cluster.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "break_glass_events.h"
#include "cluster_access.h"
#include "cluster_directory.h"
#include "cluster_namespaces.h"
#include "cluster_owners.h"
#include "cluster_policies.h"
#include "cluster_related.h"
#include "cluster_revisions.h"
#include "cluster_waivers.h"
#include "history_writer.h"
#include "leader_tasks.h"
#include "loop.h"
#include "plimsoll/kube/event_recorder.h"
#include "plimsoll/kube/history_store.h"
#include "plimsoll/kube/leader_elector.h"
#include "plimsoll/kube/own_namespace.h"
#include "plimsoll/kube/policy_status_store.h"
#include "plimsoll/kube/record_store.h"
#include "plimsoll/kube/replica_reports.h"
#include "plimsoll/kube/secret_store.h"
#include "plimsoll/kube/serving_check.h"
#include "plimsoll/kube/waiver_status_store.h"
#include "plimsoll/kube/webhook_configuration_store.h"
#include "plimsoll/links/link_checker.h"
#include "report_access.h"
#include "report_page.h"
#include "report_records.h"
#include "report_routes.h"
#include "self_test.h"
#include "serving.h"
#include "serving_certificates.h"
#include "system_clock.h"
#include "watch_log.h"

namespace plimsoll::controller {
namespace {

constexpr std::string_view kLeaseName = "plimsoll-controller";
// Policies say when they change; this is for what went wrong the first time.
constexpr std::chrono::milliseconds kFollowInterval = std::chrono::seconds(30);

// Tells when something of one kind has changed, whatever it is.
class WakeHandler final : public kube::ObjectHandler {
 public:
  explicit WakeHandler(std::function<void()> wake) : wake_(std::move(wake)) {}
  void Upsert(const ObjectKey&, JsonView) override { wake_(); }
  void Remove(const ObjectKey&, std::string_view) override { wake_(); }
  void Synced() override { wake_(); }

 private:
  std::function<void()> wake_;
};

kube::EventRecorderOptions EventOptions(const Options& options, const Clock& clock) {
  kube::EventRecorderOptions events;
  events.reporting_instance = options.pod_name;
  events.clock = &clock;
  return events;
}

std::optional<std::string> Environment(std::string_view name) {
  const char* const value = std::getenv(std::string(name).c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Result<kube::ClusterConfig> ConfigOf(const Options& options) {
  if (options.kubeconfig.empty() && options.context.empty()) {
    Result<kube::ClusterConfig> config = kube::InClusterConfig(Environment);
    if (config || !Environment("KUBECONFIG")) return config;
  }
  return kube::ReadKubeconfig({options.kubeconfig, options.context}, Environment);
}

Result<std::unique_ptr<kube::ApiClient>> Connect(const Options& options, const Clock& clock) {
  const Result<kube::ClusterConfig> config = ConfigOf(options);
  if (!config) return tl::unexpected(config.error());
  kube::ApiClientOptions api_options;
  api_options.clock = &clock;
  return kube::ApiClient::Create(*config, std::string("plimsoll-controller/") + PLIMSOLL_VERSION,
                                 std::move(api_options));
}

// Members are in the order of their dependence: what is below uses what is above, and ends before it.
class Cluster {
 public:
  Cluster(const Options& options, Logger& logger, const Clock& clock, kube::ApiCaller& api);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  Status Start();
  // Until a signal says stop, and everything has drained.
  void Run(const Signals& signals);

 private:
  Status StartServing();
  void StartWatches();
  void StartElection();
  void Watch(kube::ResourceType type, kube::ObjectHandler& handler, const std::string& name = "");
  void WatchDirectory();
  void WatchRecords();
  Status StartReport();
  std::vector<ReportedWaiver> WaiversForReport(FingerprintText& revision) const;
  controllers::WebhookOptions WebhookOptions() const;
  controllers::WebhookControllerOptions ControllerOptions() const;
  LeaderPorts PortsOfLeader();
  HistoryPorts PortsOfHistory();
  std::shared_ptr<LinkChecker> MakeLinkChecker(std::function<void()> changed);
  LinkFigures Links() const;
  void ShowEnvironment();
  bool MayWrite() const { return elector_ != nullptr && elector_->leading(); }
  std::vector<Check> Readiness() const;
  void PoliciesChanged();
  void DirectoryChanged();
  void Wake();

  const Options& options_;
  Logger& logger_;
  const Clock& clock_;
  kube::ApiCaller& api_;
  Metrics metrics_{PLIMSOLL_VERSION};
  WatchLog watch_log_{logger_, clock_};
  Serving serving_{options_, clock_, logger_, metrics_};
  FactResolver resolver_;
  ClusterNamespaces namespaces_{api_, resolver_};
  ClusterPolicies policies_{clock_, logger_, metrics_, options_.strongest,
                            [this] { PoliciesChanged(); }};
  ClusterWaivers waivers_{logger_, [this] { leader_tasks_->WaiversChanged(); }};
  ClusterDirectory directory_{options_.team_directory, logger_, watch_log_,
                              [this] { DirectoryChanged(); }};
  ClusterOwners owners_{api_, resolver_, watch_log_};
  ClusterAccess access_{api_, resolver_};
  ClusterRevisions revisions_{api_, resolver_};
  ClusterRelated related_{api_, watch_log_, options_.related_grace};
  // All of the report, where it is served. Its questions have a resolver of their own: a reader must not keep a review
  // waiting.
  ReportRecords report_records_;
  std::unique_ptr<FactResolver> report_resolver_;
  std::unique_ptr<ReportAccess> report_access_;
  std::unique_ptr<ReportPage> report_page_;
  kube::EventRecorder events_;
  BreakGlassEvents break_glass_events_{events_};
  kube::NamedSecretStore secret_;
  kube::WebhookConfigurationStore configuration_;
  kube::ReplicaReports reports_;
  kube::OwnNamespace own_namespace_;
  std::unique_ptr<kube::ServingCheck> serving_check_;
  kube::RecordStore records_{api_};
  kube::PolicyStatusStore statuses_{api_};
  kube::WaiverStatusStore waiver_statuses_{api_};
  kube::HistoryStore histories_{api_};
  HistoryWriter history_{PortsOfHistory()};
  BothHandlers history_and_report_{history_, report_records_};
  std::unique_ptr<ServingCertificates> certificates_;
  mutable std::mutex links_mutex_;
  std::weak_ptr<LinkChecker> links_;  // guarded by links_mutex_; the audit's, while it has one
  std::unique_ptr<LeaderTasks> leader_tasks_;
  std::unique_ptr<kube::LeaderElector> elector_;
  std::unique_ptr<Loop> certificate_loop_;
  std::unique_ptr<Loop> follow_loop_;  // begins and ends watches as policies make them necessary
  WakeHandler wake_{[this] { Wake(); }};
  std::vector<std::unique_ptr<kube::Informer>> informers_;
};

Cluster::Cluster(const Options& options, Logger& logger, const Clock& clock, kube::ApiCaller& api)
    : options_(options),
      logger_(logger),
      clock_(clock),
      api_(api),
      events_(api, EventOptions(options, clock)),
      secret_(api, {options.namespace_name, options.secret_name()}),
      configuration_(api, options.webhook_configuration),
      reports_(api, {options.namespace_name, options.pod_name}, options.pod_uid),
      own_namespace_(api, options.namespace_name) {
  metrics_.ReadEach("plimsoll_watch_last_event_timestamp_seconds",
                    [this] { return watch_log_.LastHeard(); });
  metrics_.Read("plimsoll_history_pending_records",
                [this] { return static_cast<double>(history_.pending()); });
  metrics_.Read("plimsoll_history_dropped_total",
                [this] { return static_cast<double>(history_.dropped()); });
  serving_.AddObserver(history_);
}

// Also where starting has failed half way: nobody is answered any more, and no fact is looked up for those who are gone.
Cluster::~Cluster() {
  serving_.Stop();
  resolver_.Stop();
  if (report_resolver_ != nullptr) report_resolver_->Stop();
}

Status Cluster::Start() {
  logger_.Log(LogLevel::kInfo, "starting",
              {{"version", PLIMSOLL_VERSION},
               {"mode", "cluster"},
               {"strongest action", ActionName(options_.strongest)},
               {"namespace", options_.namespace_name},
               {"pod", options_.pod_name}});
  CertificateOptions certificates{
      {options_.service, options_.namespace_name}, options_.pod_name, options_.tls_secret.empty()};
  auto created = ServingCertificates::Create(
      {&secret_, &configuration_, &reports_, &clock_, &logger_, &metrics_},
      std::move(certificates));
  if (!created) return tl::unexpected(created.error());
  certificates_ = std::move(*created);
  if (Status started = StartServing(); !started) return started;
  leader_tasks_ = std::make_unique<LeaderTasks>(PortsOfLeader(), ControllerOptions());
  ShowEnvironment();
  certificate_loop_ = std::make_unique<Loop>([this](bool) { return certificates_->Pass(); });
  follow_loop_ = std::make_unique<Loop>([this](bool) {
    if (const auto policies = policies_.Current()) {
      owners_.Follow(*policies);
      related_.Follow(*policies);
    }
    return kFollowInterval;
  });
  StartWatches();
  StartElection();
  return {};
}

Status Cluster::StartServing() {
  WebhookPorts ports;
  ports.policies = [this] { return policies_.Current(); };
  ports.namespaces = &namespaces_;
  ports.owners = &owners_;
  ports.waivers = [this] { return waivers_.Current(); };
  ports.mercy = {&revisions_, &access_};
  if (!options_.team_directory.empty()) ports.directory = [this] { return directory_.Current(); };
  ports.related = &related_;
  ports.clock = &clock_;
  serving_.AddObserver(break_glass_events_);
  ports.observer = &serving_.observer();
  Status started = serving_.StartWebhook(
      certificates_->context(),
      {WebhookRoute(ports), PolicyWebhookRoute(ports), WaiverWebhookRoute(ports)});
  if (!started) return started;
  serving_check_ = std::make_unique<kube::ServingCheck>("127.0.0.1", serving_.port(),
                                                        controllers::ServerName(WebhookOptions()));
  logger_.Log(
      LogLevel::kInfo, "webhook listening",
      {{"address", serving_.address()}, {"port", int64_t{serving_.port()}}, {"path", "/validate"}});
  if (Status metrics = serving_.StartMetrics([this] { return Readiness(); }); !metrics) {
    return metrics;
  }
  return options_.report_listen.empty() ? Status() : StartReport();
}

Status Cluster::StartReport() {
  report_resolver_ = std::make_unique<FactResolver>();
  report_access_ = std::make_unique<ReportAccess>(api_, *report_resolver_);
  ReportPorts page;
  page.records = &report_records_;
  page.waivers = [this](FingerprintText& revision) { return WaiversForReport(revision); };
  page.clock = &clock_;
  page.version = PLIMSOLL_VERSION;
  report_page_ = std::make_unique<ReportPage>(std::move(page));
  ReportRoutePorts routes;
  routes.access = report_access_.get();
  routes.page = report_page_.get();
  routes.policies = [this] { return policies_.Current(); };
  routes.clock = &clock_;
  return serving_.StartReport(ReportRoutes(std::move(routes)));
}

std::vector<ReportedWaiver> Cluster::WaiversForReport(FingerprintText& revision) const {
  std::vector<ReportedWaiver> waivers;
  for (const auto& one : waivers_.Waivers()) {
    const std::optional<ReadinessWaiver>& waiver = one->parsed->waiver;
    if (!waiver) continue;
    std::optional<WaiverState> state;
    if (const auto& status = one->status) state = status->state;
    revision.Add(one->uid);
    revision.Add(static_cast<uint64_t>(one->generation));
    revision.Add(state ? WaiverStateName(*state) : std::string_view());
    waivers.push_back({*waiver, state});
  }
  return waivers;
}

void Cluster::Watch(kube::ResourceType type, kube::ObjectHandler& handler,
                    const std::string& name) {
  kube::InformerOptions options;
  options.type = type;
  options.observer = &watch_log_;
  if (!name.empty()) options.field_selector = "metadata.name=" + name;
  // Of namespaced ones only what is named is ours, but for the waivers of everybody.
  if (!name.empty() && type.namespaced) options.namespace_name = options_.namespace_name;
  informers_.push_back(std::make_unique<kube::Informer>(api_, handler, std::move(options)));
}

void Cluster::WatchRecords() {
  kube::InformerOptions options;
  options.type = kube::kRecords;
  options.observer = &watch_log_;
  informers_.push_back(std::make_unique<kube::Informer>(
      api_,
      options_.report_listen.empty() ? static_cast<kube::ObjectHandler&>(history_)
                                     : history_and_report_,
      std::move(options)));
}

void Cluster::StartWatches() {
  Watch(kube::kPolicies, policies_);
  Watch(kube::kWaivers, waivers_);
  Watch(kube::kNamespaces, namespaces_);
  Watch(kube::kSecrets, wake_, options_.secret_name());
  if (!options_.team_directory.empty()) WatchDirectory();
  Watch(kube::kValidatingWebhookConfigurations, wake_, options_.webhook_configuration);
  WatchRecords();
}

void Cluster::WatchDirectory() {
  kube::InformerOptions options;
  options.type = kube::kConfigMaps;
  options.observer = &directory_;
  options.namespace_name = options_.namespace_name;
  options.field_selector = "metadata.name=" + options_.team_directory;
  informers_.push_back(std::make_unique<kube::Informer>(api_, directory_, std::move(options)));
}

void Cluster::StartElection() {
  kube::LeaderElectorOptions options;
  options.lease = {options_.namespace_name, std::string(kLeaseName)};
  // A pod that is made anew under the same name (a StatefulSet's, or one by hand) is another candidate.
  options.identity = options_.pod_name + "_" + options_.pod_uid;
  options.started = [this] {
    logger_.Log(LogLevel::kInfo, "leading", {{"lease", kLeaseName}});
    leader_tasks_->Start();
  };
  options.stopped = [this] {
    leader_tasks_->Stop();
    logger_.Log(LogLevel::kInfo, "no longer leading", {{"lease", kLeaseName}});
  };
  options.failed = [this](const Error& error) {
    logger_.Log(LogLevel::kWarning, "leader election", {{"error", error.message}});
  };
  options.clock = &clock_;
  elector_ = std::make_unique<kube::LeaderElector>(api_, std::move(options));
  metrics_.Read("plimsoll_leader", [this] { return elector_->leading() ? 1.0 : 0.0; });
}

controllers::WebhookOptions Cluster::WebhookOptions() const {
  controllers::WebhookOptions webhook;
  webhook.own_namespace = options_.namespace_name;
  webhook.service_name = options_.service;
  webhook.own_certificates = options_.tls_secret.empty();
  webhook.exclude_namespaces = options_.exclude_namespaces;
  return webhook;
}

controllers::WebhookControllerOptions Cluster::ControllerOptions() const {
  controllers::WebhookControllerOptions controller;
  controller.webhook = WebhookOptions();
  controller.configuration_name = options_.webhook_configuration;
  controller.may_write = [this] { return MayWrite(); };
  return controller;
}

LeaderPorts Cluster::PortsOfLeader() {
  LeaderPorts ports;
  ports.audit.api = &api_;
  ports.audit.records = &records_;
  ports.audit.namespaces = &namespaces_;
  ports.audit.policies = &policies_;
  ports.audit.waivers = &waivers_;
  ports.audit.clock = &clock_;
  ports.audit.logger = &logger_;
  ports.audit.metrics = &metrics_;
  ports.audit.observer = &watch_log_;
  ports.audit.may_write = [this] { return MayWrite(); };
  ports.audit.observed = [this](std::vector<Happening> found) {
    history_.Observed(std::move(found));
  };
  ports.audit.never_judged = controllers::NeverJudged(WebhookOptions());
  ports.audit.related = &related_;
  ports.webhook = {&configuration_, serving_check_.get(), &secret_, &reports_,
                   &events_,        &own_namespace_};
  ports.statuses = &statuses_;
  ports.strongest = options_.strongest;
  ports.waivers = {&waivers_, &waiver_statuses_, &events_, &logger_, [this] { return MayWrite(); }};
  if (!options_.team_directory.empty()) {
    ports.audit.directory = [this] { return directory_.Current(); };
    ports.directory_problem = [this] { return directory_.Problem(); };
  }
  ports.audit.make_links = [this](std::function<void()> changed) {
    return MakeLinkChecker(std::move(changed));
  };
  return ports;
}

std::shared_ptr<LinkChecker> Cluster::MakeLinkChecker(std::function<void()> changed) {
  LinkCheckerOptions links;
  links.user_agent =
      std::string("plimsoll-controller/") + PLIMSOLL_VERSION + " (+runbook link check)";
  links.clock = &clock_;
  links.seed = std::random_device()();
  links.changed = std::move(changed);
  // The API server, wherever policies let links lead to.
  const std::optional<std::string> api_server = Environment("KUBERNETES_SERVICE_HOST");
  if (const auto address = ParseIpAddress(api_server.value_or(""))) {
    links.never.push_back({*address, 128});
  }
  auto checker = LinkChecker::Create(std::move(links));
  if (checker) {
    std::shared_ptr<LinkChecker> made = std::move(*checker);
    const std::lock_guard lock(links_mutex_);
    links_ = made;
    return made;
  }
  logger_.Log(LogLevel::kError, "links are not looked at", {{"error", checker.error().message}});
  return nullptr;
}

LinkFigures Cluster::Links() const {
  std::shared_ptr<LinkChecker> links;
  {
    const std::lock_guard lock(links_mutex_);
    links = links_.lock();
  }
  return links == nullptr ? LinkFigures() : links->Figures();
}

void Cluster::ShowEnvironment() {
  if (!options_.team_directory.empty()) {
    metrics_.Read("plimsoll_team_directory_ready",
                  [this] { return directory_.ready() ? 1.0 : 0.0; });
    metrics_.Read("plimsoll_team_directory_teams", [this] {
      const auto directory = directory_.Current();
      return directory == nullptr ? 0.0 : static_cast<double>(directory->teams().size());
    });
  }
  metrics_.ReadEach("plimsoll_link_checks_total", [this] {
    const LinkFigures links = Links();
    return std::vector<LabelledValue>{{"alive", static_cast<double>(links.alive)},
                                      {"dead", static_cast<double>(links.dead)},
                                      {"refused", static_cast<double>(links.refused)},
                                      {"trouble", static_cast<double>(links.trouble)}};
  });
  metrics_.ReadEach("plimsoll_links", [this] {
    const LinkFigures links = Links();
    return std::vector<LabelledValue>{{"alive", static_cast<double>(links.alive_now)},
                                      {"dead", static_cast<double>(links.dead_now)},
                                      {"pending", static_cast<double>(links.pending_now)},
                                      {"refused", static_cast<double>(links.refused_now)}};
  });
}

HistoryPorts Cluster::PortsOfHistory() {
  HistoryPorts ports;
  ports.histories = &histories_;
  ports.records = &records_;
  ports.clock = &clock_;
  ports.logger = &logger_;
  ports.counted = [this](const Happening& happening, const HistoryEffects& effects) {
    metrics_.CountHistory(effects, happening.workload.namespace_name, happening.owner);
  };
  ports.gone = [this](const ObjectKey& key, const HistoryKeeper::Gone& gone) {
    HistoryEffects effects;
    effects.ended = gone.ended;
    metrics_.CountHistory(effects, key.namespace_name, gone.owner);
  };
  ports.lead_time = [this](std::chrono::seconds lead, const std::string& owner) {
    metrics_.ObserveLeadTime(lead, owner);
  };
  ports.leading = [this] { return MayWrite(); };
  return ports;
}

std::vector<Check> Cluster::Readiness() const {
  const bool policies = policies_.Current() != nullptr;
  const bool waivers = waivers_.Current() != nullptr;
  const bool namespaces = namespaces_.synced();
  const bool owners = owners_.synced();
  // Also where it cannot be read: that refuses nobody.
  const bool directory = options_.team_directory.empty() || directory_.settled();
  return {{"policies", policies, policies ? "synced" : "not synced yet"},
          {"waivers", waivers, waivers ? "synced" : "not synced yet"},
          {"namespaces", namespaces, namespaces ? "synced" : "not synced yet"},
          {"owners", owners, owners ? "synced" : "not synced yet"},
          {"team directory", directory, directory ? "settled" : "not read yet"},
          certificates_->Readiness()};
}

void Cluster::PoliciesChanged() {
  follow_loop_->Wake();
  leader_tasks_->PoliciesChanged();
}

void Cluster::DirectoryChanged() { leader_tasks_->DirectoryChanged(); }

void Cluster::Wake() {
  certificate_loop_->Wake();
  leader_tasks_->Wake();
}

void Cluster::Run(const Signals& signals) {
  while (signals.Wait(std::chrono::hours(1)) != Signal::kStop) {
  }
  // First of all nobody is sent here any more: giving up the Lease may take as long as the API server does.
  serving_.BeginDrain();
  elector_->Release();  // another replica can lead while this one drains
  serving_.WaitDrained(signals);
  history_.Stop();
  informers_.clear();
  follow_loop_.reset();
  certificate_loop_.reset();
  serving_.Stop();
  logger_.Log(LogLevel::kInfo, "ended");
}

}  // namespace

int RunSelfTest(const Options& options) {
  const SystemClock clock;
  const auto api = Connect(options, clock);
  if (!api) {
    std::cerr << "error: " << api.error().message << "\n";
    return kExitUsage;
  }
  SelfTestOptions test{options.test_namespace, options.strongest, {}};
  controllers::WebhookOptions webhook;
  webhook.own_namespace = options.namespace_name;
  webhook.exclude_namespaces = options.exclude_namespaces;
  test.exclude_namespaces = controllers::NeverJudged(webhook);
  const auto pause = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); };
  const Status held = SelfTestUntil(**api, test, clock, pause, std::cout);
  if (held) return 0;
  std::cerr << "error: " << held.error().message << "\n";
  return kExitFault;
}

int RunInCluster(const Options& options, const Signals& signals) {
  const SystemClock clock;
  Logger logger(options.log_level, STDOUT_FILENO);
  const auto api = Connect(options, clock);
  if (!api) {
    std::cerr << "error: " << api.error().message << "\n";
    return kExitUsage;
  }
  Cluster cluster(options, logger, clock, **api);
  if (Status started = cluster.Start(); !started) {
    std::cerr << "error: " << started.error().message << "\n";
    return kExitUsage;
  }
  cluster.Run(signals);
  return 0;
}

}  // namespace plimsoll::controller
