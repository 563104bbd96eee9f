#include "plimsoll/files/manifest_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace plimsoll {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ManifestFilesTest : public ::testing::Test {
 protected:
  ManifestFilesTest() {
    std::string pattern = ::testing::TempDir() + "/plimsoll-files-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
  }
  ~ManifestFilesTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  std::string At(const std::string& path) const { return root_ + "/" + path; }
  void Write(const std::string& path, const std::string& text = "a: 1\n") const {
    std::filesystem::create_directories(std::filesystem::path(At(path)).parent_path());
    std::ofstream(At(path), std::ios::binary) << text;
  }
  std::vector<std::string> Found(const std::string& below = "") const {
    std::vector<std::string> names;
    for (const std::string& file : FindManifestFiles(below.empty() ? root_ : At(below)).files) {
      names.push_back(file.substr(root_.size() + 1));
    }
    return names;
  }

  std::string root_;
};

TEST_F(ManifestFilesTest, FindsManifestsBelowInOrder) {
  Write("b.yaml");
  Write("a/z.yml");
  Write("a/b/c.JSON");
  Write("a/readme.md");
  Write("c.yaml.bak");
  EXPECT_THAT(Found(), ElementsAre("a/b/c.JSON", "a/z.yml", "b.yaml"));
}

TEST_F(ManifestFilesTest, LeavesOutWhatIsHidden) {
  Write(".git/config.yaml");
  Write("a/.hidden.yaml");
  Write("a/seen.yaml");
  EXPECT_THAT(Found(), ElementsAre("a/seen.yaml"));
  EXPECT_THAT(Found(".git"), ElementsAre(".git/config.yaml")) << "named, it is entered";
}

TEST_F(ManifestFilesTest, TheCurrentFolderIsNotNamed) {
  Write("a/b.yaml");
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(root_);
  EXPECT_THAT(FindManifestFiles(".").files, ElementsAre("a/b.yaml"));
  EXPECT_THAT(FindManifestFiles("./").files, ElementsAre("a/b.yaml"));
  EXPECT_THAT(FindManifestFiles("a/").files, ElementsAre("a/b.yaml"));
  std::filesystem::current_path(before);
}

TEST_F(ManifestFilesTest, FollowsLinksAndEndsInLoops) {
  Write("a/one.yaml");
  std::filesystem::create_directory_symlink("..", At("a/up"));
  std::filesystem::create_directory_symlink(".", At("a/self"));
  std::filesystem::create_directory_symlink("a", At("other"));
  std::filesystem::create_symlink("a/one.yaml", At("link.yaml"));
  EXPECT_THAT(Found(), ElementsAre("a/one.yaml", "link.yaml"));
}

TEST_F(ManifestFilesTest, DanglingLinksAreLeftToTheReader) {
  std::filesystem::create_symlink("nowhere.yaml", At("gone.yaml"));
  std::filesystem::create_symlink("nowhere", At("gone"));
  EXPECT_THAT(Found(), ElementsAre("gone.yaml"));
  EXPECT_EQ(ReadFile(At("gone.yaml"), 10).error().code, ErrorCode::kNotFound);
}

TEST_F(ManifestFilesTest, DevicesAndPipesInFoldersAreNotOpened) {
  ASSERT_EQ(::mkfifo(At("pipe.yaml").c_str(), 0600), 0);
  Write("file.yaml");
  EXPECT_THAT(Found(), ElementsAre("file.yaml"));
}

TEST_F(ManifestFilesTest, AFolderWithoutManifestsIsAProblem) {
  Write("readme.md");
  const FoundFiles found = FindManifestFiles(root_);
  EXPECT_THAT(found.files, IsEmpty());
  ASSERT_THAT(found.problems, SizeIs(1));
  EXPECT_EQ(found.problems[0].file, root_);
  EXPECT_THAT(found.problems[0].message, HasSubstr("no .yaml, .yml or .json file"));
}

TEST_F(ManifestFilesTest, DeepTreesAreAProblemAndTheRestIsFound) {
  std::string deep;
  for (size_t i = 0; i < kMaxFolderDepth + 2; ++i) deep += "d/";
  Write(deep + "deep.yaml");
  Write("e.yaml");
  const FoundFiles found = FindManifestFiles(root_);
  EXPECT_THAT(found.files, ElementsAre(At("e.yaml")));
  ASSERT_THAT(found.problems, SizeIs(1));
  EXPECT_THAT(found.problems[0].message, HasSubstr("64 folders"));
}

TEST_F(ManifestFilesTest, AFileIsTakenWhateverItsName) {
  Write("Deployment.txt");
  EXPECT_THAT(Found("Deployment.txt"), ElementsAre("Deployment.txt"));
  EXPECT_THAT(Found("missing"), ElementsAre("missing")) << "the reader says why not";
}

TEST_F(ManifestFilesTest, ReadsWholeFiles) {
  const std::string text = std::string(200'000, 'x') + std::string("\0y", 2);
  Write("f", text);
  EXPECT_EQ(ReadFile(At("f"), text.size()).value(), text);
  Write("empty", "");
  EXPECT_EQ(ReadFile(At("empty"), 0).value(), "");
}

TEST_F(ManifestFilesTest, SaysWhyAFileCannotBeRead) {
  EXPECT_THAT(ReadFile(At("missing"), 10).error().message, HasSubstr("No such file"));
  EXPECT_THAT(ReadFile(root_, 10).error().message, HasSubstr("Is a directory"));
  const Result<std::string> large = ReadFile("/dev/zero", 1024 * 1024);
  ASSERT_FALSE(large.has_value());
  EXPECT_EQ(large.error().code, ErrorCode::kLimitExceeded);
  EXPECT_THAT(large.error().message, HasSubstr("larger than 1 MiB"));
}

TEST_F(ManifestFilesTest, UnreadableFoldersAreProblems) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  Write("locked/a.yaml");
  ASSERT_EQ(::chmod(At("locked").c_str(), 0), 0);
  const FoundFiles found = FindManifestFiles(root_);
  ::chmod(At("locked").c_str(), 0700);
  ASSERT_THAT(found.problems, SizeIs(1));
  EXPECT_THAT(found.problems[0].message, HasSubstr("Permission denied"));
}

}  // namespace
}  // namespace plimsoll
