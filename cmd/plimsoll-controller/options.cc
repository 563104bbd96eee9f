#include "options.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "plimsoll/base/time.h"
#include "plimsoll/telemetry/metrics.h"

namespace plimsoll::controller {
namespace {

constexpr const char* kDescription =
    "Plimsoll's admission webhook: judges Kubernetes workloads against ReadinessPolicies.\n\n"
    "  POST https://LISTEN/validate          AdmissionReview v1\n"
    "  GET  http://METRICS-LISTEN/metrics    Prometheus metrics\n"
    "  GET  http://METRICS-LISTEN/healthz    200 while the event loops turn\n"
    "  GET  http://METRICS-LISTEN/readyz     200 once policies and certificate are loaded\n"
    "  GET  https://REPORT-LISTEN/report     the report, and /api/v1/... as JSON; needs a token\n";
constexpr const char* kFooter =
    "Signals: SIGHUP reads policies and certificate again; SIGTERM and SIGINT end after open "
    "connections\nhave drained, a second one ends at once. Changed files are noticed within a "
    "second.\n"
    "Exit codes: 0 ended as asked, 1 a fault while running, 2 wrong usage or something missing.\n";

// What CLI11 does not check.
std::string Check(const Options& options) {
  if (!options.standalone) {
    if (!options.policies.empty())
      return "--policies is for --standalone: in a cluster, policies are objects";
    if (!options.state.empty())
      return "--state is for --standalone: in a cluster, the CA is in a Secret";
    if (options.namespace_name.empty()) {
      return "--namespace is required (or POD_NAMESPACE): where the controller itself runs. Without a cluster: "
             "--standalone";
    }
    if (options.pod_name.empty() && !options.self_test)
      return "--pod-name is required (or POD_NAME)";
    return "";
  }
  if (!options.report_listen.empty())
    return "--report-listen is for a cluster: with --standalone there are no records";
  if (options.strongest != Action::kDeny)
    return "--mode is for a cluster: with --standalone, the policies are files of yours";
  if (options.self_test) return "--self-test asks the API server: there is none with --standalone";
  if (options.policies.empty()) return "--policies is required: the folder with ReadinessPolicies";
  if (options.state.empty()) {
    return "--state is required: the folder that keeps the CA and the serving certificate";
  }
  return "";
}

// What is checked here and given its type after parsing.
struct RawOptions {
  std::string level = "info";
  std::string delay = "15s";
  std::string grace = "5m";
  std::string mode = "enforce";
  bool print_reference = false;
};

// What policies may do at most, by the word for it.
std::optional<Action> StrongestIn(std::string_view mode) {
  if (mode == "audit") return Action::kAudit;
  if (mode == "warn") return Action::kWarn;
  if (mode == "enforce") return Action::kDeny;
  return std::nullopt;
}

std::string CheckDuration(const std::string& text) {
  const auto seconds = ParseDuration(text);
  return seconds && seconds->count() >= 0 ? "" : "expected a duration such as 15s";
}

void AddClusterOptions(CLI::App& app, Options& options, RawOptions& raw) {
  const auto add = [&app](const char* name, std::string& value, const char* type,
                          const char* text) {
    return app.add_option(name, value, text)->type_name(type)->group("In a cluster");
  };
  add("--kubeconfig", options.kubeconfig, "FILE",
      "API server and credentials; by default the pod's service account, else KUBECONFIG");
  add("--context", options.context, "NAME", "context of the kubeconfig");
  add("--namespace", options.namespace_name, "NAME", "namespace the controller itself runs in")
      ->envname("POD_NAMESPACE");
  add("--pod-name", options.pod_name, "NAME", "name of the controller's own pod")
      ->envname("POD_NAME");
  add("--pod-uid", options.pod_uid, "UID", "uid of the controller's own pod")->envname("POD_UID");
  add("--service", options.service, "NAME", "Service that the API server calls the webhook by")
      ->capture_default_str();
  add("--webhook-configuration", options.webhook_configuration, "NAME",
      "ValidatingWebhookConfiguration that is kept as the policies need it")
      ->capture_default_str();
  add("--ca-secret", options.ca_secret, "NAME", "Secret that holds the CA; made where missing")
      ->capture_default_str();
  add("--tls-secret", options.tls_secret, "NAME",
      "serve tls.crt and tls.key of this Secret instead; caBundle is then left to who keeps it");
  add("--team-directory", options.team_directory, "CONFIGMAP",
      "ConfigMap of the own namespace that holds the directory of teams, where there is one")
      ->capture_default_str();
  app.add_option("--exclude-namespace", options.exclude_namespaces,
                 "a namespace that is never judged, besides kube-* and the own; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->group("In a cluster");
  app.add_option("--mode", raw.mode,
                 "what policies may do at most, whatever their stages say: audit, warn or enforce")
      ->type_name("MODE")
      ->capture_default_str()
      ->check([](const std::string& text) {
        return StrongestIn(text) ? "" : "expected audit, warn or enforce";
      })
      ->group("In a cluster");
  app.add_flag(
         "--self-test", options.self_test,
         "ask the API server, by dry runs, whether the installation answers as it should, and "
         "end")
      ->group("In a cluster");
  add("--test-namespace", options.test_namespace, "NAME",
      "where the Deployment of --self-test would be")
      ->capture_default_str();
  add("--report-listen", options.report_listen, "HOST:PORT",
      "serve the report there (HTTPS) to those who may list records and waivers");
  app.add_option("--related-grace", raw.grace,
                 "how long after a workload is created its budget, monitor or alert rules may come")
      ->type_name("DURATION")
      ->capture_default_str()
      ->check(CheckDuration)
      ->group("In a cluster");
}

void AddOptions(CLI::App& app, Options& options, RawOptions& raw) {
  app.set_version_flag("--version", std::string("plimsoll-controller ") + PLIMSOLL_VERSION,
                       "print the version and exit");
  app.set_help_flag("-h,--help", "print this help and exit");
  app.add_flag("--standalone", options.standalone,
               "serve the policies of a folder, without a cluster");
  app.add_option("--policies", options.policies,
                 "folder (or file) with ReadinessPolicy and Namespace manifests")
      ->type_name("DIR");
  app.add_option("--state", options.state,
                 "folder for ca.crt, ca.key, tls.crt and tls.key; made where missing")
      ->type_name("DIR");
  app.add_option("--listen", options.listen, "address of the webhook (HTTPS); port 0: any free one")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_option("--metrics-listen", options.metrics_listen,
                 "address of metrics and health (plain HTTP); port 0: any free one")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_option("--tls-name", options.tls_names,
                 "another DNS name or IP address that clients call the webhook by; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  app.add_option("--log-level", raw.level,
                 "debug, info, warning or error; allowed reviews are debug")
      ->type_name("LEVEL")
      ->capture_default_str()
      ->check([](const std::string& text) {
        return ParseLogLevel(text) ? "" : "expected debug, info, warning or error";
      });
  app.add_option("--shutdown-delay", raw.delay,
                 "how long new connections are still accepted after SIGTERM")
      ->type_name("DURATION")
      ->capture_default_str()
      ->check(CheckDuration);
  app.add_flag("--print-metrics-reference", raw.print_reference)->group("");
}

}  // namespace

ParsedOptions ParseOptions(int argc, char** argv) {
  ParsedOptions parsed;
  Options& options = parsed.options;
  CLI::App app(kDescription, "plimsoll-controller");
  app.footer(kFooter);
  RawOptions raw;
  AddOptions(app, options, raw);
  AddClusterOptions(app, options, raw);

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {  // --help, --version
    parsed.exit = app.exit(done);
    return parsed;
  } catch (const CLI::ParseError& error) {
    std::cerr << "error: " << error.what() << " (see plimsoll-controller --help)\n";
    parsed.exit = kExitUsage;
    return parsed;
  }
  options.log_level = ParseLogLevel(raw.level).value_or(options.log_level);
  options.shutdown_delay = ParseDuration(raw.delay).value_or(options.shutdown_delay);
  options.strongest = StrongestIn(raw.mode).value_or(options.strongest);
  options.related_grace = ParseDuration(raw.grace).value_or(options.related_grace);
  if (raw.print_reference) {
    std::cout << MetricsReference();
    parsed.exit = 0;
  } else if (const std::string problem = Check(options); !problem.empty()) {
    std::cerr << "error: " << problem << "\n";
    parsed.exit = kExitUsage;
  }
  return parsed;
}

}  // namespace plimsoll::controller
