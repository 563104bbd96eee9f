// Tables for a terminal: columns as wide as their widest cell, two blanks between; a cell may be painted, numbers stand right.
//
// Thread-safety: value types.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plimsoll/base/time.h"
#include "render/terminal_text.h"

namespace plimsoll {

class TextTable {
 public:
  struct Cell {
    std::string text;
    Ink ink = Ink::kPlain;
    bool number = false;
  };
  // The head of a column of numbers stands right as well.
  explicit TextTable(std::vector<Cell> heads) { rows_.push_back(std::move(heads)); }
  // As many cells as there are heads.
  void Add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  // Each line behind `indent` blanks.
  void Write(bool color, std::ostream& out, size_t indent = 0) const;

 private:
  std::vector<std::vector<Cell>> rows_;
};

// Of a column of numbers, its head as well.
inline TextTable::Cell NumberCell(std::string text) { return {std::move(text), Ink::kPlain, true}; }

// As a cell has it: clean, cut where it is too long for a table (JSON has it whole); `otherwise` where it is empty.
std::string NameOr(std::string_view name, std::string_view otherwise);
// "2027-01-01".
std::string Day(Timestamp time);

}  // namespace plimsoll
