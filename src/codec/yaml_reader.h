// Reads one YAML document into a Document, by yaml-cpp's event interface. Its exceptions stop here.
//
// Thread-safety: one thread at a time; keeps its scratch memory.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "codec/yaml_chunks.h"
#include "plimsoll/base/json_view.h"
#include "plimsoll/base/position.h"
#include "plimsoll/codec/json_parser.h"

namespace plimsoll {

// What may read a chunk: ReadPlainYaml where it can, or yaml-cpp alone, to compare with.
enum class YamlReaders { kAny, kYamlCpp };

class YamlReader {
 public:
  // `text` is the whole text, of which chunks are read; documents view into it.
  YamlReader(std::string_view text, DuplicateKeys duplicates);
  ~YamlReader();

  // Fills `document`, which stays empty where the chunk has no document. Returns the problem that makes the chunk
  // unreadable, if there is one.
  std::optional<Diagnostic> Read(const YamlChunk& chunk, Document& document,
                                 YamlReaders readers = YamlReaders::kAny);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll
