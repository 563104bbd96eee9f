#include "scaffold/text.h"

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

using Values = std::initializer_list<std::pair<std::string_view, std::string>>;

// Null where the key is none of ours.
const std::string* Find(const Values& values, std::string_view key) {
  for (const auto& [name, value] : values) {
    if (name == key) return &value;
  }
  return nullptr;
}

void AppendIndented(std::string_view value, std::string_view indent, std::string& out) {
  while (value.ends_with('\n')) value.remove_suffix(1);
  for (const std::string_view line : Split(value, '\n')) {
    if (!line.empty()) out.append(indent).append(line);
    out += '\n';
  }
}

void AppendFilled(std::string_view line, const Values& values, std::string& out) {
  while (true) {
    const size_t open = line.find('@');
    const size_t close =
        open == std::string_view::npos ? std::string_view::npos : line.find('@', open + 1);
    if (close == std::string_view::npos) break;
    const std::string* const value = Find(values, line.substr(open + 1, close - open - 1));
    if (value == nullptr) {  // an @ of the text itself
      out.append(line.substr(0, open + 1));
      line.remove_prefix(open + 1);
      continue;
    }
    out.append(line.substr(0, open)).append(*value);
    line.remove_prefix(close + 1);
  }
  out.append(line).append("\n");
}

}  // namespace

std::string Fill(std::string_view text, Values values) {
  std::string out;
  while (text.starts_with('\n')) text.remove_prefix(1);
  while (text.ends_with('\n')) text.remove_suffix(1);
  for (const std::string_view line : Split(text, '\n')) {
    const std::string_view content = Trim(line);
    const std::string* whole = nullptr;
    if (content.size() > 2 && content.front() == '@' && content.back() == '@') {
      whole = Find(values, content.substr(1, content.size() - 2));
    }
    if (whole == nullptr) {
      AppendFilled(line, values, out);
    } else if (!whole->empty()) {
      AppendIndented(*whole, line.substr(0, line.find('@')), out);
    }
  }
  return out;
}

std::string YamlText(std::string_view text) {
  std::string out;
  AppendJsonString(text, out);
  return out;
}

std::string CamelCase(std::string_view name) {
  std::string out;
  bool upper = true;
  for (const char c : name) {
    if (c == '-' || c == '.') {
      upper = true;
      continue;
    }
    out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
  return out;
}

}  // namespace plimsoll
