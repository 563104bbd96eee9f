// The inner loop of JsonReader: from the tokens of a JSON text to the nodes of a Document, each node written once.
//
// Thread-safety: one thread at a time; keeps its scratch memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "codec/json_reader.h"
#include "codec/object_closer.h"
#include "plimsoll/base/json_view.h"
#include "plimsoll/base/result.h"
#include "plimsoll/codec/json_parser.h"

namespace plimsoll {

class JsonWalk {
 public:
  // Fills `document`, which must be empty. `tokens` are the offsets at which brackets, colons, commas, strings and other
  // scalars begin; strings must be closed, and the text followed by kJsonSlack readable bytes. `strings` is room for as
  // many bytes as the text has, and kJsonSlack more. False where the text is not valid or too deep; `refused` says why
  // where it is neither. What is in `document` then means nothing.
  bool Run(std::string_view text, std::span<const uint32_t> tokens, char* strings,
           DuplicateKeys duplicates, StringStore store, Document& document);

  std::optional<Error> refused;

 private:
  friend class NodeSink;

  // More keys than this are looked at again when the object ends (ObjectCloser), as are those whose signatures agree.
  static constexpr size_t kSignatures = 16;

  // An object that is not complete yet.
  struct Open {
    uint32_t node = 0;
    uint32_t keys = 0;
    bool plain = true;  // all keys differ, as far as seen
    uint64_t seen = 0;  // a bit for each signature: most new keys need no comparison
    std::array<uint64_t, kSignatures> signatures;
  };

  std::array<Open, kMaxDepth> open_;
  ObjectCloser closer_;
};

}  // namespace plimsoll
