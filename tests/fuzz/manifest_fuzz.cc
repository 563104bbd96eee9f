// Manifest text, YAML or JSON, to documents whose nodes are sound.
#include "plimsoll/codec/manifest.h"

#include "plimsoll/base/text.h"
#include "tests/fuzz/fuzz.h"

namespace plimsoll {
namespace {

void CheckSound(JsonView view, size_t depth) {
  FuzzExpect(depth <= kMaxDepth + 1, "depth is bounded");
  FuzzExpect(view.position().known(), "every value stands somewhere");
  FuzzExpect(IsValidUtf8(view.text()), "text is UTF-8");
  for (const JsonView element : view.elements()) CheckSound(element, depth + 1);
  for (const JsonMember member : view.members()) {
    FuzzExpect(IsValidUtf8(member.key), "keys are UTF-8");
    CheckSound(member.value, depth + 1);
  }
}

}  // namespace
}  // namespace plimsoll

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace plimsoll;
  const std::string text(FuzzText(data, size));
  const std::unique_ptr<Manifests> manifests = ParseManifests(text);
  for (const JsonView object : manifests->objects) {
    FuzzExpect(object.is_object(), "objects are objects");
    CheckSound(object, 1);
    // What was read can be written and read again.
    const std::unique_ptr<Manifests> again = ParseManifests(ToJson(object));
    FuzzExpect(again->problems.empty(), "a document written as JSON has no problems");
    for (const JsonView copy : again->objects) {
      if (again->objects.size() == 1) FuzzExpect(DeepEquals(object, copy), "and is the same");
    }
  }
  for (const Diagnostic& problem : manifests->problems) {
    FuzzExpect(!problem.message.empty() && problem.position.known(), "problems say what and where");
    FuzzExpect(IsValidUtf8(problem.message), "problems are text");
  }
  ParseManifests(text, DuplicateKeys::kReject);
  return 0;
}
