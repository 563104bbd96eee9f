#include "rules/fix.h"

#include <algorithm>
#include <array>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

// Words that YAML 1.1 or 1.2 readers take for a boolean, a null, a float or a merge key.
bool IsReservedWord(std::string_view text) {
  static constexpr std::array<std::string_view, 15> kWords = {
      "",    "~", "null", "true", "false", "yes",   "no", "on",
      "off", "y", "n",    ".nan", ".inf",  "-.inf", "<<",
  };
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return EqualsIgnoreCase(word, text); });
}

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Numbers, dates, sexagesimals ("1:30") and the like all begin with a digit, a sign or a dot: those are always quoted.
bool IsSafePlain(std::string_view text) {
  if (IsReservedWord(text)) return false;
  if (!IsLetter(text.front()) && text.front() != '/' && text.front() != '_') return false;
  if (text.back() == ':' || text.back() == ' ') return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (IsLetter(c) || IsDigit(c)) continue;
    if (c == ' ' && text[i + 1] != '#') continue;
    if (c == ':' && text[i + 1] != ' ') continue;
    if (std::string_view("-_./@+=,*?%~()$&;![]\"'<>").find(c) == std::string_view::npos)
      return false;
  }
  return true;
}

void AppendHex(unsigned char byte, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += "\\x";
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

void AppendEscaped(char c, std::string& out) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x20 && byte != 0x7f) {
    out += c;
  } else {
    AppendHex(byte, out);
  }
}

std::string_view ContainerListName(ContainerRole role) {
  switch (role) {
    case ContainerRole::kMain:
      return "containers";
    case ContainerRole::kSidecar:
    case ContainerRole::kInit:
      return "initContainers";
    case ContainerRole::kEphemeral:
      return "ephemeralContainers";
  }
  return "containers";
}

// {a: {b: change}} for the path "a.b"; `change` for "".
Yaml Below(std::string_view path, Yaml change) {
  if (path.empty()) return change;
  std::vector<std::string_view> keys = Split(path, '.');
  std::reverse(keys.begin(), keys.end());
  for (std::string_view key : keys) {
    Yaml parent = Yaml::Map();
    parent.Set(key, std::move(change));
    change = std::move(parent);
  }
  return change;
}

}  // namespace

std::string YamlQuote(std::string_view text) {
  if (IsSafePlain(text)) return std::string(text);
  std::string out = "\"";
  // What is not UTF-8 cannot be written in YAML at all.
  const std::string clean =
      IsValidUtf8(text) ? std::string(text) : SanitizeLine(text, text.size() * 3 + 3);
  for (size_t i = 0; i < clean.size(); ++i) {
    // U+0080 to U+009F: controls that YAML readers refuse unless they are escaped.
    if (clean[i] == '\xc2' && i + 1 < clean.size() &&
        static_cast<unsigned char>(clean[i + 1]) < 0xa0) {
      AppendHex(static_cast<unsigned char>(clean[++i]), out);
    } else {
      AppendEscaped(clean[i], out);
    }
  }
  out += '"';
  return out;
}

Yaml Yaml::String(std::string_view value) {
  Yaml yaml;
  yaml.scalar_ = YamlQuote(value);
  return yaml;
}

Yaml Yaml::Int(int64_t value) {
  Yaml yaml;
  yaml.scalar_ = std::to_string(value);
  return yaml;
}

Yaml Yaml::Bool(bool value) {
  Yaml yaml;
  yaml.scalar_ = value ? "true" : "false";
  return yaml;
}

Yaml Yaml::Null() { return {}; }

Yaml Yaml::Map(std::initializer_list<Member> members) {
  Yaml yaml;
  yaml.kind_ = Kind::kMap;
  yaml.members_ = members;
  return yaml;
}

Yaml Yaml::List(std::vector<Yaml> items) {
  Yaml yaml;
  yaml.kind_ = Kind::kList;
  yaml.items_ = std::move(items);
  return yaml;
}

Yaml Yaml::Strings(const std::vector<std::string>& items) {
  Yaml yaml = List();
  for (const std::string& item : items) yaml.Add(String(item));
  return yaml;
}

Yaml Yaml::Copy(JsonView value) {
  Yaml yaml;
  switch (value.kind()) {
    case JsonKind::kMissing:
    case JsonKind::kNull:
      break;
    case JsonKind::kBool:
    case JsonKind::kNumber:
      yaml.scalar_ = value.text();
      break;
    case JsonKind::kString:
      yaml.scalar_ = YamlQuote(value.text());
      break;
    case JsonKind::kArray:
      yaml.kind_ = Kind::kList;
      for (JsonView item : value.elements()) yaml.Add(Copy(item));
      break;
    case JsonKind::kObject:
      yaml.kind_ = Kind::kMap;
      for (JsonMember member : value.members()) yaml.Set(member.key, Copy(member.value));
      break;
  }
  return yaml;
}

Yaml& Yaml::Set(std::string_view key, Yaml value) {
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [&](const Member& member) { return member.first == key; });
  if (found != members_.end()) {
    found->second = std::move(value);
  } else {
    members_.emplace_back(std::string(key), std::move(value));
  }
  return *this;
}

Yaml& Yaml::Add(Yaml item) {
  items_.push_back(std::move(item));
  return *this;
}

Yaml Yaml::Commented(std::string_view text) && {
  comment_ = SanitizeLine(text, text.size() + 3);
  return std::move(*this);
}

std::string Yaml::Render() const {
  std::string out;
  switch (kind_) {
    case Kind::kScalar:
      out = scalar_;
      RenderComment(out);
      out += '\n';
      break;
    case Kind::kMap:
      if (members_.empty()) return "{}\n";
      RenderMembers(0, false, out);
      break;
    case Kind::kList:
      if (items_.empty()) return "[]\n";
      RenderItems(0, out);
      break;
  }
  return out;
}

void Yaml::RenderMembers(size_t indent, bool first_is_placed, std::string& out) const {
  for (const auto& [key, value] : members_) {
    if (!first_is_placed) out.append(indent, ' ');
    first_is_placed = false;
    out += YamlQuote(key);
    out += ':';
    value.RenderValue(indent, false, out);
  }
}

void Yaml::RenderItems(size_t indent, std::string& out) const {
  for (const Yaml& item : items_) {
    out.append(indent, ' ');
    out += '-';
    item.RenderValue(indent, true, out);
  }
}

void Yaml::RenderValue(size_t indent, bool in_list, std::string& out) const {
  if (kind_ == Kind::kScalar || (members_.empty() && items_.empty())) {
    out += ' ';
    out += kind_ == Kind::kScalar ? scalar_ : kind_ == Kind::kMap ? "{}" : "[]";
    RenderComment(out);
    out += '\n';
    return;
  }
  // The first member of a map in a list stands on the line of the dash, unless a comment is there.
  if (in_list && kind_ == Kind::kMap && comment_.empty()) {
    out += ' ';
    RenderMembers(indent + 2, true, out);
    return;
  }
  RenderComment(out);
  out += '\n';
  if (kind_ == Kind::kMap) {
    RenderMembers(indent + 2, false, out);
  } else {
    RenderItems(indent + 2, out);
  }
}

void Yaml::RenderComment(std::string& out) const {
  if (comment_.empty()) return;
  out += "  # ";
  out += comment_;
}

std::string ObjectFix(const Yaml& change) { return change.Render(); }

std::string TemplateFix(const Workload& workload, Yaml change) {
  return TemplatePatch(workload, std::move(change)).Render();
}

std::string PodSpecFix(const Workload& workload, Yaml change) {
  return PodSpecPatch(workload, std::move(change)).Render();
}

std::string ContainerFix(const Workload& workload, const Container& container, Yaml change) {
  return ContainerPatch(workload, container, std::move(change)).Render();
}

std::string LabelFix(std::string_view key, Yaml value) {
  Yaml labels = Yaml::Map();
  labels.Set(key, std::move(value));
  return Below("metadata.labels", std::move(labels)).Render();
}

std::string AnnotationFix(std::string_view key, Yaml value) {
  Yaml annotations = Yaml::Map();
  annotations.Set(key, std::move(value));
  return Below("metadata.annotations", std::move(annotations)).Render();
}

Yaml TemplatePatch(const Workload& workload, Yaml change) {
  return Below(workload.template_path(), std::move(change));
}

Yaml PodSpecPatch(const Workload& workload, Yaml change) {
  return Below(workload.pod_spec_path(), std::move(change));
}

Yaml ContainerPatch(const Workload& workload, const Container& container, Yaml change) {
  Yaml entry = Yaml::Map({{"name", Yaml::String(container.name)}});
  if (container.name.empty()) {
    // Nothing to merge by; the API server refuses such a container anyway. Another name for each, so that the fixes of two
    // are not taken for those of one.
    const std::string name =
        container.index == 0 ? "main" : "container-" + std::to_string(container.index + 1);
    entry.Set("name", Yaml::String(name).Commented("replace with the container's name"));
  }
  for (auto& [key, value] : change.TakeMembers()) entry.Set(key, std::move(value));
  Yaml list = Yaml::List();
  list.Add(std::move(entry));
  Yaml pod_spec = Yaml::Map();
  pod_spec.Set(ContainerListName(container.role), std::move(list));
  return PodSpecPatch(workload, std::move(pod_spec));
}

}  // namespace plimsoll
