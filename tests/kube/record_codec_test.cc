// What is written is what the CRDs say, and is read back as it was.
#include "plimsoll/kube/record_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "plimsoll/base/text.h"
#include "plimsoll/controllers/audit.h"
#include "plimsoll/kube/history_codec.h"
#include "tests/policy/schema_checker.h"
#include "tests/policy/support.h"
#include "tests/policy/yaml.h"
#include "tests/support/golden.h"

namespace plimsoll::kube {
namespace {

using controllers::PolicyStatus;
using plimsoll::test::At;
using plimsoll::test::Json;
using plimsoll::test::Yaml;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::filesystem::path kSource = PLIMSOLL_SOURCE_DIR;

class Crd {
 public:
  explicit Crd(const char* name) : yaml_(plimsoll::test::ReadFile(kSource / "crds" / name)) {}
  JsonView spec() const { return yaml_.view()["spec"]; }
  JsonView version() const { return spec()["versions"].At(0); }
  JsonView schema() const { return version()["schema"]["openAPIV3Schema"]; }

 private:
  Yaml yaml_;
};

const char* const kRecordCrd = "plimsoll.dev_workloadreadinesses.yaml";
const char* const kPolicyCrd = "plimsoll.dev_readinesspolicies.yaml";

WorkloadRecord FullRecord() {
  WorkloadRecord record;
  record.workload = {WorkloadKind::kDeployment, "shop", "checkout"};
  record.api_version = "apps/v1";
  record.uid = "9c5b6a3e-1111-4222-8333-444455556666";
  record.owner = "payments";
  record.tier = "critical";
  record.service = "checkout (payments)";
  record.state = ReadinessState::kBlocked;
  record.policies = {"baseline", "production"};
  record.failing = 2;
  record.waived = 1;
  record.passed = 17;
  record.upcoming = Upcoming{Action::kDeny, At("2027-02-01")};
  record.first_seen = At("2026-11-23T09:00:01Z");
  RecordedFinding finding;
  finding.policy = "production";
  finding.rule = "runbook.url";
  finding.path = "metadata.annotations[plimsoll.dev/runbook]";
  finding.message = "no runbook: say where it is, \"as a link\" \xE2\x80\xA6";
  finding.action = Action::kDeny;
  finding.first_observed = At("2026-11-23T09:00:02Z");
  record.findings.push_back(finding);
  finding.rule = "health.readiness-probe";
  finding.container = "checkout";
  finding.action = Action::kWarn;
  finding.upcoming = Upcoming{Action::kDeny, At("2027-02-01T09:30:00Z")};
  finding.waiver = "checkout-probe";
  record.findings.push_back(finding);
  return record;
}

// As long as each part may be.
WorkloadRecord LongRecord() {
  WorkloadRecord record = FullRecord();
  record.workload.kind = WorkloadKind::kReplicationController;
  record.workload.name = std::string(253, 'n');
  record.uid = std::string(36, 'u');
  record.owner = std::string(kMaxRecordedNameBytes, 'o');
  record.tier = std::string(63, 't');
  record.service = std::string(kMaxServiceBytes, 's');
  record.policies.assign(kMaxRecordedPolicies, std::string(253, 'p'));
  record.failing = UINT32_MAX;
  RecordedFinding finding = record.findings.back();
  finding.policy = std::string(253, 'p');
  finding.rule = std::string(63, 'r');
  finding.path = std::string(kMaxRecordedPathBytes, 'a');
  finding.container = std::string(kMaxRecordedNameBytes, 'c');
  finding.message = std::string(kMaxRecordedMessageBytes, 'm');
  record.findings.assign(kMaxRecordedFindings, finding);
  return record;
}

ObjectKey KeyOf(const WorkloadRecord& record) {
  return {record.workload.namespace_name, controllers::RecordName(record.workload)};
}

std::string Written(const WorkloadRecord& record) {
  return WriteWorkloadRecord(KeyOf(record), record);
}

TEST(RecordCodecTest, IsReadBackAsItWas) {
  WorkloadRecord least;
  least.workload = {WorkloadKind::kPod, "shop", "p"};
  least.api_version = "v1";
  for (const WorkloadRecord& record : {FullRecord(), LongRecord(), least}) {
    const Json json(Written(record));
    EXPECT_EQ(ReadWorkloadRecord(json.view()), record);
  }
  for (const ReadinessState state : {ReadinessState::kReady, ReadinessState::kNotReady,
                                     ReadinessState::kWaived, ReadinessState::kBlocked}) {
    WorkloadRecord record = FullRecord();
    record.state = state;
    EXPECT_EQ(ReadWorkloadRecord(Json(Written(record)).view()), record);
  }
}

TEST(RecordCodecTest, WhatIsWrittenIsWhatTheCrdDescribes) {
  const Crd crd(kRecordCrd);
  for (const WorkloadRecord& record : {FullRecord(), LongRecord()}) {
    const Json json(Written(record));
    EXPECT_THAT(plimsoll::test::CheckAgainstSchema(json.view(), crd.schema()), IsEmpty());
  }
}

// Every field of the schema is written, so that none is described and never there.
void ExpectWritten(JsonView schema, JsonView value, const std::string& path) {
  if (path == ".status.history") return;  // written by others: HistoryCodecTest
  EXPECT_TRUE(value.exists()) << path << " is in the CRD and never written";
  for (const JsonMember field : schema["properties"].members()) {
    ExpectWritten(field.value, value[field.key], path + "." + std::string(field.key));
  }
  if (schema["items"]["properties"].exists()) {
    const JsonView last = value.At(value.size() - 1);
    ExpectWritten(schema["items"], last, path + "[]");
  }
}

TEST(RecordCodecTest, WhatTheCrdDescribesIsWritten) {
  const Json json(Written(FullRecord()));
  ExpectWritten(Crd(kRecordCrd).schema(), json.view(), "");
}

TEST(RecordCodecTest, TheCrdHasTheWritersLimits) {
  const Crd crd(kRecordCrd);
  const JsonView status = crd.schema()["properties"]["status"]["properties"];
  const JsonView finding = status["findings"]["items"]["properties"];
  const auto is = [](JsonView schema, const char* keyword, size_t limit) {
    return schema[keyword].AsInt() == static_cast<int64_t>(limit);
  };
  EXPECT_TRUE(is(status["findings"], "maxItems", kMaxRecordedFindings));
  EXPECT_TRUE(is(status["policies"], "maxItems", kMaxRecordedPolicies));
  EXPECT_TRUE(is(status["owner"], "maxLength", kMaxRecordedNameBytes));
  EXPECT_TRUE(is(finding["container"], "maxLength", kMaxRecordedNameBytes));
  EXPECT_TRUE(is(finding["path"], "maxLength", kMaxRecordedPathBytes));
  EXPECT_TRUE(is(finding["message"], "maxLength", kMaxRecordedMessageBytes));
}

// ---- histories ----

WorkloadHistory FullHistory() {
  WorkloadHistory history;
  history.first_enforced = At("2026-11-24T09:00:00Z");
  history.blocked_releases = 12;
  history.surprises = 1;
  history.blocked = {{"0123456789abcdef", At("2026-11-23T09:00:00Z"), true},
                     {"fedcba9876543210", At("2026-11-24T09:00:00Z"), false}};
  history.findings = {
      {"health.readiness-probe", "web", At("2026-11-20T09:00:00Z"), Sighting::kChecked,
       At("2026-11-23T09:00:00Z"), FindingOutcome::kFixedAfterBlock, At("2026-11-23T10:00:00Z")},
      {"runbook.url", "", At("2026-11-21T09:00:00Z"), Sighting::kWarning, std::nullopt,
       FindingOutcome::kOpen, std::nullopt}};
  history.events = {{At("2026-11-23T09:00:00Z"), HistoryEventType::kDenied, "runbook.url"},
                    {At("2026-11-23T10:00:00Z"), HistoryEventType::kBreakGlass, "INC-7, by ana"}};
  return history;
}

WorkloadHistory LongHistory() {
  WorkloadHistory history = FullHistory();
  history.blocked_releases = UINT32_MAX;
  history.blocked.assign(kMaxBlockedReleases, history.blocked.front());
  ToldFinding finding = history.findings.front();
  finding.rule = std::string(63, 'r');
  finding.container = std::string(kMaxRecordedNameBytes, 'c');
  history.findings.assign(kMaxToldFindings, finding);
  HistoryEvent event = history.events.front();
  event.note = std::string(kMaxEventNoteBytes, 'n');
  history.events.assign(kMaxHistoryEvents, event);
  return history;
}

JsonView HistorySchema(const Crd& crd) {
  return crd.schema()["properties"]["status"]["properties"]["history"];
}

TEST(HistoryCodecTest, IsReadBackAsItWas) {
  for (const WorkloadHistory& history : {FullHistory(), LongHistory(), WorkloadHistory()}) {
    const Json json(WriteHistoryPatch(history, "7"));
    EXPECT_EQ(ReadWorkloadHistory(json.view()), history);
    EXPECT_EQ(json["metadata"]["resourceVersion"].StringOrEmpty(), "7");
  }
  EXPECT_EQ(LastEvent(Json(WriteHistoryPatch(FullHistory(), "7")).view()),
            At("2026-11-23T10:00:00Z"));
  EXPECT_EQ(LastEvent(Json("{}").view()), std::nullopt);
}

TEST(HistoryCodecTest, WhatIsWrittenIsWhatTheCrdDescribes) {
  const Crd crd(kRecordCrd);
  for (const WorkloadHistory& history : {FullHistory(), LongHistory(), WorkloadHistory()}) {
    const Json json(WriteHistoryPatch(history, "7"));
    EXPECT_THAT(plimsoll::test::CheckAgainstSchema(json["status"]["history"], HistorySchema(crd)),
                IsEmpty());
  }
}

TEST(HistoryCodecTest, WhatTheCrdDescribesIsWritten) {
  WorkloadHistory history = FullHistory();
  history.findings.assign(1, history.findings.front());  // the one that has every field
  const Json json(WriteHistoryPatch(history, "7"));
  ExpectWritten(HistorySchema(Crd(kRecordCrd)), json["status"]["history"], "history");
}

TEST(HistoryCodecTest, TheCrdHasTheWritersLimits) {
  const Crd crd(kRecordCrd);
  const JsonView fields = HistorySchema(crd)["properties"];
  const auto is = [](JsonView schema, const char* keyword, size_t limit) {
    return schema[keyword].AsInt() == static_cast<int64_t>(limit);
  };
  EXPECT_TRUE(is(crd.schema()["properties"]["status"]["properties"]["service"], "maxLength",
                 kMaxServiceBytes));
  EXPECT_TRUE(is(fields["findings"], "maxItems", kMaxToldFindings));
  EXPECT_TRUE(is(fields["blocked"], "maxItems", kMaxBlockedReleases));
  EXPECT_TRUE(is(fields["events"], "maxItems", kMaxHistoryEvents));
  EXPECT_TRUE(is(fields["events"]["items"]["properties"]["note"], "maxLength", kMaxEventNoteBytes));
}

// A record with all it may hold stays below what its own limit and the history's add up to.
TEST(HistoryCodecTest, IsBounded) {
  EXPECT_LE(WriteHistoryPatch(LongHistory(), "7").size(), size_t{36} * 1024);
  std::string many = "[";
  for (int i = 0; i < 5000; ++i) many += i == 0 ? "{}" : ",{}";
  many += "]";
  const Json json(R"({"status":{"history":{"findings":)" + many + R"(,"events":)" + many +
                  R"(,"blocked":)" + many + "}}}");
  const WorkloadHistory history = ReadWorkloadHistory(json.view());
  EXPECT_EQ(history.findings.size(), kMaxToldFindings);
  EXPECT_EQ(history.events.size(), kMaxHistoryEvents);
  EXPECT_EQ(history.blocked.size(), kMaxBlockedReleases);
}

TEST(HistoryCodecTest, ReadsWhateverIsThere) {
  for (const char* text :
       {"{}", "[]", R"({"status":{"history":7}})", R"({"status":{"history":{"findings":7}}})",
        R"({"status":{"history":{"findings":[7,null],"events":{},"blocked":[[]]}}})",
        R"({"status":{"history":{"surprises":-1,"firstEnforced":"soon"}}})"}) {
    const WorkloadHistory history = ReadWorkloadHistory(Json(text).view());
    EXPECT_EQ(history.first_enforced, std::nullopt) << text;
    EXPECT_EQ(history.surprises, 0U) << text;
  }
}

// What can be selected and what is printed must be there.
TEST(RecordCodecTest, ColumnsAndSelectorsHaveValues) {
  const Crd crd(kRecordCrd);
  const Json json(Written(FullRecord()));
  size_t paths = 0;
  for (const char* list : {"additionalPrinterColumns", "selectableFields"}) {
    for (const JsonView entry : crd.version()[list].elements()) {
      std::string path(entry["jsonPath"].text());
      JsonView value = json.view();
      for (const std::string_view part : Split(std::string_view(path).substr(1), '.')) {
        value = value[part];
      }
      EXPECT_TRUE(value.present()) << path;
      ++paths;
    }
  }
  EXPECT_EQ(paths, 14U);
}

TEST(RecordCodecTest, Golden) {
  plimsoll::testing::ExpectGolden("tests/kube/record.golden.json", Written(FullRecord()) + "\n");
}

struct OwnerCase {
  std::string owner;
  bool labelled;
};

TEST(RecordCodecTest, OwnersThatAreLabelValuesAreLabels) {
  for (const OwnerCase& c :
       {OwnerCase{"payments", true}, OwnerCase{"Team_A.b-1", true}, OwnerCase{"", false},
        OwnerCase{"#team", false}, OwnerCase{"a@corp.internal", false}, OwnerCase{"team-", false},
        OwnerCase{std::string(64, 'a'), false}}) {
    WorkloadRecord record = FullRecord();
    record.owner = c.owner;
    const Json json(Written(record));
    EXPECT_EQ(json["metadata"]["labels"][kOwnerLabel].present(), c.labelled) << c.owner;
  }
}

TEST(RecordCodecTest, WithoutAUidThereIsNoOwnerReference) {
  WorkloadRecord record = FullRecord();
  record.uid.clear();
  EXPECT_THAT(Written(record), Not(HasSubstr("ownerReferences")));
}

TEST(RecordCodecTest, ReadsWhateverIsThere) {
  for (const char* text :
       {"{}", "[]", "null", R"({"status":null})", R"({"status":[1]})",
        R"({"status":{"workload":"x","counts":[],"findings":{},"policies":"a"}})",
        R"({"status":{"findings":[1,null,{"action":7}],"policies":[1]}})",
        R"({"status":{"counts":{"failing":-1,"waived":1e99,"passed":99999999999}}})",
        R"({"status":{"state":"Excellent","firstSeen":{"at":"yesterday"},"next":{"from":1}}})"}) {
    const Json json(text);
    const WorkloadRecord record = ReadWorkloadRecord(json.view());
    EXPECT_EQ(record.workload.name, "") << text;
    EXPECT_EQ(record.failing, 0U) << text;
    EXPECT_EQ(record.first_seen, Timestamp()) << text;
    EXPECT_EQ(ReadPolicyStatus(json.view()).value_or(PolicyStatus()).observed_generation, 0);
  }
}

// ---- the status of policies ----

PolicyStatus FullStatus() {
  PolicyStatus status;
  status.observed_generation = 7;
  status.stage = Action::kAudit;
  status.next_stage = Upcoming{Action::kDeny, At("2027-02-01")};
  status.workloads =
      PolicyFigures{.matched = 9, .ready = 4, .failing = 3, .waived = 2, .would_block = 1};
  status.conditions = {
      {"Ready", false, 7, "UnknownRule", "In force without what is wrong: 1 problem.\n- a: \"b\"",
       At("2026-11-23T09:00:00Z")},
      {"Stalled", true, 7, "UnknownRule", "the same", At("2026-11-23T09:00:00Z")},
  };
  return status;
}

TEST(PolicyStatusCodecTest, IsReadBackAsItWas) {
  PolicyStatus least;
  for (const PolicyStatus& status : {FullStatus(), least}) {
    const Json json(WritePolicyStatus(status));
    EXPECT_EQ(ReadPolicyStatus(json.view()), status);
  }
  EXPECT_EQ(ReadPolicyStatus(Json("{}").view()), std::nullopt);
  // What the CRD fills in until somebody writes one.
  EXPECT_EQ(ReadPolicyStatus(Json(R"({"status":{"observedGeneration":-1}})").view()), std::nullopt);
}

TEST(PolicyStatusCodecTest, IsWhatTheCrdDescribes) {
  const Crd crd(kPolicyCrd);
  const JsonView schema = crd.schema()["properties"]["status"];
  const Json json(WritePolicyStatus(FullStatus()));
  EXPECT_THAT(plimsoll::test::CheckAgainstSchema(json["status"], schema), IsEmpty());
  ExpectWritten(schema, json["status"], "status");
}

// A merge patch leaves alone what it does not name.
TEST(PolicyStatusCodecTest, WhatIsNotSetIsTakenAway) {
  const std::string text = WritePolicyStatus(PolicyStatus());
  EXPECT_EQ(text, R"({"status":{"observedGeneration":0,"stage":null,"nextStage":null,)"
                  R"("workloads":null,"conditions":[]}})");
}

}  // namespace
}  // namespace plimsoll::kube
