#include "tests/codec/json_differential.h"

#define SIMDJSON_DEVELOPMENT_CHECKS \
  0  // as in json_reader.cc: one definition of the library in one program
#include <simdjson.h>

#include <map>
#include <vector>

namespace plimsoll {
namespace {

namespace dom = simdjson::dom;

std::string Differs(JsonView ours, dom::element theirs);

std::string ArrayDiffers(JsonView ours, dom::array theirs) {
  if (!ours.is_array()) return "array expected";
  if (ours.size() != theirs.size()) return "array sizes differ";
  auto element = ours.elements().begin();
  for (const dom::element other : theirs) {
    if (std::string difference = Differs(*element, other); !difference.empty()) return difference;
    ++element;
  }
  return "";
}

std::string ObjectDiffers(JsonView ours, dom::object theirs) {
  if (!ours.is_object()) return "object expected";
  std::map<std::string_view, dom::element> last;  // of equal keys
  for (const dom::key_value_pair member : theirs) last[member.key] = member.value;
  if (ours.size() != last.size()) return "object sizes differ";
  for (const auto& [key, value] : last) {
    const JsonView found = ours[key];
    if (!found.exists()) return "key missing: " + std::string(key);
    if (std::string difference = Differs(found, value); !difference.empty()) return difference;
  }
  return "";
}

std::string Differs(JsonView ours, dom::element theirs) {
  switch (theirs.type()) {
    case dom::element_type::ARRAY:
      return ArrayDiffers(ours, theirs.get_array().value_unsafe());
    case dom::element_type::OBJECT:
      return ObjectDiffers(ours, theirs.get_object().value_unsafe());
    case dom::element_type::STRING:
      return ours.AsString() == theirs.get_string().value_unsafe() ? "" : "strings differ";
    case dom::element_type::BOOL:
      return ours.AsBool() == theirs.get_bool().value_unsafe() ? "" : "booleans differ";
    case dom::element_type::NULL_VALUE:
      return ours.kind() == JsonKind::kNull ? "" : "null expected";
    default:
      return ours.kind() == JsonKind::kNumber &&
                     ours.AsDouble() == theirs.get_double().value_unsafe()
                 ? ""
                 : "numbers differ";
  }
}

}  // namespace

struct JsonDifferential::State {
  JsonParser ours;
  dom::parser theirs;
};

JsonDifferential::JsonDifferential() : state_(std::make_unique<State>()) {}
JsonDifferential::~JsonDifferential() = default;

std::string JsonDifferential::Compare(std::string_view text) {
  std::string bytes(text);
  const Result<JsonView> ours = state_->ours.Parse(bytes, DuplicateKeys::kNote);
  accepted_ = ours.has_value();
  dom::element element;
  const simdjson::error_code error = state_->theirs.parse(text.data(), text.size()).get(element);
  if (ours && !error) return Differs(*ours, element);
  if (!ours && error) {
    return ours.error().code == ErrorCode::kInternal ? ours.error().message : "";
  }
  if (!ours) {
    return ours.error().code == ErrorCode::kLimitExceeded
               ? ""
               : "only simdjson's DOM takes it; we say: " + ours.error().message;
  }
  if (error == simdjson::NUMBER_ERROR) return "";
  return std::string("only we take it; simdjson's DOM says: ") + simdjson::error_message(error);
}

}  // namespace plimsoll
