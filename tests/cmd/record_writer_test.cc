// RecordWriter: what is written when, with a clock that only the test turns.
#include "record_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "plimsoll/base/text.h"
#include "tests/telemetry/pipe.h"

namespace plimsoll::controller {
namespace {

using controllers::RecordChange;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

RecordChange Change(const std::string& name) {
  WorkloadRecord record;
  record.workload = {WorkloadKind::kDeployment, "shop", name};
  record.tier = "critical";
  return {{"shop", "deployment-" + name}, record};
}

RecordChange Deletion(const std::string& name) {
  return {{"shop", "deployment-" + name}, std::nullopt};
}

class FakeChanges final : public RecordChanges {
 public:
  std::deque<RecordChange> waiting;
  std::vector<RecordChange> put_back;

  std::optional<RecordChange> Take() override {
    if (waiting.empty()) return std::nullopt;
    RecordChange change = waiting.front();
    waiting.pop_front();
    return change;
  }
  void PutBack(const RecordChange& change) override {
    put_back.push_back(change);
    waiting.push_back(change);
  }
};

class FakeRecords final : public controllers::RecordStore {
 public:
  std::vector<std::string> asked;            // "write deployment-web", "delete deployment-web"
  std::map<std::string, ErrorCode> failing;  // by name
  std::function<void()> meanwhile;

  Status Write(const ObjectKey& key, const WorkloadRecord&) override { return Ask("write ", key); }
  Status Delete(const ObjectKey& key) override { return Ask("delete ", key); }

 private:
  Status Ask(const std::string& what, const ObjectKey& key) {
    asked.push_back(what + key.name);
    if (meanwhile) meanwhile();
    const auto found = failing.find(key.name);
    if (found == failing.end()) return {};
    return Fail(found->second, "no room");
  }
};

class RecordWriterTest : public ::testing::Test {
 protected:
  // Passes at once for as long as the writer asks for no wait; the wait it asks for then.
  milliseconds PassAll() {
    milliseconds wait(0);
    while ((wait = writer_.Pass()) == milliseconds(0)) {
    }
    return wait;
  }
  // As a loop would: until so much time is over.
  void RunFor(milliseconds time) {
    const auto end = now_ + time;
    const auto tick = milliseconds(1);
    while (now_ <= end) now_ = std::min(now_ + std::max(writer_.Pass(), tick), end + tick);
  }
  std::string Log() {
    logger_.reset();
    pipe_.CloseWriter();
    return pipe_.ReadAll();
  }

  testing::Pipe pipe_;
  std::unique_ptr<Logger> logger_ = std::make_unique<Logger>(LogLevel::kInfo, pipe_.writer());
  FakeChanges changes_;
  FakeRecords records_;
  bool leading_ = true;
  std::chrono::steady_clock::time_point now_{std::chrono::hours(1)};
  RecordWriter writer_{
      {&changes_, &records_, logger_.get(), [this] { return leading_; }, [this] { return now_; }}};
};

TEST_F(RecordWriterTest, WritesAndDeletesInTheirOrder) {
  changes_.waiting = {Change("a"), Deletion("b")};
  RunFor(seconds(1));
  EXPECT_THAT(records_.asked, ElementsAre("write deployment-a", "delete deployment-b"));
  EXPECT_THAT(changes_.put_back, IsEmpty());
}

TEST_F(RecordWriterTest, WritesNoFasterThanItsRate) {
  for (int i = 0; i < 1000; ++i) changes_.waiting.push_back(Change("w" + std::to_string(i)));
  const milliseconds wait = writer_.Pass();
  EXPECT_EQ(wait, milliseconds(10));
  // Whoever wakes it changes nothing.
  now_ += milliseconds(4);
  EXPECT_EQ(writer_.Pass(), milliseconds(6));
  EXPECT_EQ(records_.asked.size(), 1U);
  now_ += milliseconds(6);
  RunFor(milliseconds(989));
  EXPECT_EQ(records_.asked.size(), static_cast<size_t>(kRecordsPerSecond));
}

TEST_F(RecordWriterTest, TheTimeThatAWriteTakesCounts) {
  changes_.waiting = {Change("a"), Change("b")};
  records_.meanwhile = [this] { now_ += milliseconds(7); };
  EXPECT_EQ(writer_.Pass(), milliseconds(3));
  now_ += milliseconds(3);
  records_.meanwhile = [this] { now_ += milliseconds(70); };
  EXPECT_EQ(writer_.Pass(), milliseconds(0));
}

TEST_F(RecordWriterTest, NothingToDoIsNothingToWakeUpFor) {
  EXPECT_EQ(writer_.Pass(), kIdleWriter);
}

TEST_F(RecordWriterTest, WhatCannotBeTakenNowIsPutBackAndAllWait) {
  changes_.waiting = {Change("a"), Change("b")};
  records_.failing["deployment-a"] = ErrorCode::kUnavailable;
  records_.meanwhile = [this] { now_ += seconds(30); };  // it timed out
  EXPECT_EQ(writer_.Pass(), milliseconds(kWriteRetryDelay));
  ASSERT_EQ(changes_.put_back.size(), 1U);
  // Whole: it is tried again as it is.
  EXPECT_EQ(changes_.put_back[0].record->tier, "critical");
  records_.meanwhile = nullptr;
  now_ += kWriteRetryDelay - milliseconds(1);
  EXPECT_EQ(writer_.Pass(), milliseconds(1));
  EXPECT_EQ(records_.asked.size(), 1U);
  records_.failing.clear();
  RunFor(seconds(1));
  EXPECT_THAT(records_.asked,
              ElementsAre("write deployment-a", "write deployment-b", "write deployment-a"));
}

TEST_F(RecordWriterTest, WhatIsRefusedHoldsUpNoOtherAndIsTriedAgainAMinuteLater) {
  changes_.waiting = {Change("a"), Deletion("b"), Change("c")};
  records_.failing["deployment-a"] = ErrorCode::kForbidden;
  records_.failing["deployment-b"] = ErrorCode::kInvalidArgument;
  RunFor(milliseconds(100));
  EXPECT_THAT(records_.asked,
              ElementsAre("write deployment-a", "delete deployment-b", "write deployment-c"));
  EXPECT_THAT(changes_.put_back, IsEmpty());
  EXPECT_EQ(writer_.refused(), 2U);
  // It sleeps until then, to the millisecond.
  const milliseconds left = PassAll();
  EXPECT_GT(left, kRefusedRetryDelay - seconds(1));
  now_ += left - milliseconds(1);
  writer_.Pass();
  EXPECT_EQ(records_.asked.size(), 3U);
  records_.failing.clear();
  RunFor(seconds(1));
  EXPECT_THAT(records_.asked,
              ElementsAre("write deployment-a", "delete deployment-b", "write deployment-c",
                          "write deployment-a", "delete deployment-b"));
  // Only whose it is: what it says is out of date by then.
  ASSERT_EQ(changes_.put_back.size(), 2U);
  EXPECT_EQ(changes_.put_back[0].record->workload.name, "a");
  EXPECT_EQ(changes_.put_back[0].record->tier, "");
  EXPECT_FALSE(changes_.put_back[1].record);
  EXPECT_EQ(writer_.refused(), 0U);
}

TEST_F(RecordWriterTest, WritesNothingOnceItNoLongerLeads) {
  changes_.waiting = {Change("a"), Change("b")};
  writer_.Pass();
  leading_ = false;
  RunFor(seconds(30));
  EXPECT_THAT(records_.asked, ElementsAre("write deployment-a"));
  ASSERT_EQ(changes_.waiting.size(), 1U);
  EXPECT_EQ(changes_.waiting[0].key.name, "deployment-b");
  EXPECT_EQ(Log(), "") << "that is no trouble";
}

TEST_F(RecordWriterTest, TroubleIsSaidOnceAMinuteWithHowMuchWasNotSaid) {
  for (int i = 0; i < 5; ++i) {
    const std::string name = "w" + std::to_string(i);
    changes_.waiting.push_back(Change(name));
    records_.failing["deployment-" + name] = ErrorCode::kForbidden;
  }
  RunFor(seconds(59));
  RunFor(seconds(5));
  const std::string text = Log();
  const auto lines = Split(text, '\n');
  ASSERT_EQ(lines.size(), 3U) << text;  // and the empty one after the last
  EXPECT_THAT(std::string(lines[0]),
              HasSubstr("\"name\":\"deployment-w0\",\"error\":\"no room\",\"not_said\":0"));
  EXPECT_THAT(std::string(lines[1]), HasSubstr("\"not_said\":4"));
}

}  // namespace
}  // namespace plimsoll::controller
