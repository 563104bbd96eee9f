#include "waivers.h"

#include <utility>

namespace plimsoll::cli {

void Waivers::Learn(const std::vector<InputFile>& files) {
  for (const InputFile& file : files) {
    if (file.manifests == nullptr) continue;
    for (const JsonView object : file.manifests->objects) {
      if (!IsMeantAsWaiver(object)) continue;
      ParsedWaiver parsed = ParseReadinessWaiver(object, default_namespace_);
      for (Diagnostic& problem : parsed.problems) {
        problem.file = file.name;
        problems_.push_back(std::move(problem));
      }
      if (!parsed.waiver) continue;
      if (!parsed.waiver->created) parsed.waiver->created = now_;
      waivers_.push_back(std::make_shared<const ReadinessWaiver>(*std::move(parsed.waiver)));
    }
  }
}

std::unique_ptr<const WaiverSet> Waivers::Take() {
  return std::make_unique<const WaiverSet>(std::exchange(waivers_, {}));
}

}  // namespace plimsoll::cli
