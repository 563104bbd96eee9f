// Reads JSON into a Document. Accepts exactly RFC 8259, less lone surrogates, and nothing beyond our limits; says where it
// stopped and why. Numbers keep their text, whatever their size. Arrays called `managedFields` are checked and left out: they
// are half of an object at admission, and no rule asks who wrote a field.
//
// Thread-safety: one thread at a time; reuse it, its buffers are kept (those of an unusually large text are given back).
// Errors carry the position; the message does not repeat it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/result.h"

namespace plimsoll {

// Kubernetes objects are some ten levels deep, schemas in CRDs some fifty. Recursion in readers stays bounded.
inline constexpr size_t kMaxDepth = 200;

enum class DuplicateKeys {
  kReject,  // admission and policies: an object with two values for one key has no single meaning
  kNote,    // manifests: the last wins, as in encoding/json; the Document carries a Note
};

class JsonParser {
 public:
  JsonParser();
  ~JsonParser();
  JsonParser(JsonParser&&) noexcept;
  JsonParser& operator=(JsonParser&&) noexcept;

  // Returns the root. It views into `bytes` and into this parser: both must stay as they are until the view is no longer
  // used or Parse is called again. `bytes` may gain capacity (padding), not content.
  Result<JsonView> Parse(std::string& bytes, DuplicateKeys duplicates = DuplicateKeys::kReject);

  const Document& document() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll
