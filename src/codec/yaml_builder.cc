#include "codec/yaml_builder.h"

#include <yaml-cpp/mark.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "codec/source.h"
#include "codec/yaml_scalar.h"
#include "plimsoll/base/text.h"
#include "plimsoll/codec/manifest.h"

namespace plimsoll {
namespace {

[[noreturn]] void Refuse(SourcePosition position, std::string message) {
  throw YamlRefusal{position, std::move(message)};
}

// yaml-cpp 0.7 makes single bytes of the escapes \N and \_ (U+0085, U+00A0); everything else it makes is UTF-8.
std::string EncodeLatin1(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    if (length == 0) {
      out += static_cast<char>(0xC0 | (static_cast<unsigned char>(text[0]) >> 6));
      out += static_cast<char>(0x80 | (static_cast<unsigned char>(text[0]) & 0x3F));
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return out;
}

bool IsScalar(const Document::Node& node) {
  return node.kind != static_cast<uint32_t>(JsonKind::kObject) &&
         node.kind != static_cast<uint32_t>(JsonKind::kArray);
}

}  // namespace

void YamlBuilder::Begin(const YamlChunk& chunk, Document& document) {
  chunk_ = chunk;
  document_ = &document;
  open_.clear();
  anchors_.clear();
  merge_keys_.clear();
}

void YamlBuilder::OnDocumentStart(const YAML::Mark& mark) {
  if (!document_->empty()) {
    Refuse(PositionOf(mark),
           "expected the end of the document: check the indentation, and begin another document "
           "with a line `---`");
  }
}

SourcePosition YamlBuilder::PositionOf(const YAML::Mark& mark) const {
  return {chunk_.first_line + static_cast<uint32_t>(mark.line) + 1,
          std::min(static_cast<uint32_t>(mark.column) + 1, kMaxColumn)};
}

SourcePosition YamlBuilder::OpenSince(JsonKind kind) const {
  if (open_.empty() || open_.back().object != (kind == JsonKind::kObject)) return {};
  return document_->PositionOf(open_.back().node);
}

void YamlBuilder::CheckCount(const YAML::Mark& mark, size_t more) const {
  if (document_->nodes().size() + more <= kMaxYamlNodes) return;
  Refuse(PositionOf(mark), "more than " + std::to_string(kMaxYamlNodes) +
                               " values in a document, counting what its aliases stand for");
}

uint32_t YamlBuilder::Add(const YAML::Mark& mark, JsonKind kind, std::string_view text) {
  CheckCount(mark, 1);
  const auto index = static_cast<uint32_t>(document_->nodes().size());
  const SourcePosition position = PositionOf(mark);
  Document::Node node{};
  node.text = text.data();
  node.length = static_cast<uint32_t>(text.size());
  node.end = index + 1;
  node.line = position.line;
  node.column = position.column & kMaxColumn;
  node.kind = static_cast<uint32_t>(kind) & 0xFF;
  document_->nodes().push_back(node);
  return index;
}

std::string_view YamlBuilder::Keep(const YAML::Mark& mark, std::string_view value) {
  const size_t at = chunk_.begin + static_cast<size_t>(mark.pos);
  for (const size_t begin : {at, at + 1}) {  // plain; in quotes
    if (begin > text_.size()) break;
    const std::string_view there = text_.substr(begin, value.size());
    if (there == value) return there;
  }
  return document_->Intern(IsValidUtf8(value) ? value : std::string_view(EncodeLatin1(value)));
}

void YamlBuilder::SetAnchor(YAML::anchor_t anchor, Anchored anchored) {
  if (anchor == YAML::NullAnchor) return;
  if (anchors_.size() <= anchor) anchors_.resize(anchor + 1, Anchored{0, 0, 0});
  anchors_[anchor] = anchored;
}

void YamlBuilder::Complete(YAML::anchor_t anchor, uint32_t begin, uint32_t height) {
  SetAnchor(anchor, {begin, static_cast<uint32_t>(document_->nodes().size()), height});
  if (open_.empty()) return;
  Open& parent = open_.back();
  parent.height = std::max(parent.height, height);
  if (parent.object) parent.at_key = !parent.at_key;
}

void YamlBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  if (AtKey()) Refuse(PositionOf(mark), "a key is null: keys are strings, quote it");
  Complete(anchor, Add(mark, JsonKind::kNull, "null"), 0);
}

void YamlBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  if (AtKey()) {
    Key(mark, tag, anchor, value);
    return;
  }
  std::string problem;
  std::optional<YamlScalar> scalar = ResolveYamlScalar(tag, value, scratch_, problem);
  if (!scalar) Refuse(PositionOf(mark), std::move(problem));
  const bool fixed = scalar->kind == JsonKind::kNull || scalar->kind == JsonKind::kBool;
  const std::string_view text = fixed ? scalar->text : Keep(mark, scalar->text);
  Complete(anchor, Add(mark, scalar->kind, text), 0);
}

void YamlBuilder::Key(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                      const std::string& value) {
  const bool merge = value == "<<" && (tag == "?" || tag == "tag:yaml.org,2002:merge");
  std::string problem;
  std::optional<std::string_view> key = ResolveYamlKey(tag, value, scratch_, problem);
  if (!key) Refuse(PositionOf(mark), std::move(problem));
  const uint32_t node = Add(mark, JsonKind::kString, Keep(mark, *key));
  if (merge) merge_keys_.push_back(node);
  Complete(anchor, node, 0);
}

void YamlBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  // yaml-cpp refuses names it has not seen, so the anchor is known; unless it is not complete yet.
  const Anchored anchored = anchor < anchors_.size() ? anchors_[anchor] : Anchored{0, 0, 0};
  if (anchored.end == 0) Refuse(PositionOf(mark), "an anchor's value contains itself");
  const size_t count = anchored.end - anchored.begin;
  if (open_.size() + anchored.height > kMaxDepth) {
    Refuse(PositionOf(mark),
           "nested deeper than " + std::to_string(kMaxDepth) + " levels, following this alias");
  }
  CheckCount(mark, count);
  aliased_nodes_ += count;
  if (aliased_nodes_ > kMaxYamlNodes) {
    Refuse(PositionOf(mark),
           "more than " + std::to_string(kMaxYamlNodes) + " values through aliases in one text");
  }
  Document::Nodes& nodes = document_->nodes();
  const auto begin = static_cast<uint32_t>(nodes.size());
  const bool at_key = AtKey();
  if (at_key && !IsScalar(nodes[anchored.begin])) {
    Refuse(PositionOf(mark), "a key is a collection: keys are strings");
  }
  if (at_key && nodes[anchored.begin].kind == static_cast<uint32_t>(JsonKind::kNull)) {
    Refuse(PositionOf(mark), "a key is null: keys are strings, quote it");
  }
  nodes.reserve(nodes.size() + count);
  for (size_t i = 0; i < count; ++i) {
    nodes.push_back(nodes[anchored.begin + i]);
    nodes.back().end += begin - anchored.begin;
  }
  // The value itself stands where the alias stands; what is inside it stands at the anchor.
  nodes[begin].line = PositionOf(mark).line;
  nodes[begin].column = PositionOf(mark).column & kMaxColumn;
  if (at_key) nodes[begin].kind = static_cast<uint32_t>(JsonKind::kString);
  Complete(YAML::NullAnchor, begin, anchored.height);
}

void YamlBuilder::OpenCollection(const YAML::Mark& mark, YAML::anchor_t anchor, JsonKind kind) {
  if (AtKey()) Refuse(PositionOf(mark), "a key is a collection: keys are strings");
  if (open_.size() == kMaxDepth) {
    Refuse(PositionOf(mark), "nested deeper than " + std::to_string(kMaxDepth) + " levels");
  }
  const uint32_t node = Add(mark, kind, {});
  SetAnchor(anchor, {node, 0, 0});
  const bool object = kind == JsonKind::kObject;
  open_.push_back({node, 0, static_cast<uint32_t>(merge_keys_.size()), anchor, object, object});
}

void YamlBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/,
                                  YAML::anchor_t anchor, YAML::EmitterStyle::value /*style*/) {
  OpenCollection(mark, anchor, JsonKind::kArray);
}

void YamlBuilder::OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/,
                             YAML::anchor_t anchor, YAML::EmitterStyle::value style) {
  // `{{ .Values.x }}` is a mapping in a mapping to YAML.
  const size_t at = chunk_.begin + static_cast<size_t>(mark.pos);
  if (style == YAML::EmitterStyle::Flow && at < text_.size() &&
      text_.substr(at).starts_with("{{")) {
    Refuse(PositionOf(mark), std::string(kUnrenderedTemplate));
  }
  OpenCollection(mark, anchor, JsonKind::kObject);
}

void YamlBuilder::OnSequenceEnd() {
  document_->nodes()[open_.back().node].end = static_cast<uint32_t>(document_->nodes().size());
  CloseCollection();
}

void YamlBuilder::OnMapEnd() {
  const Open& open = open_.back();
  const auto merges = std::span(merge_keys_).subspan(open.first_merge_key);
  Status closed = merges.empty() ? closer_.Close(*document_, open.node, duplicates_)
                                 : closer_.CloseMerging(*document_, open.node, duplicates_, merges);
  if (!closed) Refuse(closed.error().position, std::move(closed.error().message));
  merge_keys_.resize(open.first_merge_key);
  CloseCollection();
}

void YamlBuilder::CloseCollection() {
  const Open closed = open_.back();
  open_.pop_back();
  Complete(closed.anchor, closed.node, closed.height + 1);
}

}  // namespace plimsoll
