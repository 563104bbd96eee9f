#include "plimsoll/base/json_view.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <vector>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

// Every integer up to here is exactly a double; beyond, "1e17" and 10^17 could be taken for each other.
constexpr double kMaxExactInteger = 9007199254740992.0;  // 2^53

// Ports, seconds, replicas: any number of so many digits fits into 64 bits.
constexpr size_t kMaxPlainDigits = 18;

std::optional<double> ParseDouble(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    return text.starts_with('-') ? -std::numeric_limits<double>::infinity()
                                 : std::numeric_limits<double>::infinity();
  }
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// False once the budget is used up.
bool AppendJson(JsonView value, size_t max_bytes, std::string& out) {
  if (out.size() > max_bytes) return false;
  bool first = true;
  switch (value.kind()) {
    case JsonKind::kObject:
      out += '{';
      for (const JsonMember member : value.members()) {
        if (!first) out += ',';
        first = false;
        AppendJsonString(member.key, out);
        out += ':';
        if (!AppendJson(member.value, max_bytes, out)) return false;
      }
      out += '}';
      break;
    case JsonKind::kArray:
      out += '[';
      for (const JsonView element : value.elements()) {
        if (!first) out += ',';
        first = false;
        if (!AppendJson(element, max_bytes, out)) return false;
      }
      out += ']';
      break;
    case JsonKind::kString:
      AppendJsonString(value.text(), out);
      break;
    case JsonKind::kMissing:
      out += "null";
      break;
    default:
      out += value.text();
  }
  return out.size() <= max_bytes;
}

bool NumbersEqual(JsonView a, JsonView b) {
  if (a.text() == b.text()) return true;
  const std::optional<int64_t> x = a.AsInt();
  const std::optional<int64_t> y = b.AsInt();
  if (x && y) return *x == *y;
  if (x || y) return false;
  // Both out of range is not "equal": different spellings beyond what a double holds are different numbers.
  const std::optional<double> p = a.AsDouble();
  const std::optional<double> q = b.AsDouble();
  return p && q && std::isfinite(*p) && *p == *q;
}

using MemberIterator = JsonView::MemberIterator;

// What is left of an object's members, in the order of their names.
std::vector<JsonMember> Sorted(MemberIterator member, MemberIterator end) {
  std::vector<JsonMember> members;
  for (; member != end; ++member) members.push_back(*member);
  std::sort(members.begin(), members.end(),
            [](const JsonMember& a, const JsonMember& b) { return a.key < b.key; });
  return members;
}

// Objects whose members are in different orders. Sorting is for those of hostile size: looking each name up costs n².
bool SortedEqual(std::vector<JsonMember> a, std::vector<JsonMember> b,
                 std::span<const std::string_view> except) {
  const auto excepted = [except](const JsonMember& member) {
    return std::find(except.begin(), except.end(), member.key) != except.end();
  };
  std::erase_if(a, excepted);
  std::erase_if(b, excepted);
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const JsonMember& x, const JsonMember& y) {
                      return x.key == y.key && DeepEquals(x.value, y.value);
                    });
}

}  // namespace

std::string_view JsonKindName(JsonKind kind) {
  switch (kind) {
    case JsonKind::kMissing:
      return "missing";
    case JsonKind::kNull:
      return "null";
    case JsonKind::kBool:
      return "boolean";
    case JsonKind::kNumber:
      return "number";
    case JsonKind::kString:
      return "string";
    case JsonKind::kArray:
      return "array";
    case JsonKind::kObject:
      return "object";
  }
  return "unknown";
}

std::string_view Document::Intern(std::string_view text) { return texts_.emplace_back(text); }

void Document::Clear() {
  nodes_.clear();
  notes_.clear();
  texts_.clear();
  source_ = {};
}

SourcePosition Document::PositionOf(uint32_t index) const {
  const Node& node = nodes_[index];
  if (node.column != 0) return {node.line, node.column};
  if (source_.empty()) return {};
  const std::string_view before = source_.substr(0, std::min<size_t>(node.line, source_.size()));
  const auto lines = static_cast<uint32_t>(std::count(before.begin(), before.end(), '\n'));
  const size_t line_start = before.rfind('\n') + 1;  // npos + 1 == 0
  return {lines + 1, static_cast<uint32_t>(before.size() - line_start) + 1};
}

JsonView JsonView::operator[](std::string_view key) const {
  if (!is_object()) return {};
  // Rules ask this more often than anything else: length and both ends tell nearly all keys apart, so that the text is
  // compared once, when it is the one.
  const Document::Node* const nodes = document_->nodes().data();
  const uint32_t end = nodes[index_].end;
  const size_t size = key.size();
  for (uint32_t i = index_ + 1; i < end; i = nodes[i + 1].end) {
    const Document::Node& member = nodes[i];
    if (member.length != size) continue;
    if (size != 0 && (member.text[0] != key.front() || member.text[size - 1] != key.back())) {
      continue;
    }
    if (std::string_view(member.text, size) == key) return {document_, i + 1};
  }
  return {};
}

JsonView JsonView::At(size_t position) const {
  for (const JsonView element : elements()) {
    if (position-- == 0) return element;
  }
  return {};
}

SourcePosition JsonView::KeyPosition(std::string_view key) const {
  const JsonView value = (*this)[key];
  return value.exists() ? document_->PositionOf(value.index_ - 1) : SourcePosition();
}

SourcePosition JsonMember::key_position() const {
  return value.document()->PositionOf(value.index() - 1);
}

std::string_view JsonView::text() const {
  if (!exists()) return {};
  switch (kind()) {
    case JsonKind::kNull:
      return "null";
    case JsonKind::kBool:
    case JsonKind::kNumber:
    case JsonKind::kString:
      return {node().text, node().length};
    default:
      return {};
  }
}

std::optional<std::string_view> JsonView::AsString() const {
  if (!is_string()) return std::nullopt;
  return text();
}

std::optional<bool> JsonView::AsBool() const {
  if (kind() != JsonKind::kBool) return std::nullopt;
  return text() == "true";
}

std::optional<double> JsonView::AsDouble() const {
  if (kind() != JsonKind::kNumber) return std::nullopt;
  return ParseDouble(text());
}

std::optional<int64_t> JsonView::AsInt() const {
  if (kind() != JsonKind::kNumber) return std::nullopt;
  const std::string_view digits = text();
  if (digits.size() <= kMaxPlainDigits) {
    int64_t plain = 0;
    size_t i = 0;
    for (; i < digits.size() && digits[i] >= '0' && digits[i] <= '9'; ++i) {
      plain = plain * 10 + (digits[i] - '0');
    }
    if (i == digits.size()) return plain;
  }
  int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc() && end == digits.data() + digits.size()) return value;
  const std::optional<double> number = ParseDouble(digits);
  if (!number || std::abs(*number) > kMaxExactInteger || std::trunc(*number) != *number) {
    return std::nullopt;
  }
  return static_cast<int64_t>(*number);
}

size_t JsonView::size() const {
  size_t count = 0;
  if (is_array()) {
    for ([[maybe_unused]] const JsonView element : elements()) ++count;
  } else {
    for ([[maybe_unused]] const JsonMember member : members()) ++count;
  }
  return count;
}

SourcePosition JsonView::position() const {
  return exists() ? document_->PositionOf(index_) : SourcePosition();
}

std::unique_ptr<Document> CopyOf(JsonView value) {
  auto copy = std::make_unique<Document>();
  if (!value.exists()) return copy;
  const Document::Nodes& nodes = value.document()->nodes();
  const uint32_t first = value.index();
  const uint32_t end = nodes[first].end;
  std::string text;
  for (uint32_t i = first; i < end; ++i) text.append(nodes[i].text, nodes[i].length);
  const char* at = copy->Intern(text).data();
  copy->nodes().reserve(end - first);
  for (uint32_t i = first; i < end; ++i) {
    Document::Node node = nodes[i];
    node.end = node.end > first ? node.end - first : 0;
    node.text = at;
    node.line = 0;
    node.column = 0;
    at += node.length;
    copy->nodes().push_back(node);
  }
  return copy;
}

bool MembersEqual(JsonView a, JsonView b, std::span<const std::string_view> except) {
  // Two versions of one object usually have their members in the same order.
  MemberIterator x = a.members().begin();
  MemberIterator y = b.members().begin();
  const MemberIterator x_end = a.members().end();
  const MemberIterator y_end = b.members().end();
  for (; x != x_end && y != y_end && (*x).key == (*y).key; ++x, ++y) {
    const bool excepted = std::find(except.begin(), except.end(), (*x).key) != except.end();
    if (!excepted && !DeepEquals((*x).value, (*y).value)) return false;
  }
  return SortedEqual(Sorted(x, x_end), Sorted(y, y_end), except);
}

bool DeepEquals(JsonView a, JsonView b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case JsonKind::kObject:
      return MembersEqual(a, b, {});
    case JsonKind::kArray: {
      if (a.size() != b.size()) return false;
      auto other = b.elements().begin();
      for (const JsonView element : a.elements()) {
        if (!DeepEquals(element, *other)) return false;
        ++other;
      }
      return true;
    }
    case JsonKind::kNumber:
      return NumbersEqual(a, b);
    default:
      return a.text() == b.text();
  }
}

std::string ToJson(JsonView value, size_t max_bytes) {
  std::string out;
  if (AppendJson(value, max_bytes, out)) return out;
  // Cut at a character border, leaving room for the mark.
  constexpr std::string_view kMark = "…";
  size_t size = max_bytes > kMark.size() ? std::min(out.size(), max_bytes - kMark.size()) : 0;
  while (size > 0 && (static_cast<unsigned char>(out[size]) & 0xC0) == 0x80) --size;
  out.resize(size);
  out += kMark;
  return out;
}

}  // namespace plimsoll
