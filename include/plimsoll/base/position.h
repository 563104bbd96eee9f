// Where something stands in a source text.
#pragma once

#include <cstdint>
#include <string>

namespace plimsoll {

// 1-based, as editors and compilers count; columns count bytes. Line 0 means "not known".
struct SourcePosition {
  uint32_t line = 0;
  uint32_t column = 0;

  bool known() const { return line != 0; }
  friend auto operator<=>(const SourcePosition&, const SourcePosition&) = default;
};

// One problem in an input document, as shown to its author: what, where, what was expected, what to do.
struct Diagnostic {
  std::string file;  // empty: the caller knows
  SourcePosition position;
  std::string
      path;  // JSON path such as "spec.rules[2].parameters.scope"; empty for the whole document
  std::string message;

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

// "file:line:column: message", leaving out what is not known.
std::string FormatDiagnostic(const Diagnostic& diagnostic);

}  // namespace plimsoll
