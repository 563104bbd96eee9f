#include "rules/notes.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

// Longer keys are cut in paths.
constexpr size_t kShownKeyBytes = 100;
// A patch that restates more than this helps nobody: the whole pod template, say.
constexpr uint32_t kMaxRestatedNodes = 60;

uint32_t EndOf(JsonView value) { return value.document()->nodes()[value.index()].end; }

bool Holds(JsonView value, uint32_t node) { return value.index() <= node && node < EndOf(value); }

// One step down towards the node: the member or element that holds it.
struct Step {
  JsonView value;
  std::string_view key;  // of a member
  size_t position = 0;   // of an element
};

std::optional<Step> StepTowards(JsonView value, uint32_t node) {
  for (const JsonMember member : value.members()) {
    if (Holds(member.value, node)) return Step{member.value, member.key, 0};
  }
  size_t position = 0;
  for (const JsonView element : value.elements()) {
    if (Holds(element, node)) return Step{element, {}, position};
    ++position;
  }
  return std::nullopt;
}

bool IsContainerList(std::string_view key) {
  return key == "containers" || key == "initContainers" || key == "ephemeralContainers";
}

// A member's key in a path: bare where it is a plain field name, else in brackets.
void AppendKey(std::string_view key, std::string& path) {
  const bool plain = key.find_first_of("./[]") == std::string_view::npos;
  if (!plain) {
    path += '[' + SanitizeLine(key, kShownKeyBytes) + ']';
    return;
  }
  if (!path.empty()) path += '.';
  path += SanitizeLine(key, kShownKeyBytes);
}

// Copies what is small enough to be read; else says so by `too_large`.
Yaml CopyOrGiveUp(JsonView value, bool& too_large) {
  too_large = EndOf(value) - value.index() > kMaxRestatedNodes;
  return too_large ? Yaml::Map() : Yaml::Copy(value);
}

Yaml Restate(JsonView value, std::string_view key, uint32_t node, bool& too_large) {
  const std::optional<Step> step = value.index() == node ? std::nullopt : StepTowards(value, node);
  if (!step) return CopyOrGiveUp(value, too_large);
  if (value.is_object()) {
    Yaml map = Yaml::Map();
    map.Set(step->key, Restate(step->value, step->key, node, too_large));
    return map;
  }
  const std::string_view name = step->value["name"].StringOrEmpty();
  if (!IsContainerList(key) || name.empty()) {
    // Only containers are merged by name whatever the client; other lists are replaced whole.
    return CopyOrGiveUp(value, too_large);
  }
  Yaml entry = Yaml::Map({{"name", Yaml::String(name)}});
  for (auto& [field, inner] : Restate(step->value, {}, node, too_large).TakeMembers()) {
    entry.Set(field, std::move(inner));
  }
  Yaml list = Yaml::List();
  list.Add(std::move(entry));
  return list;
}

}  // namespace

std::vector<const Document::Note*> NotesAbout(const Workload& workload, Document::Note::Kind kind) {
  std::vector<const Document::Note*> notes;
  if (!workload.object().exists()) return notes;
  for (const Document::Note& note : workload.object().document()->notes()) {
    if (note.kind == kind && Holds(workload.object(), note.node)) notes.push_back(&note);
  }
  return notes;
}

std::string PathOfNode(JsonView object, uint32_t node) {
  std::string path;
  while (object.index() != node) {
    const std::optional<Step> step = StepTowards(object, node);
    if (!step) return path;
    if (object.is_object()) {
      AppendKey(step->key, path);
    } else {
      path += '[' + std::to_string(step->position) + ']';
    }
    object = step->value;
  }
  return path;
}

std::string RestatementFix(JsonView object, uint32_t node, std::string_view comment) {
  bool too_large = false;
  const Yaml patch = Restate(object, {}, node, too_large);
  return "# " + std::string(comment) + "\n" + (too_large ? "{}\n" : ObjectFix(patch));
}

bool IsMadeByController(const Workload& workload) {
  for (const JsonView owner : workload.metadata()["ownerReferences"].elements()) {
    if (owner["controller"].AsBool().value_or(false)) return true;
  }
  return false;
}

std::string IdentityOf(const std::string& path, const Document::Note& note) {
  return path + " " + std::to_string(note.position.line) + ":" +
         std::to_string(note.position.column);
}

std::string LinesOf(SourcePosition first, SourcePosition second) {
  if (first.known() && first.line == second.line) return "twice at " + LineOf(first);
  return "at " + LineOf(first) + " and " + LineOf(second);
}

std::string LineOf(SourcePosition position) {
  return position.known() ? "line " + std::to_string(position.line) : "an unknown line";
}

}  // namespace plimsoll
