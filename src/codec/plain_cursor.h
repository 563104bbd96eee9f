// Where ReadPlainYaml is in its text: what is there, where that is, and how to get to what comes next.
//
// Not thread-safe; refers to the text. Lines and columns are counted as yaml-cpp counts them, from 0.
#pragma once

#include <yaml-cpp/mark.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace plimsoll {

enum PlainCharClass : unsigned char {
  kWord = 1,   // may stand anywhere in a plain value or key
  kFirst = 2,  // a plain value in a block may begin with it
};

constexpr std::array<unsigned char, 256> MakePlainCharClasses() {
  std::array<unsigned char, 256> classes{};
  for (int c = '0'; c <= '9'; ++c) classes[static_cast<size_t>(c)] = kWord | kFirst;
  for (int c = 'a'; c <= 'z'; ++c) classes[static_cast<size_t>(c)] = kWord | kFirst;
  for (int c = 'A'; c <= 'Z'; ++c) classes[static_cast<size_t>(c)] = kWord | kFirst;
  for (const char c : std::string_view("_./+="))
    classes[static_cast<unsigned char>(c)] = kWord | kFirst;
  classes['-'] = kWord;
  for (const char c : std::string_view("~$(<^")) classes[static_cast<unsigned char>(c)] = kFirst;
  return classes;
}
inline constexpr std::array<unsigned char, 256> kPlainCharClasses = MakePlainCharClasses();

inline bool IsPlainChar(char c, PlainCharClass wanted) {
  return (kPlainCharClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}

// Only what it was made for: no tab, no carriage return, no byte beyond ASCII.
inline bool IsSimpleText(std::string_view text) {
  unsigned odd = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    odd |= static_cast<unsigned>(byte >= 0x7F) | static_cast<unsigned>(byte < 0x20 && c != '\n');
  }
  return odd == 0;
}

class PlainCursor {
 protected:
  explicit PlainCursor(std::string_view text) : text_(text) {}

  bool AtEnd() const { return at_ == text_.size(); }
  bool At(std::string_view there) const { return text_.substr(at_).starts_with(there); }
  char Char(size_t at) const { return at < text_.size() ? text_[at] : '\n'; }
  size_t Column() const { return at_ - line_begin_; }
  bool EndsWord(size_t at) const { return Char(at) == ' ' || Char(at) == '\n'; }
  bool AtItem() const { return Char(at_) == '-' && EndsWord(at_ + 1); }

  YAML::Mark Mark() const {
    YAML::Mark mark;
    mark.pos = static_cast<int>(at_);
    mark.line = line_;
    mark.column = static_cast<int>(Column());
    return mark;
  }

  void SkipSpaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  void NextLine() {
    ++at_;
    ++line_;
    line_begin_ = at_;
  }

  // To the next thing that is neither white space nor a comment, or to the end. From the end of a line.
  void FindContent() {
    while (true) {
      SkipSpaces();
      if (AtEnd()) return;
      if (text_[at_] == '#') at_ = std::min(text_.find('\n', at_), text_.size());
      if (AtEnd() || text_[at_] != '\n') return;
      NextLine();
    }
  }

  // After a value: nothing more, or a comment, which white space must precede. Goes to the end of the line.
  bool RestIsBlank() {
    const size_t begin = at_;
    SkipSpaces();
    if (Char(at_) == '#' && at_ > begin) at_ = std::min(text_.find('\n', at_), text_.size());
    return Char(at_) == '\n';
  }

  // Markers and directives are lines of their own.
  bool AtMarker() const { return Column() == 0 && (At("---") || At("...") || Char(at_) == '%'); }

  const std::string_view text_;
  size_t at_ = 0;
  int line_ = 0;
  size_t line_begin_ = 0;
};

}  // namespace plimsoll
