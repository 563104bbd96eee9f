// The difference of two texts as `diff -u` and `git diff` show it, and `git apply` takes it.
//
// Thread-safety: a function without state.
#pragma once

#include <string>
#include <string_view>

namespace plimsoll {

// "" where the texts are the same. `path` stands behind a/ and b/.
std::string UnifiedDiff(std::string_view path, std::string_view before, std::string_view after);

}  // namespace plimsoll
