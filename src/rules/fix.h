// The paste-ready part of a finding: a YAML patch rooted at the object, with strategic-merge semantics (maps merge, null
// deletes, containers merge by name, ports by containerPort, other lists replace), as `kubectl patch --patch-file` takes.
//
// A rule says what to change in a container, in the pod template or in the object; these functions put that where the
// workload's kind has it (spec.template, spec.jobTemplate.spec.template, or the Pod itself) and quote every scalar that
// YAML would read as something else. Only failing rules call them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/model/workload.h"

namespace plimsoll {

// A piece of YAML under construction. A value type.
class Yaml {
 public:
  using Member = std::pair<std::string, Yaml>;

  static Yaml String(std::string_view value);
  static Yaml Int(int64_t value);
  static Yaml Bool(bool value);
  static Yaml Null();  // in a patch: delete the field
  static Yaml Map(std::initializer_list<Member> members = {});
  static Yaml List(std::vector<Yaml> items = {});
  static Yaml Strings(const std::vector<std::string>& items);
  // A copy of what a document has, for lists that a patch can only replace whole. A missing view gives null.
  static Yaml Copy(JsonView value);

  // Adds a member, or replaces it where there is one of that key. Only for maps.
  Yaml& Set(std::string_view key, Yaml value);
  // Adds an item. Only for lists.
  Yaml& Add(Yaml item);
  // "# text" behind the value, or behind the key of a map or list. By custom "replace with ..." where only people know
  // the value.
  Yaml Commented(std::string_view text) &&;

  // The members of a map, moved out of it.
  std::vector<Member> TakeMembers() { return std::move(members_); }

  // Block style, two spaces a level, ends in a newline.
  std::string Render() const;

 private:
  enum class Kind : uint8_t { kScalar, kMap, kList };

  void RenderMembers(size_t indent, bool first_is_placed, std::string& out) const;
  void RenderItems(size_t indent, std::string& out) const;
  // What stands behind "key:" or "-".
  void RenderValue(size_t indent, bool in_list, std::string& out) const;
  void RenderComment(std::string& out) const;

  Kind kind_ = Kind::kScalar;
  std::string scalar_ = "null";  // as it is written, quotes included
  std::string comment_;
  std::vector<Member> members_;
  std::vector<Yaml> items_;
};

// `text` as a YAML scalar that every reader (YAML 1.1 and 1.2) takes for exactly that string: plain where that is safe,
// else double-quoted.
std::string YamlQuote(std::string_view text);

// Patches, rendered. `change` is a map: of the object's, the template's, the pod spec's or the container's fields.
std::string ObjectFix(const Yaml& change);
std::string TemplateFix(const Workload& workload, Yaml change);
std::string PodSpecFix(const Workload& workload, Yaml change);
std::string ContainerFix(const Workload& workload, const Container& container, Yaml change);

// metadata.labels or metadata.annotations of the workload itself.
std::string LabelFix(std::string_view key, Yaml value);
std::string AnnotationFix(std::string_view key, Yaml value);

// The same patches before they are rendered.
Yaml TemplatePatch(const Workload& workload, Yaml change);
Yaml PodSpecPatch(const Workload& workload, Yaml change);
Yaml ContainerPatch(const Workload& workload, const Container& container, Yaml change);

}  // namespace plimsoll
