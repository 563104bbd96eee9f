#include "plimsoll/rules/parameter_text.h"

#include <re2/re2.h>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

struct Text {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(int64_t value) const { return std::to_string(value); }
  std::string operator()(const std::string& value) const { return value.empty() ? "\"\"" : value; }
  std::string operator()(const std::vector<std::string>& value) const {
    return value.empty() ? "none" : Join(value, ", ");
  }
  std::string operator()(const std::shared_ptr<const re2::RE2>& value) const {
    return value == nullptr ? "none" : value->pattern();
  }
};

}  // namespace

std::vector<std::string> ParametersThatDiffer(const Rule& rule, const Parameters& parameters) {
  std::vector<Diagnostic> problems;
  Parameters defaults = CompileParameters(rule, JsonView(), "", problems);
  Parameters given = parameters;
  std::vector<std::string> texts;
  for (size_t i = 0; i < rule.parameters.size(); ++i) {
    const std::string text = std::visit(Text(), given.values()[i]);
    if (text == std::visit(Text(), defaults.values()[i])) continue;
    texts.push_back(std::string(rule.parameters[i].name) + ": " + text);
  }
  return texts;
}

}  // namespace plimsoll
