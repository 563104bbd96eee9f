#include "break_glass_events.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/cmd/support.h"

namespace plimsoll::controller {
namespace {

using controllers::ClusterEvent;
using testing::Parsed;

class RecordingSink final : public controllers::EventSink {
 public:
  void Emit(const ClusterEvent& event) override { events.push_back(event); }
  std::vector<ClusterEvent> events;
};

class BreakGlassEventsTest : public ::testing::Test {
 protected:
  void Tell(Mercy mercy, bool dry_run = false) {
    const Parsed object(R"({"metadata":{"name":"web","uid":"u-1"}})");
    AdmissionRequest request;
    request.group = "apps";
    request.version = "v1";
    request.kind = "Deployment";
    request.namespace_name = "shop";
    request.object = object.view();
    request.dry_run = dry_run;
    Verdict verdict;
    verdict.decision = Decision::kWarn;
    verdict.mercy = mercy;
    verdict.mercy_detail = "INC-1 by ana";
    for (const char* rule : {"runbook.url", "ownership.owner", "runbook.url", "alerting.route"}) {
      Finding finding;
      finding.policy = "production";
      finding.rule = rule;
      finding.let_through =
          finding.rule == "alerting.route" ? LetThrough::kExisting : LetThrough::kBreakGlass;
      verdict.findings.push_back(finding);
    }
    const AdmissionResponse response;
    observer_.Observe({request, response, verdict, std::chrono::nanoseconds(1)});
  }

  RecordingSink sink_;
  BreakGlassEvents observer_{sink_};
};

TEST_F(BreakGlassEventsTest, WhoAndForWhatIsOnTheWorkload) {
  Tell(Mercy::kBreakGlass);
  ASSERT_EQ(sink_.events.size(), 1u);
  const ClusterEvent& event = sink_.events[0];
  EXPECT_EQ(event.type, ClusterEvent::Type::kWarning);
  EXPECT_EQ(event.reason, "BreakGlass");
  EXPECT_EQ(event.note,
            "glass broken for INC-1 by ana; would be denied by: production/ownership.owner, "
            "production/runbook.url");
  EXPECT_EQ(event.api_version, "apps/v1");
  EXPECT_EQ(event.kind, "Deployment");
  EXPECT_EQ(event.regarding.namespace_name, "shop");
  EXPECT_EQ(event.regarding.name, "web");
  EXPECT_EQ(event.uid, "u-1");
}

TEST_F(BreakGlassEventsTest, NothingElseIsAnEvent) {
  Tell(Mercy::kBreakGlass, true);
  Tell(Mercy::kRollback);
  Tell(Mercy::kNone);
  observer_.ObserveUndecided("u", "unavailable", "d", std::chrono::nanoseconds(1));
  EXPECT_TRUE(sink_.events.empty());
}

}  // namespace
}  // namespace plimsoll::controller
