// The three questions on a month that is told as a story: six services with histories that are known beforehand.
#include "plimsoll/record/questions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "plimsoll/record/history_keeper.h"

namespace plimsoll {
namespace {

using std::chrono::days;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

const Timestamp kFirst = *ParseTimestamp("2026-11-01");

// A cluster with one replica that writes at once.
class Story {
 public:
  Timestamp On(int day) const { return kFirst + days(day - 1); }

  void Warned(int day, const std::string& where, const std::string& service,
              std::vector<std::string> rules) {
    Tell(day, where, service, std::move(rules), Action::kWarn);
  }
  void Denied(int day, const std::string& where, const std::string& service,
              std::vector<std::string> rules, std::string release = "r1") {
    Tell(day, where, service, std::move(rules), Action::kDeny, std::move(release));
  }
  void RolledOut(int day, const std::string& where, const std::string& service) {
    Tell(day, where, service, {}, Action::kWarn);
  }
  // The audit, and what it still finds there.
  void Audited(int day, const std::string& where, const std::string& service,
               std::vector<std::string> rules = {}, bool waived = false) {
    Observation observation;
    observation.at = On(day);
    for (std::string& rule : rules) observation.findings.push_back({std::move(rule), "", waived});
    See(day, where, service, Sighting::kAudit);
    Keep(where, service, std::move(observation));
  }
  void Kickoff(int day, const std::string& where, const std::string& service) {
    See(day, where, service, Sighting::kKickoff);
  }
  Answers Answered() const {
    std::vector<RecordWithHistory> records;
    for (const auto& [key, one] : records_) records.push_back(one);
    return AnswerQuestions(records);
  }
  std::map<std::string, std::string> owners;

 private:
  void Tell(int day, const std::string& where, const std::string& service,
            std::vector<std::string> rules, Action action, std::string release = "ok") {
    Attempt attempt;
    attempt.at = On(day);
    attempt.denied = action == Action::kDeny;
    attempt.enforced = where == "production";
    attempt.release = std::move(release);
    for (std::string& rule : rules) {
      attempt.findings.push_back({where, std::move(rule), "", "", "", action});
    }
    See(day, where, service, attempt.denied ? Sighting::kDenial : Sighting::kAudit);
    Keep(where, service, std::move(attempt));
  }
  void See(int day, const std::string& where, const std::string& service, Sighting how) {
    RecordWithHistory& one = records_[{where, service}];
    if (one.record.workload.name.empty() || On(day) < one.record.first_seen) {
      one.record.first_seen = On(day);
      one.record.first_seen_by = how;
    }
    one.record.workload = {WorkloadKind::kDeployment, where, service};
    one.record.owner = owners[service];
    one.record.service = service;
  }
  template <typename What>
  void Keep(const std::string& where, const std::string& service, What what) {
    const ObjectKey key{where, service};
    Happening happening;
    happening.workload = {WorkloadKind::kDeployment, where, service};
    happening.service = service;
    happening.owner = owners[service];
    happening.what = std::move(what);
    RecordWithHistory& one = records_[key];
    keeper_.SetRecord(key, one.history, one.record.first_seen);
    keeper_.Add(key, std::move(happening));
    const size_t waiting = keeper_.PendingOf(key).size();
    one.history = keeper_.Merge(key, one.history).history;
    keeper_.Done(key, waiting, one.history);
  }

  HistoryKeeper keeper_;
  std::map<ObjectKey, RecordWithHistory> records_;
};

const ServiceAnswers& Of(const Answers& answers, std::string_view service) {
  for (const ServiceAnswers& one : answers.services) {
    if (one.service == service) return one;
  }
  throw std::out_of_range("no such service");
}

TEST(QuestionsTest, AMonthOfSixServices) {
  Story story;
  story.owners = {{"checkout", "payments"}, {"cart", "payments"},  {"search", "discovery"},
                  {"ads", "discovery"},     {"mail", "messaging"}, {"legacy", ""}};
  // checkout: begun at a kickoff, warned in development, put right before production.
  story.Kickoff(1, "dev", "checkout");
  story.Warned(3, "dev", "checkout", {"runbook.url", "alerting.route"});
  story.Audited(5, "dev", "checkout");
  story.RolledOut(15, "production", "checkout");
  // cart: refused out of the blue, twice; put right.
  story.Denied(10, "production", "cart", {"runbook.url", "ownership.owner"});
  story.Denied(11, "production", "cart", {"runbook.url"}, "r2");
  story.Audited(12, "production", "cart");
  // search: warned in development, refused in production all the same (no surprise), put right after.
  story.Warned(4, "dev", "search", {"runbook.url"});
  story.Denied(14, "production", "search", {"runbook.url"});
  story.Audited(15, "production", "search");
  story.Audited(16, "dev", "search");
  // ads: warned, and waived.
  story.Warned(6, "production", "ads", {"image.digest"});
  story.Audited(8, "production", "ads", {"image.digest"}, true);
  // mail: one finding was told, the other was not: refused for both, no surprise.
  story.Warned(2, "dev", "mail", {"runbook.url"});
  story.Denied(20, "production", "mail", {"runbook.url", "health.readiness-probe"});
  // legacy: known to the audit alone.
  story.Audited(1, "production", "legacy", {"runbook.url"});

  const Answers answers = story.Answered();
  ASSERT_EQ(answers.services.size(), 6U);
  // 1
  EXPECT_EQ(Of(answers, "checkout").first_seen_by, Sighting::kKickoff);
  EXPECT_EQ(Of(answers, "checkout").lead_time(), days(14));
  EXPECT_EQ(Of(answers, "cart").first_seen_by, Sighting::kDenial);
  EXPECT_EQ(Of(answers, "cart").lead_time(), days(0));
  EXPECT_EQ(Of(answers, "search").lead_time(), days(10));
  EXPECT_EQ(Of(answers, "ads").lead_time(), days(0));
  EXPECT_EQ(Of(answers, "mail").lead_time(), days(18));
  EXPECT_EQ(Of(answers, "legacy").lead_time(), std::nullopt);
  EXPECT_EQ(answers.total.median_lead_time, days(10));
  // 2
  EXPECT_EQ(Of(answers, "cart").rejections, (Rejections{2, 1}));
  EXPECT_EQ(Of(answers, "search").rejections, (Rejections{1, 0}));
  EXPECT_EQ(Of(answers, "mail").rejections, (Rejections{1, 0}));
  EXPECT_EQ(answers.total.rejections, (Rejections{4, 1}));
  EXPECT_THAT(answers.total.preventable,
              ElementsAre(Pair("health.readiness-probe", 1), Pair("ownership.owner", 1),
                          Pair("runbook.url", 1)));
  // 3
  EXPECT_EQ(Of(answers, "checkout").early,
            (EarlyFindings{.told = 2, .fixed_before_enforcement = 2}));
  EXPECT_EQ(Of(answers, "cart").early, (EarlyFindings{}));
  EXPECT_EQ(Of(answers, "search").early.told, 1U);
  EXPECT_EQ(Of(answers, "ads").early, (EarlyFindings{.told = 1, .waived = 1}));
  EXPECT_EQ(Of(answers, "mail").early, (EarlyFindings{.told = 1, .open = 1}));
  EXPECT_EQ(Of(answers, "search").early, (EarlyFindings{.told = 1, .fixed_after_block = 1}));
  EXPECT_EQ(answers.total.early, (EarlyFindings{.told = 5,
                                                .fixed_before_enforcement = 2,
                                                .fixed_after_block = 1,
                                                .waived = 1,
                                                .open = 1}));
  // By owner.
  ASSERT_EQ(answers.owners.size(), 4U);
  EXPECT_EQ(answers.owners[0].owner, "");
  EXPECT_EQ(answers.owners[3].owner, "payments");
  EXPECT_EQ(answers.owners[3].services, 2U);
  EXPECT_EQ(answers.owners[3].rejections, (Rejections{2, 1}));
  EXPECT_EQ(answers.owners[3].median_lead_time, days(7));
}

TEST(QuestionsTest, OfNothingThereIsNothing) {
  const Answers answers = AnswerQuestions({});
  EXPECT_THAT(answers.services, IsEmpty());
  EXPECT_EQ(answers.total.median_lead_time, std::nullopt);
}

TEST(QuestionsTest, ARecordThatNamesNoServiceStandsForItself) {
  RecordWithHistory one;
  one.record.workload = {WorkloadKind::kStatefulSet, "shop", "db"};
  one.record.first_seen = kFirst;
  const Answers answers = AnswerQuestions({one});
  ASSERT_EQ(answers.services.size(), 1U);
  EXPECT_EQ(answers.services[0].service, "StatefulSet/db in shop");
}

}  // namespace
}  // namespace plimsoll
