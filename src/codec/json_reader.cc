#include "codec/json_reader.h"

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "codec/json_diagnosis.h"
#include "codec/json_text.h"
#include "codec/json_walk.h"

// How it works: simdjson's first stage finds, with the widest vectors of the processor, where each token begins, and checks
// the text for valid UTF-8, closed strings and control characters in them. The walk over these tokens is ours (json_walk.h). The
// library's on-demand interface would do it too, but is compiled for the oldest processor of the platform: for 6.6 KB it
// took four times as long as the DOM parser, where this takes two to three times as long (side by side on a busy machine),
// with positions and the text of numbers, which the DOM parser does not give. The price is that the
// first stage is not an interface the library promises; tests/codec/json_differential_test.cc and the fuzz target hold it
// to the DOM parser's answers.

namespace plimsoll {
namespace {

// Bytes of text beyond which the buffers of an unusually large document are given back before the next ordinary one:
// some thirty bytes are held for each byte of the largest text seen.
constexpr size_t kKeptBytes = 1024 * 1024;
// Offsets are kept in 32 bits, and no manifest or review comes near.
constexpr size_t kMaxTextBytes = 1024UL * 1024 * 1024;
// Buffers grow in steps, so that slightly longer texts do not allocate each time.
constexpr size_t kBufferStep = 64UL * 1024;

static_assert(kJsonSlack <= simdjson::SIMDJSON_PADDING);

using Scanner = simdjson::internal::dom_parser_implementation;

}  // namespace

struct JsonReader::State {
  std::unique_ptr<Scanner> scanner;
  std::unique_ptr<char[]> strings;
  size_t capacity = 0;  // of both, in bytes of text
  JsonWalk walk;

  // False where there is no memory.
  bool Reserve(size_t bytes) {
    if (scanner != nullptr && bytes <= capacity) return true;
    const size_t rounded = (bytes / kBufferStep + 1) * kBufferStep;
    capacity = 0;
    // The depth is for the stages that are not used.
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(rounded, 1,
                                                                                scanner)) {
      return false;
    }
    strings = std::make_unique_for_overwrite<char[]>(rounded + kJsonSlack);
    capacity = rounded;
    return true;
  }
};

JsonReader::JsonReader() : state_(std::make_unique<State>()) {}
JsonReader::~JsonReader() = default;
JsonReader::JsonReader(JsonReader&&) noexcept = default;
JsonReader& JsonReader::operator=(JsonReader&&) noexcept = default;

void JsonReader::Pad(std::string& text) { text.reserve(text.size() + simdjson::SIMDJSON_PADDING); }

Status JsonReader::Read(const std::string& source, size_t begin, size_t end,
                        DuplicateKeys duplicates, StringStore store, Document& document) {
  document.Clear();
  const std::string_view text = std::string_view(source).substr(begin, end - begin);
  document.set_source(text);
  if (text.size() > kMaxTextBytes) {
    return Fail(ErrorCode::kLimitExceeded, "the text is longer than 1 GiB");
  }
  if (state_->capacity > kKeptBytes && text.size() <= kKeptBytes) {
    state_ = std::make_unique<State>();
    Document::Nodes().swap(document.nodes());
  }
  if (!state_->Reserve(text.size())) {
    return Fail(ErrorCode::kInternal, "no memory to read a text of this length");
  }
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  if (!state_->scanner->stage1(bytes, text.size(), simdjson::stage1_mode::regular)) {
    const std::span<const uint32_t> tokens(state_->scanner->structural_indexes.get(),
                                           state_->scanner->n_structural_indexes);
    JsonWalk& walk = state_->walk;
    if (walk.Run(text, tokens, state_->strings.get(), duplicates, store, document)) return {};
    if (std::optional<Error> refused = std::exchange(walk.refused, std::nullopt)) {
      document.Clear();
      return tl::unexpected<Error>(*std::move(refused));
    }
  }
  document.Clear();
  if (std::optional<Error> error = DiagnoseJson(text)) {
    return tl::unexpected<Error>(std::move(*error));
  }
  return Fail(ErrorCode::kInternal, "this JSON text could not be read, for no known reason");
}

}  // namespace plimsoll
