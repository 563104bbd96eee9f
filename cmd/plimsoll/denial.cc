#include "denial.h"

#include <algorithm>
#include <array>
#include <utility>

#include "plimsoll/base/text.h"

namespace plimsoll::cli {
namespace {

bool IsNameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

size_t IndentOf(std::string_view line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

// "production/runbook.url: " in a line.
struct Reference {
  size_t begin = std::string_view::npos;
  std::string_view policy;
  std::string_view rule;
  size_t end = 0;  // behind ": "
};

// A rule's id has a dot between words of lower-case letters and "-".
bool IsRuleId(std::string_view text) {
  const size_t dot = text.find('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == text.size()) return false;
  return std::all_of(text.begin(), text.end(), IsNameChar) && text.front() >= 'a' &&
         text.back() != '.';
}

Reference FindReference(std::string_view line) {
  for (size_t slash = line.find('/'); slash != std::string_view::npos;
       slash = line.find('/', slash + 1)) {
    size_t begin = slash;
    while (begin > 0 && IsNameChar(line[begin - 1])) --begin;
    size_t end = slash + 1;
    while (end < line.size() && IsNameChar(line[end])) ++end;
    const std::string_view rule = line.substr(slash + 1, end - slash - 1);
    const bool told = line.substr(end).starts_with(": ") || line.substr(end) == ":";
    const bool free = begin == 0 || line[begin - 1] == ' ' || line[begin - 1] == '"';
    if (begin == slash || !free || !told || !IsRuleId(rule)) continue;
    return {begin, line.substr(begin, slash - begin), rule, std::min(end + 2, line.size())};
  }
  return {};
}

// What stands before it: "* spec.x: ", "1. ", "Warning: ", `The Deployment "web" is invalid: spec.x: `.
std::string_view PathBefore(std::string_view prefix) {
  prefix = Trim(prefix);
  if (!prefix.ends_with(':')) return {};
  prefix.remove_suffix(1);
  if (const size_t colon = prefix.rfind(": "); colon != std::string_view::npos) {
    prefix.remove_prefix(colon + 2);
  }
  if (prefix.starts_with("* ")) prefix.remove_prefix(2);
  const bool path = prefix.find_first_of(" \"") == std::string_view::npos ||
                    prefix.find('[') != std::string_view::npos;
  return path && prefix != "Warning" ? prefix : std::string_view();
}

// The lines below `first` that are indented further, without that indentation; `next` is the first that is not.
std::string Block(const std::vector<std::string_view>& lines, size_t first, size_t indent,
                  size_t& next) {
  size_t margin = std::string_view::npos;
  for (next = first; next < lines.size(); ++next) {
    if (Trim(lines[next]).empty()) break;
    if (IndentOf(lines[next]) <= indent) break;
    margin = std::min(margin, IndentOf(lines[next]));
  }
  std::string block;
  for (size_t i = first; i < next; ++i) block.append(lines[i].substr(margin)).append("\n");
  return block;
}

// `Deployment "web"` of kubectl, "Deployment payments/web" of the message: as KIND/NAME, and the namespace where it is told.
void TakeWorkload(std::string_view line, Denial& denial) {
  std::string_view told;
  const size_t invalid = line.find("\" is invalid");
  const size_t the = line.find("The ");
  if (invalid != std::string_view::npos && the < invalid) {
    told = line.substr(the + 4, invalid - the - 4);
  } else if (const size_t end = line.find(" is not ready: "); end != std::string_view::npos) {
    told = line.substr(0, end);
    const size_t name = told.rfind(' ');
    if (name == std::string_view::npos) return;
    const size_t kind = told.rfind(' ', name - 1);
    if (kind != std::string_view::npos) told.remove_prefix(kind + 1);
  }
  const size_t space = told.find(' ');
  if (space == std::string_view::npos) return;
  std::string_view name = told.substr(space + 1);
  if (name.starts_with('"')) name.remove_prefix(1);
  if (const size_t slash = name.find('/'); slash != std::string_view::npos) {
    denial.namespace_name = name.substr(0, slash);
    name.remove_prefix(slash + 1);
  }
  denial.workload = std::string(told.substr(0, space)) + '/' + std::string(name);
}

// Of "before the next push: `plimsoll check --policy POLICIES --namespace shop FILE`".
std::string_view NamespaceIn(std::string_view line) {
  constexpr std::string_view kFlag = " --namespace ";
  const size_t at = line.find(kFlag);
  if (at == std::string_view::npos || line.find("plimsoll check") > at) return {};
  const std::string_view rest = line.substr(at + kFlag.size());
  const auto end = std::find_if_not(rest.begin(), rest.end(), IsNameChar);
  return rest.substr(0, static_cast<size_t>(end - rest.begin()));
}

bool IsNote(std::string_view text) {
  constexpr std::array<std::string_view, 3> kNotes = {
      "contact: ", "documentation: ", "break-glass: "};
  return std::any_of(kNotes.begin(), kNotes.end(),
                     [text](std::string_view note) { return text.starts_with(note); });
}

std::string WithRealLines(std::string_view text) {
  std::string out(text);
  if (out.find('\n') != std::string::npos && out.find("\\n") == std::string::npos) return out;
  for (size_t at = out.find("\\n"); at != std::string::npos; at = out.find("\\n", at + 1)) {
    out.replace(at, 2, "\n");
  }
  for (size_t at = out.find("\\\""); at != std::string::npos; at = out.find("\\\"", at + 1)) {
    out.erase(at, 1);
  }
  return out;
}

}  // namespace

Denial ParseDenial(std::string_view given) {
  const std::string text = WithRealLines(given);
  const std::vector<std::string_view> lines = Split(text, '\n');
  Denial denial;
  for (size_t i = 0; i < lines.size(); ++i) {
    std::string_view line = lines[i];
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (denial.workload.empty()) TakeWorkload(line, denial);
    if (denial.namespace_name.empty()) denial.namespace_name = NamespaceIn(line);
    std::string_view content = Trim(line);
    if (content.starts_with("* ")) content.remove_prefix(2);
    if (IsNote(content)) denial.notes.emplace_back(content);
    if (const Reference found = FindReference(line); found.begin != std::string_view::npos) {
      denial.findings.push_back({std::string(found.policy), std::string(found.rule),
                                 std::string(PathBefore(line.substr(0, found.begin))),
                                 std::string(Trim(line.substr(found.end))), "",
                                 content.starts_with("Warning: ")});
      continue;
    }
    if (denial.findings.empty()) continue;
    ToldFinding& last = denial.findings.back();
    if (content.starts_with("path: ") && last.path.empty()) last.path = content.substr(6);
    if (content == "fix:" && last.fix.empty()) {
      size_t next = i + 1;
      last.fix = Block(lines, i + 1, IndentOf(line), next);
      i = next - 1;
    }
  }
  return denial;
}

}  // namespace plimsoll::cli
