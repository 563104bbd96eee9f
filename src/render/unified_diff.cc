#include "plimsoll/render/unified_diff.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

using Lines = std::vector<std::string_view>;

constexpr size_t kContext = 3;
// Memory grows with the square of what differs; beyond this the part that differs is shown as replaced.
constexpr int64_t kMaxDifferences = 2000;

Lines LinesOf(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const size_t length = end == std::string_view::npos ? text.size() : end + 1;
    lines.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return lines;
}

struct Step {
  char mark;  // ' ', '-', '+'
  std::string_view line;
};

// Myers, "An O(ND) difference algorithm": the shortest way from one to the other, walked back from its end.
bool ShortestEdit(const Lines& a, const Lines& b, std::vector<Step>& out) {
  const auto n = static_cast<int64_t>(a.size());
  const auto m = static_cast<int64_t>(b.size());
  const int64_t most = std::min(n + m, kMaxDifferences);
  const auto at = [most](int64_t k) { return static_cast<size_t>(k + most + 1); };
  const auto line = [](const Lines& lines, int64_t i) { return lines[static_cast<size_t>(i)]; };
  std::vector<int64_t> furthest(static_cast<size_t>(2 * most + 3), 0);
  std::vector<std::vector<int64_t>> trace;
  int64_t found = -1;
  for (int64_t d = 0; d <= most && found < 0; ++d) {
    trace.push_back(furthest);
    for (int64_t k = -d; k <= d; k += 2) {
      const bool down = k == -d || (k != d && furthest[at(k - 1)] < furthest[at(k + 1)]);
      int64_t x = down ? furthest[at(k + 1)] : furthest[at(k - 1)] + 1;
      int64_t y = x - k;
      while (x < n && y < m && line(a, x) == line(b, y)) {
        ++x;
        ++y;
      }
      furthest[at(k)] = x;
      if (x >= n && y >= m) {
        found = d;
        break;
      }
    }
  }
  if (found < 0) return false;
  std::vector<Step> backwards;
  int64_t x = n;
  int64_t y = m;
  for (int64_t d = found; d > 0; --d) {
    const std::vector<int64_t>& before = trace[static_cast<size_t>(d)];
    const int64_t k = x - y;
    const bool down = k == -d || (k != d && before[at(k - 1)] < before[at(k + 1)]);
    const int64_t from = down ? k + 1 : k - 1;
    const int64_t from_x = before[at(from)];
    while (x > (down ? from_x : from_x + 1) && y > (down ? from_x - from + 1 : from_x - from)) {
      backwards.push_back({' ', line(a, --x)});
      --y;
    }
    backwards.push_back(down ? Step{'+', line(b, --y)} : Step{'-', line(a, --x)});
  }
  while (x > 0) backwards.push_back({' ', line(a, --x)});
  out.insert(out.end(), backwards.rbegin(), backwards.rend());
  return true;
}

std::vector<Step> StepsOf(const Lines& a, const Lines& b) {
  size_t head = 0;
  while (head < a.size() && head < b.size() && a[head] == b[head]) ++head;
  size_t tail = 0;
  while (tail < a.size() - head && tail < b.size() - head &&
         a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) {
    ++tail;
  }
  std::vector<Step> steps;
  for (size_t i = 0; i < head; ++i) steps.push_back({' ', a[i]});
  const auto middle = [&](const Lines& lines) {
    return Lines(lines.begin() + static_cast<std::ptrdiff_t>(head),
                 lines.end() - static_cast<std::ptrdiff_t>(tail));
  };
  if (!ShortestEdit(middle(a), middle(b), steps)) {
    for (const std::string_view line : middle(a)) steps.push_back({'-', line});
    for (const std::string_view line : middle(b)) steps.push_back({'+', line});
  }
  for (size_t i = a.size() - tail; i < a.size(); ++i) steps.push_back({' ', a[i]});
  return steps;
}

std::string Range(size_t begin, size_t count) {
  // An empty range is named by the line before it.
  std::string out = std::to_string(count == 0 ? begin : begin + 1);
  if (count != 1) out += ',' + std::to_string(count);
  return out;
}

void AppendHunk(const std::vector<Step>& steps, size_t first, size_t end, std::string& out) {
  size_t old_line = 0;
  size_t new_line = 0;
  for (size_t i = 0; i < first; ++i) {
    old_line += steps[i].mark != '+' ? 1 : 0;
    new_line += steps[i].mark != '-' ? 1 : 0;
  }
  size_t old_count = 0;
  size_t new_count = 0;
  std::string body;
  for (size_t i = first; i < end; ++i) {
    old_count += steps[i].mark != '+' ? 1 : 0;
    new_count += steps[i].mark != '-' ? 1 : 0;
    body += steps[i].mark;
    body += steps[i].line;
    if (!steps[i].line.ends_with('\n')) body += "\n\\ No newline at end of file\n";
  }
  out += "@@ -" + Range(old_line, old_count) + " +" + Range(new_line, new_count) + " @@\n" + body;
}

}  // namespace

std::string UnifiedDiff(std::string_view path, std::string_view before, std::string_view after) {
  if (before == after) return {};
  const std::vector<Step> steps = StepsOf(LinesOf(before), LinesOf(after));
  const std::string name = SanitizeLine(path, std::string::npos);
  std::string out = "--- a/" + name + "\n+++ b/" + name + "\n";
  for (size_t i = 0; i < steps.size();) {
    if (steps[i].mark == ' ') {
      ++i;
      continue;
    }
    const size_t first = i > kContext ? i - kContext : 0;
    size_t last = i;  // the last change of this hunk
    for (size_t j = i; j < steps.size() && j <= last + 2 * kContext + 1; ++j) {
      if (steps[j].mark != ' ') last = j;
    }
    const size_t end = std::min(steps.size(), last + kContext + 1);
    AppendHunk(steps, first, end, out);
    i = end;
  }
  return out;
}

}  // namespace plimsoll
