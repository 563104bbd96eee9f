// Golden files: the whole text as its reader sees it, kept in the repository. UPDATE_GOLDEN=1 rewrites them; the
// difference is then read in review.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace plimsoll::testing {

// `name` below tests/golden/render.
inline void ExpectGolden(const std::string& name, const std::string& actual) {
  const std::string file = std::string(PLIMSOLL_SOURCE_DIR) + "/tests/golden/render/" + name;
  if (const char* update = std::getenv("UPDATE_GOLDEN"); update != nullptr && *update == '1') {
    std::ofstream(file, std::ios::binary) << actual;
    return;
  }
  std::ifstream stream(file, std::ios::binary);
  ASSERT_TRUE(stream.good()) << file << " is missing; UPDATE_GOLDEN=1 writes it";
  std::ostringstream expected;
  expected << stream.rdbuf();
  EXPECT_EQ(expected.str(), actual) << "in " << name << "; UPDATE_GOLDEN=1 rewrites it";
}

}  // namespace plimsoll::testing
