// ClusterRelated: which kinds are watched, what is known of each, and who is told of changes.
#include "cluster_related.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plimsoll/codec/manifest.h"
#include "tests/fakes/watch_text.h"

namespace plimsoll::controller {
namespace {

using plimsoll::testing::Bookmark;
using plimsoll::testing::Frame;
using plimsoll::testing::ObjectText;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kBudgets = "poddisruptionbudgets";
constexpr std::string_view kScalers = "horizontalpodautoscalers";
constexpr std::string_view kRules = "prometheusrules";

// An API server with a stream for each resource, which gives what a test writes to it. One that nobody writes to hangs.
class Streams final : public kube::ApiCaller {
 public:
  Result<kube::ApiResponse> Call(const kube::ApiRequest& request) override {
    ADD_FAILURE() << "an informer streams, it does not call " << request.path;
    return Fail(ErrorCode::kInternal, "not scripted");
  }

  Status Stream(const kube::ApiRequest& request, const StreamLimits&,
                const std::function<bool(std::string_view)>& take,
                const std::function<bool()>& stop) override {
    const std::string resource = ResourceOf(request.path);
    std::unique_lock lock(mutex_);
    asked_.push_back(resource);
    changed_.notify_all();
    while (!stop()) {
      if (const auto error = errors_.find(resource); error != errors_.end()) {
        return tl::unexpected(error->second);
      }
      std::deque<std::string>& pieces = pieces_[resource];
      if (pieces.empty()) {
        changed_.wait_for(lock, std::chrono::milliseconds(1));
        continue;
      }
      const std::string piece = std::move(pieces.front());
      pieces.pop_front();
      lock.unlock();
      const bool more = take(piece);
      lock.lock();
      if (!more) break;
    }
    return {};
  }

  void Write(std::string_view resource, std::string piece) {
    const std::lock_guard lock(mutex_);
    pieces_[std::string(resource)].push_back(std::move(piece));
    changed_.notify_all();
  }
  void Refuse(std::string_view resource, ErrorCode code) {
    const std::lock_guard lock(mutex_);
    errors_[std::string(resource)] = Error{code, "no", {}};
  }
  std::vector<std::string> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  // The last part of the path.
  static std::string ResourceOf(std::string_view path) {
    path = path.substr(0, path.find('?'));
    return std::string(path.substr(path.rfind('/') + 1));
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::deque<std::string>> pieces_;
  std::map<std::string, Error> errors_;
  std::vector<std::string> asked_;
};

class NobodyWatches final : public kube::InformerObserver {
 public:
  void Failed(const kube::ResourceType&, const Error&, std::chrono::milliseconds) override {}
  void Relisted(const kube::ResourceType&) override {}
  void Absent(const kube::ResourceType&) override {}
};

PolicySnapshot PolicyWith(const std::vector<std::string>& rules) {
  std::string text =
      "apiVersion: plimsoll.dev/v1alpha1\nkind: ReadinessPolicy\nmetadata: {name: p}\nspec:\n  rules:\n";
  for (const std::string& rule : rules) text += "    - rule: " + rule + "\n";
  const std::unique_ptr<Manifests> manifests = ParseManifests(text);
  std::vector<ReadinessPolicy> policies;
  policies.push_back(ParseReadinessPolicy(manifests->objects.at(0)).policy.value());
  return PolicySnapshot(std::move(policies));
}

std::string Budget(std::string_view key, int version, std::string_view app) {
  std::string object = ObjectText(key, version, version);
  object.pop_back();
  return object + R"(,"spec":{"maxUnavailable":1,"selector":{"matchLabels":{"app":")" +
         std::string(app) + "\"}}}}";
}

class ClusterRelatedTest : public ::testing::Test {
 protected:
  // What is published, once `holds` is true of it; null after half a minute.
  template <class Holds>
  std::shared_ptr<const RelatedObjects> Once(Holds holds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < deadline) {
      std::shared_ptr<const RelatedObjects> current = related_.Current();
      if (holds(*current)) return current;
      std::unique_lock lock(told_mutex_);
      told_changed_.wait_for(lock, std::chrono::milliseconds(1));
    }
    return nullptr;
  }
  std::shared_ptr<const RelatedObjects> OnceKnown(RelatedKind kind) {
    return Once([&](const RelatedObjects& related) { return related.Knows(kind); });
  }
  void Listen() {
    related_.SetListener(
        [this](std::shared_ptr<const RelatedObjects>, const RelatedChange& change) {
          const std::lock_guard lock(told_mutex_);
          told_.push_back(change);
          told_changed_.notify_all();
        });
  }

  Streams api_;
  NobodyWatches nobody_;
  std::mutex told_mutex_;
  std::condition_variable told_changed_;
  std::vector<RelatedChange> told_;
  ClusterRelated related_{api_, nobody_, std::chrono::seconds(300)};
};

TEST_F(ClusterRelatedTest, BeforeAnyPolicyNothingIsWatchedAndNothingIsKnown) {
  related_.Follow(PolicyWith({"ownership.owner"}));
  EXPECT_THAT(api_.asked(), IsEmpty());
  EXPECT_TRUE(related_.Settled(PolicyWith({"ownership.owner"})));
  ASSERT_NE(related_.Current(), nullptr);
  EXPECT_FALSE(related_.Current()->Knows(RelatedKind::kPodDisruptionBudget));
  EXPECT_EQ(related_.Grace(), std::chrono::seconds(300));
}

TEST_F(ClusterRelatedTest, WatchesWhatTheRulesAskAboutAndNothingElse) {
  const PolicySnapshot policy = PolicyWith({"resilience.pdb"});
  related_.Follow(policy);
  EXPECT_FALSE(related_.Settled(policy));
  api_.Write(kBudgets, Frame("ADDED", Budget("shop/web", 1, "web")) + Bookmark(2, true));
  api_.Write(kScalers, Bookmark(2, true));
  const auto known = OnceKnown(RelatedKind::kPodDisruptionBudget);
  ASSERT_NE(known, nullptr);
  ASSERT_NE(known->FindBudget("shop", "web"), nullptr);
  EXPECT_EQ(known->FindBudget("shop", "other"), nullptr);
  ASSERT_NE(OnceKnown(RelatedKind::kAutoscaler), nullptr);
  EXPECT_TRUE(related_.Settled(policy));
  EXPECT_THAT(api_.asked(), UnorderedElementsAre(std::string(kBudgets), std::string(kScalers)));
}

TEST_F(ClusterRelatedTest, AReviewKeepsWhatItHoldsWhileTheClusterGoesOn) {
  related_.Follow(PolicyWith({"resilience.pdb"}));
  api_.Write(kBudgets, Frame("ADDED", Budget("shop/web", 1, "web")) + Bookmark(2, true));
  const auto before = OnceKnown(RelatedKind::kPodDisruptionBudget);
  ASSERT_NE(before, nullptr);
  api_.Write(kBudgets, Frame("DELETED", Budget("shop/web", 3, "web")));
  ASSERT_NE(Once([](const RelatedObjects& related) {
              return related.FindBudget("shop", "web") == nullptr;
            }),
            nullptr);
  EXPECT_NE(before->FindBudget("shop", "web"), nullptr);
}

TEST_F(ClusterRelatedTest, AKindThatIsNotInstalledIsSettled) {
  const PolicySnapshot policy = PolicyWith({"alerting.rules"});
  api_.Refuse(kRules, ErrorCode::kNotFound);
  for (const std::string_view resource : {"configmaps", "services", "podmonitors"}) {
    api_.Write(resource, Bookmark(2, true));
  }
  related_.Follow(policy);
  const auto known = Once([](const RelatedObjects& related) {
    return related.KnowledgeOf(RelatedKind::kPrometheusRule) == Knowledge::kNotInstalled;
  });
  ASSERT_NE(known, nullptr);
  ASSERT_NE(OnceKnown(RelatedKind::kPodMonitor), nullptr);
  ASSERT_NE(OnceKnown(RelatedKind::kService), nullptr);
  ASSERT_NE(OnceKnown(RelatedKind::kRuleFile), nullptr);
  EXPECT_TRUE(related_.Settled(policy));
}

TEST_F(ClusterRelatedTest, AKindThatMayNotBeReadStaysUnknownAndHoldsUpNobody) {
  const PolicySnapshot policy = PolicyWith({"resilience.pdb"});
  api_.Refuse(kBudgets, ErrorCode::kForbidden);
  api_.Write(kScalers, Bookmark(2, true));
  related_.Follow(policy);
  const auto settled = Once([&](const RelatedObjects&) { return related_.Settled(policy); });
  ASSERT_NE(settled, nullptr);
  EXPECT_EQ(settled->KnowledgeOf(RelatedKind::kPodDisruptionBudget), Knowledge::kUnknown);
}

TEST_F(ClusterRelatedTest, AKindThatNoPolicyAsksAboutAnyMoreIsForgotten) {
  related_.Follow(PolicyWith({"resilience.pdb"}));
  api_.Write(kBudgets, Frame("ADDED", Budget("shop/web", 1, "web")) + Bookmark(2, true));
  ASSERT_NE(OnceKnown(RelatedKind::kPodDisruptionBudget), nullptr);
  related_.Follow(PolicyWith({"ownership.owner"}));
  const auto forgotten = Once([](const RelatedObjects& related) {
    return related.KnowledgeOf(RelatedKind::kPodDisruptionBudget) == Knowledge::kUnknown;
  });
  ASSERT_NE(forgotten, nullptr);
  EXPECT_EQ(forgotten->FindBudget("shop", "web"), nullptr);
}

TEST_F(ClusterRelatedTest, AListenerIsToldOfEverythingAndThenOfTheNamespacesThatChange) {
  related_.Follow(PolicyWith({"resilience.pdb"}));
  api_.Write(kBudgets, Bookmark(2, true));
  api_.Write(kScalers, Bookmark(2, true));
  ASSERT_NE(OnceKnown(RelatedKind::kPodDisruptionBudget), nullptr);
  ASSERT_NE(OnceKnown(RelatedKind::kAutoscaler), nullptr);
  Listen();
  api_.Write(kBudgets, Frame("ADDED", Budget("shop/web", 3, "web")));
  ASSERT_NE(Once([](const RelatedObjects& related) {
              return related.FindBudget("shop", "web") != nullptr;
            }),
            nullptr);
  const std::lock_guard lock(told_mutex_);
  ASSERT_EQ(told_.size(), 2U) << "before Current has it";
  EXPECT_TRUE(told_[0].any_namespace);
  EXPECT_FALSE(told_[1].any_namespace);
  EXPECT_THAT(told_[1].namespaces, ElementsAre("shop"));
}

}  // namespace
}  // namespace plimsoll::controller
