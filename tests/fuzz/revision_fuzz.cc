// A revision as somebody may have written it: a ReplicaSet or ControllerRevision of any bytes, asked about with its own
// template. Whatever is taken for a revision says that it is the workload's, and has the template that was asked for.
#include <string>

#include "plimsoll/codec/json_parser.h"
#include "plimsoll/controllers/revisions.h"
#include "tests/fuzz/fuzz.h"

namespace plimsoll::controllers {
namespace {

bool ControlledBy(JsonView object, const RevisionOwner& owner) {
  for (const JsonView reference : object["metadata"]["ownerReferences"].elements()) {
    if (reference["controller"].AsBool().value_or(false) &&
        reference["uid"].StringOrEmpty() == owner.uid) {
      return true;
    }
  }
  return false;
}

void Ask(JsonView object, JsonView pod_template) {
  for (size_t i = 0; i < kWorkloadKindCount; ++i) {
    const RevisionOwner owner{static_cast<WorkloadKind>(i), "web", "u-1"};
    if (!IsRevision(owner, object, pod_template)) continue;
    FuzzExpect(RevisionKeeperOf(owner.kind).has_value(), "only kinds that have revisions have one");
    FuzzExpect(ControlledBy(object, owner), "a revision is controlled by its workload");
    const RevisionOwner other{owner.kind, "web", "u-2"};
    FuzzExpect(!IsRevision(other, object, pod_template), "and by no other");
  }
}

}  // namespace
}  // namespace plimsoll::controllers

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace plimsoll;
  std::string text(FuzzText(data, size));
  JsonParser parser;
  const Result<JsonView> object = parser.Parse(text);
  if (!object) return 0;
  controllers::Ask(*object, (*object)["spec"]["template"]);
  controllers::Ask(*object, (*object)["data"]["spec"]["template"]);
  controllers::Ask(*object, *object);
  for (const JsonView selector : {*object, (*object)["spec"]["selector"]}) {
    if (const auto query = controllers::SelectorQuery(selector)) {
      FuzzExpect(!query->empty(), "a query selects something");
    }
  }
  return 0;
}
