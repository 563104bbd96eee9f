#include "rules/shell_lexer.h"

#include <algorithm>
#include <array>

namespace plimsoll {
namespace {

// Splits a script into words and operators. Anything it does not know (here-documents, redirections, substitutions
// that stand alone) makes the whole script unreadable.
class Lexer {
 public:
  explicit Lexer(std::string_view script) : rest_(script) {}

  std::optional<std::vector<ShellToken>> Tokens() {
    std::vector<ShellToken> tokens;
    while (readable_ && SkipBlanks()) {
      if (const std::string_view op = TakeOperator(); !op.empty()) {
        ShellToken token;
        token.kind = ShellToken::Kind::kOperator;
        token.text = op;
        tokens.push_back(std::move(token));
      } else if (!TakeHarmlessRedirection()) {
        ShellToken token;
        token.kind = ShellToken::Kind::kWord;
        TakeWord(token.word);
        tokens.push_back(std::move(token));
      }
    }
    if (!readable_) return std::nullopt;
    tokens.emplace_back();
    return tokens;
  }

 private:
  // False at the end.
  bool SkipBlanks() {
    for (;;) {
      const size_t blanks = rest_.find_first_not_of(" \t\r");
      rest_.remove_prefix(std::min(blanks, rest_.size()));
      if (rest_.starts_with("\\\n")) {
        rest_.remove_prefix(2);
      } else if (rest_.starts_with('#')) {
        rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
      } else {
        return !rest_.empty();
      }
    }
  }

  std::string_view TakeOperator() {
    static constexpr std::array<std::string_view, 9> kOperators = {"&&", "||", ";;", ";", "|",
                                                                   "\n", "(",  ")",  "&"};
    for (const std::string_view op : kOperators) {
      if (!rest_.starts_with(op) || rest_.starts_with("&>")) continue;
      rest_.remove_prefix(op.size());
      return op;
    }
    return {};
  }

  // Output sent to /dev/null or to another stream changes no exit status. Other redirections may fail.
  bool TakeHarmlessRedirection() {
    size_t at = 0;
    while (at < rest_.size() && rest_[at] >= '0' && rest_[at] <= '9') ++at;
    if (rest_.substr(at).starts_with("&>")) ++at;
    if (at >= rest_.size() || (rest_[at] != '>' && rest_[at] != '<')) return false;
    if (rest_[at] == '<') return Refuse();
    ++at;
    if (rest_.substr(at).starts_with(">")) ++at;
    if (rest_.substr(at).starts_with("&")) {
      ++at;
      while (at < rest_.size() && ((rest_[at] >= '0' && rest_[at] <= '9') || rest_[at] == '-'))
        ++at;
      rest_.remove_prefix(at);
      return true;
    }
    rest_.remove_prefix(at);
    if (!SkipBlanks()) return Refuse();
    ShellWord target;
    TakeWord(target);
    static constexpr std::array<std::string_view, 4> kSinks = {"/dev/null", "/dev/stdout",
                                                               "/dev/stderr", "/proc/1/fd/1"};
    return (target.literal &&
            std::find(kSinks.begin(), kSinks.end(), target.text) != kSinks.end()) ||
           Refuse();
  }

  bool Refuse() {
    readable_ = false;
    return true;
  }

  void TakeWord(ShellWord& word) {
    const size_t before = rest_.size();
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (std::string_view(" \t\r\n;|&()<>").find(c) != std::string_view::npos) break;
      rest_.remove_prefix(1);
      if (c == '\'') {
        TakeSingleQuoted(word);
      } else if (c == '"') {
        TakeDoubleQuoted(word);
      } else if (c == '\\') {
        if (rest_.empty()) break;
        if (rest_.front() != '\n') word.text += rest_.front();
        rest_.remove_prefix(1);
        word.quoted = true;
      } else if (c == '$' || c == '`') {
        TakeExpansion(c, word);
      } else {
        if (c == '*' || c == '?' || c == '~') word.literal = false;
        word.text += c;
      }
    }
    if (rest_.size() == before) Refuse();  // an operator we do not know
  }

  void TakeSingleQuoted(ShellWord& word) {
    const size_t end = rest_.find('\'');
    if (end == std::string_view::npos) {
      Refuse();
      return;
    }
    word.text += rest_.substr(0, end);
    word.quoted = true;
    rest_.remove_prefix(end + 1);
  }

  void TakeDoubleQuoted(ShellWord& word) {
    word.quoted = true;
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return;
      if (c == '$' || c == '`') {
        TakeExpansion(c, word);
      } else if (c == '\\' && !rest_.empty()) {
        word.text += rest_.front();
        rest_.remove_prefix(1);
      } else {
        word.text += c;
      }
    }
    Refuse();
  }

  // $x, ${x}, $(command), `command`: skipped, with the brackets counted.
  void TakeExpansion(char first, ShellWord& word) {
    word.literal = false;
    word.text += '$';
    if (first == '`') {
      const size_t end = rest_.find('`');
      if (end == std::string_view::npos) Refuse();
      rest_.remove_prefix(std::min(end, rest_.size() - 1) + 1);
      return;
    }
    if (!rest_.starts_with('(') && !rest_.starts_with('{')) {
      if (rest_.starts_with('?')) {
        word.text += '?';
        rest_.remove_prefix(1);
      }
      return;
    }
    int depth = 0;
    size_t at = 0;
    do {
      if (at == rest_.size()) {
        Refuse();
        return;
      }
      if (rest_[at] == '(' || rest_[at] == '{') ++depth;
      if (rest_[at] == ')' || rest_[at] == '}') --depth;
      ++at;
    } while (depth > 0);
    rest_.remove_prefix(at);
  }

  std::string_view rest_;
  bool readable_ = true;
};

}  // namespace

std::optional<std::vector<ShellToken>> ReadShellTokens(std::string_view script) {
  return Lexer(script).Tokens();
}

}  // namespace plimsoll
