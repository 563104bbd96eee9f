#include "plimsoll/codec/manifest.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "codec/json_reader.h"
#include "codec/object_closer.h"
#include "codec/source.h"
#include "codec/yaml_builder.h"
#include "codec/yaml_chunks.h"
#include "codec/yaml_reader.h"
#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

// A text with more problems than that is no manifest; nobody reads on.
constexpr size_t kMaxProblems = 1000;

// Control characters that YAML 1.2 §5.1 forbids; 0x04 would also end the text for yaml-cpp, without a word. JSON has
// stricter rules, which its reader knows.
bool IsForbidden(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') ||
         c == '\x7F';
}

// Offset of the first byte that no manifest may contain.
std::optional<size_t> FindForbidden(std::string_view text) {
  const auto control = std::find_if(text.begin(), text.end(), IsForbidden);
  const auto stop = static_cast<size_t>(control - text.begin());
  if (!IsValidUtf8(text.substr(0, stop))) {
    for (size_t at = 0; at < stop;) {
      const size_t length = Utf8Length(text.substr(at, stop - at));
      if (length == 0) return at;
      at += length;
    }
  }
  if (control != text.end()) return stop;
  return std::nullopt;
}

// A place in a text that only moves forward, so that finding many places costs one pass.
struct JsonCursor {
  std::string_view text;
  size_t offset;
  SourcePosition position;  // of `offset`
  size_t newline = text.find('\n', offset);

  void MoveTo(size_t to) {
    while (newline < to) {
      offset = newline + 1;
      newline = text.find('\n', offset);
      ++position.line;
      position.column = 1;
    }
    position.column += static_cast<uint32_t>(to - offset);
    offset = to;
  }
};

// The position in a text of what is at `inner` in the part of it that begins at `start`.
SourcePosition Shift(SourcePosition inner, SourcePosition start) {
  const uint32_t column = inner.line == 1 ? start.column + inner.column - 1 : inner.column;
  return {start.line + inner.line - 1, column};
}

// Skips what may stand between JSON values in a stream of them: white space, comments, `...`. False at the end.
bool SkipBetweenJson(std::string_view text, size_t& begin, size_t end) {
  const auto skip_line = [&] { begin = std::min(text.find('\n', begin), end); };
  while (begin < end) {
    const char c = text[begin];
    if (c == '#' || (c == '.' && text.substr(begin).starts_with("...") &&
                     (begin == 0 || text[begin - 1] == '\n'))) {
      skip_line();
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      ++begin;
    } else {
      return true;
    }
  }
  return false;
}

// The end of the JSON value that begins at `begin`, or the end of the text where it does not end.
size_t JsonEnd(std::string_view text, size_t begin, size_t end) {
  if (text[begin] != '{' && text[begin] != '[') return end;
  size_t depth = 0;
  bool in_string = false;
  for (size_t at = begin; at < end; ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') {
        ++at;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return at + 1;
    }
  }
  return end;
}

class ManifestReader {
 public:
  // The text must be padded: the readers keep views of it.
  ManifestReader(Manifests& out, DuplicateKeys duplicates)
      : out_(out), duplicates_(duplicates), yaml_(out.text, DuplicateKeys::kNote) {}

  void Read() {
    for (const YamlChunk& chunk : SplitYaml(out_.text)) {
      if (MustStop({chunk.first_line + 1, 1})) break;
      ReadChunk(chunk);
    }
    std::stable_sort(
        out_.problems.begin(), out_.problems.end(),
        [](const Diagnostic& a, const Diagnostic& b) { return a.position < b.position; });
  }

 private:
  void ReadChunk(const YamlChunk& chunk) {
    const std::string_view text =
        std::string_view(out_.text).substr(chunk.begin, chunk.end - chunk.begin);
    if (const std::optional<size_t> at = FindForbidden(text)) {
      ++out_.document_count;
      SourcePosition position = PositionAt(text, *at);
      position.line += chunk.first_line;
      Report(position, "expected UTF-8 text without control characters, got " +
                           DescribeByte(text.substr(*at)));
      return;
    }
    const size_t content = FirstContent(text);
    if (content == std::string_view::npos) return;
    if ((text[content] == '{' || text[content] == '[') && !text.substr(content).starts_with("{{") &&
        ReadJson(chunk.begin + content, chunk.end)) {
      return;
    }
    auto document = std::make_unique<Document>();
    if (std::optional<Diagnostic> problem = yaml_.Read(chunk, *document)) {
      ++out_.document_count;
      out_.problems.push_back(std::move(*problem));
      return;
    }
    if (document->empty() || document->root().kind() == JsonKind::kNull) return;
    Take(std::move(document));
  }

  // JSON values one after another. False: this is a YAML flow collection after all.
  bool ReadJson(size_t begin, size_t end) {
    const std::string_view text(out_.text);
    JsonCursor cursor{text, begin, PositionAt(text, begin)};
    bool first = true;
    while (SkipBetweenJson(text, begin, end)) {
      size_t value_end = JsonEnd(text, begin, end);
      cursor.MoveTo(begin);
      if (MustStop(cursor.position)) return true;
      auto document = std::make_unique<Document>();
      Status status = json_.Read(out_.text, begin, value_end, DuplicateKeys::kNote,
                                 StringStore::kDocument, *document);
      if (!status && first && !LooksLikeJson(text.substr(begin, end - begin))) return false;
      if (!status) {
        ++out_.document_count;
        Report(Shift(status.error().position, cursor.position), std::move(status.error().message));
        // Brackets cannot be trusted any more; another value most likely begins a line.
        const size_t next = text.find("\n{", begin);
        value_end = next < end ? next + 1 : end;
      } else {
        Place(*document, begin, cursor);
        Take(std::move(document));
      }
      first = false;
      begin = value_end;
    }
    return true;
  }

  // Gives each node its line and column, in one pass: looking each up by its offset would cost the whole text each time.
  static void Place(Document& document, size_t begin, JsonCursor& cursor) {
    for (Document::Note& note : document.notes()) {
      note.position = Shift(note.position, cursor.position);
      if (note.first.known()) note.first = Shift(note.first, cursor.position);
    }
    for (Document::Node& node : document.nodes()) {
      cursor.MoveTo(begin + node.line);
      node.line = cursor.position.line;
      node.column = std::min(cursor.position.column, kMaxColumn) & kMaxColumn;
    }
  }

  // Whether text that begins with a bracket and is not valid JSON was meant as JSON: a quoted key, or nothing that YAML
  // could make sense of either.
  static bool LooksLikeJson(std::string_view text) {
    const size_t at = text.find_first_not_of("{[ \t\r\n");
    return at == std::string_view::npos || text[at] == '"' || text[at] == '}' || text[at] == ',';
  }

  void Take(std::unique_ptr<Document> document) {
    ++out_.document_count;
    const bool reject = duplicates_ == DuplicateKeys::kReject;
    bool refused = false;
    for (const Document::Note& note : document->notes()) {
      if (note.kind != Document::Note::Kind::kDuplicateKey) continue;
      refused = reject;
      Report(note.position, DuplicateKeyMessage(note.key, note.first) +
                                (reject ? "" : "; here the last one counts"));
    }
    const JsonView root = document->root();
    out_.documents.push_back(std::move(document));
    std::vector<JsonView>& objects = refused ? out_.refused : out_.objects;
    AddObject(root, "", objects);
  }

  void AddObject(JsonView view, std::string_view place, std::vector<JsonView>& out) {
    if (!view.is_object()) {
      Report(view.position(), "expected a Kubernetes object" + std::string(place) + ", got " +
                                  (view.is_array() ? "an " : "a ") +
                                  std::string(JsonKindName(view.kind())));
      return;
    }
    const std::string_view kind = view["kind"].StringOrEmpty();
    const JsonView items = view["items"];
    if (!kind.ends_with("List") || !items.is_array()) {
      out.push_back(view);
      return;
    }
    for (const JsonView item : items.elements()) AddItem(view, item, out);
  }

  // Items of a typed list (DeploymentList) may leave out what the list's kind says, as the API server's do.
  void AddItem(JsonView list, JsonView item, std::vector<JsonView>& out) {
    std::string_view kind = list["kind"].StringOrEmpty();
    kind.remove_suffix(4);
    if (!item.is_object() || kind.empty() || item["kind"].present()) {
      AddObject(item, " as an item of the list", out);
      return;
    }
    const Document::Nodes& from = item.document()->nodes();
    const uint32_t begin = item.index();
    const uint32_t end = from[begin].end;
    auto document = std::make_unique<Document>();
    document->set_source(item.document()->source());
    Document::Nodes& nodes = document->nodes();
    nodes.push_back(from[begin]);
    const auto add = [&](std::string_view text) {
      Document::Node node = from[begin];  // stands where the item begins
      node.text = text.data();
      node.length = static_cast<uint32_t>(text.size());
      node.kind = static_cast<uint32_t>(JsonKind::kString);
      node.end = static_cast<uint32_t>(nodes.size()) + 1;
      nodes.push_back(node);
    };
    for (const auto& [key, value] : {std::pair<std::string_view, std::string_view>{
                                         "apiVersion", list["apiVersion"].StringOrEmpty()},
                                     {"kind", kind}}) {
      if (item[key].exists()) continue;
      add(key);
      add(value);
    }
    const auto shift = static_cast<uint32_t>(nodes.size()) - begin - 1;
    for (uint32_t i = begin + 1; i < end; ++i) {
      nodes.push_back(from[i]);
      nodes.back().end += shift;
    }
    nodes[0].end = static_cast<uint32_t>(nodes.size());
    for (Document::Note note : item.document()->notes()) {
      if (note.node < begin || note.node >= end) continue;
      note.node = note.node == begin ? 0 : note.node + shift;
      document->notes().push_back(std::move(note));
    }
    out_.documents.push_back(std::move(document));
    out.push_back(out_.documents.back()->root());
  }

  bool MustStop(SourcePosition position) {
    if (!stopped_ && out_.problems.size() >= kMaxProblems) {
      Report(position, "too many problems: the rest of the text was not read");
      stopped_ = true;
    }
    return stopped_;
  }

  void Report(SourcePosition position, std::string message) {
    out_.problems.push_back({"", position, "", std::move(message)});
  }

  Manifests& out_;
  const DuplicateKeys duplicates_;
  JsonReader json_;
  YamlReader yaml_;
  bool stopped_ = false;
};

}  // namespace

std::unique_ptr<Manifests> ParseManifests(std::string text, DuplicateKeys duplicates) {
  auto manifests = std::make_unique<Manifests>();
  manifests->text = std::move(text);
  const std::string_view view(manifests->text);
  if (view.starts_with("\xFF\xFE") || view.starts_with("\xFE\xFF")) {
    manifests->document_count = 1;
    manifests->problems.push_back({"", {1, 1}, "", "the text is UTF-16: save it as UTF-8"});
    return manifests;
  }
  if (view.size() > kMaxManifestBytes) {
    manifests->document_count = 1;
    manifests->problems.push_back(
        {"", {1, 1}, "", "longer than " + std::to_string(kMaxManifestBytes >> 20) + " MiB"});
    return manifests;
  }
  if (view.starts_with(kByteOrderMark)) manifests->text.erase(0, kByteOrderMark.size());
  JsonReader::Pad(manifests->text);
  ManifestReader(*manifests, duplicates).Read();
  return manifests;
}

}  // namespace plimsoll
