#include "policy/locate.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace plimsoll {
namespace {

// Takes the next step off `path`: "spec" off "spec.replicas", "[0]" off "[0].image". `bracketed` tells them apart.
std::string_view NextStep(std::string_view& path, bool& bracketed) {
  if (path.starts_with('.')) path.remove_prefix(1);
  bracketed = path.starts_with('[');
  const size_t end = bracketed ? path.find(']') : path.find_first_of(".[");
  const std::string_view step = bracketed
                                    ? path.substr(1, end == std::string_view::npos ? end : end - 1)
                                    : path.substr(0, end);
  path.remove_prefix(end == std::string_view::npos ? path.size() : end + (bracketed ? 1 : 0));
  return step;
}

std::optional<size_t> Index(std::string_view step) {
  size_t index = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  if (error != std::errc() || end != step.data() + step.size()) return std::nullopt;
  return index;
}

}  // namespace

SourcePosition Locate(JsonView root, std::string_view path) {
  if (!root.exists()) return {};
  JsonView here = root;
  // The node that stands for `here`: of a member its key, which is where its author looks for it.
  uint32_t node = root.index();
  while (!path.empty()) {
    bool bracketed = false;
    const std::string_view step = NextStep(path, bracketed);
    const std::optional<size_t> index = bracketed ? Index(step) : std::nullopt;
    const bool element = index && here.is_array();
    const JsonView next = element ? here.At(*index) : here[step];
    if (!next.exists()) break;
    node = element ? next.index() : next.index() - 1;
    here = next;
  }
  return root.document()->PositionOf(node);
}

}  // namespace plimsoll
