// Reads one JSON value into the nodes of a Document: the part that JsonParser and the manifest reader share.
//
// Numbers keep their text, whatever their size. Positions are byte offsets, resolved when asked for.
//
// Thread-safety: one thread at a time; keeps its buffers.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/result.h"
#include "plimsoll/codec/json_parser.h"

namespace plimsoll {

// Where strings with escapes, which do not stand in the source as they are meant, are kept.
enum class StringStore {
  kReader,    // in the reader, until its next Read: no allocation in steady state
  kDocument,  // in the document, for good
};

class JsonReader {
 public:
  JsonReader();
  ~JsonReader();
  JsonReader(JsonReader&&) noexcept;
  JsonReader& operator=(JsonReader&&) noexcept;

  // Makes room behind the text: the reader looks at some bytes beyond the end.
  static void Pad(std::string& text);

  // Reads source[begin, end), which must be one JSON value, into `document` (cleared first). Positions count from `begin`,
  // and the document's source is that part. `source` must be padded and must outlive the document.
  Status Read(const std::string& source, size_t begin, size_t end, DuplicateKeys duplicates,
              StringStore store, Document& document);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll
