// Finds field paths in a document. A path is what rules write: members by name, elements by number, and names that hold
// dots or slashes in brackets.
#include <charconv>
#include <optional>

#include "plimsoll/render/check_report.h"

namespace plimsoll {
namespace {

struct Step {
  std::string_view name;
  std::optional<size_t>
      index;  // in brackets and a number: an element, or a member with such a name
};

// Takes the next step off `path`; nothing at its end and where it is no path.
std::optional<Step> NextStep(std::string_view& path) {
  if (path.starts_with('.')) path.remove_prefix(1);
  if (path.empty()) return std::nullopt;
  if (path.front() != '[') {
    const std::string_view name = path.substr(0, path.find_first_of(".["));
    path.remove_prefix(name.size());
    if (name.empty()) return std::nullopt;
    return Step{name, std::nullopt};
  }
  const size_t end = path.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  Step step{path.substr(1, end - 1), std::nullopt};
  path.remove_prefix(end + 1);
  size_t index = 0;
  const auto [last, error] =
      std::from_chars(step.name.data(), step.name.data() + step.name.size(), index);
  if (error == std::errc() && last == step.name.data() + step.name.size()) step.index = index;
  return step;
}

}  // namespace

SourcePosition LocateField(JsonView object, std::string_view path) {
  JsonView view = object;
  SourcePosition found = object.position();
  while (const std::optional<Step> step = NextStep(path)) {
    const bool element = step->index && view.is_array();
    const JsonView next = element ? view.At(*step->index) : view[step->name];
    if (!next.exists()) break;
    // A member is where its key is: the value may be lines further down, or nowhere (`key:`).
    const SourcePosition position = element ? next.position() : view.KeyPosition(step->name);
    if (position.known()) found = position;
    view = next;
  }
  return found;
}

}  // namespace plimsoll
