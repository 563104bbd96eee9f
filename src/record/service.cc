#include "plimsoll/record/service.h"

#include <optional>

#include "plimsoll/base/text.h"
#include "plimsoll/model/workload_history.h"

namespace plimsoll {
namespace {

std::string Bounded(std::string_view text) { return SanitizeLine(text, kMaxServiceBytes); }

std::string_view OrEmpty(std::optional<std::string_view> text) {
  return text ? Trim(*text) : std::string_view();
}

}  // namespace

std::string ServiceOf(const Workload& workload, std::string_view owner,
                      std::string_view namespace_name, std::string_view name) {
  for (const std::optional<std::string_view> written :
       {workload.Label(kServiceKey), workload.Annotation(kServiceKey)}) {
    if (const std::string_view service = OrEmpty(written); !service.empty()) {
      return Bounded(service);
    }
  }
  std::string_view app = OrEmpty(workload.Label(kAppNameLabel));
  if (app.empty()) app = OrEmpty(workload.TemplateLabel(kAppNameLabel));
  if (!app.empty() && !Trim(owner).empty()) {
    return Bounded(std::string(app) + " (" + std::string(Trim(owner)) + ")");
  }
  return Bounded(std::string(WorkloadKindName(workload.kind())) + "/" + std::string(name) + " in " +
                 std::string(namespace_name));
}

}  // namespace plimsoll
