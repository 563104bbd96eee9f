// Real manifests: every workload document of the shared corpus is read, with its name where its index says it is. The
// corpus is not part of the repository; PLIMSOLL_SHARED_DIR names the folder that holds it, else the folder `shared` beside
// the source tree.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/text.h"
#include "plimsoll/codec/manifest.h"

namespace plimsoll {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

fs::path CorpusFolder() {
  const char* const shared = std::getenv("PLIMSOLL_SHARED_DIR");
  return (shared != nullptr ? fs::path(shared)
                            : fs::path(PLIMSOLL_SOURCE_DIR).parent_path() / "shared") /
         "corpus";
}

constexpr std::string_view kMissing =
    "no corpus: set PLIMSOLL_SHARED_DIR to the folder that holds corpus/ to run this test";

struct Row {
  std::string kind;
  std::string name;
  std::string flags;
};

// By file, in the order of the index.
std::map<std::string, std::vector<Row>> ReadIndex(const fs::path& corpus) {
  std::map<std::string, std::vector<Row>> rows;
  std::ifstream stream(corpus / "index.tsv");
  std::string line;
  std::getline(stream, line);  // the header
  while (std::getline(stream, line)) {
    const std::vector<std::string_view> fields = Split(line, '\t');
    if (fields.size() < 17) continue;
    rows[std::string(fields[0]) + "/" + std::string(fields[2])].push_back(
        {std::string(fields[5]), std::string(fields[6]), std::string(fields[14])});
  }
  return rows;
}

bool HasObject(const Manifests& manifests, const Row& row) {
  for (const JsonView object : manifests.objects) {
    if (object["kind"].StringOrEmpty() != row.kind) continue;
    const JsonView metadata = object["metadata"];
    // The index calls what has no name by its generateName.
    const JsonView name = metadata[metadata["name"].present() ? "name" : "generateName"];
    if (name.StringOrEmpty() == row.name) return true;
  }
  return false;
}

bool IsTemplateProblem(const Diagnostic& problem) {
  return problem.message.starts_with("unrendered template: render first");
}

TEST(CorpusTest, EveryWorkloadIsReadOrSaidToBeATemplate) {
  const fs::path corpus = CorpusFolder();
  if (!fs::exists(corpus / "index.tsv")) GTEST_SKIP() << kMissing;
  size_t documents = 0;
  size_t templates = 0;
  for (const auto& [file, rows] : ReadIndex(corpus)) {
    const fs::path path = corpus / "manifests" / file;
    const std::unique_ptr<Manifests> manifests = ParseManifests(ReadFile(path));
    const bool duplicate_keys = rows[0].flags.find("dupkeys") != std::string::npos;
    bool is_template = false;
    size_t duplicates = 0;
    for (const Diagnostic& problem : manifests->problems) {
      is_template = is_template || IsTemplateProblem(problem);
      if (problem.message.starts_with("duplicate key")) ++duplicates;
      EXPECT_TRUE(IsTemplateProblem(problem) || problem.message.starts_with("duplicate key"))
          << file << ": " << FormatDiagnostic(problem);
    }
    EXPECT_EQ(duplicates > 0, duplicate_keys) << file;
    for (const Row& row : rows) {
      ++documents;
      if (HasObject(*manifests, row)) continue;
      ++templates;
      EXPECT_TRUE(is_template && row.flags.find("braces") != std::string::npos)
          << file << ": no " << row.kind << " " << row.name;
    }
  }
  EXPECT_GT(documents, 0U);
  EXPECT_LT(templates, documents / 10);
}

TEST(CorpusTest, FixturesOfPeersAreRead) {
  const fs::path fixtures = CorpusFolder() / "fixtures";
  if (!fs::exists(fixtures)) GTEST_SKIP() << kMissing;
  size_t objects = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(fixtures)) {
    const std::string extension = entry.path().extension().string();
    if (!entry.is_regular_file() || (extension != ".yaml" && extension != ".yml")) continue;
    const std::unique_ptr<Manifests> manifests = ParseManifests(ReadFile(entry.path()));
    objects += manifests->objects.size();
    for (const Diagnostic& problem : manifests->problems) {
      EXPECT_TRUE(problem.message.starts_with("duplicate key"))
          << entry.path() << ": " << FormatDiagnostic(problem);
    }
  }
  EXPECT_GT(objects, 0U);
}

}  // namespace
}  // namespace plimsoll
