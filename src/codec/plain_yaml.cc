#include "codec/plain_yaml.h"

#include <yaml-cpp/mark.h>

#include <algorithm>
#include <string>

#include "codec/plain_cursor.h"

namespace plimsoll {
namespace {

// yaml-cpp takes no longer ones without `?`; nobody writes half as long ones.
constexpr size_t kMaxKeyBytes = 500;

class Reader : private PlainCursor {
 public:
  Reader(std::string_view text, YamlBuilder& builder) : PlainCursor(text), builder_(builder) {}

  bool Read() {
    if (!IsSimpleText(text_)) return false;
    FindContent();
    if (Column() == 0 && At("---")) {
      at_ += 3;
      if (!RestIsBlank()) return false;
      FindContent();
    }
    if (AtEnd()) return false;
    builder_.OnDocumentStart(Mark());
    if (!Block() || !AtEnd()) return false;
    builder_.OnDocumentEnd();
    return true;
  }

 private:
  void Scalar(const YAML::Mark& mark, bool quoted, std::string_view value) {
    value_.assign(value);
    builder_.OnScalar(mark, quoted ? kQuoted : kPlain, YAML::NullAnchor, value_);
  }

  // Where the quoted text at `at` ends, after its quote; npos: over several lines, or with something to be replaced in it.
  size_t QuotedEnd(size_t at) const {
    const char quote = text_[at];
    const size_t end = text_.find_first_of(quote == '"' ? "\"\\\n" : "'\n", at + 1);
    if (end == std::string_view::npos || text_[end] != quote) return std::string_view::npos;
    return quote == '\'' && Char(end + 1) == '\'' ? std::string_view::npos : end + 1;
  }

  bool AtQuote() const { return Char(at_) == '"' || Char(at_) == '\''; }

  // Where the key at the cursor ends, before its colon; npos where there is none.
  size_t KeyEnd() const {
    size_t end = at_;
    if (AtQuote()) {
      end = QuotedEnd(at_);
      if (end == std::string_view::npos) return end;
    } else if (IsPlainChar(Char(at_), kFirst)) {
      while (IsPlainChar(Char(end), kWord) ||
             (Char(end) == ':' && IsPlainChar(Char(end + 1), kWord)))
        ++end;
    }
    const bool key =
        end > at_ && end - at_ <= kMaxKeyBytes && Char(end) == ':' && EndsWord(end + 1);
    return key ? end : std::string_view::npos;
  }

  // The key that ends at `end`, and its colon.
  void Key(size_t end) {
    const bool quoted = AtQuote();
    const size_t quotes = quoted ? 1 : 0;
    Scalar(Mark(), quoted, text_.substr(at_ + quotes, end - at_ - 2 * quotes));
    at_ = end + 1;
  }

  bool Block() {
    if (AtMarker()) return false;
    if (AtFlow()) {
      if (!Flow() || !RestIsBlank()) return false;
      FindContent();
      return true;
    }
    return AtItem() ? Sequence() : Mapping();
  }

  bool Mapping() {
    const size_t column = Column();
    builder_.OnMapStart(Mark(), kPlain, YAML::NullAnchor, YAML::EmitterStyle::Block);
    do {
      const size_t end = KeyEnd();
      if (AtMarker() || end == std::string_view::npos) return false;
      Key(end);
      if (RestIsBlank()) {
        FindContent();
        const bool below = !AtEnd() && (Column() > column || (Column() == column && AtItem()));
        if (!below) {
          if (AtEnd() && Column() > 0) return false;
          builder_.OnNull(Mark(), YAML::NullAnchor);  // where yaml-cpp has it: at what comes next
        } else if (!Block()) {
          return false;
        }
      } else {
        if (!Value(column)) return false;
        FindContent();
      }
      if (!AtEnd() && Column() > column) return false;
    } while (!AtEnd() && Column() == column);
    builder_.OnMapEnd();
    return true;
  }

  bool Sequence() {
    const size_t column = Column();
    builder_.OnSequenceStart(Mark(), kPlain, YAML::NullAnchor, YAML::EmitterStyle::Block);
    do {
      ++at_;
      SkipSpaces();
      if (AtItem() || Char(at_) == '\n') return false;
      if (KeyEnd() != std::string_view::npos) {
        if (!Mapping()) return false;
      } else {
        if (!Value(column)) return false;
        FindContent();
      }
      if (!AtEnd() && Column() > column) return false;
    } while (!AtEnd() && Column() == column && AtItem());
    builder_.OnSequenceEnd();
    return true;
  }

  // From here to the end of the line, in most cases. `indent`: of the collection that it is a value of.
  bool Value(size_t indent) {
    const char first = Char(at_);
    if (AtQuote()) return Quoted() && RestIsBlank();
    if (AtFlow()) return Flow() && RestIsBlank();
    if (first == '|') return Literal(indent);
    if (!IsPlainChar(first, kFirst) && !(first == '-' && !EndsWord(at_ + 1))) return false;
    const YAML::Mark mark = Mark();
    bool comment = false;
    value_.clear();
    if (!PlainLine(comment)) return false;
    while (!comment && GoesOn(indent)) {
      if (!PlainLine(comment)) return false;
    }
    builder_.OnScalar(mark, kPlain, YAML::NullAnchor, value_);
    return true;
  }

  // What a plain value has on this line. Goes to the end of the line.
  bool PlainLine(bool& comment) {
    const size_t newline = std::min(text_.find('\n', at_), text_.size());
    size_t end = newline;
    for (size_t i = at_; i < newline; ++i) {
      if (text_[i] == ':' && EndsWord(i + 1)) return false;
      comment = text_[i] == ' ' && Char(i + 1) == '#';
      if (comment) {
        end = i;
        break;
      }
    }
    while (text_[end - 1] == ' ') --end;
    value_.append(text_, at_, end - at_);
    at_ = newline;
    return true;
  }

  // Whether a plain value has more below this line, where it is indented further than `indent`; goes there then.
  bool GoesOn(size_t indent) {
    size_t lines = 0;
    size_t begin = at_;  // of the last line
    size_t next = at_;
    while (Char(next) == '\n' && next < text_.size()) {
      ++lines;
      begin = next + 1;
      next = std::min(text_.find_first_not_of(' ', begin), text_.size());
    }
    if (next == text_.size() || text_[next] == '#' || next - begin <= indent) return false;
    line_ += static_cast<int>(lines);
    line_begin_ = begin;
    at_ = next;
    value_ += lines == 1 ? ' ' : '\n';
    if (lines > 2) value_.append(lines - 2, '\n');
    return true;
  }

  bool Quoted() {
    const size_t end = QuotedEnd(at_);
    if (end == std::string_view::npos) return QuotedWithEscapes();
    Scalar(Mark(), true, text_.substr(at_ + 1, end - at_ - 2));
    at_ = end;
    return true;
  }

  // On one line; of what a backslash may begin, what people write.
  bool QuotedWithEscapes() {
    const YAML::Mark mark = Mark();
    const char quote = text_[at_];
    value_.clear();
    for (size_t i = at_ + 1; Char(i) != '\n'; ++i) {
      if (text_[i] == quote && (quote == '"' || Char(i + 1) != quote)) {
        at_ = i + 1;
        builder_.OnScalar(mark, kQuoted, YAML::NullAnchor, value_);
        return true;
      }
      if (text_[i] == quote) {  // twice, for one
        ++i;
      } else if (quote == '"' && text_[i] == '\\') {
        ++i;
        if (Char(i) == 'n') {
          value_ += '\n';
          continue;
        }
        if (Char(i) != '"' && Char(i) != '\\') return false;
      }
      value_ += text_[i];
    }
    return false;
  }

  // A block scalar with its line breaks, `|` or `|-`, whose first line tells how far it is indented.
  bool Literal(size_t parent) {
    const YAML::Mark mark = Mark();
    const bool strip = Char(++at_) == '-';
    if (strip) ++at_;
    if (!RestIsBlank() || AtEnd()) return false;
    NextLine();
    size_t indent = 0;  // not known yet
    size_t kept = 0;    // of value_, without the empty lines at its end
    value_.clear();
    while (!AtEnd()) {
      const size_t begin = std::min(text_.find_first_not_of(' ', at_), text_.size());
      const size_t column = begin - at_;
      const bool empty = Char(begin) == '\n';
      // Spaces alone may be part of the text: yaml-cpp knows.
      if (empty && column > indent) return false;
      if (!empty && indent == 0) indent = column;
      if (!empty && (column < indent || indent <= parent)) break;
      const size_t end = std::min(text_.find('\n', begin), text_.size());
      if (!empty) value_.append(text_, at_ + indent, end - at_ - indent);
      if (!empty) kept = value_.size();
      at_ = end;
      if (AtEnd()) break;
      value_ += '\n';
      NextLine();
    }
    if (kept == 0) return false;
    value_.resize(!strip && value_.size() > kept ? kept + 1 : kept);
    builder_.OnScalar(mark, kQuoted, YAML::NullAnchor, value_);
    return true;
  }

  bool AtFlow() const { return Char(at_) == '{' || Char(at_) == '['; }

  // What may stand between the parts of a flow collection: also line breaks and comments.
  bool SkipInFlow() {
    const size_t begin = at_;
    SkipSpaces();
    if (Char(at_) != '\n' && Char(at_) != '#') return true;
    at_ = begin;
    if (!RestIsBlank()) return false;
    FindContent();
    return !AtEnd() && !AtMarker();
  }

  // A flow collection. After it: the place behind its bracket.
  bool Flow() {
    const bool map = text_[at_] == '{';
    const char closing = map ? '}' : ']';
    if (map) {
      builder_.OnMapStart(Mark(), kPlain, YAML::NullAnchor, YAML::EmitterStyle::Flow);
    } else {
      builder_.OnSequenceStart(Mark(), kPlain, YAML::NullAnchor, YAML::EmitterStyle::Flow);
    }
    ++at_;
    while (SkipInFlow() && Char(at_) != closing) {
      if (map) {
        const size_t end = KeyEnd();
        if (end == std::string_view::npos) return false;
        Key(end);
        if (!SkipInFlow()) return false;
      }
      if (!FlowValue()) return false;
      if (Char(at_) == ',') ++at_;
    }
    if (Char(at_) != closing) return false;
    ++at_;
    if (map) {
      builder_.OnMapEnd();
    } else {
      builder_.OnSequenceEnd();
    }
    return true;
  }

  bool FlowValue() {
    if (AtQuote()) return Quoted() && EndsFlowValue();
    if (AtFlow()) return Flow() && EndsFlowValue();
    const bool begins =
        IsPlainChar(Char(at_), kWord) && (Char(at_) != '-' || IsPlainChar(Char(at_ + 1), kWord));
    if (!begins) return false;
    size_t end = at_;
    while (IsPlainChar(Char(end), kWord) || (Char(end) == ':' && IsPlainChar(Char(end + 1), kWord)))
      ++end;
    Scalar(Mark(), false, text_.substr(at_, end - at_));
    at_ = end;
    return EndsFlowValue();
  }

  bool EndsFlowValue() {
    if (!SkipInFlow()) return false;
    return Char(at_) == ',' || Char(at_) == '}' || Char(at_) == ']';
  }

  // As yaml-cpp reports them (codec/yaml_scalar.h).
  const std::string kPlain = "?";
  const std::string kQuoted = "!";

  YamlBuilder& builder_;
  std::string value_;
};

}  // namespace

bool ReadPlainYaml(std::string_view text, YamlBuilder& builder) {
  try {
    return Reader(text, builder).Read();
  } catch (const YamlRefusal&) {  // yaml-cpp may know better what is wrong
    return false;
  }
}

}  // namespace plimsoll
