#include "codec/yaml_reader.h"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <exception>
#include <istream>
#include <streambuf>
#include <string>
#include <utility>

#include "codec/plain_yaml.h"
#include "codec/source.h"
#include "codec/yaml_builder.h"
#include "codec/yaml_quotes.h"
#include "plimsoll/codec/manifest.h"

namespace plimsoll {
namespace {

// A stream over text that is already in memory, and then an end-of-document line. yaml-cpp takes a quoted value that the
// end of the text cuts off after a line break for complete; before a marker it does not.
class ChunkBuffer : public std::streambuf {
 public:
  explicit ChunkBuffer(std::string_view text) {
    const size_t last = text.find_last_not_of(" \t\r\n");
    const size_t newline = text.rfind('\n');
    if (newline != std::string_view::npos && (last == std::string_view::npos || last < newline)) {
      marker_ = newline + 1 == text.size() ? "...\n" : "\n...\n";
    }
    Show(text);
  }

 protected:
  int_type underflow() override {
    if (marker_.empty()) return traits_type::eof();
    Show(marker_);
    marker_ = {};
    return traits_type::to_int_type(*gptr());
  }

 private:
  void Show(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // the get area is only read
    setg(begin, begin, begin + text.size());
  }

  std::string_view marker_;
};

struct Rewording {
  std::string_view theirs;  // how yaml-cpp's message begins
  std::string_view ours;
};

// yaml-cpp words its errors for the authors of parsers.
std::string Reword(const std::string& message) {
  const std::array rewordings = {
      Rewording{YAML::ErrorMsg::END_OF_MAP_FLOW, "expected ',' or '}' in the {…} mapping"},
      Rewording{YAML::ErrorMsg::END_OF_SEQ_FLOW, "expected ',' or ']' in the […] list"},
      Rewording{YAML::ErrorMsg::END_OF_MAP,
                "expected another key of the mapping, or the end of the document: check the "
                "indentation here and above"},
      Rewording{YAML::ErrorMsg::END_OF_SEQ,
                "expected another item (`- `) of the list, or its end: check the indentation here "
                "and above"},
      Rewording{YAML::ErrorMsg::MAP_VALUE,
                "a `:` is not allowed here: quote the value, or check the indentation"},
      Rewording{YAML::ErrorMsg::MAP_KEY, "a key is not allowed here: check the indentation"},
      Rewording{YAML::ErrorMsg::BLOCK_ENTRY,
                "a list item (`- `) is not allowed here: check the indentation"},
      Rewording{YAML::ErrorMsg::FLOW_END, "a closing bracket without an opening one"},
      Rewording{YAML::ErrorMsg::UNKNOWN_TOKEN,
                "no value can begin with this character: quote the value"},
      Rewording{YAML::ErrorMsg::TAB_IN_INDENTATION, "a tab in the indentation: YAML takes spaces"},
      Rewording{YAML::ErrorMsg::EOF_IN_SCALAR,
                "the document ends inside a quoted value: expected the closing quote"},
      Rewording{YAML::ErrorMsg::DOC_IN_SCALAR,
                "the document ends inside a quoted value: expected the closing quote"},
      Rewording{YAML::ErrorMsg::BAD_FILE, "nested too deep"},
      Rewording{YAML::ErrorMsg::INVALID_ESCAPE, "unknown escape in a double-quoted value"},
      Rewording{YAML::ErrorMsg::INVALID_HEX,
                "expected hexadecimal digits after \\x, \\u or \\U in a double-quoted value"},
      Rewording{YAML::ErrorMsg::INVALID_UNICODE, "an escape that is no Unicode character: "},
      Rewording{YAML::ErrorMsg::CHAR_IN_BLOCK,
                "unexpected text after `|` or `>`: the block begins on the next line"},
      Rewording{YAML::ErrorMsg::UNKNOWN_ANCHOR,
                "an alias (*name) to an anchor (&name) that is not defined before it"},
  };
  for (const Rewording& rewording : rewordings) {
    if (!message.starts_with(rewording.theirs)) continue;
    std::string out(rewording.ours);
    // Some go on with a name.
    if (out.ends_with(": ")) out += message.substr(rewording.theirs.size());
    return out;
  }
  return message;
}

bool Is(const std::string& message, const char* theirs) { return message.starts_with(theirs); }

std::string LineAndColumn(SourcePosition position) {
  return "line " + std::to_string(position.line) + ", column " + std::to_string(position.column);
}

// The tab in the indentation of the line that `at` is in, if there is one.
size_t FindTabInIndentation(std::string_view text, size_t at) {
  const size_t line = at == 0 ? 0 : text.rfind('\n', std::min(at, text.size()) - 1) + 1;
  const size_t content = text.find_first_not_of(" \t", line);
  const size_t tab = text.find('\t', line);
  return tab < content ? tab : std::string_view::npos;
}

// What is wrong with a quoted value, if that is what has made yaml-cpp give up at `at`.
template <class Place>
std::optional<Diagnostic> QuoteProblem(const std::string& message, std::string_view bytes,
                                       size_t at, const Place& place) {
  if (Is(message, YAML::ErrorMsg::EOF_IN_SCALAR) || Is(message, YAML::ErrorMsg::DOC_IN_SCALAR)) {
    const std::optional<QuotedValue> open = LastQuotedValue(bytes, bytes.size());
    if (!open || open->end != std::string_view::npos) return std::nullopt;
    return Diagnostic{"", place(open->begin), "",
                      "the quoted value that begins here has no closing quote in this document"};
  }
  const std::optional<QuotedValue> before = LastQuotedValue(bytes, at);
  if (!before || before->end > at ||
      bytes.substr(before->end, at - before->end).find_first_not_of(" \t") !=
          std::string_view::npos) {
    return std::nullopt;
  }
  return Diagnostic{"", place(at), "",
                    "text after the closing quote of the value that begins at " +
                        LineAndColumn(place(before->begin)) +
                        ": is a quote missing, or one too many?"};
}

}  // namespace

struct YamlReader::State {
  State(std::string_view whole, DuplicateKeys duplicates)
      : text(whole), builder(whole, duplicates) {}

  std::string_view text;
  YamlBuilder builder;
};

YamlReader::YamlReader(std::string_view text, DuplicateKeys duplicates)
    : state_(std::make_unique<State>(text, duplicates)) {}
YamlReader::~YamlReader() = default;

std::optional<Diagnostic> YamlReader::Read(const YamlChunk& chunk, Document& document,
                                           YamlReaders readers) {
  const std::string_view bytes = state_->text.substr(chunk.begin, chunk.end - chunk.begin);
  YamlBuilder& builder = state_->builder;
  const auto problem = [&document](SourcePosition position, std::string message) {
    document.Clear();
    return Diagnostic{"", position, "", std::move(message)};
  };
  if (readers == YamlReaders::kAny) {
    builder.Begin(chunk, document);
    if (ReadPlainYaml(bytes, builder)) return std::nullopt;
    document.Clear();
  }
  try {
    ChunkBuffer buffer(bytes);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    builder.Begin(chunk, document);
    // A second document in a chunk is text that yaml-cpp could not place; the builder refuses it.
    if (parser.HandleNextDocument(builder)) parser.HandleNextDocument(builder);
    return std::nullopt;
  } catch (const YamlRefusal& refusal) {
    return problem(refusal.position, refusal.message);
  } catch (const YAML::Exception& error) {
    const auto at = static_cast<size_t>(std::max(error.mark.pos, 0));
    const auto place = [&chunk, bytes](size_t offset) {
      SourcePosition position = PositionAt(bytes, offset);
      position.line += chunk.first_line;
      return position;
    };
    if (const size_t directive = FindTemplateDirective(bytes, at);
        directive != std::string_view::npos) {
      return problem(place(directive), std::string(kUnrenderedTemplate));
    }
    if (const size_t tab = FindTabInIndentation(bytes, at); tab != std::string_view::npos) {
      return problem(place(tab), "a tab in the indentation: YAML takes spaces");
    }
    if (std::optional<Diagnostic> quotes = QuoteProblem(error.msg, bytes, at, place)) {
      return problem(quotes->position, std::move(quotes->message));
    }
    std::string message = Reword(error.msg);
    const SourcePosition opened = builder.OpenSince(
        Is(error.msg, YAML::ErrorMsg::END_OF_MAP_FLOW) ? JsonKind::kObject : JsonKind::kArray);
    const bool in_flow = Is(error.msg, YAML::ErrorMsg::END_OF_MAP_FLOW) ||
                         Is(error.msg, YAML::ErrorMsg::END_OF_SEQ_FLOW);
    if (in_flow && opened.known()) message += " that begins at " + LineAndColumn(opened);
    return problem(builder.PositionOf(error.mark), std::move(message));
  } catch (const std::exception& error) {
    return problem({chunk.first_line + 1, 1}, std::string("could not be read: ") + error.what());
  }
}

}  // namespace plimsoll
