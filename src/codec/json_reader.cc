#include "codec/json_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/json_diagnosis.h"
#include "codec/json_text.h"
#include "codec/object_closer.h"

// How it works: simdjson's first stage finds, with the widest vectors of the processor, where each token begins, and checks
// the text for valid UTF-8, closed strings and control characters in them. The walk over these tokens is ours. The
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

// metadata.managedFields is half of a typical object at admission, says who wrote which field, and is nobody's business
// here: its syntax is checked, and it stands in the document as an empty array.
constexpr std::string_view kUnkeptKey = "managedFields";

using Scanner = simdjson::internal::dom_parser_implementation;

std::string_view TrimRight(std::string_view text) {
  size_t size = text.size();
  while (size > 0 && (text[size - 1] == ' ' || text[size - 1] == '\n' || text[size - 1] == '\r' ||
                      text[size - 1] == '\t')) {
    --size;
  }
  return text.substr(0, size);
}

// One reading. A false return means "not valid, or too deep"; JsonDiagnosis then says what. `refused` says it otherwise.
class Walk {
 public:
  Walk(std::string_view text, const Scanner& scanner, char* strings, DuplicateKeys duplicates,
       StringStore store, ObjectCloser& closer, Document& document)
      : text_(text.data()),
        size_(text.size()),
        next_(scanner.structural_indexes.get()),
        last_(next_ + scanner.n_structural_indexes),
        strings_(strings),
        duplicates_(duplicates),
        store_(store),
        closer_(closer),
        document_(document),
        nodes_(document.nodes()) {}

  bool Run() { return Value(0) && next_ == last_; }

  std::optional<Error> refused;

 private:
  // The first character of the next token; '\0' at the end. No token begins with a zero byte that is valid.
  char Peek() const { return next_ < last_ ? text_[*next_] : '\0'; }

  uint32_t Add(uint32_t at, JsonKind kind, std::string_view text) {
    if (!keep_) return 0;
    const auto index = static_cast<uint32_t>(nodes_.size());
    nodes_.push_back({text.data(), static_cast<uint32_t>(text.size()), index + 1, at, 0,
                      static_cast<uint32_t>(kind)});
    return index;
  }

  bool Value(size_t depth) {
    const char first = Peek();
    if (next_ == last_) return false;
    const uint32_t at = *next_++;
    switch (first) {
      case '{':
        return Object(at, depth + 1);
      case '[':
        return Array(at, depth + 1);
      case '"':
        return String(at);
      default:
        return Literal(at);
    }
  }

  bool String(uint32_t quote) {
    const char* const begin = text_ + quote + 1;
    const size_t plain = FindQuoteOrBackslash(begin);
    if (begin[plain] == '"') {
      Add(quote, JsonKind::kString, {begin, plain});
      return true;
    }
    char* const end = UnescapeJson(begin, strings_);
    if (end == nullptr) return false;
    std::string_view text(strings_, static_cast<size_t>(end - strings_));
    if (!keep_) return true;
    if (store_ == StringStore::kDocument) {
      text = document_.Intern(text);
    } else {
      strings_ = end;
    }
    Add(quote, JsonKind::kString, text);
    return true;
  }

  bool Literal(uint32_t at) {
    const size_t end = next_ < last_ ? *next_ : size_;
    const std::string_view token = TrimRight({text_ + at, end - at});
    if (IsJsonNumber(token)) {
      Add(at, JsonKind::kNumber, token);
    } else if (token == "true" || token == "false") {
      Add(at, JsonKind::kBool, token);
    } else if (token == "null") {
      Add(at, JsonKind::kNull, token);
    } else {
      return false;
    }
    return true;
  }

  bool Array(uint32_t at, size_t depth) {
    if (depth > kMaxDepth) return false;
    const uint32_t index = Add(at, JsonKind::kArray, {});
    if (Peek() == ']') {
      ++next_;
    } else {
      char separator;
      do {
        if (!Value(depth)) return false;
        separator = Peek();
        if (separator != ',' && separator != ']') return false;
        ++next_;
      } while (separator == ',');
    }
    if (keep_) nodes_[index].end = static_cast<uint32_t>(nodes_.size());
    return true;
  }

  // The value of a member whose key was just read.
  bool Member(size_t depth) {
    if (!keep_ || Peek() != '[' || KeyText() != kUnkeptKey) return Value(depth);
    Add(*next_, JsonKind::kArray, {});
    keep_ = false;
    const bool valid = Value(depth);
    keep_ = true;
    return valid;
  }

  std::string_view KeyText() const { return {nodes_.back().text, nodes_.back().length}; }

  bool Object(uint32_t at, size_t depth) {
    if (depth > kMaxDepth) return false;
    const uint32_t index = Add(at, JsonKind::kObject, {});
    if (Peek() == '}') {
      ++next_;
    } else {
      char separator;
      do {
        if (Peek() != '"' || !String(*next_++) || Peek() != ':') return false;
        ++next_;
        if (!Member(depth)) return false;
        separator = Peek();
        if (separator != ',' && separator != '}') return false;
        ++next_;
      } while (separator == ',');
    }
    if (!keep_) return true;
    Status closed = closer_.Close(document_, index, duplicates_);
    if (!closed) refused = std::move(closed.error());
    return closed.has_value();
  }

  const char* const text_;
  const size_t size_;
  const uint32_t* next_;  // offset of the next token
  const uint32_t* const last_;
  char* strings_;     // room for what is left of the text, unescaped
  bool keep_ = true;  // false within what is checked and left out
  const DuplicateKeys duplicates_;
  const StringStore store_;
  ObjectCloser& closer_;
  Document& document_;
  std::vector<Document::Node>& nodes_;
};

}  // namespace

struct JsonReader::State {
  std::unique_ptr<Scanner> scanner;
  std::unique_ptr<char[]> strings;
  size_t capacity = 0;  // of both, in bytes of text
  ObjectCloser closer;

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
    strings = std::make_unique<char[]>(rounded + sizeof(uint64_t));
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
    std::vector<Document::Node>().swap(document.nodes());
  }
  if (!state_->Reserve(text.size())) {
    return Fail(ErrorCode::kInternal, "no memory to read a text of this length");
  }
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  if (!state_->scanner->stage1(bytes, text.size(), simdjson::stage1_mode::regular)) {
    Walk walk(text, *state_->scanner, state_->strings.get(), duplicates, store, state_->closer,
              document);
    if (walk.Run()) return {};
    if (walk.refused) {
      document.Clear();
      return tl::unexpected<Error>(std::move(*walk.refused));
    }
  }
  document.Clear();
  if (std::optional<Error> error = DiagnoseJson(text)) {
    return tl::unexpected<Error>(std::move(*error));
  }
  return Fail(ErrorCode::kInternal, "this JSON text could not be read, for no known reason");
}

}  // namespace plimsoll
