#include "rules/shell_command.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "rules/shell_lexer.h"

namespace plimsoll {
namespace {

// Shells in shells in groups in groups. Nobody needs more, and it bounds the recursion.
constexpr int kMaxNesting = 8;
// A probe is a line. Something longer may do anything, and is let through.
constexpr size_t kMaxScriptBytes = 16 * 1024;

enum class Outcome : uint8_t { kSucceeds, kFails, kUnknown };

bool IsOneOf(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// ---- simple commands ----

struct ShellState {
  bool stop_on_error = false;  // set -e
  bool pipefail = false;
  bool may_exit_with_failure = false;
  bool exited = false;  // what follows does not run
  int nesting = 0;
};

Outcome RunScript(std::string_view script, ShellState state);

std::string_view ProgramName(std::string_view program) {
  static constexpr std::array<std::string_view, 7> kSystemDirectories = {
      "/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/", "/usr/local/bin/", "/busybox/", "/opt/bin/"};
  for (const std::string_view directory : kSystemDirectories) {
    if (program.starts_with(directory)) return program.substr(directory.size());
  }
  return program;
}

bool IsShell(std::string_view program) {
  static constexpr std::array<std::string_view, 6> kShells = {"sh",   "bash", "ash",
                                                              "dash", "zsh",  "ksh"};
  return IsOneOf(program, kShells);
}

using Words = std::span<const ShellWord>;

bool IsAssignment(const ShellWord& word) {
  const size_t equals = word.text.find('=');
  if (equals == std::string::npos || equals == 0) return false;
  return std::all_of(word.text.begin(), word.text.begin() + static_cast<ptrdiff_t>(equals),
                     [](char c) {
                       return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                              (c >= '0' && c <= '9');
                     });
}

// How many words stand before the command that this one runs with its own exit status; 0 where it is none of those.
size_t WrapperLength(Words words) {
  const std::string_view program = ProgramName(words[0].text);
  size_t at = 1;
  const auto skip_options = [&] {
    while (at < words.size() && words[at].text.starts_with('-')) ++at;
  };
  if (program == "busybox" || program == "toybox" || program == "builtin") return 1;
  if (program == "exec" || program == "nohup" || program == "command" || program == "time" ||
      program == "tini" || program == "dumb-init" || program == "setsid") {
    skip_options();
    return at;
  }
  if (program == "env") {
    while (at < words.size() && (words[at].text.starts_with('-') || IsAssignment(words[at]))) ++at;
    return at;
  }
  if (program == "nice" || program == "timeout") {
    while (at < words.size() && words[at].text.starts_with('-')) {
      const bool takes_value = words[at].text == "-n" || words[at].text == "-s" ||
                               words[at].text == "-k" || words[at].text == "-t";
      at += takes_value ? 2 : 1;
    }
    if (program == "timeout") ++at;  // the duration
    return at;
  }
  return 0;
}

// `[ 1 ]`, `test a = a`, `[ -d / ]`: true wherever it runs.
bool IsConstantTest(Words operands) {
  if (operands.size() == 1) return !operands[0].text.empty();
  if (operands.size() == 2) {
    static constexpr std::array<std::string_view, 6> kAlwaysThere = {
        "/", "/proc", "/proc/1", "/dev/null", "/dev", "/etc"};
    static constexpr std::array<std::string_view, 5> kChecks = {"-d", "-e", "-r", "-x", "-n"};
    if (operands[0].text == "-n") return !operands[1].text.empty();
    return IsOneOf(operands[0].text, kChecks) && IsOneOf(operands[1].text, kAlwaysThere);
  }
  if (operands.size() != 3 || operands[0].text != operands[2].text) return false;
  static constexpr std::array<std::string_view, 5> kEquals = {"=", "==", "-eq", "-ge", "-le"};
  return IsOneOf(operands[1].text, kEquals);
}

// Programs that succeed in any container that runs at all, given arguments that do not change that.
bool IsHarmless(std::string_view program, Words arguments) {
  static constexpr std::array<std::string_view, 6> kWithAnyArguments = {"true",   ":",     "echo",
                                                                        "printf", "sleep", "wait"};
  if (IsOneOf(program, kWithAnyArguments)) return true;
  static constexpr std::array<std::string_view, 15> kAlone = {
      "pwd", "date",   "hostname", "whoami", "id", "uname", "ls", "env",
      "cd",  "uptime", "printenv", "set",    "ps", "arch",  "cat"};
  if (arguments.empty()) return IsOneOf(program, kAlone) || IsShell(program);
  if (program == "uname" || program == "date") return arguments[0].text.starts_with('-');
  const std::string_view last = arguments.back().text;
  static constexpr std::array<std::string_view, 4> kSaysNothing = {"--version", "--help",
                                                                   "-version", "-V"};
  if (arguments.size() == 1 && IsOneOf(last, kSaysNothing)) return true;
  if (program == "ls") {
    return std::all_of(arguments.begin(), arguments.end(), [](const ShellWord& word) {
      return word.text == "/" || word.text == "." || word.text.starts_with('-');
    });
  }
  if (program == "cat") return arguments.size() == 1 && last == "/dev/null";
  // The main process runs, or there would be no probe.
  return program == "kill" && arguments.size() == 2 && arguments[0].text == "-0" && last == "1";
}

Outcome RunShell(Words arguments, const ShellState& outer) {
  ShellState state;
  state.nesting = outer.nesting + 1;
  bool reads_script = false;
  size_t at = 0;
  for (; at < arguments.size(); ++at) {
    const std::string& option = arguments[at].text;
    if (option == "--") {
      ++at;
      break;
    }
    if (option.size() < 2 || (option[0] != '-' && option[0] != '+')) break;
    if (option.starts_with("--")) continue;
    if (option.find('e') != std::string::npos) state.stop_on_error = true;
    if (option.find('c') != std::string::npos) reads_script = true;
    if (option.ends_with('o')) {
      ++at;
      if (at < arguments.size() && arguments[at].text == "errexit") state.stop_on_error = true;
      if (at < arguments.size() && arguments[at].text == "pipefail") state.pipefail = true;
    }
  }
  if (at >= arguments.size()) return reads_script ? Outcome::kUnknown : Outcome::kSucceeds;
  if (!reads_script || !arguments[at].literal) return Outcome::kUnknown;  // a script file
  return RunScript(arguments[at].text, state);
}

Outcome RunExit(Words arguments, Outcome last, ShellState& state) {
  Outcome outcome = last;  // `exit` and `exit $?` keep the status
  if (!arguments.empty() && arguments[0].text != "$?") {
    outcome = !arguments[0].literal      ? Outcome::kUnknown
              : arguments[0].text == "0" ? Outcome::kSucceeds
                                         : Outcome::kFails;
  }
  if (outcome != Outcome::kSucceeds) state.may_exit_with_failure = true;
  state.exited = true;
  return outcome;
}

void RunSet(Words arguments, ShellState& state) {
  for (const ShellWord& word : arguments) {
    if (word.text == "errexit") state.stop_on_error = true;
    if (word.text == "pipefail") state.pipefail = true;
    if (word.text.starts_with('-') && word.text.find('e') != std::string::npos) {
      state.stop_on_error = true;
    }
  }
}

// `last` is the exit status before it.
Outcome RunSimple(Words words, Outcome last, ShellState& state) {
  while (!words.empty() && IsAssignment(words[0])) {
    if (!words[0].literal) return Outcome::kUnknown;
    words = words.subspan(1);
  }
  if (words.empty()) return Outcome::kSucceeds;
  if (!words[0].literal) return Outcome::kUnknown;
  if (const size_t wrapper = WrapperLength(words); wrapper > 0 && wrapper < words.size()) {
    if (state.nesting >= kMaxNesting) return Outcome::kUnknown;
    ++state.nesting;
    const Outcome outcome = RunSimple(words.subspan(wrapper), last, state);
    --state.nesting;
    return outcome;
  }
  const std::string_view program = ProgramName(words[0].text);
  const Words arguments = words.subspan(1);
  if (program == "exit" || program == "return") return RunExit(arguments, last, state);
  if (program == "false") return Outcome::kFails;
  if (program == "set" && !arguments.empty()) {
    RunSet(arguments, state);
    return Outcome::kSucceeds;
  }
  if (program == "eval") {
    std::string script;
    for (const ShellWord& word : arguments) {
      if (!word.literal) return Outcome::kUnknown;
      script += word.text + " ";
    }
    ShellState inner = state;
    ++inner.nesting;
    return RunScript(script, inner);
  }
  if (IsShell(program) && !arguments.empty()) return RunShell(arguments, state);
  // What the arguments of these become does not matter.
  if (program == "echo" || program == "printf" || program == "true" || program == ":") {
    return Outcome::kSucceeds;
  }
  for (const ShellWord& word : arguments) {
    if (!word.literal) return Outcome::kUnknown;
  }
  if (program == "test") {
    return IsConstantTest(arguments) ? Outcome::kSucceeds : Outcome::kUnknown;
  }
  if (program == "[" && !arguments.empty() && arguments.back().text == "]") {
    const Words operands = arguments.first(arguments.size() - 1);
    return IsConstantTest(operands) ? Outcome::kSucceeds : Outcome::kUnknown;
  }
  return IsHarmless(program, arguments) ? Outcome::kSucceeds : Outcome::kUnknown;
}

// ---- lists ----

// Reads and judges in one go, in the order of execution.
class Script {
 public:
  Script(std::vector<ShellToken> tokens, ShellState state)
      : tokens_(std::move(tokens)), state_(state) {}

  Outcome Run() {
    const Outcome outcome = List();
    if (!readable_ || !AtEnd()) return Outcome::kUnknown;
    return outcome == Outcome::kSucceeds && state_.may_exit_with_failure ? Outcome::kUnknown
                                                                         : outcome;
  }

 private:
  const ShellToken& Next() const { return tokens_[at_]; }
  bool AtEnd() const { return Next().kind == ShellToken::Kind::kEnd; }
  bool IsOperator(std::string_view text) const {
    return Next().kind == ShellToken::Kind::kOperator && Next().text == text;
  }
  bool IsKeyword(std::string_view text) const {
    return Next().kind == ShellToken::Kind::kWord && !Next().word.quoted &&
           Next().word.text == text;
  }
  Outcome GiveUp() {
    readable_ = false;
    at_ = tokens_.size() - 1;
    return Outcome::kUnknown;
  }

  // and-or lists, one after the other: the last one's status counts, unless an earlier one ends the shell.
  Outcome List() {
    if (++state_.nesting > kMaxNesting) return GiveUp();
    Outcome outcome = Outcome::kSucceeds;
    bool all_succeed = true;
    std::optional<Outcome> at_exit;
    for (;;) {
      while (IsOperator(";") || IsOperator("\n")) ++at_;
      if (AtEnd() || IsOperator(")") || IsKeyword("}")) break;
      const bool may_exit_with_failure = state_.may_exit_with_failure;
      Outcome element = AndOr(outcome);
      if (!readable_) return Outcome::kUnknown;
      if (IsOperator("&")) {
        ++at_;
        element = Outcome::kSucceeds;
        state_.exited = false;
      } else if (!AtEnd() && !IsOperator(";") && !IsOperator("\n") && !IsOperator(")") &&
                 !IsKeyword("}")) {
        return GiveUp();
      }
      if (at_exit) {  // this element is never reached
        state_.may_exit_with_failure = may_exit_with_failure;
        continue;
      }
      if (element != Outcome::kSucceeds) all_succeed = false;
      outcome = element;
      if (state_.exited) at_exit = outcome;
    }
    --state_.nesting;
    state_.exited = at_exit.has_value();
    if (at_exit) outcome = *at_exit;
    if (state_.stop_on_error && !all_succeed) outcome = Outcome::kUnknown;
    return outcome;
  }

  Outcome AndOr(Outcome last) {
    Outcome outcome = Pipeline(last);
    bool sure_to_exit = state_.exited;
    while (readable_ && (IsOperator("&&") || IsOperator("||"))) {
      const bool on_success = IsOperator("&&");
      ++at_;
      while (IsOperator("\n")) ++at_;
      state_.exited = false;
      const Outcome right = Pipeline(outcome);
      const Outcome runs_right = on_success ? Outcome::kSucceeds : Outcome::kFails;
      if (sure_to_exit) continue;
      if (outcome == runs_right) {
        outcome = right;
        sure_to_exit = state_.exited;
      } else if (outcome == Outcome::kUnknown) {
        // Right is run only after the other status: it decides, or the left one's status stands.
        const Outcome stands = on_success ? Outcome::kFails : Outcome::kSucceeds;
        outcome = right == stands ? stands : Outcome::kUnknown;
      }
    }
    state_.exited = sure_to_exit;
    return outcome;
  }

  Outcome Pipeline(Outcome last) {
    const bool inverted = IsKeyword("!");
    if (inverted) ++at_;
    Outcome outcome = Command(last);
    bool all_succeed = outcome == Outcome::kSucceeds;
    while (readable_ && IsOperator("|")) {
      ++at_;
      outcome = Command(last);
      state_.exited = false;  // each part has a shell of its own
      all_succeed = all_succeed && outcome == Outcome::kSucceeds;
    }
    if (state_.pipefail && !all_succeed && outcome == Outcome::kSucceeds) {
      outcome = Outcome::kUnknown;
    }
    if (!inverted || outcome == Outcome::kUnknown) return outcome;
    return outcome == Outcome::kSucceeds ? Outcome::kFails : Outcome::kSucceeds;
  }

  Outcome Command(Outcome last) {
    if (IsOperator("(")) return Group(")", true);
    if (IsKeyword("{")) return Group("}", false);
    if (Next().kind != ShellToken::Kind::kWord || IsReserved(Next().word)) return GiveUp();
    std::vector<ShellWord> words;
    while (Next().kind == ShellToken::Kind::kWord) words.push_back(tokens_[at_++].word);
    if (IsOperator("(")) return GiveUp();  // a function's definition
    return RunSimple(words, last, state_);
  }

  Outcome Group(std::string_view closer, bool subshell) {
    ++at_;
    const Outcome outcome = List();
    if (!readable_) return Outcome::kUnknown;
    if (!IsOperator(closer) && !IsKeyword(closer)) return GiveUp();
    ++at_;
    if (subshell) state_.exited = false;
    return outcome;
  }

  static bool IsReserved(const ShellWord& word) {
    static constexpr std::array<std::string_view, 16> kWords = {
        "if", "then", "else", "elif", "fi",       "for", "while", "until",
        "do", "done", "case", "esac", "function", "[[",  "trap",  "select"};
    return !word.quoted && IsOneOf(word.text, kWords);
  }

  std::vector<ShellToken> tokens_;
  size_t at_ = 0;
  ShellState state_;
  bool readable_ = true;
};

Outcome RunScript(std::string_view script, ShellState state) {
  if (script.size() > kMaxScriptBytes || state.nesting > kMaxNesting) return Outcome::kUnknown;
  std::optional<std::vector<ShellToken>> tokens = ReadShellTokens(script);
  if (!tokens) return Outcome::kUnknown;
  state.may_exit_with_failure = false;
  state.exited = false;
  return Script(std::move(*tokens), state).Run();
}

std::vector<ShellWord> Literals(const std::vector<std::string>& command) {
  std::vector<ShellWord> words;
  for (const std::string& text : command) {
    ShellWord word;
    word.text = text;
    word.quoted = true;
    words.push_back(std::move(word));
  }
  return words;
}

// The words of a script that is one simple command.
std::optional<std::vector<ShellWord>> OnlyCommand(std::string_view script) {
  if (script.size() > kMaxScriptBytes) return std::nullopt;
  const std::optional<std::vector<ShellToken>> tokens = ReadShellTokens(script);
  if (!tokens) return std::nullopt;
  std::vector<ShellWord> words;
  for (const ShellToken& token : *tokens) {
    if (token.kind == ShellToken::Kind::kOperator) return std::nullopt;
    if (token.kind == ShellToken::Kind::kWord) words.push_back(token.word);
  }
  return words;
}

}  // namespace

bool CannotFail(const std::vector<std::string>& command) {
  if (command.empty()) return false;
  const std::vector<ShellWord> words = Literals(command);
  // No shell reads this list: ":" and "exit" are programs that no image has, yet whoever writes them means the shell's.
  ShellState state;
  const Outcome outcome = RunSimple(words, Outcome::kSucceeds, state);
  return outcome == Outcome::kSucceeds;
}

std::string PlainCommandLine(const std::vector<std::string>& command) {
  std::vector<ShellWord> words = Literals(command);
  for (int nesting = 0; nesting < kMaxNesting && !words.empty(); ++nesting) {
    if (const size_t wrapper = WrapperLength(words); wrapper > 0 && wrapper < words.size()) {
      words.erase(words.begin(), words.begin() + static_cast<ptrdiff_t>(wrapper));
      continue;
    }
    const bool is_script = words.size() >= 3 && IsShell(ProgramName(words[0].text)) &&
                           words[1].text.starts_with('-') && words[1].text.ends_with('c');
    if (!is_script) break;
    std::optional<std::vector<ShellWord>> inner = OnlyCommand(words[2].text);
    if (!inner) break;
    words = std::move(*inner);
  }
  std::string line;
  for (const ShellWord& word : words) {
    if (line.empty()) {
      line = ProgramName(word.text);
    } else {
      line += ' ';
      line += word.text;
    }
  }
  return line;
}

}  // namespace plimsoll
