// The words and operators of a line of POSIX shell (IEEE 1003.1 §2.3), as far as shell_command.h needs them.
//
// Pure; linear in the script's length.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {

struct ShellWord {
  std::string text;
  // Every character is as written: nothing in it is expanded.
  bool literal = true;
  bool quoted = false;
};

struct ShellToken {
  enum class Kind : uint8_t { kWord, kOperator, kEnd };
  Kind kind = Kind::kEnd;
  ShellWord word;         // kWord
  std::string_view text;  // kOperator; points to static storage
};

// The tokens, with a kEnd at the end; or nothing where the script has what this does not read: here-documents, input
// redirections, output to a file (which may fail), an unfinished quote or substitution. Output sent to /dev/null or to
// another stream changes no exit status and is left out. Expansions are not read, only skipped.
std::optional<std::vector<ShellToken>> ReadShellTokens(std::string_view script);

}  // namespace plimsoll
