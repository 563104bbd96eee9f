// Turns yaml-cpp's events into the nodes of a Document: scalars typed, aliases followed, merge keys resolved.
#pragma once

#include <yaml-cpp/eventhandler.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/object_closer.h"
#include "codec/yaml_chunks.h"
#include "plimsoll/base/json_view.h"
#include "plimsoll/base/position.h"
#include "plimsoll/codec/json_parser.h"

namespace plimsoll {

// Thrown through yaml-cpp, which has no other way to stop; caught in yaml_reader.cc.
struct YamlRefusal {
  SourcePosition position;
  std::string message;
};

class YamlBuilder : public YAML::EventHandler {
 public:
  YamlBuilder(std::string_view text, DuplicateKeys duplicates)
      : text_(text), duplicates_(duplicates) {}

  // The next events are those of this chunk and go into this document.
  void Begin(const YamlChunk& chunk, Document& document);

  SourcePosition PositionOf(const YAML::Mark& mark) const;
  // Where the innermost collection that is still being read begins; unknown where that is not of this kind.
  SourcePosition OpenSince(JsonKind kind) const;

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override;
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override;

 private:
  // A collection that is being read.
  struct Open {
    uint32_t node;
    uint32_t height;           // levels of collections inside it so far
    uint32_t first_merge_key;  // in merge_keys_
    YAML::anchor_t anchor;
    bool object;
    bool at_key;
  };
  // What an anchor stands for: nodes [begin, end). end 0: still being read.
  struct Anchored {
    uint32_t begin;
    uint32_t end;
    uint32_t height;
  };

  bool AtKey() const { return !open_.empty() && open_.back().object && open_.back().at_key; }
  void Key(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
           const std::string& value);
  void OpenCollection(const YAML::Mark& mark, YAML::anchor_t anchor, JsonKind kind);
  void CloseCollection();
  // After a value or key is complete: what comes next, and what its anchor stands for.
  void Complete(YAML::anchor_t anchor, uint32_t begin, uint32_t height);
  void SetAnchor(YAML::anchor_t anchor, Anchored anchored);
  uint32_t Add(const YAML::Mark& mark, JsonKind kind, std::string_view text);
  // `value` as text that lives as long as the document: from the source where it stands there as it is.
  std::string_view Keep(const YAML::Mark& mark, std::string_view value);
  void CheckCount(const YAML::Mark& mark, size_t more) const;

  const std::string_view text_;
  const DuplicateKeys duplicates_;
  YamlChunk chunk_;
  Document* document_ = nullptr;
  size_t aliased_nodes_ =
      0;  // of all documents: bombs are cheap to write, so they share one budget
  std::vector<Open> open_;
  std::vector<Anchored> anchors_;
  std::vector<uint32_t> merge_keys_;
  ObjectCloser closer_;
  std::string scratch_;
};

}  // namespace plimsoll
