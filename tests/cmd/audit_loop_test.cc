// AuditLoop on an API server that is a table of answers: what is judged and written where a kind may not be listed.
#include "audit_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "plimsoll/base/text.h"
#include "system_clock.h"
#include "tests/fakes/watch_text.h"
#include "tests/policy/support.h"
#include "tests/telemetry/pipe.h"

namespace plimsoll::controller {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr std::chrono::seconds kPatience(60);

// Streams a list of what a path has, and stays open; or refuses.
class TableOfAnswers final : public kube::ApiCaller {
 public:
  void Put(const std::string& path, const std::string& objects) {
    const std::lock_guard lock(mutex_);
    objects_[path] = objects;
  }
  void Refuse(const std::string& path, bool refused) {
    const std::lock_guard lock(mutex_);
    if (refused) {
      refused_.insert(path);
    } else {
      refused_.erase(path);
    }
  }

  Result<kube::ApiResponse> Call(const kube::ApiRequest& request) override {
    return Fail(ErrorCode::kInternal, "nobody calls " + request.path);
  }
  Status Stream(const kube::ApiRequest& request, const StreamLimits&,
                const std::function<bool(std::string_view)>& take,
                const std::function<bool()>& stop) override {
    const std::string path = request.path.substr(0, request.path.find('?'));
    std::string frames;
    {
      const std::lock_guard lock(mutex_);
      if (refused_.contains(path)) return Fail(ErrorCode::kForbidden, path + ": 403 Forbidden");
      frames = objects_[path] + testing::Bookmark(9, true);
    }
    if (!take(frames)) return {};
    std::unique_lock lock(mutex_);
    while (!stop()) changed_.wait_for(lock, std::chrono::milliseconds(1));
    return {};
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::string> objects_;  // guarded by mutex_
  std::set<std::string> refused_;               // guarded by mutex_
};

class FakeRecords final : public controllers::RecordStore {
 public:
  Status Write(const ObjectKey& key, const WorkloadRecord&) override { return Note(key.name); }
  Status Delete(const ObjectKey& key) override { return Note("not " + key.name); }

  std::set<std::string> WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kPatience, [&] { return seen_.size() >= count; });
    return seen_;
  }

 private:
  Status Note(const std::string& what) {
    const std::lock_guard lock(mutex_);
    seen_.insert(what);
    changed_.notify_all();
    return {};
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> seen_;
};

constexpr std::string_view kPolicy = R"({
  "apiVersion": "plimsoll.dev/v1alpha1", "kind": "ReadinessPolicy", "metadata": {"name": "base", "uid": "u", "generation": 1},
  "spec": {"match": {"kinds": ["Deployment", "StatefulSet"]}, "stages": [{"action": "Deny"}], "rules": [{"rule": "runbook.url"}]}})";

std::string Object(std::string_view kind, std::string_view name) {
  return testing::Frame("ADDED",
                        R"({"apiVersion":"apps/v1","kind":")" + std::string(kind) +
                            R"(","metadata":{"namespace":"shop","name":")" + std::string(name) +
                            R"(","uid":")" + std::string(name) +
                            R"(","resourceVersion":"1"},"spec":{"replicas":2,"template":{)" +
                            R"("spec":{"containers":[{"name":"web","image":"a"}]}}}})");
}

TEST(AuditLoop, AKindThatMayNotBeListedStopsNobodyElseFromBeingAudited) {
  testing::Pipe pipe;
  auto logger = std::make_unique<Logger>(LogLevel::kInfo, pipe.writer());
  const SystemClock clock;
  Metrics metrics("1");
  TableOfAnswers api;
  api.Put("/apis/apps/v1/deployments", Object("Deployment", "web"));
  api.Put("/apis/apps/v1/statefulsets", Object("StatefulSet", "db"));
  api.Refuse("/apis/apps/v1/statefulsets", true);
  FakeRecords records;
  FactResolver resolver;
  ClusterNamespaces namespaces(api, resolver);
  ClusterPolicies policies(clock, *logger, metrics, Action::kDeny, [] {});
  namespaces.Upsert({"", "shop"}, test::Json(R"({"metadata":{"name":"shop"}})").view());
  namespaces.Synced();
  policies.Upsert({"", "base"}, test::Json(kPolicy).view());
  policies.Synced();

  AuditPorts ports;
  ports.api = &api;
  ports.records = &records;
  ports.namespaces = &namespaces;
  ports.policies = &policies;
  ports.clock = &clock;
  ports.logger = logger.get();
  ports.metrics = &metrics;
  ports.may_write = [] { return true; };
  AuditLoop loop(std::move(ports));
  loop.Start();
  EXPECT_THAT(records.WaitFor(1), UnorderedElementsAre("deployment-web"));
  while (loop.Figures().last_success == Timestamp{}) std::this_thread::yield();
  EXPECT_THAT(loop.Figures().unlisted, ::testing::ElementsAre(WorkloadKind::kStatefulSet));
  // It may be listed from now on, and nobody tells us.
  api.Refuse("/apis/apps/v1/statefulsets", false);
  EXPECT_THAT(records.WaitFor(2), UnorderedElementsAre("deployment-web", "statefulset-db"));
  // Its objects are there before the end of their list says that it may be listed.
  while (!loop.Figures().unlisted.empty()) std::this_thread::yield();
  EXPECT_GT(loop.Figures().last_duration.count(), 0) << "it is measured";
  loop.Stop();

  logger.reset();
  pipe.CloseWriter();
  const std::string text = pipe.ReadAll();
  const std::string_view said = "a kind is not audited, as it may not be listed";
  const size_t first = text.find(said);
  ASSERT_NE(first, std::string::npos) << text;
  EXPECT_EQ(text.find(said, first + 1), std::string::npos) << "once";
  EXPECT_THAT(
      text, HasSubstr("a kind may be listed now, and is audited\",\"resource\":\"statefulsets\""));
}

}  // namespace
}  // namespace plimsoll::controller
