// The served report for tests: report_routes.h over plain HTTP on a free port, with records of a file, and one token, "good",
// that may read them. Prints its port. Each line of standard input is a file: its records become what there is, and the page is
// due again. Prints "ready" after each.
//
// report_server RECORDS.json
#include <atomic>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "plimsoll/codec/json_parser.h"
#include "plimsoll/server/http_server.h"
#include "report_access.h"
#include "report_page.h"
#include "report_routes.h"
#include "system_clock.h"
#include "tests/fakes/scripted_api.h"

namespace {

using namespace plimsoll;  // NOLINT(google-build-using-namespace): a program of one file

bool Load(const std::string& file, controller::ReportRecords& records) {
  std::ifstream stream(file, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  JsonParser parser;
  const Result<JsonView> list = parser.Parse(text);
  if (!list) {
    std::cerr << file << ": " << list.error().message << "\n";
    return false;
  }
  for (const JsonView object : (*list)["items"].elements()) {
    if (object["kind"].StringOrEmpty() != "WorkloadReadiness") continue;
    const JsonView metadata = object["metadata"];
    records.Upsert({std::string(metadata["namespace"].StringOrEmpty()),
                    std::string(metadata["name"].StringOrEmpty())},
                   object);
  }
  records.Synced();
  return true;
}

std::optional<Result<kube::ApiResponse>> Answer(const kube::ApiRequest& request) {
  const auto asked = nlohmann::json::parse(request.body)["spec"];
  const bool good = asked.value("token", "good") == "good";
  const nlohmann::json status = {
      {"authenticated", good}, {"user", {{"username", "good"}}}, {"allowed", true}};
  return Result<kube::ApiResponse>(
      kube::ApiResponse{201, nlohmann::json{{"status", status}}.dump()});
}

}  // namespace

int main(int argc, char** argv) {
  controller::ReportRecords records;
  if (argc != 2 || !Load(argv[1], records)) return 2;
  const controller::SystemClock clock;
  testing::ScriptedApi api;
  api.AnswerBy(Answer);
  std::atomic<int64_t> passed{0};
  controller::FactResolver resolver;
  controller::ReportAccess access(api, resolver);
  controller::ReportPage page(
      {&records, [](FingerprintText&) { return std::vector<ReportedWaiver>(); }, &clock, "0.0.0"},
      [&] { return std::chrono::steady_clock::now() + std::chrono::seconds(passed.load()); });
  HttpServerOptions options;
  options.address = "127.0.0.1:0";
  options.threads = 1;
  options.timeouts.wait =
      std::chrono::seconds(60);  // a page of 5,000 workloads, without optimisation
  options.routes = controller::ReportRoutes({&access, &page, [] { return nullptr; }, &clock});
  const auto server = HttpServer::Start(std::move(options));
  if (!server) {
    std::cerr << server.error().message << "\n";
    return 2;
  }
  std::cout << (*server)->port() << std::endl;
  for (std::string file; std::getline(std::cin, file);) {
    if (!Load(file, records)) return 2;
    passed += controller::kReportLife.count();
    std::cout << "ready" << std::endl;
  }
  (*server)->Stop();
  resolver.Stop();
  return 0;
}
