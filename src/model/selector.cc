#include "plimsoll/model/selector.h"

namespace plimsoll {
namespace {

using Operator = LabelSelector::Operator;
using Requirement = LabelSelector::Requirement;

std::optional<Operator> ParseOperator(std::string_view text) {
  if (text == "In") return Operator::kIn;
  if (text == "NotIn") return Operator::kNotIn;
  if (text == "Exists") return Operator::kExists;
  if (text == "DoesNotExist") return Operator::kDoesNotExist;
  return std::nullopt;
}

std::optional<Requirement> ReadExpression(JsonView expression) {
  const std::optional<Operator> op = ParseOperator(expression["operator"].StringOrEmpty());
  Requirement requirement;
  requirement.key = expression["key"].StringOrEmpty();
  if (!op || requirement.key.empty()) return std::nullopt;
  requirement.op = *op;
  const JsonView values = expression["values"];
  if (values.present() && !values.is_array()) return std::nullopt;
  for (const JsonView value : values.elements()) {
    if (!value.is_string()) return std::nullopt;
    requirement.values.emplace_back(value.text());
  }
  const bool listed = *op == Operator::kIn || *op == Operator::kNotIn;
  if (listed == requirement.values.empty()) return std::nullopt;
  return requirement;
}

bool ReadMap(JsonView labels, LabelSelector& selector) {
  if (labels.present() && !labels.is_object()) return false;
  for (const JsonMember member : labels.members()) {
    if (!member.value.is_string()) return false;
    selector.requirements.push_back(
        {std::string(member.key), Operator::kIn, {std::string(member.value.text())}});
  }
  return true;
}

}  // namespace

std::optional<LabelSelector> ReadLabelSelector(JsonView selector) {
  if (!selector.is_object()) return std::nullopt;
  LabelSelector read;
  if (!ReadMap(selector["matchLabels"], read)) return std::nullopt;
  const JsonView expressions = selector["matchExpressions"];
  if (expressions.present() && !expressions.is_array()) return std::nullopt;
  for (const JsonView expression : expressions.elements()) {
    std::optional<Requirement> requirement = ReadExpression(expression);
    if (!requirement) return std::nullopt;
    read.requirements.push_back(*std::move(requirement));
  }
  read.requirements.shrink_to_fit();
  return read;
}

std::optional<LabelSelector> ReadLabelMap(JsonView labels) {
  LabelSelector read;
  if (!ReadMap(labels, read)) return std::nullopt;
  read.requirements.shrink_to_fit();
  return read;
}

std::string DescribeSelector(const LabelSelector& selector) {
  if (selector.requirements.empty()) return "everything";
  std::string text;
  for (const Requirement& requirement : selector.requirements) {
    if (!text.empty()) text += ", ";
    if (requirement.op == Operator::kDoesNotExist) text += '!';
    text += requirement.key;
    if (requirement.op == Operator::kExists || requirement.op == Operator::kDoesNotExist) continue;
    if (requirement.op == Operator::kIn && requirement.values.size() == 1) {
      text += '=' + requirement.values.front();
      continue;
    }
    text += requirement.op == Operator::kIn ? " in (" : " not in (";
    for (size_t i = 0; i < requirement.values.size(); ++i) {
      text += (i == 0 ? "" : ", ") + requirement.values[i];
    }
    text += ')';
  }
  return text;
}

}  // namespace plimsoll
