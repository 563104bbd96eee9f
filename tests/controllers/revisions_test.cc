#include "plimsoll/controllers/revisions.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>

#include "tests/policy/support.h"

namespace plimsoll::controllers {
namespace {

using test::Json;

constexpr std::string_view kTemplate =
    R"({"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"web:1"}]}})";

// Texts of a revision, each to be changed by a test.
struct Revision {
  std::string name = "web-5d8c9";
  std::string owner =
      R"({"apiVersion":"apps/v1","kind":"Deployment","name":"web","uid":"u-1","controller":true})";
  std::string label = "5d8c9";
  std::string annotation = R"("deployment.kubernetes.io/revision":"3")";
  std::string selected = "5d8c9";
  std::string in_template = "5d8c9";
  std::string hash_label = "pod-template-hash";
  std::string image = "web:1";

  std::string ReplicaSet() const {
    return R"({"metadata":{"name":")" + name + R"(","labels":{"app":"web",")" + hash_label +
           R"(":")" + label + R"("},"annotations":{)" + annotation + R"(},"ownerReferences":[)" +
           owner + R"(]},"spec":{"replicas":0,"selector":{"matchLabels":{"app":"web",")" +
           hash_label + R"(":")" + selected +
           R"("}},"template":{"metadata":{"creationTimestamp":null,"labels":{"app":"web",")" +
           hash_label + R"(":")" + in_template + R"("}},"spec":{"containers":[{"image":")" + image +
           R"(","name":"web"}]}}}})";
  }
};

const RevisionOwner kWeb{WorkloadKind::kDeployment, "web", "u-1"};

bool IsOf(const RevisionOwner& owner, const std::string& object,
          std::string_view pod_template = kTemplate) {
  const Json revision(object);
  const Json wanted(pod_template);
  return IsRevision(owner, revision.view(), wanted.view());
}

TEST(RevisionsTest, ADeploymentsReplicaSet) {
  struct Case {
    const char* name;
    std::function<void(Revision&)> change;
    bool is = false;
  };
  for (
      const Case& c : std::initializer_list<Case>{
          {"as made", [](Revision&) {}, true},
          {"another template", [](Revision& r) { r.image = "web:2"; }},
          {"of another uid",
           [](Revision& r) {
             r.owner =
                 R"({"apiVersion":"apps/v1","kind":"Deployment","name":"web","uid":"u-2","controller":true})";
           }},
          {"of another name",
           [](Revision& r) {
             r.owner =
                 R"({"apiVersion":"apps/v1","kind":"Deployment","name":"api","uid":"u-1","controller":true})";
           }},
          {"of another kind",
           [](Revision& r) {
             r.owner =
                 R"({"apiVersion":"apps/v1","kind":"StatefulSet","name":"web","uid":"u-1","controller":true})";
           }},
          {"of another group",
           [](Revision& r) {
             r.owner =
                 R"({"apiVersion":"example.org/v1","kind":"Deployment","name":"web","uid":"u-1","controller":true})";
           }},
          {"owned, not controlled",
           [](Revision& r) {
             r.owner = R"({"apiVersion":"apps/v1","kind":"Deployment","name":"web","uid":"u-1"})";
           }},
          {"owned by it, controlled by another",
           [](Revision& r) {
             r.owner =
                 R"({"apiVersion":"apps/v1","kind":"Deployment","name":"web","uid":"u-1"},)"
                 R"({"apiVersion":"apps/v1","kind":"Deployment","name":"api","uid":"u-2","controller":true})";
           }},
          {"adopted by nobody", [](Revision& r) { r.owner = ""; }},
          {"no revision", [](Revision& r) { r.annotation = ""; }},
          {"revision 0",
           [](Revision& r) { r.annotation = R"("deployment.kubernetes.io/revision":"0")"; }},
          {"revision of words",
           [](Revision& r) { r.annotation = R"("deployment.kubernetes.io/revision":"latest")"; }},
          {"named by hand", [](Revision& r) { r.name = "mine"; }},
          {"named after another", [](Revision& r) { r.name = "api-5d8c9"; }},
          {"named after its hash alone", [](Revision& r) { r.name = "-5d8c9"; }},
          {"a long name, cut", [](Revision& r) { r.name = "we-5d8c9"; }, true},
          {"no hash", [](Revision& r) { r.label = r.selected = r.in_template = ""; }},
          {"another hash in its labels", [](Revision& r) { r.label = "77777"; }},
          {"another hash in its selector", [](Revision& r) { r.selected = "77777"; }},
          {"another hash in its template", [](Revision& r) { r.in_template = "77777"; }},
          {"a Rollout's marks",
           [](Revision& r) { r.hash_label = "rollouts-pod-template-hash"; }}}) {
    Revision revision;
    c.change(revision);
    EXPECT_EQ(IsOf(kWeb, revision.ReplicaSet()), c.is) << c.name;
  }
}

TEST(RevisionsTest, ARolloutsReplicaSet) {
  Revision revision;
  revision.owner =
      R"({"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout","name":"web","uid":"u-1","controller":true})";
  revision.hash_label = "rollouts-pod-template-hash";
  revision.annotation = R"("rollout.argoproj.io/revision":"2")";
  const RevisionOwner rollout{WorkloadKind::kRollout, "web", "u-1"};
  EXPECT_TRUE(IsOf(rollout, revision.ReplicaSet()));
  EXPECT_FALSE(IsOf(kWeb, revision.ReplicaSet()));
  revision.annotation = R"("deployment.kubernetes.io/revision":"2")";
  EXPECT_FALSE(IsOf(rollout, revision.ReplicaSet()));
}

std::string ControllerRevision(const std::string& kind, const std::string& name,
                               const std::string& data, const std::string& number = "4") {
  return R"({"metadata":{"name":")" + name +
         R"(","ownerReferences":[{"apiVersion":"apps/v1","kind":")" + kind +
         R"(","name":"web","uid":"u-1","controller":true,"blockOwnerDeletion":true}]},"revision":)" +
         number + R"(,"data":)" + data + "}";
}

TEST(RevisionsTest, ControllerRevisions) {
  const std::string patch =
      R"({"spec":{"template":{"$patch":"replace","metadata":{"creationTimestamp":null,"labels":{"app":"web"}},)"
      R"("spec":{"containers":[{"image":"web:1","name":"web"}]}}}})";
  for (const WorkloadKind kind : {WorkloadKind::kStatefulSet, WorkloadKind::kDaemonSet}) {
    const std::string word(WorkloadKindName(kind));
    const RevisionOwner web{kind, "web", "u-1"};
    EXPECT_TRUE(IsOf(web, ControllerRevision(word, "web-6c5c7", patch)));
    EXPECT_FALSE(IsOf(web, ControllerRevision("Deployment", "web-6c5c7", patch)));
    EXPECT_FALSE(IsOf(web, ControllerRevision(word, "api-6c5c7", patch)));
    EXPECT_FALSE(IsOf(web, ControllerRevision(word, "web", patch)));
    EXPECT_FALSE(IsOf(web, ControllerRevision(word, "web-6c5c7", patch, "0")));
    EXPECT_FALSE(IsOf(web, ControllerRevision(word, "web-6c5c7", patch, R"("4")")));
    EXPECT_FALSE(IsOf({kind, "web", "u-2"}, ControllerRevision(word, "web-6c5c7", patch)));
    EXPECT_FALSE(IsOf({kind, "web", ""}, ControllerRevision(word, "web-6c5c7", patch)));
    for (
        const char* data :
        {"null", "{}", "[]", "3", R"("eyJzcGVjIjp7fX0=")", R"({"spec":null})",
         R"({"spec":{"template":null}})", R"({"spec":{"template":{"$patch":"replace"}}})",
         R"({"spec":{"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"image":"web:1","name":"web"}]}}}})"}) {
      EXPECT_FALSE(IsOf(web, ControllerRevision(word, "web-6c5c7", data))) << data;
    }
  }
}

TEST(RevisionsTest, ATemplateThatIsNoneHasNone) {
  const std::string patch = R"({"spec":{"template":{"$patch":"replace"}}})";
  const RevisionOwner web{WorkloadKind::kStatefulSet, "web", "u-1"};
  for (const char* wanted : {"null", "{}", R"({"spec":null})", R"({"spec":[]})"}) {
    EXPECT_FALSE(IsOf(web, ControllerRevision("StatefulSet", "web-6c5c7", patch), wanted))
        << wanted;
  }
}

TEST(RevisionsTest, WhoKeepsThem) {
  const std::map<WorkloadKind, RevisionKeeper> keepers = {
      {WorkloadKind::kDeployment, RevisionKeeper::kReplicaSet},
      {WorkloadKind::kRollout, RevisionKeeper::kReplicaSet},
      {WorkloadKind::kStatefulSet, RevisionKeeper::kControllerRevision},
      {WorkloadKind::kDaemonSet, RevisionKeeper::kControllerRevision}};
  for (size_t i = 0; i < kWorkloadKindCount; ++i) {
    const auto kind = static_cast<WorkloadKind>(i);
    const auto found = keepers.find(kind);
    EXPECT_EQ(RevisionKeeperOf(kind),
              found == keepers.end() ? std::nullopt : std::optional(found->second));
    if (found == keepers.end()) {
      EXPECT_FALSE(IsOf({kind, "web", "u-1"}, Revision().ReplicaSet()));
    }
  }
}

TEST(RevisionsTest, SelectorsAsQueries) {
  struct Case {
    const char* selector;
    std::optional<std::string> query;
  };
  for (const Case& c : std::initializer_list<Case>{
           {R"({"matchLabels":{"app":"web","tier":"a"}})", "app=web,tier=a"},
           {R"({"matchExpressions":[{"key":"tier","operator":"In","values":["a","b"]}]})",
            "tier in (a,b)"},
           {R"({"matchExpressions":[{"key":"tier","operator":"NotIn","values":["a"]}]})",
            "tier notin (a)"},
           {R"({"matchLabels":{"app":"web"},"matchExpressions":[{"key":"a/b","operator":"Exists"},)"
            R"({"key":"canary","operator":"DoesNotExist"}]})",
            "app=web,a/b,!canary"},
           {R"({"matchLabels":{"app":""}})", "app="},
           {"{}", std::nullopt},
           {"null", std::nullopt},
           {R"({"matchLabels":{"app":"web"},"matchExpressions":[{"key":"a","operator":"Like"}]})",
            std::nullopt},
           {R"({"matchLabels":{"app":"web"},"matchExpressions":[{"operator":"Exists"}]})",
            std::nullopt}}) {
    const Json selector(c.selector);
    EXPECT_EQ(SelectorQuery(selector.view()), c.query) << c.selector;
  }
}

}  // namespace
}  // namespace plimsoll::controllers
