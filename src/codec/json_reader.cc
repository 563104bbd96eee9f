#include "codec/json_reader.h"

// The library's checks for misuse of its interface cost a third of the time; they are for its users' debugging. Our use
// of it is tested against its other parser (tests/codec/json_differential_test.cc, tests/fuzz).
#define SIMDJSON_DEVELOPMENT_CHECKS 0
#include <simdjson.h>

#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "codec/json_diagnosis.h"
#include "codec/object_closer.h"

namespace plimsoll {
namespace {

namespace ondemand = simdjson::ondemand;

// Bytes of text beyond which the buffers of an unusually large document are given back before the next ordinary one:
// simdjson keeps some six bytes for each byte of the largest text seen.
constexpr size_t kKeptBytes = 1024 * 1024;

// Offsets are kept in 32 bits, and no manifest or review comes near.
constexpr size_t kMaxTextBytes = 1024UL * 1024 * 1024;

// Offset of the first quote or backslash at or after `at`. There is one: the structural pass has seen the string end.
size_t FindQuoteOrBackslash(const char* at) {
  constexpr uint64_t kOnes = 0x0101010101010101ULL;
  constexpr uint64_t kHighs = 0x8080808080808080ULL;
  const auto has_zero = [](uint64_t x) { return (x - kOnes) & ~x & kHighs; };
  size_t offset = 0;
  for (;; offset += 8) {
    uint64_t word;
    std::memcpy(&word, at + offset, sizeof(word));
    if ((has_zero(word ^ (kOnes * '"')) | has_zero(word ^ (kOnes * '\\'))) != 0) break;
  }
  while (at[offset] != '"' && at[offset] != '\\') ++offset;
  return offset;
}

std::string_view TrimRight(std::string_view text) {
  size_t size = text.size();
  while (size > 0 && (text[size - 1] == ' ' || text[size - 1] == '\n' || text[size - 1] == '\r' ||
                      text[size - 1] == '\t')) {
    --size;
  }
  return text.substr(0, size);
}

}  // namespace

struct JsonReader::State {
  ondemand::parser parser;
  ObjectCloser closer;
  std::unique_ptr<uint8_t[]> strings;
  size_t strings_capacity = 0;
};

namespace {

// One reading. A false return means "not valid, or too deep"; JsonDiagnosis then says what. `refused` says it otherwise.
class Walk {
 public:
  Walk(const std::string& source, size_t begin, size_t end, DuplicateKeys duplicates,
       StringStore store, ondemand::parser& parser, ObjectCloser& closer, Document& document)
      : text_(source.data() + begin),
        size_(end - begin),
        capacity_(source.capacity() - begin),
        duplicates_(duplicates),
        store_(store),
        parser_(parser),
        closer_(closer),
        document_(document),
        nodes_(document.nodes()) {}

  bool Run(std::unique_ptr<uint8_t[]>& strings, size_t& strings_capacity) {
    strings_ = &strings;
    strings_capacity_ = &strings_capacity;
    ondemand::document root;
    if (parser_.iterate(simdjson::padded_string_view(text_, size_, capacity_)).get(root)) {
      return false;
    }
    ondemand::json_type type;
    if (root.type().get(type)) return false;
    if (type == ondemand::json_type::object) {
      ondemand::object object;
      if (root.get_object().get(object) || !Object(object, text_ + Spaces(), 1)) return false;
    } else if (type == ondemand::json_type::array) {
      ondemand::array array;
      if (root.get_array().get(array) || !Array(array, text_ + Spaces(), 1)) return false;
    } else {
      return RootScalar(root, type);
    }
    return root.current_location().error() == simdjson::OUT_OF_BOUNDS;  // nothing follows
  }

  std::optional<Error> refused;

 private:
  size_t Spaces() const {
    size_t spaces = 0;
    while (spaces < size_ && (text_[spaces] == ' ' || text_[spaces] == '\n' ||
                              text_[spaces] == '\r' || text_[spaces] == '\t')) {
      ++spaces;
    }
    return spaces;
  }

  uint32_t Add(const char* at, JsonKind kind, std::string_view text) {
    const auto index = static_cast<uint32_t>(nodes_.size());
    nodes_.push_back({text.data(), static_cast<uint32_t>(text.size()), index + 1,
                      static_cast<uint32_t>(at - text_), 0, static_cast<uint32_t>(kind)});
    return index;
  }

  // `quote` is where the string begins.
  bool String(const char* quote) {
    const char* const begin = quote + 1;
    const size_t plain = FindQuoteOrBackslash(begin);
    if (begin[plain] == '"') {
      Add(quote, JsonKind::kString, {begin, plain});
      return true;
    }
    std::string_view text;
    uint8_t* to = Buffer();
    uint8_t* const from = to;
    ondemand::raw_json_string raw(reinterpret_cast<const uint8_t*>(begin));
    if (parser_.unescape(raw, to).get(text)) return false;
    used_ += static_cast<size_t>(to - from);
    if (store_ == StringStore::kDocument) {
      text = document_.Intern(text);
      used_ = 0;
    }
    Add(quote, JsonKind::kString, text);
    return true;
  }

  // Room for any one more string of this text: together they cannot be longer unescaped than the text is.
  uint8_t* Buffer() {
    if (*strings_capacity_ < size_ + simdjson::SIMDJSON_PADDING) {
      // Only before the first string: nothing points into the old buffer.
      *strings_capacity_ = size_ + simdjson::SIMDJSON_PADDING;
      *strings_ = std::make_unique<uint8_t[]>(*strings_capacity_);
    }
    return strings_->get() + used_;
  }

  bool Value(ondemand::value value, size_t depth) {
    ondemand::json_type type;
    if (value.type().get(type)) return false;
    const std::string_view token = value.raw_json_token();
    switch (type) {
      case ondemand::json_type::object: {
        ondemand::object object;
        return !value.get_object().get(object) && Object(object, token.data(), depth + 1);
      }
      case ondemand::json_type::array: {
        ondemand::array array;
        return !value.get_array().get(array) && Array(array, token.data(), depth + 1);
      }
      case ondemand::json_type::string: {
        ondemand::raw_json_string raw;
        return !value.get_raw_json_string().get(raw) && String(raw.raw() - 1);
      }
      default:
        return Literal(TrimRight(token));  // the iterator skips a scalar that was not taken
    }
  }

  bool Literal(std::string_view token) {
    if (token == "true" || token == "false") {
      Add(token.data(), JsonKind::kBool, token);
    } else if (token == "null") {
      Add(token.data(), JsonKind::kNull, token);
    } else if (IsJsonNumber(token)) {
      Add(token.data(), JsonKind::kNumber, token);
    } else {
      return false;
    }
    return true;
  }

  bool RootScalar(ondemand::document& root, ondemand::json_type type) {
    // The library is lenient about what follows a scalar that is the whole document; so rare a text may be read twice.
    if (DiagnoseJson({text_, size_})) return false;
    const size_t spaces = Spaces();
    if (type != ondemand::json_type::string) {
      return Literal(TrimRight({text_ + spaces, size_ - spaces}));
    }
    ondemand::raw_json_string raw;
    return !root.get_raw_json_string().get(raw) && String(raw.raw() - 1);
  }

  bool Array(ondemand::array array, const char* at, size_t depth) {
    if (depth > kMaxDepth) return false;
    const uint32_t index = Add(at, JsonKind::kArray, {});
    for (auto element : array) {
      ondemand::value value;
      if (std::move(element).get(value) || !Value(value, depth)) return false;
    }
    nodes_[index].end = static_cast<uint32_t>(nodes_.size());
    return true;
  }

  bool Object(ondemand::object object, const char* at, size_t depth) {
    if (depth > kMaxDepth) return false;
    const uint32_t index = Add(at, JsonKind::kObject, {});
    for (auto member : object) {
      ondemand::field field;
      if (std::move(member).get(field) || !String(field.key().raw() - 1) ||
          !Value(field.value(), depth)) {
        return false;
      }
    }
    Status closed = closer_.Close(document_, index, duplicates_);
    if (!closed) refused = std::move(closed.error());
    return closed.has_value();
  }

  const char* const text_;
  const size_t size_;
  const size_t capacity_;
  const DuplicateKeys duplicates_;
  const StringStore store_;
  ondemand::parser& parser_;
  ObjectCloser& closer_;
  Document& document_;
  std::vector<Document::Node>& nodes_;
  std::unique_ptr<uint8_t[]>* strings_ = nullptr;
  size_t* strings_capacity_ = nullptr;
  size_t used_ = 0;
};

}  // namespace

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
  if (state_->parser.capacity() > kKeptBytes && text.size() <= kKeptBytes) {
    state_ = std::make_unique<State>();
    std::vector<Document::Node>().swap(document.nodes());
  }
  Walk walk(source, begin, end, duplicates, store, state_->parser, state_->closer, document);
  if (walk.Run(state_->strings, state_->strings_capacity)) return {};
  if (walk.refused) {
    document.Clear();
    return tl::unexpected<Error>(std::move(*walk.refused));
  }
  document.Clear();
  if (std::optional<Error> error = DiagnoseJson(text)) {
    return tl::unexpected<Error>(std::move(*error));
  }
  return Fail(ErrorCode::kInternal, "this JSON text could not be read, for no known reason");
}

}  // namespace plimsoll
