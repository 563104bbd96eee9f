// HistoryWriter: what is written into which record, and what is counted. Each test ends the writer, which writes what waits,
// and looks at what is there then.
#include "history_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plimsoll/kube/history_codec.h"
#include "review_happening.h"
#include "tests/fakes/manual_clock.h"
#include "tests/policy/support.h"
#include "tests/telemetry/pipe.h"

namespace plimsoll::controller {
namespace {

using plimsoll::test::Json;
using plimsoll::test::ParsedWorkload;
using plimsoll::testing::ManualClock;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const ObjectKey kWeb{"shop", "deployment-web"};

// Records, as the API server would keep them: each write has a version, and an old version is refused.
class FakeCluster final : public controllers::HistoryStore, public controllers::RecordStore {
 public:
  struct Record {
    int version = 1;
    WorkloadHistory history;
    std::optional<WorkloadRecord> judged;
  };
  std::map<ObjectKey, Record> records;
  // Before the next write: somebody else's.
  std::function<void()> meanwhile;
  std::deque<ErrorCode> refuse_reads;
  std::deque<ErrorCode> refuse_writes;
  // The next writes are done, and answered so.
  std::deque<ErrorCode> lose_answers;
  int reads = 0;
  // Its namespace is going, which takes nothing new and says so to nobody.
  bool going = false;

  Result<controllers::StoredHistory> Read(const ObjectKey& key) override {
    ++reads;
    if (!refuse_reads.empty()) return Refuse(refuse_reads);
    const auto found = records.find(key);
    if (found == records.end()) return Fail(ErrorCode::kNotFound, "no such record");
    return controllers::StoredHistory{std::to_string(found->second.version), found->second.history};
  }
  Status Write(const ObjectKey& key, const controllers::StoredHistory& stored) override {
    if (const auto once = std::exchange(meanwhile, nullptr)) once();
    if (!refuse_writes.empty()) return Refuse(refuse_writes);
    const auto found = records.find(key);
    if (found == records.end()) return Fail(ErrorCode::kNotFound, "no such record");
    if (stored.resource_version != std::to_string(found->second.version)) {
      return Fail(ErrorCode::kConflict, "it has changed");
    }
    ++found->second.version;
    found->second.history = stored.history;
    if (!lose_answers.empty()) return Refuse(lose_answers);
    return {};
  }
  Status Write(const ObjectKey& key, const WorkloadRecord& record) override {
    if (going) return {};
    ++records[key].version;
    records[key].judged = record;
    return {};
  }
  Status Delete(const ObjectKey& key) override {
    records.erase(key);
    return {};
  }

 private:
  static tl::unexpected<Error> Refuse(std::deque<ErrorCode>& codes) {
    const ErrorCode code = codes.front();
    codes.pop_front();
    return Fail(code, "refused");
  }
};

class HistoryWriterTest : public ::testing::Test {
 protected:
  HistoryPorts Ports() {
    HistoryPorts ports;
    ports.histories = &cluster_;
    ports.records = &cluster_;
    ports.clock = &clock_;
    ports.logger = &logger_;
    ports.counted = [this](const Happening& happening, const HistoryEffects& effects) {
      if (effects.blocked) {
        counted_.push_back(happening.workload.name +
                           (effects.blocked->surprise ? " surprised" : " blocked"));
      }
      for (const auto& ended : effects.ended) {
        counted_.push_back(ended.rule + " " + std::string(FindingOutcomeName(ended.outcome)));
      }
    };
    ports.gone = [this](const ObjectKey&, const HistoryKeeper::Gone& gone) {
      for (const auto& ended : gone.ended) counted_.push_back(gone.owner + " " + ended.rule);
    };
    ports.lead_time = [this](std::chrono::seconds lead, const std::string& owner) {
      leads_.emplace_back(lead, owner);
    };
    ports.leading = [this] { return leading_; };
    ports.pause = std::chrono::milliseconds(0);
    ports.flush = flush_;
    return ports;
  }

  Happening Denied(std::string rule, std::string release = "r1") {
    Happening happening;
    happening.workload = {WorkloadKind::kDeployment, "shop", "web"};
    happening.service = "web";
    happening.owner = "payments";
    happening.api_version = "apps/v1";
    Attempt attempt;
    attempt.at = clock_.Now();
    attempt.denied = true;
    attempt.creates = true;
    attempt.enforced = true;
    attempt.release = std::move(release);
    attempt.findings = {{"production", std::move(rule), "", "path", "message", Action::kDeny}};
    happening.what = std::move(attempt);
    return happening;
  }

  void Run(std::vector<Happening> happenings) {
    HistoryWriter writer(Ports());
    writer.Observed(std::move(happenings));
    writer.Synced();
    writer.Stop();
    pending_ = writer.pending();
    dropped_ = writer.dropped();
  }

  ManualClock clock_;
  plimsoll::testing::Pipe pipe_;
  Logger logger_{LogLevel::kWarning, pipe_.writer()};
  FakeCluster cluster_;
  std::vector<std::string> counted_;
  std::vector<std::pair<std::chrono::seconds, std::string>> leads_;
  bool leading_ = true;
  std::optional<std::chrono::milliseconds> flush_;
  size_t pending_ = 0;
  size_t dropped_ = 0;
};

TEST_F(HistoryWriterTest, ARefusalIsMergedIntoTheRecord) {
  cluster_.records[kWeb].history.service = "web";
  Run({Denied("runbook.url"), Denied("runbook.url"), Denied("runbook.url", "r2")});
  const WorkloadHistory& history = cluster_.records[kWeb].history;
  EXPECT_EQ(history.blocked_releases, 2U);
  EXPECT_EQ(history.surprises, 1U);
  EXPECT_THAT(counted_, ElementsAre("web surprised", "web blocked"));
  EXPECT_EQ(cluster_.records[kWeb].version, 2) << "what waits together is written together";
  EXPECT_FALSE(cluster_.records[kWeb].judged) << "the rest of the record is the leader's";
}

TEST_F(HistoryWriterTest, AWorkloadThatNeverCameHasARecord) {
  Run({Denied("runbook.url")});
  const FakeCluster::Record& record = cluster_.records[kWeb];
  ASSERT_TRUE(record.judged);
  EXPECT_EQ(record.judged->uid, "");
  EXPECT_EQ(record.judged->state, ReadinessState::kBlocked);
  EXPECT_EQ(record.judged->owner, "payments");
  EXPECT_EQ(record.judged->first_seen_by, Sighting::kDenial);
  EXPECT_THAT(record.judged->policies, ElementsAre("production"));
  ASSERT_EQ(record.judged->findings.size(), 1U);
  EXPECT_EQ(record.judged->findings[0].message, "message");
  EXPECT_EQ(record.history.blocked_releases, 1U);
}

TEST_F(HistoryWriterTest, TheLeaderWritesTheRecordOfAWorkloadThatCame) {
  Happening warned = Denied("runbook.url");
  std::get<Attempt>(warned.what).denied = false;
  std::get<Attempt>(warned.what).findings[0].action = Action::kWarn;
  flush_ = std::chrono::milliseconds(0);
  Run({warned});
  EXPECT_THAT(cluster_.records, IsEmpty()) << "not yet: it is waited for";
  EXPECT_EQ(cluster_.reads, 0) << "without asking";
  flush_.reset();
  EXPECT_EQ(pending_, 1U);
  clock_.Advance(kRecordGrace);
  Run({warned});
  ASSERT_TRUE(cluster_.records[kWeb].judged) << "nobody leads, or somebody else refused it";
  EXPECT_EQ(cluster_.records[kWeb].judged->state, ReadinessState::kNotReady);
}

TEST_F(HistoryWriterTest, ARecordThatComesIsWrittenTo) {
  Happening warned = Denied("runbook.url");
  std::get<Attempt>(warned.what).denied = false;
  HistoryWriter writer(Ports());
  writer.Observed({warned});
  writer.Synced();
  cluster_.records[kWeb];
  const Json record(R"({"metadata":{"namespace":"shop","name":"deployment-web"},"status":{
      "workload":{"kind":"Deployment","name":"web"},"firstSeen":{"at":"2026-11-01T00:00:00Z"}}})");
  writer.Upsert(kWeb, record.view());
  writer.Stop();
  EXPECT_EQ(cluster_.records[kWeb].history.findings.size(), 1U);
  EXPECT_EQ(writer.pending(), 0U);
}

TEST_F(HistoryWriterTest, WhatHasWaitedForLongIsStillWritten) {
  Happening warned = Denied("runbook.url");
  std::get<Attempt>(warned.what).denied = false;
  clock_.Advance(kRecordGrace + kVanishingGrace + std::chrono::seconds(1));
  Run({warned});
  EXPECT_EQ(cluster_.records[kWeb].history.findings.size(), 1U);
  EXPECT_EQ(dropped_, 0U) << "a rollout that takes minutes loses nothing";
}

TEST_F(HistoryWriterTest, WhereNoRecordMayStayItIsGivenUp) {
  const Happening denied = Denied("runbook.url");
  cluster_.going = true;
  clock_.Advance(kVanishingGrace + std::chrono::seconds(1));
  Run({denied});
  EXPECT_THAT(cluster_.records, IsEmpty());
  EXPECT_EQ(dropped_, 1U);
  EXPECT_EQ(pending_, 0U);
}

TEST_F(HistoryWriterTest, WhoeverWasFasterIsReadAgain) {
  cluster_.records[kWeb];
  cluster_.meanwhile = [this] {
    ++cluster_.records[kWeb].version;
    Advance(cluster_.records[kWeb].history, std::get<Attempt>(Denied("image.pinned").what));
  };
  Run({Denied("image.pinned")});
  EXPECT_EQ(cluster_.records[kWeb].history.blocked_releases, 1U);
  EXPECT_THAT(counted_, IsEmpty()) << "the other one has counted it";
}

TEST_F(HistoryWriterTest, WhatCannotBeWrittenNowIsTriedAgain) {
  cluster_.records[kWeb];
  cluster_.refuse_reads = {ErrorCode::kUnavailable};
  cluster_.refuse_writes = {ErrorCode::kUnavailable};
  Run({Denied("runbook.url")});
  EXPECT_EQ(cluster_.records[kWeb].history.blocked_releases, 1U);
  EXPECT_THAT(counted_, ElementsAre("web surprised"));
}

TEST_F(HistoryWriterTest, WhatWasWrittenWithoutAnAnswerIsCountedOnce) {
  cluster_.records[kWeb];
  cluster_.lose_answers = {ErrorCode::kUnavailable};
  Run({Denied("runbook.url")});
  EXPECT_EQ(cluster_.records[kWeb].history.blocked_releases, 1U);
  EXPECT_THAT(counted_, ElementsAre("web surprised"));
  EXPECT_EQ(leads_.size(), 1U);
}

TEST_F(HistoryWriterTest, WhatCameWhileAnAnswerWasLostIsCountedAfterIt) {
  cluster_.records[kWeb];
  cluster_.lose_answers = {ErrorCode::kUnavailable};
  HistoryWriter* asked = nullptr;
  cluster_.meanwhile = [&] { asked->Observed({Denied("image.pinned", "r2")}); };
  HistoryWriter writer(Ports());
  asked = &writer;
  writer.Observed({Denied("runbook.url")});
  writer.Synced();
  writer.Stop();
  EXPECT_EQ(cluster_.records[kWeb].history.blocked_releases, 2U);
  EXPECT_THAT(counted_, ElementsAre("web surprised", "web surprised"));
}

TEST_F(HistoryWriterTest, WhatMayNotBeWrittenIsCountedAllTheSame) {
  cluster_.records[kWeb];
  cluster_.refuse_writes = {ErrorCode::kForbidden};
  Run({Denied("runbook.url")});
  EXPECT_EQ(cluster_.records[kWeb].history.blocked_releases, 0U);
  EXPECT_THAT(counted_, ElementsAre("web surprised"));
  EXPECT_EQ(dropped_, 1U);
  EXPECT_EQ(pending_, 0U);
}

TEST_F(HistoryWriterTest, NothingIsASurpriseBeforeEverythingIsKnown) {
  cluster_.records[kWeb];
  HistoryWriter writer(Ports());
  writer.Observed({Denied("runbook.url")});
  // The same service, warned elsewhere: the watch tells of it after the refusal.
  const Json other(R"({"metadata":{"namespace":"dev","name":"deployment-web"},"status":{
      "workload":{"kind":"Deployment","name":"web"},"firstSeen":{"at":"2026-11-01T00:00:00Z"},
      "service":"web","history":{"findings":[{"rule":"runbook.url",
      "firstShown":"2026-11-01T00:00:00Z","outcome":"open"}]}}})");
  writer.Upsert({"dev", "deployment-web"}, other.view());
  writer.Synced();
  writer.Stop();
  EXPECT_THAT(counted_, ElementsAre("web blocked"));
  ASSERT_EQ(leads_.size(), 1U) << "its first rollout under enforcement";
  EXPECT_EQ(leads_[0].first, clock_.Now() - *ParseTimestamp("2026-11-01T00:00:00Z"));
}

TEST_F(HistoryWriterTest, WhatGoesWithItsWorkloadIsCountedByTheLeaderAlone) {
  const Json record(R"({"metadata":{"namespace":"shop","name":"deployment-web"},"status":{
      "owner":"payments","workload":{"kind":"Deployment","name":"web"},
      "service":"web","history":{"findings":[{"rule":"runbook.url","outcome":"open"},
      {"rule":"image.pinned","outcome":"waived"}]}}})");
  for (const bool leading : {false, true}) {
    leading_ = leading;
    HistoryWriter writer(Ports());
    writer.Upsert(kWeb, record.view());
    writer.Remove(kWeb, "uid");
  }
  EXPECT_THAT(counted_, ElementsAre("payments runbook.url"));
}

// ---- from a review ----

constexpr std::string_view kWorkload =
    R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},
        "spec":{"template":{"metadata":{"annotations":{"v":"%"}},
        "spec":{"containers":[{"name":"web","image":"a:1"}]}}}})";

ParsedWorkload Version(const std::string& version) {
  std::string text(kWorkload);
  return ParsedWorkload(text.replace(text.find('%'), 1, version));
}

struct Review {
  AdmissionRequest request;
  AdmissionResponse response;
  Verdict verdict;
  ParsedWorkload workload = Version("2");
  ParsedWorkload old_workload = Version("1");

  Review() {
    request.operation = Operation::kUpdate;
    request.namespace_name = "shop";
    request.name = "web";
  }
  void Find(Action action) {
    Finding finding;
    finding.policy = "production";
    finding.rule = "runbook.url";
    finding.action = action;
    verdict.findings.push_back(finding);
    if (action == Action::kWarn) verdict.decision = Decision::kWarn;
    if (action == Action::kDeny) verdict.decision = Decision::kDeny;
  }
  ObservedReview Observed() const {
    return {request, response, verdict, std::chrono::nanoseconds(1), &*workload, &*old_workload};
  }
};

TEST(ReviewHappeningTest, MostReviewsAreNoNews) {
  Review review;
  EXPECT_FALSE(MayBeNews(review.Observed()));
  review.Find(Action::kAudit);
  EXPECT_FALSE(MayBeNews(review.Observed())) << "audited only: told to nobody";
  review.Find(Action::kWarn);
  EXPECT_TRUE(MayBeNews(review.Observed()));
  review.request.dry_run = true;
  EXPECT_FALSE(MayBeNews(review.Observed()));
  review.request.dry_run = false;
  review.verdict.exemption = Exemption::kBeingDeleted;
  EXPECT_FALSE(MayBeNews(review.Observed()));
  Review enforced;
  enforced.verdict.enforced = true;
  EXPECT_TRUE(MayBeNews(enforced.Observed()));
  ObservedReview policy = enforced.Observed();
  policy.workload = nullptr;
  EXPECT_FALSE(MayBeNews(policy));
}

TEST(ReviewHappeningTest, AReleaseIsItsPodTemplate) {
  Review first;
  first.Find(Action::kDeny);
  Review again;
  again.Find(Action::kDeny);
  Review other;
  other.Find(Action::kDeny);
  other.workload = Version("3");
  const auto release = [](const Review& review) {
    return std::get<Attempt>(HappeningOf(review.Observed(), Timestamp()).what).release;
  };
  EXPECT_EQ(release(first), release(again));
  EXPECT_NE(release(first), release(other));
  EXPECT_EQ(release(first).size(), 16U);
}

TEST(ReviewHappeningTest, WhatLeavesTheTemplateAloneIsNoRollout) {
  Review review;
  review.Find(Action::kWarn);
  review.verdict.enforced = true;
  EXPECT_FALSE(std::get<Attempt>(HappeningOf(review.Observed(), {}).what).release.empty());
  review.workload = Version("1");
  EXPECT_TRUE(std::get<Attempt>(HappeningOf(review.Observed(), {}).what).release.empty());
  EXPECT_FALSE(IsRollout(review.Observed()));
  ObservedReview creation = review.Observed();
  creation.old_workload = nullptr;
  EXPECT_TRUE(IsRollout(creation));
}

TEST(ReviewHappeningTest, OnlyWhatIsTold) {
  Review review;
  review.Find(Action::kAudit);
  review.Find(Action::kWarn);
  review.Find(Action::kDeny);
  const Happening happening = HappeningOf(review.Observed(), {});
  const auto& attempt = std::get<Attempt>(happening.what);
  ASSERT_EQ(attempt.findings.size(), 2U);
  EXPECT_TRUE(attempt.denied);
  EXPECT_EQ(happening.service, "Deployment/web in shop");
}

TEST(KeySetTest, KnowsWhatWasAdded) {
  KeySet set;
  for (uint64_t i = 0; i < 1000; ++i) set.Add(i * 0x9E3779B97F4A7C15U);
  for (uint64_t i = 0; i < 1000; ++i) EXPECT_TRUE(set.Contains(i * 0x9E3779B97F4A7C15U));
  for (uint64_t i = 1000; i < 2000; ++i) EXPECT_FALSE(set.Contains(i * 0x9E3779B97F4A7C15U));
}

TEST(KeySetTest, FullItForgetsToRemember) {
  KeySet set;
  // All want one place.
  for (uint64_t i = 0; i < 100; ++i) set.Add(i << 17U);
  EXPECT_FALSE(set.Contains(99ULL << 17U));
  EXPECT_TRUE(set.Contains(3ULL << 17U));
}

}  // namespace
}  // namespace plimsoll::controller
