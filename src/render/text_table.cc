#include "render/text_table.h"

#include <algorithm>
#include <ostream>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

constexpr size_t kMaxNameColumns = 40;

}  // namespace

void TextTable::Write(bool color, std::ostream& out, size_t indent) const {
  const size_t columns = rows_.front().size();
  std::vector<size_t> widths(columns, 0);
  for (const auto& row : rows_) {
    for (size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], Columns(row[i].text));
  }
  for (const auto& row : rows_) {
    const bool head = &row == &rows_.front();
    out << std::string(indent, ' ');
    for (size_t i = 0; i < columns; ++i) {
      const Cell& cell = row[i];
      const std::string pad(widths[i] - Columns(cell.text), ' ');
      const std::string text = Paint(cell.text, head ? Ink::kBold : cell.ink, color);
      const bool last = i + 1 == columns;
      out << (cell.number ? pad + text : text + (last ? "" : pad)) << (last ? "\n" : "  ");
    }
  }
}

std::string NameOr(std::string_view name, std::string_view otherwise) {
  return SanitizeLine(name.empty() ? std::string(otherwise) : CleanLine(name), kMaxNameColumns);
}

std::string Day(Timestamp time) { return FormatTimestamp(time).substr(0, 10); }

}  // namespace plimsoll
