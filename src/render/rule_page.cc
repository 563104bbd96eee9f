#include "plimsoll/render/rule_page.h"

#include <algorithm>
#include <optional>
#include <ostream>
#include <utility>
#include <vector>

#include "plimsoll/base/text.h"
#include "render/terminal_text.h"

namespace plimsoll {
namespace {

const PolicyRule* InBaseline(const Rule& rule, const ReadinessPolicy* baseline) {
  if (baseline == nullptr) return nullptr;
  for (const PolicyRule& entry : baseline->rules) {
    if (entry.rule == &rule) return &entry;
  }
  return nullptr;
}

// "boolean", "one of `traffic`, `all`, `any`", "list of `https`, `http`", "integer, 1 to 100".
std::string TypeOf(const ParameterSpec& spec, std::string_view quote) {
  if (!spec.allowed.empty()) {
    std::string out = spec.type == ParameterType::kEnum ? "one of " : "list of ";
    for (const std::string_view value : spec.allowed) {
      if (!out.ends_with(' ')) out += ", ";
      out += quote;
      out += value;
      out += quote;
    }
    return out;
  }
  std::string out(ParameterTypeName(spec.type));
  if (spec.type == ParameterType::kInteger) {
    out += spec.maximum == INT64_MAX
               ? ", at least " + std::to_string(spec.minimum)
               : ", " + std::to_string(spec.minimum) + " to " + std::to_string(spec.maximum);
  }
  return out;
}

std::string BaselineSentence(const Rule& rule, const ReadinessPolicy* baseline) {
  if (baseline == nullptr) return {};
  const PolicyRule* entry = InBaseline(rule, baseline);
  if (entry == nullptr) {
    return "Not in the starter policy " + baseline->name + "; list it in your own.";
  }
  std::string out = "In the starter policy " + baseline->name;
  std::string_view separator = ": at most ";
  for (const auto& [tier, tier_cap] : entry->by_tier) {
    const std::optional<Action> cap = tier_cap;
    out += separator;
    out += (cap ? std::string(ActionName(*cap)) : "not judged") + " for tier " + tier;
    separator = ", ";
  }
  return out + ".";
}

// How a policy lists it, every parameter at its default.
std::string PolicyEntry(const Rule& rule) {
  std::string out = "spec:\n  rules:\n    - rule: " + std::string(rule.id) + "\n";
  if (rule.parameters.empty()) return out;
  out += "      parameters:\n";
  for (const ParameterSpec& spec : rule.parameters) {
    out += "        " + std::string(spec.name) + ": " + std::string(spec.default_json) + "\n";
  }
  return out;
}

// For a cell of a Markdown table.
std::string Cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

void AppendFenced(std::string_view title, std::string_view language, std::string_view body,
                  std::string& out) {
  if (body.empty()) return;
  out += '\n' + std::string(title) + "\n\n```" + std::string(language) + '\n';
  out += body;
  if (!body.ends_with('\n')) out += '\n';
  out += "```\n";
}

void AppendParameterTable(const Rule& rule, std::string& out) {
  if (rule.parameters.empty()) return;
  out += "\n## Parameters\n\n| Name | Type | Default | Meaning |\n|---|---|---|---|\n";
  for (const ParameterSpec& spec : rule.parameters) {
    out += "| `" + std::string(spec.name) + "` | " + Cell(TypeOf(spec, "`")) + " | `" +
           Cell(spec.default_json) + "` | " + Cell(spec.description) + " |\n";
  }
}

// Headings and paragraphs for the terminal.
class Page {
 public:
  Page(const TextStyle& style, std::ostream& out) : style_(style), out_(out) {}

  void Heading(std::string_view text) {
    out_ << '\n' << Paint(text, Ink::kBold, style_.color) << '\n';
  }
  void Paragraph(std::string_view text, int indent = 2) {
    WriteWrapped(text, indent, style_.width, Ink::kPlain, style_.color, out_);
  }
  void Section(std::string_view heading, std::string_view text) {
    if (text.empty()) return;
    Heading(heading);
    for (const std::string_view paragraph : Split(text, '\n')) Paragraph(paragraph);
  }
  void Block(std::string_view heading, std::string_view yaml) {
    if (yaml.empty()) return;
    Heading(heading);
    WriteBlock(yaml, 2, Ink::kGreen, style_.color, out_);
  }

 private:
  const TextStyle& style_;
  std::ostream& out_;
};

}  // namespace

void WriteRuleText(const Rule& rule, const RulePageContext& context, const TextStyle& style,
                   std::ostream& out) {
  Page page(style, out);
  out << Paint(rule.id, Ink::kBold, style.color) << '\n';
  page.Paragraph(rule.title);
  page.Section("Why", rule.rationale);
  page.Section("What to do", rule.remediation);
  if (!context.example.message.empty()) {
    page.Section("Example", "This fails: " + context.example.message);
    WriteBlock(context.example.manifest, 4, Ink::kPlain, style.color, out);
    page.Block("And this puts it right", context.example.fix);
  }
  if (!rule.parameters.empty()) {
    page.Heading("Parameters");
    for (const ParameterSpec& spec : rule.parameters) {
      out << "  " << Paint(spec.name, Ink::kBold, style.color) << "  "
          << Paint(TypeOf(spec, ""), Ink::kDim, style.color) << '\n';
      page.Paragraph(spec.description, 4);
      page.Paragraph("Default: " + std::string(spec.default_json), 4);
    }
  }
  page.Block("In a policy", PolicyEntry(rule));
  page.Section("Where it is used", BaselineSentence(rule, context.baseline));
  page.Section("Sources", rule.sources);
}

std::string RuleMarkdown(const Rule& rule, const RulePageContext& context) {
  std::string out = "# " + std::string(rule.id) + "\n\n" + std::string(rule.title) + "\n";
  out += "\n## Why\n\n" + std::string(rule.rationale) + "\n";
  out += "\n## What to do\n\n" + std::string(rule.remediation) + "\n";
  if (!context.example.message.empty()) {
    out += "\n## Example\n";
    AppendFenced("This fails:", "yaml", context.example.manifest, out);
    out += "\n> " + context.example.message + "\n";
    AppendFenced("This patch puts it right:", "yaml", context.example.fix, out);
  }
  AppendParameterTable(rule, out);
  out += "\n## In a policy\n";
  AppendFenced("With every parameter at its default:", "yaml", PolicyEntry(rule), out);
  const std::string used = BaselineSentence(rule, context.baseline);
  if (!used.empty()) out += "\n" + used + "\n";
  if (!rule.sources.empty()) out += "\n## Sources\n\n" + std::string(rule.sources) + "\n";
  return out;
}

void WriteRuleList(std::span<const Rule* const> rules, const TextStyle& style, std::ostream& out) {
  size_t width = 0;
  for (const Rule* rule : rules) width = std::max(width, rule->id.size());
  for (const Rule* rule : rules) {
    out << Paint(rule->id, Ink::kBold, style.color) << std::string(width - rule->id.size() + 2, ' ')
        << rule->title << '\n';
  }
}

std::string RuleIndexMarkdown(std::span<const Rule* const> rules, const ReadinessPolicy* baseline) {
  std::string out =
      "# Rules\n\nEvery built-in rule. The same pages are in the program: `plimsoll explain "
      "<rule>`.\n\n| Rule | What holds when it passes | In the starter policy |\n|---|---|---|\n";
  for (const Rule* rule : rules) {
    const std::string id(rule->id);
    out += "| [`" + id + "`](" + id + ".md) | " + Cell(rule->title) + " | " +
           (InBaseline(*rule, baseline) == nullptr ? "no" : "yes") + " |\n";
  }
  return out;
}

}  // namespace plimsoll
