// Manifest text by lines, and where in it values end: what editing needs and a document does not keep.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "plimsoll/base/position.h"

namespace plimsoll {

class SourceText {
 public:
  // `text` must outlive this.
  explicit SourceText(std::string_view text);

  std::string_view text() const { return text_; }
  // Past the end: the text's size.
  char At(size_t offset) const { return offset < text_.size() ? text_[offset] : '\0'; }
  size_t OffsetOf(SourcePosition position) const;
  size_t LineBegin(size_t offset) const;
  // Where the next line begins; the text's size where there is none.
  size_t NextLine(size_t offset) const;
  // The line break that the text uses.
  std::string_view line_break() const;
  bool ends_in_line_break() const { return text_.empty() || text_.back() == '\n'; }

  // Where the line begins that follows the last one of a block that starts at `offset` and holds all that stands deeper than
  // `indent` columns; with `dashes` also items of a list in that column. Comments and empty lines at its end are not part.
  size_t BlockEnd(size_t offset, size_t indent, bool dashes) const;
  // Behind a collection in the flow style, or a quoted or plain scalar on one line, that begins at `offset`.
  // `flow`: the scalar is inside of such a collection. The offset itself where none of these begins.
  size_t ValueEnd(size_t offset, bool flow) const;
  // True where nothing but white space and perhaps a comment follows on the line.
  bool OnlyCommentFollows(size_t offset) const;

 private:
  size_t QuotedEnd(size_t offset) const;
  size_t CollectionEnd(size_t offset) const;

  std::string_view text_;
  std::vector<size_t> lines_;  // where each begins
};

}  // namespace plimsoll
