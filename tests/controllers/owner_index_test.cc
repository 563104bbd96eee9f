#include "plimsoll/controllers/owner_index.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "plimsoll/codec/json_parser.h"

namespace plimsoll::controllers {
namespace {

using enum WorkloadKind;
using Answer = OwnerIndex::Answer;

WorkloadKindSet Kinds(std::initializer_list<WorkloadKind> kinds) {
  WorkloadKindSet set;
  for (const WorkloadKind kind : kinds) set.set(static_cast<size_t>(kind));
  return set;
}

PolicySnapshot PolicyAbout(std::vector<WorkloadKind> kinds) {
  ReadinessPolicy policy;
  policy.name = "p";
  policy.match.kinds = std::move(kinds);
  std::vector<ReadinessPolicy> policies;
  policies.push_back(std::move(policy));
  return PolicySnapshot(std::move(policies));
}

std::string Reference(std::string_view api_version, std::string_view kind, std::string_view uid) {
  return R"({"apiVersion":")" + std::string(api_version) + R"(","kind":")" + std::string(kind) +
         R"(","name":"x","uid":")" + std::string(uid) + R"(","controller":true})";
}

class OwnerIndexTest : public ::testing::Test {
 protected:
  void Set(WorkloadKind kind, std::string_view uid, const std::string& owner = "") {
    std::string text = R"({"namespace":"shop","uid":")" + std::string(uid) +
                       R"(","ownerReferences":[)" + owner + "]}";
    JsonParser parser;
    index_.Set(kind, *parser.Parse(text));
  }
  Answer Ask(std::string reference, WorkloadKindSet judged, std::string_view in = "shop") {
    return AskFor(kPod, std::move(reference), judged, in);
  }
  Answer AskFor(WorkloadKind owned, std::string reference, WorkloadKindSet judged,
                std::string_view in = "shop") {
    JsonParser parser;
    return index_.Confirm(in, owned, *parser.Parse(reference), judged,
                          Kinds({kReplicaSet, kDeployment, kJob, kCronJob}));
  }

  OwnerIndex index_;
};

TEST(KindsOfOwnersTest, OnlyWhatLeadsToSomethingJudged) {
  EXPECT_EQ(KindsOfOwners(PolicyAbout({kDeployment, kStatefulSet, kDaemonSet})), Kinds({}));
  EXPECT_EQ(KindsOfOwners(PolicyAbout({kPod})), Kinds({}));
  EXPECT_EQ(KindsOfOwners(PolicyAbout({kPod, kDeployment})), Kinds({kReplicaSet, kDeployment}));
  EXPECT_EQ(KindsOfOwners(PolicyAbout({kPod, kDaemonSet})), Kinds({kDaemonSet}));
  EXPECT_EQ(KindsOfOwners(PolicyAbout({kJob, kCronJob})), Kinds({kCronJob}));
  EXPECT_EQ(KindsOfOwners(PolicyAbout({kPod, kReplicaSet, kRollout})),
            Kinds({kReplicaSet, kRollout}));
}

TEST_F(OwnerIndexTest, AChainThatEndsAtAJudgedKindIsConfirmed) {
  Set(kDeployment, "d");
  Set(kReplicaSet, "r", Reference("apps/v1", "Deployment", "d"));
  const std::string reference = Reference("apps/v1", "ReplicaSet", "r");
  EXPECT_EQ(Ask(reference, Kinds({kPod, kDeployment})), Answer::kConfirmed);
  EXPECT_EQ(Ask(reference, Kinds({kPod, kReplicaSet})), Answer::kConfirmed);
  EXPECT_EQ(Ask(reference, Kinds({kPod})), Answer::kNotConfirmed);
  EXPECT_EQ(Ask(reference, Kinds({kPod, kDeployment}), "other"), Answer::kNotConfirmed);
}

TEST_F(OwnerIndexTest, AClaimIsNotBelieved) {
  Set(kReplicaSet, "r");
  const WorkloadKindSet judged = Kinds({kPod, kDeployment});
  // A ReplicaSet's uid under another kind's name.
  EXPECT_EQ(Ask(Reference("batch/v1", "Job", "r"), Kinds({kPod, kJob, kReplicaSet})),
            Answer::kNotConfirmed);
  EXPECT_EQ(Ask(Reference("example.com/v1", "Widget", "r"), judged), Answer::kNotConfirmed);
  EXPECT_EQ(Ask(Reference("apps/v1", "ReplicaSet", ""), judged), Answer::kNotConfirmed);
  EXPECT_EQ(Ask(Reference("apps/v1", "DaemonSet", "not-watched"), judged), Answer::kNotConfirmed);
}

// Whatever its uid: nothing excuses what it does not make.
TEST_F(OwnerIndexTest, AnOwnerMustBeOfAKindThatMakesSuchObjects) {
  Set(kCronJob, "c");
  Set(kDeployment, "d");
  Set(kReplicaSet, "of-a-cron-job", Reference("batch/v1", "CronJob", "c"));
  const WorkloadKindSet judged = Kinds({kPod, kDeployment, kJob, kCronJob});
  const std::string cron_job = Reference("batch/v1", "CronJob", "c");
  EXPECT_EQ(AskFor(kJob, cron_job, judged), Answer::kConfirmed);
  EXPECT_EQ(AskFor(kDeployment, cron_job, judged), Answer::kNotConfirmed);
  EXPECT_EQ(AskFor(kPod, cron_job, judged), Answer::kNotConfirmed);
  const std::string deployment = Reference("apps/v1", "Deployment", "d");
  EXPECT_EQ(AskFor(kReplicaSet, deployment, judged), Answer::kConfirmed);
  EXPECT_EQ(AskFor(kDeployment, deployment, judged), Answer::kNotConfirmed);
  // One that does not make such objects is not asked for, either.
  EXPECT_EQ(AskFor(kDeployment, Reference("apps/v1", "Deployment", "new"), judged),
            Answer::kNotConfirmed);
  // Nor do the further links of a chain excuse what they do not make.
  EXPECT_EQ(Ask(Reference("apps/v1", "ReplicaSet", "of-a-cron-job"), judged),
            Answer::kNotConfirmed);
  // A uid under another kind's name, though that kind makes such objects.
  EXPECT_EQ(AskFor(kJob, Reference("batch/v1", "CronJob", "d"), judged), Answer::kNotConfirmed);
}

TEST_F(OwnerIndexTest, TheUnknownIsAskedForOnce) {
  const WorkloadKindSet judged = Kinds({kPod, kReplicaSet});
  const std::string reference = Reference("apps/v1", "ReplicaSet", "d");
  EXPECT_EQ(Ask(reference, judged), Answer::kUnknown);
  index_.SetAbsent("d");
  EXPECT_EQ(Ask(reference, judged), Answer::kNotConfirmed);
  Set(kReplicaSet, "d");
  EXPECT_EQ(Ask(reference, judged), Answer::kConfirmed);
  index_.SetAbsent("d");  // an answer that is late
  EXPECT_EQ(Ask(reference, judged), Answer::kConfirmed);
  index_.Remove("d");
  EXPECT_EQ(Ask(reference, judged), Answer::kUnknown);
}

TEST_F(OwnerIndexTest, AbsentOnesAreForgottenBeforeTheyFillMemory) {
  for (size_t i = 0; i <= kMaxAbsentOwners; ++i) index_.SetAbsent("u" + std::to_string(i));
  const WorkloadKindSet judged = Kinds({kPod, kReplicaSet});
  EXPECT_EQ(Ask(Reference("apps/v1", "ReplicaSet", "u0"), judged), Answer::kUnknown);
  EXPECT_EQ(Ask(Reference("apps/v1", "ReplicaSet", "u1"), judged), Answer::kNotConfirmed);
}

TEST_F(OwnerIndexTest, ALoopOfOwnersEnds) {
  Set(kReplicaSet, "a", Reference("apps/v1", "ReplicaSet", "b"));
  Set(kReplicaSet, "b", Reference("apps/v1", "ReplicaSet", "a"));
  EXPECT_EQ(Ask(Reference("apps/v1", "ReplicaSet", "a"), Kinds({kPod, kDeployment})),
            Answer::kNotConfirmed);
}

TEST_F(OwnerIndexTest, KindsNoLongerNeededAreDropped) {
  Set(kDeployment, "d");
  Set(kJob, "j");
  index_.Keep(Kinds({kJob}));
  EXPECT_EQ(index_.size(), 1u);
}

}  // namespace
}  // namespace plimsoll::controllers
