// Every kind of hostile review, sent over TLS, with the exact answer: tests/golden/server/hostile-reviews.txt.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plimsoll/codec/json_parser.h"
#include "plimsoll/server/webhook_endpoint.h"
#include "tests/server/client.h"
#include "tests/server/fixture.h"
#include "tests/support/golden.h"

namespace plimsoll {
namespace {

using testing::Client;
using testing::Post;
using testing::Response;
using testing::Running;

class FixedClock : public Clock {
 public:
  Timestamp Now() const override {
    return std::chrono::sys_days(std::chrono::year(2026) / 11 / 23);
  }
};

std::shared_ptr<const PolicySnapshot> Policies() {
  std::string text = R"({"apiVersion":"plimsoll.dev/v1alpha1","kind":"ReadinessPolicy",)"
                     R"("metadata":{"name":"p"},"spec":{"stages":[{"action":"Deny"}],"rules":[)"
                     R"({"rule":"health.readiness-probe"},{"rule":"ownership.owner"},)"
                     R"({"rule":"resilience.replicas"},{"rule":"input.string-metadata"}]}})";
  JsonParser parser;
  ParsedPolicy parsed = ParseReadinessPolicy(parser.Parse(text).value());
  std::vector<ReadinessPolicy> policies;
  policies.push_back(std::move(parsed.policy.value()));
  return std::make_shared<const PolicySnapshot>(std::move(policies));
}

// A review that is allowed, in parts that a case can replace.
struct Parts {
  std::string uid = R"("u-1")";
  std::string kind = R"({"group":"apps","version":"v1","kind":"Deployment"})";
  std::string operation = R"("CREATE")";
  std::string more = R"("userInfo":{"username":"ana"},"dryRun":false)";
  std::string metadata = R"({"name":"web","namespace":"shop","labels":{"team":"shop"}})";
  std::string replicas = "2";
  std::string template_labels = R"({"app":"web"})";
  std::string containers =
      R"([{"name":"web","ports":[{"containerPort":80}],"readinessProbe":{"tcpSocket":{"port":80}},"image":"a:1"}])";
};

std::string Object(const Parts& parts) {
  return R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":)" + parts.metadata +
         R"(,"spec":{"replicas":)" + parts.replicas + R"(,"template":{"metadata":{"labels":)" +
         parts.template_labels + R"(},"spec":{"containers":)" + parts.containers + "}}}}";
}

std::string Around(const std::string& object, const Parts& parts = {}) {
  return R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":)" +
         parts.uid + R"(,"kind":)" + parts.kind + R"(,"operation":)" + parts.operation + "," +
         parts.more + R"(,"object":)" + object + "}}";
}

std::string Review(const Parts& parts) { return Around(Object(parts), parts); }

std::string Repeat(const std::string& text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

using Case = std::pair<std::string, std::string>;

std::vector<Case> BrokenText() {
  const std::string good = Review({});
  return {
      {"nothing wrong", good},
      {"empty", ""},
      {"white space", " \r\n\t"},
      {"truncated in the middle", good.substr(0, good.size() / 2)},
      {"truncated by one byte", good.substr(0, good.size() - 1)},
      {"one byte too many", good + "}"},
      {"two reviews", good + good},
      {"byte order mark", "\xEF\xBB\xBF" + good},
      {"UTF-16", std::string("\xFF\xFE{\0}\0", 6)},
      {"a NUL byte", good.substr(0, 20) + std::string(1, '\0') + good.substr(20)},
      {"a NUL byte at the end", good + std::string(1, '\0')},
      {"invalid UTF-8", Review({.metadata = "{\"name\":\"w\xFF\"}"})},
      {"truncated UTF-8", Review({.metadata = "{\"name\":\"w\xE2\x82\"}"})},
      {"overlong UTF-8", Review({.metadata = "{\"name\":\"w\xC0\xAF\"}"})},
      {"a surrogate in UTF-8", Review({.metadata = "{\"name\":\"w\xED\xA0\x80\"}"})},
      {"a lone surrogate escape", Review({.metadata = R"({"name":"\ud800"})"})},
      {"a control character in a string", Review({.metadata = "{\"name\":\"a\tb\"}"})},
      {"an unknown escape", Review({.metadata = R"({"name":"\q"})"})},
      {"NaN", Review({.replicas = "NaN"})},
      {"Infinity", Review({.replicas = "-Infinity"})},
      {"a leading zero", Review({.replicas = "02"})},
      {"a hexadecimal number", Review({.replicas = "0x2"})},
      {"single quotes", Review({.replicas = "'2'"})},
      {"a comment", "// x\n" + good},
      {"a trailing comma", Review({.metadata = R"({"name":"web",})"})},
      {"a key that is a number", Review({.metadata = R"({1:"web"})"})},
      {"duplicate key of the envelope", R"({"kind":"AdmissionReview","kind":"AdmissionReview"})"},
      {"duplicate key in the object", Review({.metadata = R"({"name":"web","name":"x"})"})},
      {"duplicate key, escaped", Review({.metadata = "{\"name\":\"web\",\"na\\u006de\":\"x\"}"})},
      {"10,000 arrays deep", Repeat("[", 10000)},
      {"10,000 objects deep", Repeat("{\"a\":", 10000)},
      {"10,000 deep in the object",
       Review({.metadata = Repeat("{\"a\":", 10000) + "1" + Repeat("}", 10000)})},
      {"a YAML document", "apiVersion: admission.k8s.io/v1\nkind: AdmissionReview\n"},
      {"gzip", "\x1f\x8b\x08"},
  };
}

std::vector<Case> WrongEnvelope() {
  return {
      {"an array", "[]"},
      {"a string", R"("AdmissionReview")"},
      {"null", "null"},
      {"no fields", "{}"},
      {"another version", R"({"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview"})"},
      {"a list of reviews", R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReviewList"})"},
      {"no request", R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"})"},
      {"a request that is a list",
       R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":[]})"},
      {"uid null", Review({.uid = "null"})},
      {"uid a number", Review({.uid = "7"})},
      {"uid with a line break", Review({.uid = R"("a\nb")"})},
      {"uid of 10,000 bytes", Review({.uid = "\"" + Repeat("u", 10000) + "\""})},
      {"kind a string", Review({.kind = R"("Deployment")"})},
      {"operation in small letters", Review({.operation = R"("create")"})},
      {"dryRun a string", Review({.more = R"("dryRun":"true")"})},
      {"userInfo a string", Review({.more = R"("userInfo":"ana")"})},
      {"groups of numbers", Review({.more = R"("userInfo":{"groups":[1]})"})},
      {"name a map", Review({.more = R"("name":{})"})},
      {"object null", Around("null")},
      {"object a string", Around(R"("Deployment")")},
      {"an update without the old object", Review({.operation = R"("UPDATE")"})},
      {"object of another kind", Around(R"({"apiVersion":"v1","kind":"Pod"})")},
      {"object without a kind", Around("{}")},
  };
}

std::vector<Case> WrongTypes() {
  const std::string port_string =
      R"([{"name":"web","image":"a:1","ports":"8080","readinessProbe":"yes"}])";
  return {
      {"a map for a label's value", Review({.metadata = R"({"labels":{"team":{"a":"b"}}})"})},
      {"a number for a label's value", Review({.metadata = R"({"labels":{"team":1.10}})"})},
      {"a list for labels", Review({.metadata = R"({"labels":["team"]})"})},
      {"a list for metadata", Review({.metadata = "[]"})},
      {"a string for replicas", Review({.replicas = R"("2")"})},
      {"2^64 replicas", Review({.replicas = "18446744073709551616"})},
      {"1e400 replicas", Review({.replicas = "1e400"})},
      {"100,000 digits of replicas", Review({.replicas = Repeat("9", 100000)})},
      {"minus zero replicas", Review({.replicas = "-0"})},
      {"a string for ports", Review({.containers = port_string})},
      {"a string for a port", Review({.containers = R"([{"name":"web","image":"a:1",)"
                                                    R"("ports":[{"containerPort":"80"}]}])"})},
      {"a map for containers", Review({.containers = R"({"web":{}})"})},
      {"strings for containers", Review({.containers = R"(["web",null,5])"})},
      {"no containers", Review({.containers = "[]"})},
      {"text meant for the terminal",
       Review({.metadata = "{\"name\":\"\\u001b[31m\\u202eweb\\n* all is well\"}"})},
  };
}

class HostileReviewTest : public ::testing::Test {
 protected:
  HostileReviewTest() {
    WebhookPorts ports;
    ports.policies = [policies = Policies()] { return policies; };
    ports.clock = &clock_;
    running_ = testing::StartServer(testing::Tls::kOn, testing::FineTimeouts(), {},
                                    {WebhookRoute(std::move(ports))});
  }

  std::string Answers(const std::vector<Case>& cases) {
    std::string answers;
    Client client = Client::Tls(running_->port());
    for (const auto& [name, review] : cases) {
      client.Send(Post("/validate?timeout=10s", review));
      const Response response = client.Read().value_or(Response{});
      answers += "# " + name + "\n" + std::to_string(response.status) + " " + response.body;
      if (!answers.ends_with('\n')) answers += '\n';
    }
    return answers;
  }

  FixedClock clock_;
  std::unique_ptr<Running> running_;
};

TEST_F(HostileReviewTest, IsAnsweredExactlyLikeThis) {
  testing::ExpectGolden(
      "tests/golden/server/hostile-reviews.txt",
      Answers(BrokenText()) + "\n" + Answers(WrongEnvelope()) + "\n" + Answers(WrongTypes()));
}

}  // namespace
}  // namespace plimsoll
