#include "placeholder_marks.h"

#include <algorithm>
#include <string>
#include <utility>

#include "plimsoll/base/text.h"

namespace plimsoll::cli {
namespace {

struct Mark {
  SourcePosition position;
  std::string key;     // of the field, as far as its line shows it
  std::string remark;  // "the slug of the team that runs it"
};

std::vector<Mark> MarksIn(std::string_view text) {
  std::vector<Mark> marks;
  uint32_t line_number = 0;
  for (size_t begin = 0; begin < text.size();) {
    // Most files have none: look for the next one before counting lines.
    if (text.find(kPlaceholderMark, begin) == std::string_view::npos) break;
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    ++line_number;
    if (const size_t at = line.find(kPlaceholderMark); at != std::string_view::npos) {
      std::string_view key = Trim(line.substr(0, at));
      if (key.starts_with("- ")) key = Trim(key.substr(2));
      key = key.substr(0, key.find(": "));
      if (key.ends_with(':')) key.remove_suffix(1);
      marks.push_back({{line_number, static_cast<uint32_t>(at + 1)},
                       std::string(key),
                       std::string(Trim(line.substr(at + kPlaceholderMark.size())))});
    }
    begin = end + 1;
  }
  return marks;
}

Finding FindingOf(const Mark& mark) {
  Finding finding;
  finding.rule = kPlaceholderRule;
  finding.result = RuleResult::kFail;
  finding.action = Action::kWarn;
  finding.reason = "until it is replaced and the comment is gone";
  finding.path = mark.key;
  finding.message = (mark.key.empty() ? "a value" : "the value of " + mark.key) +
                    " only holds a place; replace it with " + mark.remark;
  finding.observed = "marked by --unsafe-fixes";
  finding.required = mark.remark;
  finding.position = mark.position;
  return finding;
}

}  // namespace

void AddPlaceholderMarks(std::vector<JudgedObject>& objects) {
  for (size_t first = 0; first < objects.size();) {
    size_t end = first;
    while (end < objects.size() && objects[end].file == objects[first].file) ++end;
    for (const Mark& mark : MarksIn(objects[first].file->manifests->text)) {
      size_t owner = first;
      while (owner + 1 < end && objects[owner + 1].object.position() <= mark.position) ++owner;
      std::vector<Finding>& findings = objects[owner].result.findings;
      const auto place = std::find_if(findings.begin(), findings.end(), [](const Finding& one) {
        return one.result != RuleResult::kFail || one.action < Action::kWarn;
      });
      findings.insert(place, FindingOf(mark));
    }
    first = end;
  }
}

}  // namespace plimsoll::cli
