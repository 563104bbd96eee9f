// Puts patches into manifest text and leaves everything else as its author wrote it, byte for byte: comments, order, quotes,
// indentation, line ends.
//
// What was edited is read again and compared with what the patch means. Where the text is written in a way that is not edited
// here (an alias, an anchor that something else follows, a merge key, a block scalar in that place), the object stays as it
// is and the refusal says why: better by hand than broken.
//
// Pure. Thread-safety: functions and value types. Semantics: strategic merge as findings' fixes use it: maps merge, null
// deletes, lists with a merge key (containers by name, ports by containerPort, ...) merge by it, other lists replace.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/result.h"
#include "plimsoll/codec/manifest.h"

namespace plimsoll {

struct ObjectPatch {
  size_t object = 0;  // of Manifests::objects
  // YAML in the block style, rooted at the object, two spaces a level. Comments behind values come along.
  std::string patch;
};

struct PatchedManifests {
  std::unique_ptr<Manifests> manifests;  // the new text, read
  std::vector<std::string> refusals;     // by patch: why it was not put in; "" where it was
};

// At most one patch an object.
PatchedManifests PatchManifests(const Manifests& before, std::span<const ObjectPatch> patches);

// Objects in the block style, each as a document at the end. Errors: kInvalidArgument: the text is JSON, or what comes out is
// not what was there and the objects.
Result<std::unique_ptr<Manifests>> AppendObjects(const Manifests& before,
                                                 std::span<const std::string_view> objects);

}  // namespace plimsoll
