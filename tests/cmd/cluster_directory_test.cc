// The directory of teams in a cluster: read, broken, gone, and never a reason to refuse while it is.
#include "cluster_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fcntl.h>

#include "plimsoll/codec/json_parser.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::controller {
namespace {

using testing::HasSubstr;
using testing::Optional;

class Observer final : public kube::InformerObserver {
 public:
  void Failed(const kube::ResourceType&, const Error&, std::chrono::milliseconds) override {
    ++failed;
  }
  void Relisted(const kube::ResourceType&) override {}
  void Absent(const kube::ResourceType&) override {}
  int failed = 0;
};

class ClusterDirectoryTest : public testing::Test {
 protected:
  // The ConfigMap as it is now; `teams`: a JSON list.
  void Set(const std::string& teams) {
    const std::string text =
        R"({\"apiVersion\":\"plimsoll.dev/v1alpha1\",\"kind\":\"TeamDirectory\",\"teams\":)" +
        teams + "}";
    std::string object =
        R"({"metadata":{"name":"plimsoll-teams"},"data":{"teams.yaml":")" + text + R"("}})";
    JsonParser parser;
    const Result<JsonView> view = parser.Parse(object);
    ASSERT_TRUE(view.has_value()) << view.error().message;
    directory_.Upsert({"plimsoll-system", "plimsoll-teams"}, *view);
  }
  void Remove() { directory_.Remove({"plimsoll-system", "plimsoll-teams"}, "uid"); }
  bool Knows(std::string_view slug) {
    const auto directory = directory_.Current();
    return directory != nullptr && directory->Find(slug) != nullptr;
  }

  // Closed after the logger's thread has ended.
  struct Null {
    int descriptor = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    Null() = default;
    Null(const Null&) = delete;
    Null& operator=(const Null&) = delete;
    ~Null() { ::close(descriptor); }
  };

  Null null_;
  Logger logger_{LogLevel::kError, null_.descriptor};
  Observer observer_;
  int changes_ = 0;
  ClusterDirectory directory_{"plimsoll-teams", logger_, observer_, [this] { ++changes_; }};
};

const std::string kGood = R"([{\"slug\":\"payments\"}])";
const std::string kBroken = R"([{\"slug\":\"payments\",\"contct\":\"x\"}])";

TEST_F(ClusterDirectoryTest, BeforeItIsReadNothingIsHeldAgainstAnybody) {
  ASSERT_NE(directory_.Current(), nullptr);
  EXPECT_FALSE(directory_.Current()->current());
  EXPECT_FALSE(directory_.settled());
  EXPECT_FALSE(directory_.ready());
}

TEST_F(ClusterDirectoryTest, OneThatIsNotThereIsNone) {
  directory_.Synced();
  EXPECT_EQ(directory_.Current(), nullptr);
  EXPECT_TRUE(directory_.settled());
  EXPECT_EQ(directory_.Problem(), std::nullopt);
  EXPECT_EQ(changes_, 1);
}

TEST_F(ClusterDirectoryTest, IsReadAndKeptWhileItIsBroken) {
  Set(kGood);
  directory_.Synced();
  EXPECT_TRUE(directory_.ready());
  EXPECT_TRUE(Knows("payments"));
  const auto before = directory_.Current();
  Set(kBroken);
  EXPECT_FALSE(directory_.ready());
  EXPECT_TRUE(Knows("payments"));
  EXPECT_FALSE(directory_.Current()->current());
  EXPECT_THAT(directory_.Problem(), Optional(HasSubstr("contact")));
  EXPECT_TRUE(before->current()) << "what a request holds does not change";
  Set(R"([{\"slug\":\"ledger\"}])");
  EXPECT_TRUE(directory_.ready());
  EXPECT_TRUE(Knows("ledger"));
  EXPECT_FALSE(Knows("payments"));
  EXPECT_EQ(directory_.Problem(), std::nullopt);
}

TEST_F(ClusterDirectoryTest, IsKeptWhenItIsDeleted) {
  Set(kGood);
  directory_.Synced();
  Remove();
  EXPECT_TRUE(Knows("payments"));
  EXPECT_FALSE(directory_.ready());
  EXPECT_THAT(directory_.Problem(), Optional(HasSubstr("has been deleted")));
  directory_.Synced();  // after another list
  EXPECT_TRUE(Knows("payments"));
}

TEST_F(ClusterDirectoryTest, OneThatWasNeverReadableIsOutdatedAndEmpty) {
  Set(kBroken);
  directory_.Synced();
  ASSERT_NE(directory_.Current(), nullptr);
  EXPECT_TRUE(directory_.Current()->empty());
  EXPECT_FALSE(directory_.Current()->current());
}

TEST_F(ClusterDirectoryTest, AForbiddenOneIsUnreadableAndWaitsForNobody) {
  directory_.Failed(kube::kConfigMaps, Error{ErrorCode::kForbidden, "may not list configmaps", {}},
                    std::chrono::seconds(1));
  EXPECT_TRUE(directory_.settled());
  EXPECT_FALSE(directory_.Current()->current());
  EXPECT_THAT(directory_.Problem(), Optional(HasSubstr("may not list")));
  EXPECT_EQ(observer_.failed, 1);
  // A watch that breaks off later is no reason to doubt what was read.
  Set(kGood);
  directory_.Failed(kube::kConfigMaps, Error{ErrorCode::kUnavailable, "timed out", {}},
                    std::chrono::seconds(1));
  EXPECT_TRUE(directory_.ready());
  EXPECT_EQ(directory_.Problem(), std::nullopt);
}

}  // namespace
}  // namespace plimsoll::controller
