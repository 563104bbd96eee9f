// Where in a text a patch goes: edits that put it there. A plan, not a proof: whoever applies it reads the result again
// (patch_check.h).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/source_text.h"
#include "plimsoll/base/json_view.h"
#include "plimsoll/base/result.h"

namespace plimsoll {

struct PlacedEdit {
  size_t offset = 0;
  size_t length = 0;  // that is replaced
  std::string text;
  // The column of what is inserted: of two insertions in one place the deeper one belongs to what stands before.
  size_t indent = 0;
};

// `object` was read from `text`, `patch` from `patch_text`. Errors: kInvalidArgument: why it is not edited here.
Result<std::vector<PlacedEdit>> PlanPatch(const SourceText& text, JsonView object,
                                          const SourceText& patch_text, JsonView patch);

// Nothing where two edits touch each other.
std::optional<std::string> ApplyPlacedEdits(std::string_view text, std::vector<PlacedEdit> edits);

}  // namespace plimsoll
