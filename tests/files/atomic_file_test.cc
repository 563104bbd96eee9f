#include "plimsoll/files/atomic_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "tests/support/temp_folder.h"

namespace plimsoll {
namespace {

using ::plimsoll::testing::TempFolder;
using ::testing::HasSubstr;

std::string Contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

mode_t Mode(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777u : 0;
}

TEST(WriteFileAtomically, ReplacesContentAndMode) {
  TempFolder folder;
  const std::string file = folder.Path("f");
  ASSERT_TRUE(WriteFileAtomically(file, "one", 0644));
  EXPECT_EQ(Mode(file), 0644u);
  ASSERT_TRUE(WriteFileAtomically(file, "two", 0600));
  EXPECT_EQ(Contents(file), "two");
  EXPECT_EQ(Mode(file), 0600u);
  size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    ++files;
  }
  EXPECT_EQ(files, 1u) << "nothing is left lying about";
}

TEST(WriteFileAtomically, SaysWhatItCouldNotWrite) {
  const Status status = WriteFileAtomically("/no/such/folder/f", "x", 0600);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("/no/such/folder/f: cannot write: No such file"));
}

TEST(FolderLock, OneAtATime) {
  TempFolder folder;
  {
    const Result<FolderLock> first =
        FolderLock::Acquire(folder.path(), std::chrono::milliseconds(0));
    ASSERT_TRUE(first);
    const Result<FolderLock> second =
        FolderLock::Acquire(folder.path(), std::chrono::milliseconds(20));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
    EXPECT_THAT(second.error().message, HasSubstr("another process has held this folder"));
  }
  EXPECT_TRUE(FolderLock::Acquire(folder.path(), std::chrono::milliseconds(0)));
}

}  // namespace
}  // namespace plimsoll
