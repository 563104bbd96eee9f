// ReadPlainYaml against yaml-cpp: what it takes, it reads to the same nodes at the same places, whatever the text.
#include "codec/plain_yaml.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "codec/yaml_chunks.h"
#include "codec/yaml_reader.h"

namespace plimsoll {
namespace {

namespace fs = std::filesystem;

std::string InWords(const Document& document) {
  std::string words;
  for (const Document::Node& node : document.nodes()) {
    words += std::to_string(node.kind) + ' ' + std::string(node.text, node.length) + " @" +
             std::to_string(node.line) + ':' + std::to_string(node.column) + " to " +
             std::to_string(node.end) + '\n';
  }
  for (const Document::Note& note : document.notes()) {
    words += "note " + note.key + " @" + std::to_string(note.position.line) + '\n';
  }
  return words;
}

// Whether it was taken. Where it was, yaml-cpp must say the same.
bool Taken(const std::string& text, const YamlChunk& chunk, DuplicateKeys duplicates) {
  YamlBuilder builder(text, duplicates);
  Document plain;
  builder.Begin(chunk, plain);
  const std::string_view bytes =
      std::string_view(text).substr(chunk.begin, chunk.end - chunk.begin);
  if (!ReadPlainYaml(bytes, builder)) return false;
  YamlReader reader(text, duplicates);
  Document full;
  const auto problem = reader.Read(chunk, full, YamlReaders::kYamlCpp);
  EXPECT_FALSE(problem.has_value()) << text << "\n" << problem.value_or(Diagnostic{}).message;
  EXPECT_EQ(InWords(plain), InWords(full)) << text;
  return true;
}

size_t CountTaken(const std::string& text, size_t& chunks) {
  size_t taken = 0;
  for (const YamlChunk& chunk : SplitYaml(text)) {
    ++chunks;
    taken += Taken(text, chunk, DuplicateKeys::kNote) ? 1 : 0;
  }
  return taken;
}

const std::vector<std::string>& Plain() {
  static const std::vector<std::string> kTexts = {
      "a: b\n",
      "a: b",
      "---\na: b\n",
      "--- # begins\n# more\n\na: b # c\n# d\n",
      "a:\n  b: c\n  d:\n    e: f\ng: h\n",
      "a:\n- b\n- c\nd: e\n",
      "a:\n  - b: c\n    d: e\n  -   f: g\n      h: i\n",
      "a:\n  - b:\n      c: d\n    e:\n    - f\n    - g: h\n",
      "- a\n- b: c\n- {d: e, f: [g, h], i: {}}\n- []\n",
      "a: \"b: c # d\" # e\nf: 'g' \n'h': \"\"\n\"i\": ''\n",
      "a: {b: 1, c: /x, d: http, e: -1, f: a:b, \"g\": 'h'}\n",
      "a: 1\nb: 014\nc: 0o14\nd: true\ne: yes\nf: ~\ng: 1.10\nh: 2026-01-01\ni: .5\nj: +1\nk: -x\nl: null\n",
      "8080: a\non: b\n1.10: c\n0x1F: d\n",
      "a: b c  d   \ne: f#g\nh: i:j\nk: l, m [n] {o} & * ! | > % @ `\n",
      "image: registry.corp.internal:5000/a/b:1.2@sha256:0123\nargs: [--a=b, -c, x.y/z]\n",
      "a:   b\nc:\n\n\n  # d\n  e: f\n",
      "a: b\na: c\n",  // the second wins, with a note
      "a: =\nb: <c\nc: $(D)\nd: ^e$\n",
      "a:\n",
      "a:\nb: c\n",
      "a:\n  b:\n  c: # d\n\n  # e\nf:\n",
      "- a\n- b:\n  c:\n",
      "f:spec:\n  f:a-b: {}\n  k:x:y: z\n",
      // Over several lines.
      "a: b\n  c\n",
      "a: b c  \n   - d\n\n\n  'e' # f\ng:\n  - h\n    i\n  - j\n   k\n\nl: m\n",
      "a: b\n c\n\n",
      "a: [b, c\n  ]\n",
      "a: [b,]\nc: {d: e, }\n",
      "a: [ # b\n  c,\n\n  # d\n  \"e\", {f: g,\n h:\n  i}\n] # j\n",
      "a:\n  {}\nb:\n  [c]\nd:\n- {}\n",
      "{a: b,\nc: [d]}\n",
      "a: |\n  b\n",
      "a: | # b\n  c: d # e\n    f\n\n   g  \n  # h\n\n\ni: |-\n j\n\nk: l\n",
      "a:\n- |\n b\n- |-\n  c\n",
      "a:\n  - b: |\n      c\n    d: |-\n     e\n # f\n",
      "a: |\n  b",
      "a: |-\n\n  b\n  \nc: d\n",
      "a: 'b''c'\nd: ''''\n",
      "a: \"b\\nc\"\nd: \"\\\"e\\\\\" # f\n",
  };
  return kTexts;
}

// What yaml-cpp alone may judge: other styles, and what is wrong.
const std::vector<std::string>& Foreign() {
  static const std::vector<std::string> kTexts = {
      "",
      "# a\n",
      "a\n",
      " ---\na: b\n",
      "~x: e\n",
      "a: >-\n  b\n",
      "a: |+\n  b\n\n",
      "a: |2\n  b\n",
      "a: |\nb: c\n",
      "a: |\n   \n  b\n",
      "a: |\n  b\n   \n",
      "a: |",
      "a: |b\n  c\n",
      "a: b\n  c: d\n",
      "a: b # c\n  d\n",
      "a: [b\n",
      "a: [b, # c\n...\n]\n",
      "a: \"b\\x41\"\n",
      "a: 'b\n  c'\n",
      "a: \"b\n  c\"\n",
      "a: &b c\n",
      "a: *b\n",
      "a: !!str b\n",
      "? a\n: b\n",
      "<<: {a: b}\n",
      "a: b: c\n",
      "a: b:\n",
      "a:\tb\n",
      "a: b\r\n",
      "a: \xC3\xA4\n",
      "a: [b: c]\n",
      "a: {b}\n",
      "a: {b:c}\n",
      "a: [b,, c]\n",
      "a: {{ .Values.b }}\n",
      "a: - b\n",
      "- - a\n",
      "-\n  a: b\n",
      "a: b\n c: d\n",
      "a:\n    b: c\n  d: e\n",
      " a: b\nc: d\n",
      "a:\n- b\n  c: d\n",
      "a: \"b\" c\n",
      "a: {b: c} d\n",
      "a : b\n",
      "%YAML 1.2\n---\na: b\n",
      "--- a: b\n",
      "a: b\n...\n",
      "a: 'b\n",
      "a: ?b\n",
      "a: b\n- c\n",
  };
  return kTexts;
}

TEST(PlainYaml, TakesWhatManifestsAreMadeOf) {
  for (const std::string& text : Plain()) {
    size_t chunks = 0;
    EXPECT_EQ(CountTaken(text, chunks), 1U) << text;
  }
}

TEST(PlainYaml, LeavesTheRestToYamlCpp) {
  for (const std::string& text : Foreign()) {
    size_t chunks = 0;
    EXPECT_EQ(CountTaken(text, chunks), 0U) << text;
  }
}

TEST(PlainYaml, LeavesWhatIsRefusedToYamlCpp) {
  const std::string text = "a: b\na: c\n";
  EXPECT_FALSE(Taken(text, SplitYaml(text).front(), DuplicateKeys::kReject));
}

TEST(PlainYaml, DeepDocumentsAreRefusedAsBefore) {
  std::string text;
  for (size_t i = 0; i < 300; ++i) text += std::string(i, ' ') + "a:\n";
  text += std::string(300, ' ') + "a: b\n";
  EXPECT_FALSE(Taken(text, SplitYaml(text).front(), DuplicateKeys::kNote));
}

// Bytes taken out, put in and moved: most of what comes of it is wrong, and much of it in an interesting way.
std::string Mutated(const std::string& text, std::mt19937& random) {
  static const std::string kBytes = " \n:-#'\"{}[],a1&*!|>?%~.\\\t";
  const auto below = [&random](size_t limit) { return static_cast<size_t>(random() % limit); };
  std::string out = text;
  for (size_t edits = 1 + below(3); edits > 0 && !out.empty(); --edits) {
    const size_t at = below(out.size());
    switch (below(4)) {
      case 0:
        out.erase(at, 1 + below(3));
        break;
      case 1:
        out.insert(at, 1, kBytes[below(kBytes.size())]);
        break;
      case 2:
        out[at] = kBytes[below(kBytes.size())];
        break;
      default:
        out.insert(at, out.substr(below(out.size()), 1 + below(20)));
    }
  }
  return out;
}

TEST(PlainYaml, ReadsMutatedTextsAsYamlCppDoes) {
  constexpr int kRounds = 2000;
  std::mt19937 random(20261128);
  size_t chunks = 0;
  size_t taken = 0;
  for (int round = 0; round < kRounds && !testing::Test::HasFailure(); ++round) {
    for (const auto* texts : {&Plain(), &Foreign()}) {
      for (const std::string& text : *texts) {
        taken += CountTaken(Mutated(text, random), chunks);
        if (testing::Test::HasFailure()) return;
      }
    }
  }
  EXPECT_GT(taken, chunks / 20);
}

fs::path Corpus() {
  const char* const shared = std::getenv("PLIMSOLL_SHARED_DIR");
  return (shared != nullptr ? fs::path(shared)
                            : fs::path(PLIMSOLL_SOURCE_DIR).parent_path() / "shared") /
         "corpus";
}

// Files of a folder, read; of JSON and the like, too, if they are there.
std::vector<std::string> TextsIn(const fs::path& folder) {
  std::vector<std::string> texts;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const fs::path extension = entry.path().extension();
    if (extension != ".yaml" && extension != ".yml") continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    texts.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  }
  return texts;
}

void Compare(const fs::path& folder, double at_least) {
  std::mt19937 random(20261128);
  size_t chunks = 0;
  size_t taken = 0;
  size_t ignored = 0;
  for (const std::string& text : TextsIn(folder)) {
    taken += CountTaken(text, chunks);
    for (int i = 0; i < 3 && !text.empty(); ++i) CountTaken(Mutated(text, random), ignored);
    if (testing::Test::HasFailure()) return;
  }
  testing::Test::RecordProperty("documents", static_cast<int>(chunks));
  testing::Test::RecordProperty("taken", static_cast<int>(taken));
  EXPECT_GE(static_cast<double>(taken), at_least * static_cast<double>(chunks))
      << taken << " of " << chunks;
}

TEST(PlainYaml, ReadsTheTreesOwnYamlAsYamlCppDoes) {
  for (const char* folder : {"deploy", "crds", "tests", "src"}) {
    Compare(fs::path(PLIMSOLL_SOURCE_DIR) / folder, 0);
  }
}

TEST(PlainYaml, ReadsTheCorpusAsYamlCppDoes) {
  if (!fs::is_directory(Corpus()))
    GTEST_SKIP() << "no corpus: PLIMSOLL_SHARED_DIR names its folder";
  Compare(Corpus(), 0.9);
}

}  // namespace
}  // namespace plimsoll
