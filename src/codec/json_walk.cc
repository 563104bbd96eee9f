#include "codec/json_walk.h"

#include <cstring>
#include <utility>

#include "codec/json_text.h"

namespace plimsoll {
namespace {

// metadata.managedFields is half of a typical object at admission, says who wrote which field, and is nobody's business
// here: its syntax is checked, and it stands in the document as an empty array.
constexpr std::string_view kUnkeptKey = "managedFields";

std::string_view TrimRight(std::string_view text) {
  size_t size = text.size();
  while (size > 0 && (text[size - 1] == ' ' || text[size - 1] == '\n' || text[size - 1] == '\r' ||
                      text[size - 1] == '\t')) {
    --size;
  }
  return text.substr(0, size);
}

bool AllDigits(std::string_view text) {
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return true;
}

// The kind of a number, true, false or null; kMissing where it is none of them. `token` may end in white space, and
// loses it.
JsonKind LiteralKind(std::string_view& token) {
  // Most are whole numbers with a comma or a bracket right behind them.
  if (token[0] >= '1' && token[0] <= '9' && AllDigits(token)) return JsonKind::kNumber;
  token = TrimRight(token);
  if (token == "true" || token == "false") return JsonKind::kBool;
  if (token == "null") return JsonKind::kNull;
  return IsJsonNumber(token) ? JsonKind::kNumber : JsonKind::kMissing;
}

// Enough of a key to tell nearly all pairs of different ones apart without looking at their text. Equal keys have equal
// signatures. Eight bytes from `text` on must be readable, however short it is.
uint64_t Signature(const char* text, size_t length) {
  uint64_t head;
  std::memcpy(&head, text, sizeof(head));
  uint64_t tail = 0;
  if (length < sizeof(head)) {
    head &= (uint64_t{1} << (length * 8)) - 1;
  } else {
    std::memcpy(&tail, text + length - sizeof(tail), sizeof(tail));
  }
  constexpr uint64_t kOdd =
      0x9E3779B97F4A7C15ULL;  // 2^64 divided by the golden ratio: spreads what differs upwards
  return ((head ^ (tail << 29 | tail >> 35)) + length) * kOdd;
}

// What is read, and how far. Only inlined functions are given its address, so it stays in registers.
struct Tokens {
  const char* text;
  size_t size;
  const uint32_t* next;
  const uint32_t* last;
  char* strings;

  // The first character of the next token; '\0' at the end. No token begins with a zero byte that is valid.
  char Peek() const { return next < last ? text[*next] : '\0'; }
};

// Takes the string whose quote is at `quote`; unescaped where it needs to be. Null data where it is not valid.
[[gnu::always_inline]] inline std::string_view TakeString(Tokens& tokens, uint32_t quote) {
  const char* const begin = tokens.text + quote + 1;
  const size_t plain = FindQuoteOrBackslash(begin);
  if (begin[plain] == '"') return {begin, plain};
  const char* const end = UnescapeJson(begin, tokens.strings);
  if (end == nullptr) return {};
  return {tokens.strings, static_cast<size_t>(end - tokens.strings)};
}

// For what is checked and left out.
struct NoSink {
  static bool LeavesOut() { return false; }
  static void Open(size_t, uint32_t, JsonKind) {}
  static bool Close(size_t, JsonKind) { return true; }
  static void Key(Tokens&, size_t, uint32_t, std::string_view) {}
  static void Scalar(Tokens&, uint32_t, JsonKind, std::string_view) {}
};

}  // namespace

// Writes nodes. Everything that is used for each of them is here, and what is not is behind `walk` and `document`: so the
// compiler can keep it in registers.
class NodeSink {
 public:
  NodeSink(JsonWalk& walk, DuplicateKeys duplicates, StringStore store, Document& document)
      : walk_(walk),
        document_(document),
        open_(walk.open_.data()),
        nodes_(document.nodes().data()),
        duplicates_(duplicates),
        store_(store) {}

  size_t count() const { return count_; }

  // Whether the key that was just written names what is not kept.
  bool LeavesOut() const {
    if (count_ == 0) return false;
    const Document::Node& key = nodes_[count_ - 1];
    return key.kind == static_cast<uint32_t>(JsonKind::kString) &&
           std::string_view(key.text, key.length) == kUnkeptKey;
  }

  [[gnu::always_inline]] void Open(size_t depth, uint32_t at, JsonKind kind) {
    JsonWalk::Open& open = open_[depth];
    open.node = count_;
    open.keys = 0;
    open.plain = true;
    open.seen = 0;
    Add(at, kind, {});
  }

  [[gnu::always_inline]] bool Close(size_t depth, JsonKind kind) {
    const JsonWalk::Open& open = open_[depth];
    nodes_[open.node].end = count_;
    if (kind == JsonKind::kArray || open.plain) return true;
    count_ = CloseAgain(walk_, document_, open.node, count_, duplicates_);
    nodes_ = document_.nodes().data();
    return count_ != 0;
  }

  [[gnu::always_inline]] void Key(Tokens& tokens, size_t depth, uint32_t at,
                                  std::string_view text) {
    JsonWalk::Open& open = open_[depth];
    if (open.keys < JsonWalk::kSignatures) {
      const uint64_t signature = Signature(text.data(), text.size());
      const uint64_t bit = uint64_t{1} << (signature >> 58);
      if ((open.seen & bit) != 0) {
        for (uint32_t i = 0; i < open.keys; ++i) {
          if (open.signatures[i] == signature) open.plain = false;
        }
      }
      open.seen |= bit;
      open.signatures[open.keys++] = signature;
    } else {
      open.plain = false;
    }
    Scalar(tokens, at, JsonKind::kString, text);
  }

  [[gnu::always_inline]] void Scalar(Tokens& tokens, uint32_t at, JsonKind kind,
                                     std::string_view text) {
    if (text.data() == tokens.strings) {
      // Unescaped: it stays there, and the next one goes elsewhere, or it is copied.
      if (store_ == StringStore::kReader) {
        tokens.strings += text.size();
      } else {
        text = document_.Intern(text);
      }
    }
    Add(at, kind, text);
  }

 private:
  [[gnu::always_inline]] void Add(uint32_t at, JsonKind kind, std::string_view text) {
    nodes_[count_] = {text.data(), static_cast<uint32_t>(text.size()), count_ + 1, at,
                      0,           static_cast<uint32_t>(kind)};
    ++count_;
  }

  // The object has many keys, or two that may be equal. Gives the number of nodes that remain; 0 where it is refused.
  static uint32_t CloseAgain(JsonWalk& walk, Document& document, uint32_t object, uint32_t count,
                             DuplicateKeys duplicates) {
    if (!walk.closer_.HasEqualKeys(document, object)) return count;
    Document::Nodes& nodes = document.nodes();
    const size_t room = nodes.size();
    nodes.resize(count);
    if (Status closed = walk.closer_.Close(document, object, duplicates); !closed) {
      walk.refused = std::move(closed.error());
      return 0;
    }
    count = static_cast<uint32_t>(nodes.size());
    nodes.resize(room);
    return count;
  }

  JsonWalk& walk_;
  Document& document_;
  JsonWalk::Open* const open_;
  Document::Node* nodes_;
  uint32_t count_ = 0;
  const DuplicateKeys duplicates_;
  const StringStore store_;
};

namespace {

template <class Sink>
[[gnu::always_inline]] inline bool TakeKey(Tokens& tokens, size_t depth, Sink& sink) {
  if (tokens.Peek() != '"') return false;
  const uint32_t at = *tokens.next++;
  const std::string_view key = TakeString(tokens, at);
  if (key.data() == nullptr) return false;
  sink.Key(tokens, depth, at, key);
  if (tokens.Peek() != ':') return false;
  ++tokens.next;
  return true;
}

template <class Sink>
[[gnu::always_inline]] inline bool TakeLiteral(Tokens& tokens, uint32_t at, Sink& sink) {
  const size_t end = tokens.next < tokens.last ? *tokens.next : tokens.size;
  std::string_view token(tokens.text + at, end - at);
  const JsonKind kind = LiteralKind(token);
  if (kind == JsonKind::kMissing) return false;
  sink.Scalar(tokens, at, kind, token);
  return true;
}

// Takes one value, `depth` collections deep. What it calls for each token is inlined (by force: GCC leaves it outside, and
// then `tokens` and `sink` live in memory).
// False where it is not valid, or too deep.
template <class Sink>
bool TakeValue(Tokens& tokens, const size_t depth, Sink& sink) {
  std::array<char, kMaxDepth> closing;  // of the collections that are open
  size_t open = depth;
  while (true) {
    const bool member = open > depth && closing[open - 1] == '}';
    if (member && !TakeKey(tokens, open - 1, sink)) return false;
    if (tokens.next == tokens.last) return false;
    const uint32_t at = *tokens.next++;
    const char first = tokens.text[at];
    if (first == '"') {
      const std::string_view text = TakeString(tokens, at);
      if (text.data() == nullptr) return false;
      sink.Scalar(tokens, at, JsonKind::kString, text);
    } else if (first == '{' || first == '[') {
      if (open == kMaxDepth) return false;
      const bool object = first == '{';
      const bool left_out = member && !object && sink.LeavesOut();
      closing[open] = object ? '}' : ']';
      sink.Open(open, at, object ? JsonKind::kObject : JsonKind::kArray);
      if (left_out) {
        Tokens rest = tokens;
        --rest.next;
        NoSink nothing;
        if (!TakeValue(rest, open, nothing)) return false;
        tokens.next = rest.next - 1;  // its bracket, which closes what was opened here
      }
      ++open;
      if (tokens.Peek() != closing[open - 1]) continue;  // its first member
    } else if (!TakeLiteral(tokens, at, sink)) {
      return false;
    }
    // A value has ended, and with it perhaps what it is in.
    while (true) {
      if (open == depth) return true;
      const char separator = tokens.Peek();
      const char end = closing[open - 1];
      ++tokens.next;
      if (separator == ',') break;
      if (separator != end) return false;
      --open;
      if (!sink.Close(open, end == '}' ? JsonKind::kObject : JsonKind::kArray)) return false;
    }
  }
}

}  // namespace

bool JsonWalk::Run(std::string_view text, std::span<const uint32_t> offsets, char* strings,
                   DuplicateKeys duplicates, StringStore store, Document& document) {
  refused.reset();
  // Each node takes a token.
  const size_t room = offsets.size();
  if (document.nodes().capacity() < room) document.nodes().reserve(room + room / 4);
  document.nodes().resize(room);
  NodeSink sink(*this, duplicates, store, document);
  Tokens tokens{text.data(), text.size(), offsets.data(), offsets.data() + offsets.size(), strings};
  const bool valid = TakeValue(tokens, 0, sink) && tokens.next == tokens.last;
  document.nodes().resize(valid ? sink.count() : 0);
  return valid;
}

}  // namespace plimsoll
