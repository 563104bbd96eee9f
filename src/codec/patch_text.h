// A patch's own text, piece by piece: what is inserted where something new goes. Always in the block style, two spaces a level.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "codec/source_text.h"
#include "plimsoll/base/json_view.h"

namespace plimsoll {

// Without their indentation; of an item the first line begins with "- ".
using PatchLines = std::vector<std::string>;

class PatchText {
 public:
  explicit PatchText(const SourceText& text) : text_(text) {}

  PatchLines LinesOf(JsonMember member) const;
  // "- name: web" and what is below it.
  PatchLines LinesOfItem(JsonView item) const;

 private:
  PatchLines LinesOfBlock(size_t begin, size_t column, bool dashes) const;

  const SourceText& text_;
};

bool HasComment(const PatchLines& lines);

std::string QuotedJson(std::string_view text);
// As JSON that is YAML in the flow style, too.
void AppendFlow(JsonView value, std::string& out);

}  // namespace plimsoll
