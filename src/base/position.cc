#include "plimsoll/base/position.h"

namespace plimsoll {

std::string FormatDiagnostic(const Diagnostic& diagnostic) {
  std::string out;
  if (!diagnostic.file.empty()) {
    out += diagnostic.file;
    out += ':';
  }
  if (diagnostic.position.known()) {
    out += std::to_string(diagnostic.position.line);
    out += ':';
    out += std::to_string(diagnostic.position.column);
    out += ':';
  }
  if (!out.empty()) out += ' ';
  if (!diagnostic.path.empty()) {
    out += diagnostic.path;
    out += ": ";
  }
  out += diagnostic.message;
  return out;
}

}  // namespace plimsoll
