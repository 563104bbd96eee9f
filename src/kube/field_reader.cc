#include "kube/field_reader.h"

#include <utility>

#include "plimsoll/kube/base64.h"

namespace plimsoll::kube {
namespace {

std::string Wrong(JsonKind expected, JsonKind got) {
  const auto with_article = [](JsonKind kind) {
    const std::string name(JsonKindName(kind));
    return (kind == JsonKind::kArray || kind == JsonKind::kObject ? "an " : "a ") + name;
  };
  return "expected " + with_article(expected) + ", got " + with_article(got);
}

}  // namespace

void FieldReader::Fail(JsonView value, std::string_view path, std::string_view key,
                       std::string_view message) {
  if (problem_) return;
  std::string field(path);
  if (!field.empty() && !key.empty()) field += '.';
  field += key;
  problem_ = Diagnostic{file_, value.position(), std::move(field), std::string(message)};
}

JsonView FieldReader::Member(JsonView object, std::string_view path, std::string_view key,
                             JsonKind kind) {
  const JsonView value = object[key];
  if (!value.present()) return {};
  if (value.kind() == kind) return value;
  Fail(value, path, key, Wrong(kind, value.kind()));
  return {};
}

std::string FieldReader::String(JsonView object, std::string_view path, std::string_view key) {
  return std::string(Member(object, path, key, JsonKind::kString).StringOrEmpty());
}

bool FieldReader::Bool(JsonView object, std::string_view path, std::string_view key) {
  return Member(object, path, key, JsonKind::kBool).AsBool().value_or(false);
}

std::string FieldReader::Base64(JsonView object, std::string_view path, std::string_view key) {
  const JsonView value = Member(object, path, key, JsonKind::kString);
  std::optional<std::string> bytes = Base64Decode(value.StringOrEmpty());
  if (bytes) return *std::move(bytes);
  Fail(value, path, key, "expected base64");
  return {};
}

}  // namespace plimsoll::kube
