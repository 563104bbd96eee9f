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
  Answer Ask(std::string reference, const PolicySnapshot& judged, std::string_view in = "shop") {
    return AskFor(kPod, std::move(reference), judged, in);
  }
  Answer AskFor(WorkloadKind owned, std::string reference, const PolicySnapshot& judged,
                std::string_view in = "shop") {
    JsonParser parser;
    return index_.Confirm(in, owned, *parser.Parse(reference), judged);
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
  EXPECT_EQ(Ask(reference, PolicyAbout({kPod, kDeployment})), Answer::kConfirmed);
  EXPECT_EQ(Ask(reference, PolicyAbout({kPod, kReplicaSet})), Answer::kConfirmed);
  EXPECT_EQ(Ask(reference, PolicyAbout({kPod})), Answer::kNotConfirmed);
  EXPECT_EQ(Ask(reference, PolicyAbout({kPod, kDeployment}), "other"), Answer::kNotConfirmed);
}

TEST_F(OwnerIndexTest, AClaimIsNotBelieved) {
  Set(kReplicaSet, "r");
  const PolicySnapshot judged = PolicyAbout({kPod, kDeployment});
  // A ReplicaSet's uid under another kind's name.
  EXPECT_EQ(Ask(Reference("batch/v1", "Job", "r"), PolicyAbout({kPod, kJob, kReplicaSet})),
            Answer::kNotConfirmed);
  EXPECT_EQ(Ask(Reference("example.com/v1", "Widget", "r"), judged), Answer::kNotConfirmed);
  EXPECT_EQ(Ask(Reference("apps/v1", "ReplicaSet", ""), judged), Answer::kNotConfirmed);
  EXPECT_EQ(Ask(Reference("apps/v1", "DaemonSet", "nobody-needs"), judged), Answer::kNotConfirmed);
}

// Whatever its uid: nothing excuses what it does not make.
TEST_F(OwnerIndexTest, AnOwnerMustBeOfAKindThatMakesSuchObjects) {
  Set(kCronJob, "c");
  Set(kDeployment, "d");
  Set(kReplicaSet, "of-a-cron-job", Reference("batch/v1", "CronJob", "c"));
  const PolicySnapshot judged = PolicyAbout({kPod, kDeployment, kJob, kCronJob});
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
  const PolicySnapshot judged = PolicyAbout({kPod, kReplicaSet});
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

// Neither a failure nor an answer that makes no sense says that there is no such owner.
TEST_F(OwnerIndexTest, OnlyAnAnswerSaysThatAnOwnerIsAbsent) {
  const PolicySnapshot judged = PolicyAbout({kPod, kReplicaSet});
  const std::string reference = Reference("apps/v1", "ReplicaSet", "r");
  for (const ErrorCode code : {ErrorCode::kUnavailable, ErrorCode::kForbidden,
                               ErrorCode::kInvalidArgument, ErrorCode::kLimitExceeded}) {
    index_.SetAnswer(kReplicaSet, "r", Fail(code, "no answer"));
    EXPECT_EQ(Ask(reference, judged), Answer::kUnknown);
  }
  const auto answer = [&](std::string text) {
    JsonParser parser;
    index_.SetAnswer(kReplicaSet, "r", parser.Parse(text));
  };
  answer(R"({"kind":"Status"})");
  EXPECT_EQ(Ask(reference, judged), Answer::kUnknown);
  answer(R"({"metadata":{"namespace":"shop","uid":"another"}})");
  EXPECT_EQ(Ask(reference, judged), Answer::kNotConfirmed);
  answer(R"({"metadata":{"namespace":"shop","uid":"r"}})");
  EXPECT_EQ(Ask(reference, judged), Answer::kConfirmed);
  index_.SetAnswer(kReplicaSet, "gone", Fail(ErrorCode::kNotFound, "no such object"));
  EXPECT_EQ(Ask(Reference("apps/v1", "ReplicaSet", "gone"), judged), Answer::kNotConfirmed);
}

// The policies that a review is judged by are newer than what is watched for up to a second.
TEST_F(OwnerIndexTest, AKindThatIsNotWatchedYetIsAskedFor) {
  const std::string reference = Reference("apps/v1", "StatefulSet", "s");
  EXPECT_EQ(Ask(reference, PolicyAbout({kPod})), Answer::kNotConfirmed);
  EXPECT_EQ(Ask(reference, PolicyAbout({kPod, kStatefulSet})), Answer::kUnknown);
}

// With a made-up owner at its end, a chain would not be known for ever.
TEST_F(OwnerIndexTest, TheUnknownLinkOfAChainIsTheOneToAskFor) {
  Set(kReplicaSet, "r", Reference("apps/v1", "Deployment", "d"));
  JsonParser parser;
  std::string text = Reference("apps/v1", "ReplicaSet", "r");
  const JsonView reference = *parser.Parse(text);
  const PolicySnapshot judged = PolicyAbout({kPod, kDeployment});
  OwnerIndex::Claim unknown;
  EXPECT_EQ(index_.Confirm("shop", kPod, reference, judged, &unknown), Answer::kUnknown);
  EXPECT_EQ(unknown.kind, kDeployment);
  EXPECT_EQ(unknown.name, "x");
  EXPECT_EQ(unknown.uid, "d");
  index_.SetAbsent("d");
  EXPECT_EQ(index_.Confirm("shop", kPod, reference, judged, &unknown), Answer::kNotConfirmed);
}

// Asking for these fails for ever, and a review that is never answered lets everything pass under Ignore.
TEST_F(OwnerIndexTest, WhatIsNoNameIsNotAskedFor) {
  const auto ask = [&](const std::string& name) {
    return Ask(R"({"apiVersion":"apps/v1","kind":"ReplicaSet","uid":"r","name":")" + name + "\"}",
               PolicyAbout({kPod, kReplicaSet}));
  };
  EXPECT_EQ(ask("web-7d9.x"), Answer::kUnknown);
  EXPECT_EQ(ask(std::string(253, 'x')), Answer::kUnknown);
  for (const std::string& name :
       {std::string(), std::string(254, 'x'), std::string("web/scale"), std::string("web?limit=1"),
        std::string("Web"), std::string("..")}) {
    EXPECT_EQ(ask(name), Answer::kNotConfirmed) << name;
  }
}

TEST_F(OwnerIndexTest, AbsentOnesAreForgottenBeforeTheyFillMemory) {
  for (size_t i = 0; i <= kMaxAbsentOwners; ++i) index_.SetAbsent("u" + std::to_string(i));
  const PolicySnapshot judged = PolicyAbout({kPod, kReplicaSet});
  EXPECT_EQ(Ask(Reference("apps/v1", "ReplicaSet", "u0"), judged), Answer::kUnknown);
  EXPECT_EQ(Ask(Reference("apps/v1", "ReplicaSet", "u1"), judged), Answer::kNotConfirmed);
}

TEST_F(OwnerIndexTest, ALoopOfOwnersEnds) {
  Set(kReplicaSet, "a", Reference("apps/v1", "ReplicaSet", "b"));
  Set(kReplicaSet, "b", Reference("apps/v1", "ReplicaSet", "a"));
  EXPECT_EQ(Ask(Reference("apps/v1", "ReplicaSet", "a"), PolicyAbout({kPod, kDeployment})),
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
