#include "tests/policy/schema_checker.h"

#include <algorithm>
#include <regex>
#include <set>

#include "plimsoll/base/time.h"

namespace plimsoll::test {
namespace {

class Checker {
 public:
  std::vector<std::string> errors;

  void Check(JsonView value, JsonView schema, const std::string& path) {
    const std::string_view type = schema["type"].StringOrEmpty();
    if (!HasType(value, type)) {
      Fail(path, "is no " + std::string(type));
    } else if (type == "object") {
      CheckObject(value, schema, path);
    } else if (type == "array") {
      CheckArray(value, schema, path);
    } else if (type == "string") {
      CheckString(value, schema, path);
    } else if (const auto minimum = schema["minimum"].AsInt(); minimum && value.AsInt() < minimum) {
      Fail(path, "is too small");
    }
  }

 private:
  void Fail(const std::string& path, const std::string& what) {
    errors.push_back(path + " " + what);
  }

  static bool HasType(JsonView value, std::string_view type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.kind() == JsonKind::kBool;
    if (type == "integer") return value.AsInt().has_value();
    return false;
  }

  void CheckBounds(JsonView schema, size_t size, const char* minimum, const char* maximum,
                   const std::string& path) {
    if (size < static_cast<size_t>(schema[minimum].AsInt().value_or(0))) Fail(path, minimum);
    const auto limit = schema[maximum].AsInt();
    if (limit && size > static_cast<size_t>(*limit)) Fail(path, maximum);
  }

  void CheckObject(JsonView value, JsonView schema, const std::string& path) {
    CheckBounds(schema, value.size(), "minProperties", "maxProperties", path);
    for (const JsonView name : schema["required"].elements()) {
      if (!value[name.text()].present()) Fail(path, "lacks " + std::string(name.text()));
    }
    const JsonView properties = schema["properties"];
    const JsonView additional = schema["additionalProperties"];
    const bool anything = schema["x-kubernetes-preserve-unknown-fields"].AsBool().value_or(false) ||
                          path == ".metadata";  // the API server's own business
    for (const JsonMember member : value.members()) {
      const std::string member_path = path + "." + std::string(member.key);
      if (!member.value.present()) continue;  // nulls are pruned
      if (properties[member.key].exists()) {
        Check(member.value, properties[member.key], member_path);
      } else if (additional.is_object()) {
        Check(member.value, additional, member_path);
      } else if (!anything) {
        Fail(member_path, "is unknown");
      }
    }
  }

  void CheckArray(JsonView value, JsonView schema, const std::string& path) {
    CheckBounds(schema, value.size(), "minItems", "maxItems", path);
    std::set<std::string> seen;
    const std::string_view list_type = schema["x-kubernetes-list-type"].StringOrEmpty();
    size_t index = 0;
    for (const JsonView element : value.elements()) {
      const std::string element_path = path + "[" + std::to_string(index++) + "]";
      Check(element, schema["items"], element_path);
      std::string key;
      if (list_type == "set") key = ToJson(element);
      for (const JsonView name : schema["x-kubernetes-list-map-keys"].elements()) {
        key += ToJson(element[name.text()]) + "\n";
      }
      if (!key.empty() && !seen.insert(key).second) Fail(element_path, "is there twice");
    }
  }

  void CheckString(JsonView value, JsonView schema, const std::string& path) {
    const std::string text(value.text());
    const auto characters = std::count_if(text.begin(), text.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    });
    CheckBounds(schema, static_cast<size_t>(characters), "minLength", "maxLength", path);
    bool allowed = !schema["enum"].exists();
    for (const JsonView one : schema["enum"].elements()) allowed = allowed || one.text() == text;
    if (!allowed) Fail(path, "is none of the enum");
    if (const JsonView pattern = schema["pattern"]; pattern.exists()) {
      if (!std::regex_search(text, std::regex(std::string(pattern.text())))) Fail(path, "pattern");
    }
    if (schema["format"].StringOrEmpty() == "date-time" && !ParseTimestamp(text)) {
      Fail(path, "is no date-time");
    }
  }
};

}  // namespace

std::vector<std::string> CheckAgainstSchema(JsonView value, JsonView schema) {
  Checker checker;
  checker.Check(value, schema, "");
  return checker.errors;
}

}  // namespace plimsoll::test
