// Writes JSON text piece by piece: the reports are long and flat, and a tree of them would be a second copy.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "plimsoll/base/position.h"

namespace plimsoll {

// Appends `text` as a JSON string; of text that is not valid UTF-8, what can be read.
void AppendJsonText(std::string_view text, std::string& out);

// One object on one line: `JsonLine(out).Text("a", "x").Number("b", 1).End()` appends {"a":"x","b":1}.
class JsonLine {
 public:
  explicit JsonLine(std::string& out) : out_(out) { out_ += '{'; }

  JsonLine& Text(std::string_view key, std::string_view value) {
    Key(key);
    AppendJsonText(value, out_);
    return *this;
  }
  JsonLine& Number(std::string_view key, uint64_t value) {
    Key(key);
    out_ += std::to_string(value);
    return *this;
  }
  // "file", "line", "column": how every entry of every report begins. 0 where not known.
  JsonLine& Place(std::string_view file, SourcePosition position) {
    return Text("file", file).Number("line", position.line).Number("column", position.column);
  }
  void End() { out_ += '}'; }

 private:
  void Key(std::string_view key) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += '"';
    out_ += key;
    out_ += "\":";
  }

  std::string& out_;
  bool first_ = true;
};

}  // namespace plimsoll
