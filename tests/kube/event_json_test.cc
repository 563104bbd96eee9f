#include "kube/event_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "plimsoll/base/text.h"
#include "plimsoll/kube/event_recorder.h"

namespace plimsoll::kube {
namespace {

using controllers::ClusterEvent;
using nlohmann::json;

ClusterEvent NotReady() {
  ClusterEvent event;
  event.type = ClusterEvent::Type::kWarning;
  event.reason = "PolicyNotReady";
  event.action = "Validating";
  event.note = "rule \"runbok.url\" is not known; did you mean runbook.url?";
  event.api_version = "plimsoll.dev/v1alpha1";
  event.kind = "ReadinessPolicy";
  event.regarding = {"", "production"};
  event.uid = "5f1c";
  return event;
}

const EventSource kSource{"plimsoll.dev/plimsoll-controller", "plimsoll-7d4-x2"};

TEST(EventJsonTest, AnEventAboutAClusterScopedObject) {
  const Timestamp date = *ParseTimestamp("2026-11-24T10:00:00Z");
  EXPECT_EQ(json::parse(NewEvent(NotReady(), kSource, "production.1", date, {1, date})),
            json::parse(R"({
    "apiVersion": "events.k8s.io/v1", "kind": "Event",
    "metadata": {"name": "production.1", "namespace": "default"},
    "eventTime": "2026-11-24T10:00:00.000000Z",
    "reportingController": "plimsoll.dev/plimsoll-controller",
    "reportingInstance": "plimsoll-7d4-x2",
    "type": "Warning", "reason": "PolicyNotReady", "action": "Validating",
    "note": "rule \"runbok.url\" is not known; did you mean runbook.url?",
    "regarding": {"apiVersion": "plimsoll.dev/v1alpha1", "kind": "ReadinessPolicy",
                  "name": "production", "uid": "5f1c"}})"));
}

TEST(EventJsonTest, AnEventAboutAnObjectInANamespaceSeenThreeTimes) {
  ClusterEvent event = NotReady();
  event.type = ClusterEvent::Type::kNormal;
  event.regarding.namespace_name = "shop";
  event.uid.clear();
  const Timestamp first = *ParseTimestamp("2026-11-24T10:00:00Z");
  const Timestamp last = *ParseTimestamp("2026-11-24T10:00:09Z");
  const json object = json::parse(NewEvent(event, kSource, "production.1", first, {3, last}));
  EXPECT_EQ(object["metadata"]["namespace"], "shop");
  EXPECT_EQ(object["regarding"]["namespace"], "shop");
  EXPECT_FALSE(object["regarding"].contains("uid"));
  EXPECT_EQ(object["type"], "Normal");
  EXPECT_EQ(object["series"],
            json({{"count", 3}, {"lastObservedTime", "2026-11-24T10:00:09.000000Z"}}));
  EXPECT_EQ(json::parse(SeriesPatch({3, last})), json({{"series", object["series"]}}));
}

TEST(EventJsonTest, TextsAreMadeToFit) {
  ClusterEvent event = NotReady();
  event.note = "a\nb\xff" + std::string(2'000, 'x');
  event.reason = std::string(500, 'r');
  event.action = "\xf0\x9f\x9a\xa2" + std::string(500, 'a');
  const ClusterEvent fitting = FittingEvent(event);
  EXPECT_TRUE(fitting.note.starts_with("a b\uFFFDxxx"));
  EXPECT_EQ(fitting.note.size(), 1'024u);
  EXPECT_EQ(fitting.reason.size(), 128u);
  EXPECT_LE(fitting.action.size(), 128u);
  for (const std::string& text : {fitting.note, fitting.reason, fitting.action}) {
    EXPECT_TRUE(IsValidUtf8(text));
  }
  EXPECT_EQ(FittingSource({"c", std::string(200, 'i')}).instance.size(), 128u);
}

TEST(EventJsonTest, NamesAreValidWhateverTheSubjectIsCalled) {
  EXPECT_EQ(EventName("checkout", 0x1f2e3d4c5b6a7988), "checkout.1f2e3d4c5b6a7988");
  EXPECT_EQ(EventName("web.v2", 1), "web-v2.0000000000000001");
  EXPECT_EQ(EventName("System:Master*", 1), "system-master.0000000000000001");
  EXPECT_EQ(EventName("", 1), "event.0000000000000001");
  EXPECT_EQ(EventName("..--", 1), "event.0000000000000001");
  EXPECT_EQ(EventName("\xff../..", 1), "event.0000000000000001");
  EXPECT_EQ(EventName(std::string(253, 'x'), ~0ULL).size(), 253u);
  EXPECT_EQ(EventName(std::string(235, 'x') + "-yyy", 1),
            std::string(235, 'x') + ".0000000000000001");
}

}  // namespace
}  // namespace plimsoll::kube
