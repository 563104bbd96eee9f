// plimsoll doctor, against an API server in memory: an installation that is well, and one trouble at a time.
#include "doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "plimsoll/kube/resources.h"
#include "plimsoll/tls/certificate_authority.h"
#include "plimsoll/tls/trust.h"
#include "tests/fakes/scripted_api.h"

namespace plimsoll::cli {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr std::string_view kNow = "2026-11-27T12:00:00Z";
constexpr const char* kSystem =
    "/apis/apps/v1/namespaces/plimsoll-system/deployments/plimsoll-controller";
constexpr const char* kLease =
    "/apis/coordination.k8s.io/v1/namespaces/plimsoll-system/leases/plimsoll-controller";
constexpr const char* kLeases = "/apis/coordination.k8s.io/v1/namespaces/plimsoll-system/leases";
constexpr const char* kConfiguration =
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/plimsoll";
constexpr const char* kGuard =
    "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/waivers.plimsoll.dev";
constexpr const char* kSlices =
    "/apis/discovery.k8s.io/v1/namespaces/plimsoll-system/endpointslices";
constexpr const char* kProxy =
    "/api/v1/namespaces/plimsoll-system/services/https:plimsoll-webhook:https/proxy/doctor";
constexpr const char* kPolicyList = "/apis/plimsoll.dev/v1alpha1/readinesspolicies";
constexpr const char* kRights = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

std::string Base64(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < text.size(); i += 3) {
    uint32_t three = 0;
    for (size_t k = 0; k < 3; ++k) {
      three = three << 8 | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U);
    }
    for (size_t k = 0; k < 4; ++k) {
      out += i + k > text.size() ? '=' : kDigits[three >> (18 - 6 * k) & 63U];
    }
  }
  return out;
}

std::string Definition(std::string_view plural) {
  return "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/" + std::string(plural) +
         ".plimsoll.dev";
}

// What the API server answers by path, without its query; everything else is not there.
class Doctor : public ::testing::Test {
 protected:
  Doctor() {
    const auto ca = CertificateAuthority::Create(now_ - std::chrono::hours(1));
    ca_pem_ = ca->pem().certificate;
    ca_sha256_ = InspectCertificate(ca_pem_)->sha256;
    things_["/version"] = {{"gitVersion", "v1.37.0"}};
    for (const char* plural : {"readinesspolicies", "readinesswaivers", "workloadreadinesses"}) {
      things_[Definition(plural)] = {
          {"kind", "CustomResourceDefinition"},
          {"spec", {{"versions", {{{"name", "v1alpha1"}, {"served", true}}}}}},
          {"status", {{"conditions", {{{"type", "Established"}, {"status", "True"}}}}}}};
    }
    things_[kSystem] =
        Json::parse(R"({"kind": "Deployment", "spec": {"replicas": 2, "template": {"spec": {
        "containers": [{"image": "registry:5000/plimsoll:0.1.3"}]}}}, "status": {"readyReplicas": 2}})");
    things_[kLease] = Json::parse(R"({"kind": "Lease", "spec": {"holderIdentity": "plimsoll-a",
        "leaseDurationSeconds": 15, "renewTime": "2026-11-27T11:59:58.123456Z"}})");
    things_[kLeases] = {{"kind", "LeaseList"},
                        {"metadata", Json::object()},
                        {"items", {Replica("a"), Replica("b")}}};
    things_[kSlices] = Json::parse(R"({"kind": "EndpointSliceList", "items": [{"endpoints": [
        {"addresses": ["10.0.0.1"], "conditions": {"ready": true}},
        {"addresses": ["10.0.0.2"], "conditions": {"ready": true}}]}]})");
    things_[kProxy] = {{"answered", true}};
    things_[kConfiguration] = Configuration(ca_pem_);
    things_[kGuard] = {{"kind", "ValidatingAdmissionPolicy"}};
    things_[kPolicyList] = Json::parse(
        R"({"kind": "ReadinessPolicyList", "items": [{"metadata": {"name": "production"},
        "status": {"conditions": [{"type": "Ready", "status": "True"}]}}]})");
    things_[kRights] = {{"status", {{"allowed", true}}}};
    api_.AnswerBy([this](const kube::ApiRequest& request) { return Answer(request); });
  }

  Json Replica(const std::string& name) const {
    return {
        {"metadata",
         {{"name", "replica-" + name},
          {"namespace", "plimsoll-system"},
          {"labels", {{"plimsoll.dev/replica", "plimsoll-" + name}}},
          {"annotations", {{"plimsoll.dev/ca", ca_sha256_}}}}},
        {"spec",
         {{"holderIdentity", "plimsoll-" + name}, {"renewTime", "2026-11-27T11:59:58.123456Z"}}}};
  }

  static Json Configuration(const std::string& bundle) {
    Json entry = Json::parse(R"({"name": "validate.plimsoll.dev", "failurePolicy": "Ignore",
        "rules": [{"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["deployments"], "scope": "*"}],
        "namespaceSelector": {"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "NotIn",
            "values": ["kube-system", "plimsoll-system"]}]},
        "clientConfig": {"service": {"namespace": "plimsoll-system", "name": "plimsoll-webhook", "path": "/validate", "port": 443}},
        "sideEffects": "NoneOnDryRun", "admissionReviewVersions": ["v1"], "timeoutSeconds": 5, "matchPolicy": "Equivalent"})");
    entry["clientConfig"]["caBundle"] = Base64(bundle);
    return {{"apiVersion", "admissionregistration.k8s.io/v1"},
            {"kind", "ValidatingWebhookConfiguration"},
            {"metadata", {{"name", "plimsoll"}, {"uid", "u"}, {"resourceVersion", "1"}}},
            {"webhooks", {entry}}};
  }

  std::optional<Result<kube::ApiResponse>> Answer(const kube::ApiRequest& request) {
    asked_.emplace_back(request.method, request.path);
    const std::string path = request.path.substr(0, request.path.find('?'));
    if (const auto error = errors_.find(path); error != errors_.end()) {
      return Result<kube::ApiResponse>(tl::unexpected(error->second));
    }
    const auto thing = things_.find(path);
    if (thing == things_.end()) {
      return Result<kube::ApiResponse>(
          tl::unexpected(Error{ErrorCode::kNotFound, "GET " + path + ": not found", {}}));
    }
    return Result<kube::ApiResponse>(kube::ApiResponse{200, thing->second.dump()});
  }

  std::vector<Diagnosis> Look() { return Examine(api_, installation_, now_); }
  // Those that are not as they should be.
  std::vector<std::string> Bad() {
    std::vector<std::string> bad;
    for (const Diagnosis& one : Look()) {
      if (one.health != Health::kBad) continue;
      EXPECT_THAT(one.remedy, AllOf(Not(IsEmpty()), Not(HasSubstr("\n")))) << one.finding;
      bad.push_back(one.subject + ": " + one.finding);
    }
    return bad;
  }

  const Timestamp now_ = ParseTimestamp(kNow).value_or(Timestamp());
  std::string ca_pem_;
  std::string ca_sha256_;
  std::map<std::string, Json> things_;
  std::map<std::string, Error> errors_;
  std::vector<std::pair<kube::ApiMethod, std::string>> asked_;
  testing::ScriptedApi api_;
  const Installation installation_{.version = "0.1.0"};
};

TEST_F(Doctor, AnInstallationThatIsWell) {
  const std::vector<Diagnosis> all = Look();
  EXPECT_THAT(Bad(), IsEmpty());
  EXPECT_THAT(all, Each(Field(&Diagnosis::health, ::testing::AnyOf(Health::kGood, Health::kNote))));
  std::ostringstream text;
  WriteDiagnosesText(all, false, text);
  EXPECT_THAT(text.str(),
              AllOf(HasSubstr("ok       API server    Kubernetes v1.37.0\n"),
                    HasSubstr("leader        plimsoll-a\n"),
                    HasSubstr("caBundle trusts the certificates of 2 replicas"),
                    HasSubstr("never asked about: kube-system, plimsoll-system"),
                    HasSubstr("controller 0.1.3, this program 0.1.0"), HasSubstr(", 0 bad\n")));
}

TEST_F(Doctor, OnlyReads) {
  Look();
  for (const auto& [method, path] : asked_) {
    if (method != kube::ApiMethod::kGet) {
      EXPECT_EQ(path, kRights);
    }
  }
  EXPECT_THAT(asked_, Not(IsEmpty()));
}

TEST_F(Doctor, NobodyAnswers) {
  errors_["/version"] = Error{ErrorCode::kUnavailable, "connection refused", {}};
  EXPECT_THAT(Look(), SizeIs(1));
  EXPECT_THAT(Bad(), ElementsAre("API server: connection refused"));
}

struct Trouble {
  const char* name;
  std::function<void(std::map<std::string, Json>&)> make;
  const char* told;
};

class DoctorTroubles : public Doctor, public ::testing::WithParamInterface<Trouble> {};

TEST_P(DoctorTroubles, AreToldOneByOne) {
  GetParam().make(things_);
  const std::vector<std::string> bad = Bad();
  ASSERT_THAT(bad, SizeIs(1));
  EXPECT_THAT(bad.front(), HasSubstr(GetParam().told));
}

std::vector<Trouble> Troubles() {
  return {Trouble{"NoCrd", [](auto& t) { t.erase(Definition("readinesswaivers")); },
                  "CRDs: readinesswaivers.plimsoll.dev is not installed"},
          Trouble{"OtherVersion",
                  [](auto& t) {
                    t[Definition("readinesswaivers")]["spec"]["versions"][0]["name"] = "v2";
                  },
                  "does not serve v1alpha1"},
          Trouble{"NotEstablished",
                  [](auto& t) { t[Definition("readinesswaivers")]["status"] = Json::object(); },
                  "is not established"},
          Trouble{"NoReplica", [](auto& t) { t[kSystem]["status"] = Json::object(); },
                  "controller: 0 of 2 replicas ready: nothing is judged"},
          Trouble{"AReplicaLess", [](auto& t) { t[kSystem]["status"]["readyReplicas"] = 1; },
                  "controller: 1 of 2 replicas ready"},
          Trouble{"Skew",
                  [](auto& t) {
                    t[kSystem]["spec"]["template"]["spec"]["containers"][0]["image"] =
                        "r:5000/plimsoll:v0.2.0@sha256:abc";
                  },
                  "versions: controller 0.2.0, this program 0.1.0"},
          Trouble{"NeverLed", [](auto& t) { t.erase(kLease); }, "leader: nobody has ever led"},
          Trouble{"NobodyLeads", [](auto& t) { t[kLease]["spec"]["holderIdentity"] = ""; },
                  "leader: nobody leads"},
          Trouble{"GoneLeader",
                  [](auto& t) { t[kLease]["spec"]["renewTime"] = "2026-11-27T11:59:00Z"; },
                  "leader: plimsoll-a has not renewed since 2026-11-27T11:59:00Z"},
          Trouble{"NoEndpoint", [](auto& t) { t[kSlices]["items"] = Json::array(); },
                  "endpoints: Service plimsoll-webhook has no ready address"},
          Trouble{"NoConfiguration", [](auto& t) { t.erase(kConfiguration); },
                  "webhook: no ValidatingWebhookConfiguration plimsoll"},
          Trouble{"AsksForNothing",
                  [](auto& t) { t[kConfiguration]["webhooks"][0]["rules"] = Json::array(); },
                  "webhook: no entry asks for anything"},
          Trouble{"OtherCa",
                  [](auto& t) {
                    t[kLeases]["items"][1]["metadata"]["annotations"]["plimsoll.dev/ca"] = "ffff";
                  },
                  "trust: caBundle does not trust the certificate of plimsoll-b"},
          Trouble{"NoGuard", [](auto& t) { t.erase(kGuard); },
                  "waivers: no ValidatingAdmissionPolicy waivers.plimsoll.dev"},
          Trouble{"PolicyNotReady",
                  [](auto& t) {
                    t[kPolicyList]["items"][0]["status"]["conditions"][0] = {
                        {"type", "Ready"}, {"status", "False"}, {"message", "no rule runbook.urk"}};
                  },
                  "policies: production is not ready: no rule runbook.urk"}};
}

std::string NameOf(const ::testing::TestParamInfo<Trouble>& one) { return one.param.name; }

INSTANTIATE_TEST_SUITE_P(Each, DoctorTroubles, ::testing::ValuesIn(Troubles()), NameOf);

TEST_F(Doctor, ABundleNearItsEnd) {
  const auto make = [this](std::chrono::hours left) {
    const auto ca = CertificateAuthority::Create(now_ - std::chrono::hours(100),
                                                 std::chrono::hours(100) + left);
    things_[kConfiguration] = Configuration(ca->pem().certificate);
    for (Json& lease : things_[kLeases]["items"]) {
      lease["metadata"]["annotations"]["plimsoll.dev/ca"] =
          InspectCertificate(ca->pem().certificate)->sha256;
    }
  };
  make(std::chrono::hours(24 * 8));
  EXPECT_THAT(Bad(), IsEmpty());
  make(std::chrono::hours(24 * 6));
  EXPECT_THAT(Bad(), ElementsAre(HasSubstr("has not been replaced")));
  make(std::chrono::hours(-1));
  EXPECT_THAT(Bad(), Contains(HasSubstr("caBundle has expired on 2026-11-27T1")));
  things_[kConfiguration] = Configuration("");
  EXPECT_THAT(Bad(), Contains(HasSubstr("has no caBundle")));
  things_[kConfiguration] = Configuration("nonsense");
  EXPECT_THAT(Bad(), Contains(HasSubstr("caBundle cannot be read")));
}

TEST_F(Doctor, TheApiServerCannotReachTheWebhook) {
  errors_[kProxy] = Error{ErrorCode::kUnavailable,
                          "503: error trying to reach service: dial tcp 10.0.0.1:9443: i/o timeout",
                          {}};
  EXPECT_THAT(Bad(), ElementsAre(HasSubstr("the API server cannot reach it")));
  // Our listener knows no such path: it was reached.
  errors_[kProxy] = Error{ErrorCode::kNotFound, "404", {}};
  EXPECT_THAT(Bad(), IsEmpty());
}

TEST_F(Doctor, WhatMayNotBeReadIsNotBad) {
  for (const char* path :
       {kSystem, kLease, kLeases, kConfiguration, kGuard, kSlices, kPolicyList}) {
    errors_[path] = Error{ErrorCode::kForbidden, "forbidden", {}};
  }
  for (const char* plural : {"readinesspolicies", "readinesswaivers", "workloadreadinesses"}) {
    errors_[Definition(plural)] = Error{ErrorCode::kForbidden, "forbidden", {}};
  }
  EXPECT_THAT(Bad(), IsEmpty());
  for (const Diagnosis& one : Look()) {
    if (one.health != Health::kUnknown) continue;
    EXPECT_THAT(one.remedy, HasSubstr("it takes")) << one.subject;
  }
  things_[kRights] = {{"status", {{"allowed", false}}}};
  EXPECT_THAT(Look(), Contains(Field(&Diagnosis::finding,
                                     HasSubstr("approve readinesswaivers (waiver approve)"))));
}

TEST_F(Doctor, JsonIsJson) {
  std::ostringstream text;
  WriteDiagnosesJson(Look(), text);
  const Json report = Json::parse(text.str());
  EXPECT_EQ(report["version"], 1);
  EXPECT_EQ(report["checks"][0]["subject"], "API server");
  EXPECT_EQ(report["checks"][0]["health"], "ok");
}

}  // namespace
}  // namespace plimsoll::cli
