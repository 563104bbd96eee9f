// A server for `make bench`: the real listener with two answers to the same request. /validate judges the review by the four
// checks; /constant reads it and answers the same few bytes to everybody, which is the floor. Nothing else is attached: no
// metrics, no log. Two more judge by the starter policy: /starter with nothing besides, /lifecycle as a replica in a cluster
// of kRolloutWorkloads Deployments does: with what stands beside each of them, a waiver of every tenth, and the writer of
// histories, which is told of every review and writes to nowhere. Prints the port, writes ca.crt into FOLDER, and serves
// until its standard input ends.
//
// Usage: server_bench FOLDER
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "history_writer.h"
#include "plimsoll/base/time.h"
#include "plimsoll/codec/admission_review.h"
#include "plimsoll/codec/manifest.h"
#include "plimsoll/model/related_objects.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "plimsoll/policy/waiver_set.h"
#include "plimsoll/server/http_server.h"
#include "plimsoll/server/webhook_endpoint.h"
#include "plimsoll/telemetry/logger.h"
#include "plimsoll/tls/certificate_authority.h"
#include "plimsoll/tls/reloadable_server_context.h"
#include "tests/bench/related_generator.h"
#include "tests/bench/samples.h"
#include "tests/bench/workload_generator.h"

namespace plimsoll::bench {
namespace {

class SystemClock : public Clock {
 public:
  Timestamp Now() const override {
    return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  }
};

std::shared_ptr<const PolicySnapshot> PolicyOf(std::string_view yaml) {
  const std::unique_ptr<Manifests> manifests = ParseManifests(std::string(yaml));
  ParsedPolicy parsed = ParseReadinessPolicy(manifests->objects.at(0));
  std::vector<ReadinessPolicy> policies;
  policies.push_back(std::move(parsed.policy).value());
  return std::make_shared<const PolicySnapshot>(std::move(policies));
}

Route ConstantRoute() {
  Route route;
  route.path = "/constant";
  route.methods = {HttpMethod::kPost};
  route.content_type = kJsonMediaType;
  route.max_body_bytes = kMaxReviewBytes;
  route.make_handler = [] {
    return [](const HttpRequest&, HttpResponse& response) {
      response.content_type = kJsonMediaType;
      response.body =
          R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview",)"
          R"("response":{"uid":"705ab4f5-6393-11e8-b7cc-42010a800002","allowed":true}})";
    };
  };
  return route;
}

// Histories that are new whenever they are read, and written to nowhere.
class Nowhere final : public controllers::HistoryStore, public controllers::RecordStore {
 public:
  Result<controllers::StoredHistory> Read(const ObjectKey&) override {
    return controllers::StoredHistory{"1", {}};
  }
  Status Write(const ObjectKey&, const controllers::StoredHistory&) override { return {}; }
  Status Write(const ObjectKey&, const WorkloadRecord&) override { return {}; }
  Status Delete(const ObjectKey&) override { return {}; }
};

class Beside final : public RelatedSource {
 public:
  Beside() {
    RelatedIndex index;
    RelatedGenerator generator(index);
    for (uint32_t i = 0; i < kRolloutWorkloads; ++i) generator.AddBeside(i);
    related_ = index.Snapshot();
  }
  std::shared_ptr<const RelatedObjects> Current() const override { return related_; }

 private:
  std::shared_ptr<const RelatedObjects> related_;
};

// What /lifecycle has and /starter has not.
class Lifecycle {
 public:
  explicit Lifecycle(const Clock& clock)
      : waivers_(std::make_shared<const WaiverSet>(WaiversFor(kRolloutWorkloads, clock.Now()))),
        histories_(Ports(clock)) {
    histories_.Synced();
  }

  void Join(WebhookPorts& ports) {
    ports.related = &beside_;
    ports.waivers = [this] { return waivers_; };
    ports.observer = &histories_;
  }

 private:
  controller::HistoryPorts Ports(const Clock& clock) {
    controller::HistoryPorts ports;
    ports.histories = &nowhere_;
    ports.records = &nowhere_;
    ports.clock = &clock;
    ports.logger = &logger_;
    ports.counted = [](const Happening&, const HistoryEffects&) {};
    ports.gone = [](const ObjectKey&, const HistoryKeeper::Gone&) {};
    ports.lead_time = [](std::chrono::seconds, const std::string&) {};
    ports.leading = [] { return false; };
    return ports;
  }

  Nowhere nowhere_;
  Logger logger_{LogLevel::kError, 2};
  const Beside beside_;
  std::shared_ptr<const WaiverSet> waivers_;
  controller::HistoryWriter histories_;
};

Route RouteTo(std::string path, WebhookPorts ports) {
  Route route = WebhookRoute(std::move(ports));
  route.path = std::move(path);
  return route;
}

int Serve(const std::string& folder) {
  const SystemClock clock;
  const CertificateAuthority authority = CertificateAuthority::Create(clock.Now()).value();
  SubjectAltNames names;
  names.ip_addresses = {"127.0.0.1"};
  const auto tls =
      ReloadableServerContext::Create(authority.IssueServerCertificate(names, clock.Now()).value())
          .value();
  std::ofstream(folder + "/ca.crt") << authority.pem().certificate;
  const std::shared_ptr<const PolicySnapshot> policies = PolicyOf(FourChecksPolicyYaml());
  const std::shared_ptr<const PolicySnapshot> starter = PolicyOf(BaselinePolicyYaml());
  WebhookPorts ports;
  ports.policies = [&] { return policies; };
  ports.clock = &clock;
  WebhookPorts starter_ports = ports;
  starter_ports.policies = [&] { return starter; };
  Lifecycle lifecycle(clock);
  WebhookPorts lifecycle_ports = starter_ports;
  lifecycle.Join(lifecycle_ports);
  HttpServerOptions options;
  options.address = "127.0.0.1:0";
  options.tls = tls.get();
  options.routes = {WebhookRoute(std::move(ports)), ConstantRoute(),
                    RouteTo("/starter", std::move(starter_ports)),
                    RouteTo("/lifecycle", std::move(lifecycle_ports))};
  const auto server = HttpServer::Start(std::move(options));
  if (!server) {
    std::cerr << server.error().message << "\n";
    return 1;
  }
  std::cout << (*server)->port() << std::endl;
  while (std::getchar() != EOF) {
  }
  (*server)->Stop();
  return 0;
}

}  // namespace
}  // namespace plimsoll::bench

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: server_bench FOLDER\n";
    return 2;
  }
  return plimsoll::bench::Serve(argv[1]);
}
