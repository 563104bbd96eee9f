#include "rules/selector.h"

#include <algorithm>

namespace plimsoll {
namespace {

enum class Answer { kNo, kYes, kInvalid };

Answer Contains(JsonView values, std::string_view wanted) {
  if (!values.is_array() || values.size() == 0) return Answer::kInvalid;
  Answer answer = Answer::kNo;
  for (const JsonView value : values.elements()) {
    if (!value.is_string()) return Answer::kInvalid;
    if (value.text() == wanted) answer = Answer::kYes;
  }
  return answer;
}

bool ExpressionHolds(JsonView expression, const LabelSet& labels) {
  const std::string_view key = expression["key"].StringOrEmpty();
  const std::string_view op = expression["operator"].StringOrEmpty();
  if (key.empty()) return false;
  const std::optional<std::string_view> label = labels.Find(key);
  const JsonView values = expression["values"];
  if (op == "Exists") return values.size() == 0 && label.has_value();
  if (op == "DoesNotExist") return values.size() == 0 && !label.has_value();
  if (op != "In" && op != "NotIn") return false;
  const Answer answer = Contains(values, label.value_or(std::string_view()));
  if (answer == Answer::kInvalid) return false;
  if (op == "In") return label.has_value() && answer == Answer::kYes;
  return !label.has_value() || answer == Answer::kNo;
}

}  // namespace

std::optional<std::string_view> LabelSet::Find(std::string_view key) const {
  if (const std::optional<std::string_view> label = labels[key].AsString()) return label;
  if (!extra_key.empty() && key == extra_key) return extra_value;
  return std::nullopt;
}

bool SelectorMatches(JsonView selector, const LabelSet& labels) {
  if (!selector.is_object()) return false;
  const JsonView match_labels = selector["matchLabels"];
  const JsonView expressions = selector["matchExpressions"];
  if (match_labels.present() && !match_labels.is_object()) return false;
  if (expressions.present() && !expressions.is_array()) return false;
  for (const JsonMember member : match_labels.members()) {
    if (!member.value.is_string() || labels.Find(member.key) != member.value.text()) return false;
  }
  for (const JsonView expression : expressions.elements()) {
    if (!ExpressionHolds(expression, labels)) return false;
  }
  return true;
}

}  // namespace plimsoll
