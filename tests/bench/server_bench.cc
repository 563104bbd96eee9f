// A server for `make bench`: the real listener with two answers to the same request. /validate judges the review by the four
// checks; /constant reads it and answers the same few bytes to everybody, which is the floor. Nothing else is attached: no
// metrics, no log. Prints the port, writes ca.crt into FOLDER, and serves until its standard input ends.
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

#include "plimsoll/base/time.h"
#include "plimsoll/codec/admission_review.h"
#include "plimsoll/codec/manifest.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "plimsoll/server/http_server.h"
#include "plimsoll/server/webhook_endpoint.h"
#include "plimsoll/tls/certificate_authority.h"
#include "plimsoll/tls/reloadable_server_context.h"
#include "tests/bench/samples.h"

namespace plimsoll::bench {
namespace {

class SystemClock : public Clock {
 public:
  Timestamp Now() const override {
    return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  }
};

std::shared_ptr<const PolicySnapshot> FourChecks() {
  const std::unique_ptr<Manifests> manifests = ParseManifests(std::string(FourChecksPolicyYaml()));
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

int Serve(const std::string& folder) {
  const SystemClock clock;
  const CertificateAuthority authority = CertificateAuthority::Create(clock.Now()).value();
  SubjectAltNames names;
  names.ip_addresses = {"127.0.0.1"};
  const auto tls =
      ReloadableServerContext::Create(authority.IssueServerCertificate(names, clock.Now()).value())
          .value();
  std::ofstream(folder + "/ca.crt") << authority.pem().certificate;
  const std::shared_ptr<const PolicySnapshot> policies = FourChecks();
  WebhookPorts ports;
  ports.policies = [&] { return policies; };
  ports.clock = &clock;
  HttpServerOptions options;
  options.address = "127.0.0.1:0";
  options.tls = tls.get();
  options.routes = {WebhookRoute(std::move(ports)), ConstantRoute()};
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
