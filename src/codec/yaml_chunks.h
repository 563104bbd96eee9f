// Cuts YAML text into its documents by their markers, so that a document that cannot be read takes no other with it.
//
// A line that begins with `---` or `...` and then ends or goes on with white space is a marker wherever it stands: YAML
// 1.2 §9.1.2 forbids it inside a document, even inside a quoted or block scalar at column 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace plimsoll {

struct YamlChunk {
  size_t begin = 0;  // byte offsets
  size_t end = 0;
  uint32_t first_line = 0;  // lines before it
};

// In order, without gaps. Comments and directives before a `---` belong to its document.
std::vector<YamlChunk> SplitYaml(std::string_view text);

// Offset in `chunk` (the text of one) of the first character that is neither white space, a comment, a directive nor a
// document marker; npos where there is none.
size_t FirstContent(std::string_view chunk);

// Where a template directive (`{{ … }}` or `{% … %}`) stands in place of a line or of a value, at or before the line that
// contains `limit`; npos where there is none. Directives within a value, or in quotes, are not looked for.
size_t FindTemplateDirective(std::string_view text, size_t limit);

}  // namespace plimsoll
