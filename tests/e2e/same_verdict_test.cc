// The same verdict everywhere: every case of every rule is judged by `plimsoll check` (the program), by AdmissionHandler,
// and by a live TLS server, from YAML and from JSON. The findings must be equal byte for byte, and so must be the handler's
// answer and the server's.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plimsoll/admission/handler.h"
#include "plimsoll/base/text.h"
#include "plimsoll/codec/admission_review.h"
#include "plimsoll/codec/json_parser.h"
#include "plimsoll/codec/manifest.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "plimsoll/server/http_server.h"
#include "plimsoll/server/webhook_endpoint.h"
#include "plimsoll/tls/certificate_authority.h"
#include "plimsoll/tls/reloadable_server_context.h"
#include "tests/rules/case_loader.h"
#include "tests/server/client.h"

namespace plimsoll::testing {
namespace {

// What a way of judging said about one object: each finding as one text, and what was counted.
struct Told {
  std::vector<std::string> findings;
  uint64_t passed = 0;
  uint64_t not_applicable = 0;

  friend bool operator==(const Told&, const Told&) = default;
};

void PrintTo(const Told& told, std::ostream* out) {
  *out << told.passed << " passed, " << told.not_applicable << " not applicable\n";
  for (const std::string& finding : told.findings) *out << finding << "\n";
}

// The fields of a finding that do not depend on where the object came from.
constexpr std::string_view kFields[] = {"container", "policy",   "rule", "result",
                                        "action",    "reason",   "path", "message",
                                        "observed",  "required", "fix"};

std::string FindingText(const Finding& finding) {
  const std::string_view values[] = {
      finding.container,
      finding.policy,
      finding.rule,
      RuleResultName(finding.result),
      finding.result == RuleResult::kFail ? ActionLabel(finding.action) : "",
      finding.reason,
      finding.path,
      finding.message,
      finding.observed,
      finding.required,
      finding.fix};
  std::string text;
  for (const std::string_view value : values) {
    AppendJsonString(value, text);
    text += ' ';
  }
  return text;
}

Told FromVerdict(const Verdict& verdict) {
  Told told;
  told.passed = verdict.passed;
  told.not_applicable = verdict.not_applicable;
  for (const Finding& finding : verdict.findings) told.findings.push_back(FindingText(finding));
  return told;
}

Told FromCheckJson(std::string text) {
  JsonParser parser;
  const Result<JsonView> root = parser.Parse(text);
  if (!root) throw std::runtime_error("check's output is no JSON: " + root.error().message);
  Told told;
  for (const JsonView result : (*root)["results"].elements()) {
    std::string finding;
    for (const std::string_view field : kFields) {
      AppendJsonString(result[field].StringOrEmpty(), finding);
      finding += ' ';
    }
    told.findings.push_back(finding);
  }
  const auto count = [&](std::string_view name) {
    return static_cast<uint64_t>((*root)["summary"][name].AsInt().value());
  };
  told.passed = count("pass");
  told.not_applicable = count("notApplicable");
  return told;
}

// ---- one case, made ready for every way ----

class OneNamespace : public NamespaceSource {
 public:
  std::string name;
  Facts facts;
  Facts Find(std::string_view wanted) const override { return wanted == name ? facts : Facts(); }
};

// Without a grace: `check` has none, because in files all that belongs to an object is there.
class CaseRelated : public RelatedSource {
 public:
  std::shared_ptr<const RelatedObjects> objects;
  std::shared_ptr<const RelatedObjects> Current() const override { return objects; }
  std::chrono::seconds Grace() const override { return std::chrono::seconds(0); }
};

// A policy that denies by the case's rule alone, wherever the object is.
std::string PolicyText(const RuleCase& rule_case) {
  return R"({"apiVersion":"plimsoll.dev/v1alpha1","kind":"ReadinessPolicy","metadata":{"name":"case"},)"
         R"("spec":{"match":{"kinds":["Deployment","StatefulSet","DaemonSet","ReplicaSet","Pod","Job",)"
         R"("CronJob","Rollout"]},"stages":[{"action":"Deny"}],"rules":[{"rule":")" +
         rule_case.rule + R"(","parameters":)" + rule_case.parameters_json + "}]}}\n";
}

std::string NamespaceText(const RuleCase& rule_case, std::string_view name) {
  const auto or_empty = [](const std::string& json) { return json.empty() ? "{}" : json; };
  std::string text = R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":)";
  AppendJsonString(name, text);
  return text + R"(,"labels":)" + or_empty(rule_case.namespace_labels_json) + R"(,"annotations":)" +
         or_empty(rule_case.namespace_annotations_json) + "}}\n";
}

// The AdmissionReview of a CREATE, as the API server would send it.
std::string ReviewText(JsonView object, std::string_view namespace_name) {
  const std::string_view api_version = object["apiVersion"].StringOrEmpty();
  const size_t slash = api_version.find('/');
  const std::string_view group =
      slash == std::string_view::npos ? "" : api_version.substr(0, slash);
  const std::string_view version =
      slash == std::string_view::npos ? api_version : api_version.substr(slash + 1);
  std::string text =
      R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u-1","kind":{"group":)";
  AppendJsonString(group, text);
  text += R"(,"version":)";
  AppendJsonString(version, text);
  text += R"(,"kind":)";
  AppendJsonString(object["kind"].StringOrEmpty(), text);
  text += R"(},"resource":{"group":"apps","version":"v1","resource":"deployments"},"name":)";
  AppendJsonString(object["metadata"]["name"].StringOrEmpty(), text);
  text += R"(,"namespace":)";
  AppendJsonString(namespace_name, text);
  text += R"(,"operation":"CREATE","userInfo":{"username":"ana"},"object":)" + ToJson(object);
  return text + R"(,"oldObject":null,"dryRun":false}})";
}

class PreparedCase {
 public:
  explicit PreparedCase(const RuleCase& rule_case) : rule_case_(rule_case) {
    object_ = ParseManifests(rule_case.object_text);
    policy_ = ParseManifests(PolicyText(rule_case));
    ParsedPolicy parsed = ParseReadinessPolicy(policy_->objects.at(0));
    for (const Diagnostic& problem : parsed.problems) {
      throw std::runtime_error(FormatDiagnostic(problem));
    }
    std::vector<ReadinessPolicy> policies;
    policies.push_back(std::move(parsed.policy).value());
    snapshot_ = std::make_shared<const PolicySnapshot>(std::move(policies));
    directory_ = DirectoryOf(rule_case);
    const std::string_view given = object()["metadata"]["namespace"].StringOrEmpty();
    namespace_.name = given.empty() ? "default" : given;
    if (knows_namespace()) {
      namespace_object_ = ParseManifests(NamespaceText(rule_case, namespace_.name));
      const JsonView metadata = namespace_object_->objects.at(0)["metadata"];
      namespace_.facts.labels = metadata["labels"];
      namespace_.facts.annotations = metadata["annotations"];
    }
    related_.objects = RelatedOfCase(rule_case, rule_case.other_texts);
  }

  const RuleCase& rule_case() const { return rule_case_; }
  JsonView object() const { return object_->objects.at(0); }
  size_t object_count() const { return object_->objects.size(); }
  const std::shared_ptr<const PolicySnapshot>& snapshot() const { return snapshot_; }
  const OneNamespace& namespaces() const { return namespace_; }
  const std::shared_ptr<const TeamDirectory>& directory() const { return directory_; }
  const CaseRelated& related() const { return related_; }
  // Files are always known, and whatever they do not have is not there.
  bool can_be_files() const { return rule_case_.related_known && rule_case_.not_installed.empty(); }
  bool knows_namespace() const {
    return !rule_case_.namespace_labels_json.empty() ||
           !rule_case_.namespace_annotations_json.empty();
  }

 private:
  const RuleCase& rule_case_;
  std::unique_ptr<Manifests> object_;
  std::unique_ptr<Manifests> policy_;
  std::unique_ptr<Manifests> namespace_object_;
  std::shared_ptr<const PolicySnapshot> snapshot_;
  OneNamespace namespace_;
  std::shared_ptr<const TeamDirectory> directory_;
  CaseRelated related_;
};

// ---- the ways ----

void WriteFile(const std::filesystem::path& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

std::string RunProgram(const std::string& command, int& exit_code) {
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  std::string text;
  char chunk[16 * 1024];
  for (size_t n = 0; (n = std::fread(chunk, 1, sizeof chunk, pipe.get())) > 0;) {
    text.append(chunk, n);
  }
  exit_code = WEXITSTATUS(::pclose(pipe.release()));
  return text;
}

// Runs `plimsoll check` on the object, written to a file named `name`.
Told ByCheck(const PreparedCase& prepared, const std::filesystem::path& folder,
             const std::string& name, std::string_view object) {
  WriteFile(folder / "policy.json", PolicyText(prepared.rule_case()));
  WriteFile(folder / name, object);
  std::string inputs = (folder / name).string();
  const std::vector<std::string>& others = prepared.rule_case().other_texts;
  if (!others.empty()) {
    std::string text;
    for (const std::string& other : others) text += "---\n" + other;
    WriteFile(folder / "others.yaml", text);
    inputs += " " + (folder / "others.yaml").string();
  }
  if (prepared.knows_namespace()) {
    WriteFile(folder / "namespace.json",
              NamespaceText(prepared.rule_case(), prepared.namespaces().name));
    inputs += " " + (folder / "namespace.json").string();
  }
  if (prepared.directory() != nullptr) {
    WriteFile(folder / "directory.json", prepared.rule_case().directory_json);
    inputs += " --directory " + (folder / "directory.json").string();
  }
  int exit_code = -1;
  const std::string text = RunProgram(
      std::string(PLIMSOLL_PROGRAM) + " check --format json --policy " +
          (folder / "policy.json").string() + " --namespace " + prepared.namespaces().name +
          " --as-of " + FormatTimestamp(prepared.rule_case().now) + " " + inputs,
      exit_code);
  Told told = FromCheckJson(text);
  // A case with a duplicate key is judged and reported as an error too.
  EXPECT_TRUE(exit_code == (told.findings.empty() ? 0 : 1) || exit_code == 2) << exit_code;
  return told;
}

struct HandlerAnswer {
  Told told;
  std::string body;
};

HandlerAnswer ByHandler(const PreparedCase& prepared, std::string review) {
  JsonParser parser;
  const Result<JsonView> root = parser.Parse(review);
  if (!root) throw std::runtime_error(root.error().message);
  const Result<AdmissionRequest> request = ReadAdmissionReview(*root);
  if (!request) throw std::runtime_error(request.error().message);
  AdmissionHandler handler;
  handler.UseDirectory(prepared.directory());
  const Result<ReviewOutcome> outcome =
      handler.Handle(*request, *prepared.snapshot(), &prepared.namespaces(),
                     prepared.rule_case().now, nullptr, {}, &prepared.related());
  if (!outcome) throw std::runtime_error(outcome.error().message);
  HandlerAnswer answer{FromVerdict(outcome->verdict), {}};
  WriteAdmissionReview(outcome->response, answer.body);
  return answer;
}

// A live server whose policies, namespaces and clock are those of the case at hand. Between requests only.
class LiveServer : public NamespaceSource, public RelatedSource, public Clock {
 public:
  LiveServer() {
    const auto today =
        std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
    const CertificateAuthority authority = CertificateAuthority::Create(today).value();
    SubjectAltNames names;
    names.dns_names = {"localhost"};
    tls_ = ReloadableServerContext::Create(authority.IssueServerCertificate(names, today).value())
               .value();
    WebhookPorts ports;
    ports.policies = [this] { return prepared_.load()->snapshot(); };
    ports.namespaces = this;
    ports.directory = [this] { return prepared_.load()->directory(); };
    ports.related = this;
    ports.clock = this;
    HttpServerOptions options;
    options.address = "127.0.0.1:0";
    options.tls = tls_.get();
    options.routes.push_back(WebhookRoute(std::move(ports)));
    server_ = HttpServer::Start(std::move(options)).value();
    client_.emplace(Client::Tls(server_->port()));
  }

  Response Ask(const PreparedCase& prepared, std::string_view review) {
    prepared_ = &prepared;
    if (!client_->Send(Post("/validate", review))) {
      throw std::runtime_error("the server has gone");
    }
    std::optional<Response> response = client_->Read();
    if (!response) throw std::runtime_error("no response");
    return *std::move(response);
  }

  Facts Find(std::string_view name) const override {
    return prepared_.load()->namespaces().Find(name);
  }
  std::shared_ptr<const RelatedObjects> Current() const override {
    return prepared_.load()->related().Current();
  }
  std::chrono::seconds Grace() const override { return prepared_.load()->related().Grace(); }
  Timestamp Now() const override { return prepared_.load()->rule_case().now; }

 private:
  // The case at hand; replaced between requests.
  std::atomic<const PreparedCase*> prepared_ = nullptr;
  std::unique_ptr<ReloadableServerContext> tls_;
  std::unique_ptr<HttpServer> server_;
  std::optional<Client> client_;
};

// ---- the test ----

class SameVerdictTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    cases_ = LoadRuleCases(std::filesystem::path(PLIMSOLL_SOURCE_DIR) / "tests" / "rules");
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ("plimsoll-same-verdict-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }

  // Spelling is what these rules are about, and an AdmissionReview is only ever spelled one way: the API server writes it,
  // without duplicates and without merge keys.
  static bool IsAboutSpelling(const RuleCase& rule_case) {
    return rule_case.rule.starts_with("input.");
  }

  // What links lead to is known to the leader alone; a file that is named on a command line can be read, or nothing is judged.
  static bool OnlyTheAuditKnows(const RuleCase& rule_case) {
    return rule_case.has_links || rule_case.directory_outdated;
  }

  static inline std::vector<RuleCase> cases_;
  static inline std::filesystem::path folder_;
};

TEST_F(SameVerdictTest, ThereAreCasesOfEveryRule) {
  std::map<std::string, int> count;
  for (const RuleCase& rule_case : cases_) ++count[rule_case.rule];
  for (const Rule* rule : RuleCatalog()) EXPECT_GE(count[std::string(rule->id)], 3) << rule->id;
}

TEST_F(SameVerdictTest, CheckHandlerAndServerSayTheSame) {
  LiveServer server;
  size_t compared = 0;
  size_t findings = 0;
  for (const RuleCase& rule_case : cases_) {
    SCOPED_TRACE(rule_case.file.string());
    const PreparedCase prepared(rule_case);
    if (IsAboutSpelling(rule_case) || prepared.object_count() != 1) continue;
    if (OnlyTheAuditKnows(rule_case)) continue;
    const std::string review = ReviewText(prepared.object(), prepared.namespaces().name);
    const HandlerAnswer handler = ByHandler(prepared, review);
    const Response live = server.Ask(prepared, review);
    EXPECT_EQ(live.status, 200);
    EXPECT_EQ(live.body, handler.body);
    ++compared;
    findings += handler.told.findings.size();
    if (!prepared.can_be_files()) continue;
    const Told yaml = ByCheck(prepared, folder_, "object.yaml", rule_case.object_text);
    EXPECT_EQ(yaml, handler.told);
    const Told json = ByCheck(prepared, folder_, "object.json", ToJson(prepared.object()));
    EXPECT_EQ(json, yaml);
  }
  // Two thirds of the cases at the least; else the filters above have eaten the test.
  EXPECT_GT(compared, cases_.size() * 2 / 3);
  EXPECT_GT(findings, compared / 4);
  RecordProperty("cases", static_cast<int>(compared));
  std::printf("%zu cases, %zu findings, each by four ways\n", compared, findings);
}

}  // namespace
}  // namespace plimsoll::testing
