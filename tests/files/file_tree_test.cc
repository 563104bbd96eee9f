#include "plimsoll/files/file_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/temp_folder.h"

namespace plimsoll {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::string Read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

void Write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

// Everything below, folders too.
std::vector<std::string> Below(const fs::path& folder) {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    found.push_back(fs::relative(entry.path(), folder).string());
  }
  return found;
}

const std::vector<TreeFile> kFiles = {
    {"a/one.yaml", "one\n"}, {"a/b/two.sh", "two\n", true}, {"three", "three\n"}};

class FileTree : public ::testing::Test {
 protected:
  testing::TempFolder root_;
  const fs::path target_ = fs::path(root_.path()) / "service";
};

TEST_F(FileTree, AppearsAsAWhole) {
  ASSERT_TRUE(WriteTree(target_.string() + "/", kFiles));
  EXPECT_THAT(Below(root_.path()),
              UnorderedElementsAre("service", "service/a", "service/a/one.yaml", "service/a/b",
                                   "service/a/b/two.sh", "service/three"));
  EXPECT_EQ(Read(target_ / "a/b/two.sh"), "two\n");
  struct ::stat facts{};
  ASSERT_EQ(::stat((target_ / "a/b/two.sh").c_str(), &facts), 0);
  EXPECT_NE(facts.st_mode & S_IXUSR, 0u);
  ASSERT_EQ(::stat((target_ / "three").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & S_IXUSR, 0u);
}

TEST_F(FileTree, MakesTheFoldersAboveIt) {
  const fs::path deep = fs::path(root_.path()) / "x/y/service";
  ASSERT_TRUE(WriteTree(deep.string(), kFiles));
  EXPECT_EQ(Read(deep / "three"), "three\n");
}

TEST_F(FileTree, IsComparedFileByFile) {
  Write(target_ / "three", "three\n");
  Write(target_ / "a/one.yaml", "another\n");
  const Result<TreeComparison> compared = CompareTree(target_.string(), kFiles);
  ASSERT_TRUE(compared);
  EXPECT_TRUE(compared->folder_exists);
  EXPECT_THAT(compared->missing, ElementsAre("a/b/two.sh"));
  EXPECT_THAT(compared->same, ElementsAre("three"));
  EXPECT_THAT(compared->different, ElementsAre("a/one.yaml"));
}

TEST_F(FileTree, AFolderInPlaceOfAFileIsDifferent) {
  fs::create_directories(target_ / "three");
  EXPECT_THAT(CompareTree(target_.string(), kFiles)->different, ElementsAre("three"));
}

TEST_F(FileTree, IsRefusedWhereAFileHasItsName) {
  Write(target_, "a file\n");
  EXPECT_FALSE(CompareTree(target_.string(), kFiles));
  EXPECT_FALSE(WriteTree(target_.string(), kFiles));
  EXPECT_THAT(Below(root_.path()), ElementsAre("service"));
  EXPECT_EQ(Read(target_), "a file\n");
}

TEST_F(FileTree, GoesIntoAFolderThatIsThereAndLeavesTheRest) {
  Write(target_ / "three", "old\n");
  Write(target_ / "a/kept", "kept\n");
  ASSERT_TRUE(WriteTree(target_.string(), kFiles));
  EXPECT_THAT(Below(target_),
              UnorderedElementsAre("three", "a", "a/kept", "a/one.yaml", "a/b", "a/b/two.sh"));
  EXPECT_EQ(Read(target_ / "three"), "three\n");
  EXPECT_EQ(Read(target_ / "a/kept"), "kept\n");
}

// The third of three cannot be placed: a file stands where its folder would be.
TEST_F(FileTree, WhatFailsHalfWayIsTakenBack) {
  const std::vector<TreeFile> files = {
      {"new/one", "one\n"}, {"replaced", "new\n"}, {"blocked/two", "two\n"}};
  Write(target_ / "replaced", "old\n");
  Write(target_ / "blocked", "a file\n");
  const Status written = WriteTree(target_.string(), files);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, ::testing::HasSubstr("blocked/two: cannot write"));
  EXPECT_THAT(Below(target_), UnorderedElementsAre("replaced", "blocked"));
  EXPECT_EQ(Read(target_ / "replaced"), "old\n");
  EXPECT_EQ(Read(target_ / "blocked"), "a file\n");
}

}  // namespace
}  // namespace plimsoll
