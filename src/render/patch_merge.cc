#include "plimsoll/render/patch_merge.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

// Deeper than any object; input is ours, but what is copied into it is not.
constexpr size_t kMaxLevels = 100;

// One line and what is indented below it: a member ("key:", "key: value"), or an item ("- name: web", "- value").
struct Line {
  std::string text;  // without indentation
  std::vector<Line> children;

  bool is_item() const { return text.starts_with("- ") || text == "-"; }
  bool is_comment() const { return text.starts_with('#'); }
};

std::string_view WithoutComment(std::string_view text) {
  const size_t comment = text.find("  # ");
  const std::string_view before = text.substr(0, comment);
  // Between quotes it is none.
  if (std::count(before.begin(), before.end(), '"') % 2 != 0) return Trim(text);
  return Trim(before);
}

// The key of a member; of an item that is a map with a merge key first, "- name: web". "" where there is none.
std::string_view KeyOf(const Line& line) {
  const std::string_view text = WithoutComment(line.text);
  if (line.is_item()) {
    const bool named = text.starts_with("- name: ") || text.starts_with("- containerPort: ");
    return named ? text : std::string_view();
  }
  if (text.ends_with(':')) return text.substr(0, text.size() - 1);
  return text.substr(0, text.find(": "));
}

// True for a member that holds a value on its own line.
bool HasScalar(const Line& line) {
  return !line.is_item() && !WithoutComment(line.text).ends_with(':');
}

// Reads the lines of one level; false where they are not in the style that is understood here.
bool ReadLevel(const std::vector<std::string_view>& lines, size_t& at, size_t indent, size_t level,
               std::vector<Line>& out) {
  if (level > kMaxLevels) return false;
  while (at < lines.size()) {
    const std::string_view line = lines[at];
    const size_t spaces = line.find_first_not_of(' ');
    if (spaces == std::string_view::npos) return false;
    if (spaces < indent) return true;
    if (spaces == indent) {
      // Block scalars have lines that are no lines of YAML.
      const std::string_view text = line.substr(spaces);
      if (WithoutComment(text).ends_with('|') || WithoutComment(text).ends_with('>')) return false;
      out.push_back({std::string(text), {}});
      ++at;
    } else {
      if (out.empty() || spaces != indent + 2 || out.back().is_comment()) return false;
      if (!ReadLevel(lines, at, spaces, level + 1, out.back().children)) return false;
    }
  }
  return true;
}

std::optional<std::vector<Line>> Read(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  const std::vector<std::string_view> lines = Split(text, '\n');
  std::vector<Line> out;
  size_t at = 0;
  if (!ReadLevel(lines, at, 0, 0, out) || at != lines.size()) return std::nullopt;
  return out;
}

bool Same(const std::vector<Line>& a, const std::vector<Line>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (WithoutComment(a[i].text) != WithoutComment(b[i].text)) return false;
    if (!Same(a[i].children, b[i].children)) return false;
  }
  return true;
}

bool HasUnnamedItems(const std::vector<Line>& lines) {
  for (const Line& line : lines) {
    if (line.is_item() && KeyOf(line).empty()) return true;
  }
  return false;
}

// False where both say something else about the same field.
bool MergeInto(std::vector<Line>& to, std::vector<Line> from) {
  if (Same(to, from)) return true;
  // A list without names replaces the other one; two that differ contradict each other.
  if (HasUnnamedItems(to) || HasUnnamedItems(from)) return false;
  for (Line& line : from) {
    Line* existing = nullptr;
    for (Line& candidate : to) {
      if (!line.is_comment() && KeyOf(candidate) == KeyOf(line)) existing = &candidate;
    }
    if (existing == nullptr) {
      to.push_back(std::move(line));
      continue;
    }
    if (HasScalar(*existing) || HasScalar(line)) {
      if (WithoutComment(existing->text) != WithoutComment(line.text)) return false;
      continue;
    }
    if (!MergeInto(existing->children, std::move(line.children))) return false;
  }
  return true;
}

// A text that says its kind is no patch of the workload but an object beside it.
bool IsObject(const std::vector<Line>& lines) {
  return std::any_of(lines.begin(), lines.end(),
                     [](const Line& line) { return KeyOf(line) == "kind"; });
}

void Write(const std::vector<Line>& lines, size_t indent, std::string& out) {
  for (const Line& line : lines) {
    out.append(indent, ' ');
    out += line.text;
    out += '\n';
    Write(line.children, indent + 2, out);
  }
}

}  // namespace

std::optional<std::string> MergePatches(std::string_view a, std::string_view b) {
  std::optional<std::vector<Line>> merged = Read(a);
  std::optional<std::vector<Line>> other = Read(b);
  if (!merged || !other || IsObject(*merged) || IsObject(*other)) return std::nullopt;
  if (!MergeInto(*merged, std::move(*other))) return std::nullopt;
  std::string out;
  Write(*merged, 0, out);
  return out;
}

}  // namespace plimsoll
