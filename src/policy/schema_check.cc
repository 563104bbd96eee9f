#include "policy/schema_check.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "plimsoll/base/text.h"
#include "policy/text_format.h"

namespace plimsoll {
namespace {

// What is quoted from the document in a message: enough to recognise it.
constexpr size_t kMaxQuoted = 80;

std::string_view TypePhrase(FieldType type) {
  switch (type) {
    case FieldType::kString:
      return "a string";
    case FieldType::kObject:
    case FieldType::kMap:
      return "an object";
    case FieldType::kList:
      return "a list";
    case FieldType::kAnything:
      return "any value";
  }
  return "";
}

bool HasType(JsonView value, FieldType type) {
  switch (type) {
    case FieldType::kString:
      return value.is_string();
    case FieldType::kObject:
    case FieldType::kMap:
      return value.is_object();
    case FieldType::kList:
      return value.is_array();
    case FieldType::kAnything:
      return true;
  }
  return false;
}

std::string TypeProblem(JsonView value, FieldType type) {
  std::string message = "expected ";
  message += TypePhrase(type);
  switch (value.kind()) {
    case JsonKind::kObject:
      return message += ", found an object";
    case JsonKind::kArray:
      return message += ", found a list";
    case JsonKind::kNull:
      return message += ", found null";
    case JsonKind::kString:
      message += ", found the string ";
      return message += Quoted(value.text());
    default:
      message += ", found the ";
      message += JsonKindName(value.kind());
      message += ' ';
      message += SanitizeLine(value.text(), kMaxQuoted);
      if (type == FieldType::kString) message += "; put it in quotes";
      return message;
  }
}

std::string FormatProblem(std::string_view text, TextFormat format) {
  std::string message = Quoted(text);
  message += " is not ";
  message += FormatDescription(format);
  return message;
}

bool CheckSize(JsonView value, const FieldSpec& spec, size_t size, std::string_view unit,
               const std::string& path, Problems& problems) {
  std::string message;
  if (size < spec.minimum) {
    message = spec.minimum == 1
                  ? "must not be empty"
                  : "shorter than " + std::to_string(spec.minimum) + " " + std::string(unit);
  } else if (spec.maximum != 0 && size > spec.maximum) {
    message = std::to_string(size) + " " + std::string(unit) + " are more than the " +
              std::to_string(spec.maximum) + " allowed here";
  }
  if (message.empty()) return true;
  problems.Add(value, path, std::move(message));
  return false;
}

void CheckString(JsonView value, const FieldSpec& spec, const std::string& path,
                 Problems& problems) {
  const std::string_view text = value.text();
  if (!spec.allowed.empty()) {
    if (std::find(spec.allowed.begin(), spec.allowed.end(), text) == spec.allowed.end()) {
      problems.Add(value, path,
                   Quoted(text) + " is not known here; expected " + OneOf(spec.allowed) +
                       DidYouMean(text, spec.allowed));
    }
    return;
  }
  if (!CheckSize(value, spec, CharacterCount(text), "characters", path, problems)) return;
  if (!HasFormat(text, spec.format)) problems.Add(value, path, FormatProblem(text, spec.format));
}

void CheckObject(JsonView object, std::span<const FieldSpec> fields, const std::string& path,
                 Problems& problems) {
  std::vector<std::string_view> names;
  names.reserve(fields.size());
  for (const FieldSpec& field : fields) {
    names.push_back(field.name);
    if (!field.required || object[field.name].present()) continue;
    problems.Add(object, ChildPath(path, field.name), "required, but not set");
  }
  for (const JsonMember member : object.members()) {
    if (problems.full()) return;
    const auto field = std::find(names.begin(), names.end(), member.key);
    if (field == names.end()) {
      const std::string hint = DidYouMean(member.key, names);
      problems.AddToKey(member, ChildPath(path, member.key),
                        "unknown field" + (hint.empty() ? "; expected " + OneOf(names) : hint));
      problems.MarkUnknownField();
    } else if (member.value.present()) {
      const size_t index = static_cast<size_t>(field - names.begin());
      CheckSchema(member.value, fields[index], ChildPath(path, member.key), problems);
    }
  }
}

// Of maps and lists that are too long, as many entries are looked at as there may be.
void CheckMap(JsonView map, const FieldSpec& spec, const std::string& path, Problems& problems) {
  CheckSize(map, spec, map.size(), "entries", path, problems);
  size_t left = spec.maximum;
  for (const JsonMember member : map.members()) {
    if (left-- == 0 || problems.full()) return;
    if (!member.value.present()) continue;  // the API server drops it
    const std::string member_path = ChildPath(path, member.key);
    if (!HasFormat(member.key, spec.format)) {
      problems.AddToKey(member, member_path, FormatProblem(member.key, spec.format));
    }
    CheckSchema(member.value, *spec.element, member_path, problems);
  }
}

void CheckList(JsonView list, const FieldSpec& spec, const std::string& path, Problems& problems) {
  CheckSize(list, spec, list.size(), "entries", path, problems);
  size_t index = 0;
  for (const JsonView element : list.elements()) {
    if (index == spec.maximum || problems.full()) return;
    CheckSchema(element, *spec.element, ElementPath(path, index++), problems);
  }
}

bool IsPlainWord(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

}  // namespace

std::string ChildPath(std::string_view parent, std::string_view key) {
  std::string path(parent);
  if (IsPlainWord(key)) {
    if (!path.empty()) path += '.';
    path += key;
  } else {
    path += '[';
    path += SanitizeLine(key, kMaxQuoted);
    path += ']';
  }
  return path;
}

std::string ElementPath(std::string_view parent, size_t index) {
  std::string path(parent);
  path += '[';
  path += std::to_string(index);
  path += ']';
  return path;
}

std::string Quoted(std::string_view word) {
  std::string out = "\"";
  out += SanitizeLine(word, kMaxQuoted);
  out += '"';
  return out;
}

std::string OneOf(std::span<const std::string_view> words) {
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += words[i];
  }
  return out;
}

std::string DidYouMean(std::string_view word, std::span<const std::string_view> candidates) {
  const std::string_view nearest = NearestName(word, candidates);
  if (nearest.empty()) return "";
  std::string out = "; did you mean \"";
  out += nearest;
  out += "\"?";
  return out;
}

void Problems::Add(JsonView value, std::string path, std::string message) {
  if (full()) return;
  Store(value.index(), {{}, value.position(), std::move(path), std::move(message)});
}

void Problems::AddToKey(const JsonMember& member, std::string path, std::string message) {
  if (full()) return;
  // The key stands one node before its value, inside the object.
  Store(member.value.index() - 1, {{}, member.key_position(), std::move(path), std::move(message)});
}

void Problems::AddAll(JsonView value, std::vector<Diagnostic> found) {
  for (Diagnostic& problem : found) {
    if (full()) return;
    if (!problem.position.known()) problem.position = value.position();
    Store(value.index(), std::move(problem));
  }
}

void Problems::Store(uint32_t node, Diagnostic problem) {
  bad_nodes_.push_back(node);
  problems_.push_back(std::move(problem));
}

bool Problems::Clean(JsonView value) const {
  if (!value.exists()) return true;
  const uint32_t end = value.document()->nodes()[value.index()].end;
  return std::none_of(bad_nodes_.begin(), bad_nodes_.end(),
                      [&](uint32_t node) { return node >= value.index() && node < end; });
}

std::vector<Diagnostic> Problems::Take() {
  std::stable_sort(problems_.begin(), problems_.end(), [](const auto& a, const auto& b) {
    return std::tie(a.position, a.path) < std::tie(b.position, b.path);
  });
  if (full()) {
    problems_.push_back({{}, {}, "", "too many problems; there may be more than those listed"});
  }
  return std::move(problems_);
}

void CheckSchema(JsonView value, const FieldSpec& spec, const std::string& path,
                 Problems& problems) {
  if (!HasType(value, spec.type)) {
    problems.Add(value, path, TypeProblem(value, spec.type));
    return;
  }
  switch (spec.type) {
    case FieldType::kString:
      return CheckString(value, spec, path, problems);
    case FieldType::kObject:
      return CheckObject(value, spec.fields, path, problems);
    case FieldType::kMap:
      return CheckMap(value, spec, path, problems);
    case FieldType::kList:
      return CheckList(value, spec, path, problems);
    case FieldType::kAnything:
      return;
  }
}

}  // namespace plimsoll
