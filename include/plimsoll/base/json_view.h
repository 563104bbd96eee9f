// JsonView: a read-only view of one value in a parsed document, whether it was spelled in JSON or in YAML.
//
// A Document is a flat array of nodes in document order; a JsonView is a pointer and an index into it, cheap to copy.
// Looking for what is not there gives a missing view, and every question to a missing view has a harmless answer, so
// `object["spec"]["template"]["metadata"]` needs no checks in between.
//
// Thread-safety: a Document is filled by one thread and may then be read by many. Ownership: views are valid as long as
// their Document is neither changed nor destroyed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plimsoll/base/position.h"

namespace plimsoll {

enum class JsonKind : uint8_t { kMissing, kNull, kBool, kNumber, kString, kArray, kObject };

// "missing", "null", "boolean", "number", "string", "array", "object": for error messages.
std::string_view JsonKindName(JsonKind kind);

class JsonView;

// What `resize` adds to a vector stays as the memory is: for a parser that knows how many nodes there can be, and writes
// each once.
template <class T>
struct UninitializedAllocator : std::allocator<T> {
  template <class U>
  struct rebind {
    using other = UninitializedAllocator<U>;
  };
  using std::allocator<T>::allocator;
  template <class U>
  void construct(U* place) noexcept {
    ::new (static_cast<void*>(place)) U;
  }
  template <class U, class... Arguments>
  void construct(U* place, Arguments&&... arguments) {
    ::new (static_cast<void*>(place)) U(std::forward<Arguments>(arguments)...);
  }
};

class Document {
 public:
  struct Node {
    const char* text;  // string value, number text, key
    uint32_t length;
    uint32_t end;   // index of the first node after this value and all it contains
    uint32_t line;  // 1-based line; where column is 0, a byte offset into source()
    uint32_t column : 24;
    uint32_t kind : 8;  // a JsonKind; an object's children alternate: key (a kString), value
  };
  using Nodes = std::vector<Node, UninitializedAllocator<Node>>;

  // Something about the spelling that a value cannot show.
  struct Note {
    enum class Kind : uint8_t { kDuplicateKey, kMergeKey };
    Kind kind;
    uint32_t node;  // the value that won, or the object that was merged into
    std::string key;
    SourcePosition position;  // of the second key, or of `<<`
    SourcePosition first;     // of the first of two equal keys
  };

  Document() = default;
  Document(Document&&) = default;
  Document& operator=(Document&&) = default;
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  JsonView root() const;
  bool empty() const { return nodes_.empty(); }

  // For parsers. Text handed to nodes must outlive the document; Intern copies it into the document.
  Nodes& nodes() { return nodes_; }
  const Nodes& nodes() const { return nodes_; }
  std::vector<Note>& notes() { return notes_; }
  const std::vector<Note>& notes() const { return notes_; }
  std::string_view Intern(std::string_view text);
  // The text that byte offsets refer to; must outlive the document.
  void set_source(std::string_view source) { source_ = source; }
  std::string_view source() const { return source_; }
  // Empties the document and keeps its memory for the next one.
  void Clear();

  SourcePosition PositionOf(uint32_t node) const;

 private:
  Nodes nodes_;
  std::vector<Note> notes_;
  std::deque<std::string> texts_;
  std::string_view source_;
};

struct JsonMember;

class JsonView {
 public:
  JsonView() = default;
  JsonView(const Document* document, uint32_t index) : document_(document), index_(index) {}

  JsonKind kind() const {
    return document_ == nullptr ? JsonKind::kMissing : static_cast<JsonKind>(node().kind);
  }
  bool exists() const { return document_ != nullptr; }
  // Kubernetes treats an explicit null as an absent field.
  bool present() const { return exists() && kind() != JsonKind::kNull; }
  bool is_object() const { return kind() == JsonKind::kObject; }
  bool is_array() const { return kind() == JsonKind::kArray; }
  bool is_string() const { return kind() == JsonKind::kString; }

  // The member of that name; missing where this is no object or has no such member.
  JsonView operator[](std::string_view key) const;
  // The element at that place; missing where this is no array or is shorter. Linear.
  JsonView At(size_t position) const;
  // The member called `key` and where its key stands (for messages about the key itself).
  SourcePosition KeyPosition(std::string_view key) const;

  // The value where it is of that type, else nothing. No conversions: "8080" is not a number.
  std::optional<std::string_view> AsString() const;
  std::optional<bool> AsBool() const;
  // Integral numbers that fit, also when spelled 1.0 or 1e3.
  std::optional<int64_t> AsInt() const;
  std::optional<double> AsDouble() const;

  // A string's value, or "" for anything else.
  std::string_view StringOrEmpty() const { return is_string() ? text() : std::string_view(); }
  // The text of a scalar: a string's value, a number as spelled (YAML: in its JSON spelling), "true", "null".
  std::string_view text() const;

  // Number of elements or members; 0 for scalars. Linear in them.
  size_t size() const;
  SourcePosition position() const;

  const Document* document() const { return document_; }
  uint32_t index() const { return index_; }

  class ElementIterator;
  class MemberIterator;
  struct Elements;
  struct Members;
  // Range-for over an array's elements (none if this is no array) or an object's members (none if no object).
  Elements elements() const;
  Members members() const;

 private:
  const Document::Node& node() const { return document_->nodes()[index_]; }

  const Document* document_ = nullptr;
  uint32_t index_ = 0;
};

struct JsonMember {
  std::string_view key;
  JsonView value;
  SourcePosition key_position() const;
};

// The value alone, with its text, in a Document of its own: what is kept of an object after the object is gone. Positions
// are not kept. A missing view gives an empty Document.
std::unique_ptr<Document> CopyOf(JsonView value);

// The same value: numbers by value, objects regardless of the order of their members.
bool DeepEquals(JsonView a, JsonView b);
// The same members, but for those of these names. What is no object has no members.
bool MembersEqual(JsonView a, JsonView b, std::span<const std::string_view> except);

// Compact JSON, for digests and for showing an observed value. Stops with "…" after `max_bytes`.
std::string ToJson(JsonView value, size_t max_bytes = SIZE_MAX);

// ---- iteration ----

class JsonView::ElementIterator {
 public:
  ElementIterator(const Document* document, uint32_t index) : document_(document), index_(index) {}
  JsonView operator*() const { return {document_, index_}; }
  ElementIterator& operator++() {
    index_ = document_->nodes()[index_].end;
    return *this;
  }
  bool operator==(const ElementIterator& other) const { return index_ == other.index_; }

 private:
  const Document* document_;
  uint32_t index_;
};

class JsonView::MemberIterator {
 public:
  MemberIterator(const Document* document, uint32_t key) : document_(document), key_(key) {}
  JsonMember operator*() const {
    const Document::Node& key = document_->nodes()[key_];
    return {std::string_view(key.text, key.length), JsonView(document_, key_ + 1)};
  }
  MemberIterator& operator++() {
    key_ = document_->nodes()[key_ + 1].end;
    return *this;
  }
  bool operator==(const MemberIterator& other) const { return key_ == other.key_; }

 private:
  const Document* document_;
  uint32_t key_;
};

struct JsonView::Elements {
  const Document* document;
  uint32_t first;
  uint32_t last;
  ElementIterator begin() const { return {document, first}; }
  ElementIterator end() const { return {document, last}; }
};

struct JsonView::Members {
  const Document* document;
  uint32_t first;
  uint32_t last;
  MemberIterator begin() const { return {document, first}; }
  MemberIterator end() const { return {document, last}; }
};

inline JsonView::Elements JsonView::elements() const {
  if (!is_array()) return {nullptr, 0, 0};
  return {document_, index_ + 1, node().end};
}

inline JsonView::Members JsonView::members() const {
  if (!is_object()) return {nullptr, 0, 0};
  return {document_, index_ + 1, node().end};
}

inline JsonView Document::root() const { return nodes_.empty() ? JsonView() : JsonView(this, 0); }

}  // namespace plimsoll
