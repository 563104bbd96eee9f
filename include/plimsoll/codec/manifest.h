// Reads manifest text, YAML or JSON, one document or many, to Documents with positions, typed as sigs.k8s.io/yaml types
// scalars. `List` objects are unrolled.
//
// Pure: no files. Thread-safety: functions; the result is immutable.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/position.h"
#include "plimsoll/codec/json_parser.h"

namespace plimsoll {

// After aliases are followed; an alias bomb of 280 bytes unfolds to more than a million.
inline constexpr size_t kMaxYamlNodes = 1'000'000;

struct Manifests {
  // What the views below point into.
  std::string text;
  std::vector<std::unique_ptr<Document>> documents;

  // The objects found, with the items of `List` kinds in place of the list. Empty documents are left out.
  std::vector<JsonView> objects;
  size_t document_count = 0;  // as the file has them, empty ones not counted

  // Every problem of the text; a document with a problem that makes it unreadable has no object.
  std::vector<Diagnostic> problems;
};

// `text` is moved into the result (it must outlive the views). Never throws. JSON is recognised by its first character.
std::unique_ptr<Manifests> ParseManifests(std::string text,
                                          DuplicateKeys duplicates = DuplicateKeys::kNote);

}  // namespace plimsoll
