// What the webhook told somebody, as it is pasted from a terminal, a pipeline's log or an event: the rules, what each said,
// and its fix. Understands kubectl's error with one cause or many, the message for other clients, warnings, and JSON with
// "\n" in it.
//
// Pure. Thread-safety: a function.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::cli {

// A pasted log may be long; more than this is none.
inline constexpr size_t kMaxDenialBytes = 4 * 1024 * 1024;

struct ToldFinding {
  std::string policy;
  std::string rule;
  std::string path;     // "" where it was not told
  std::string message;  // with what is done about it
  std::string fix;      // YAML; "" where none was told
  bool warned = false;  // kubectl's "Warning: ": nobody was refused for it
};

struct Denial {
  std::string workload;        // "Deployment/web"; "" where it is not told
  std::string namespace_name;  // likewise
  std::vector<ToldFinding> findings;
  std::vector<std::string> notes;  // contact, documentation, break-glass
};

Denial ParseDenial(std::string_view text);

}  // namespace plimsoll::cli
