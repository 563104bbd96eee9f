// Golden files: the whole text as its reader sees it, kept in the repository. UPDATE_GOLDEN=1 rewrites them; the
// difference is then read in review.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace plimsoll::testing {

// `path` below the source directory.
inline void ExpectGolden(const std::string& path, const std::string& actual) {
  const std::string file = std::string(PLIMSOLL_SOURCE_DIR) + "/" + path;
  if (const char* update = std::getenv("UPDATE_GOLDEN"); update != nullptr && *update == '1') {
    std::filesystem::create_directories(std::filesystem::path(file).parent_path());
    std::ofstream(file, std::ios::binary) << actual;
    return;
  }
  std::ifstream stream(file, std::ios::binary);
  ASSERT_TRUE(stream.good()) << path << " is missing; UPDATE_GOLDEN=1 writes it";
  std::ostringstream expected;
  expected << stream.rdbuf();
  EXPECT_EQ(expected.str(), actual) << "in " << path << "; UPDATE_GOLDEN=1 rewrites it";
}

}  // namespace plimsoll::testing
