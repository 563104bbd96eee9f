// The waivers that a command knows of: ReadinessWaiver objects among its inputs.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "input.h"
#include "plimsoll/base/position.h"
#include "plimsoll/base/time.h"
#include "plimsoll/policy/waiver_set.h"

namespace plimsoll::cli {

class Waivers {
 public:
  // `default_namespace`: of waivers that name none. One that is in no cluster yet lasts from `now`.
  Waivers(std::string_view default_namespace, Timestamp now)
      : default_namespace_(default_namespace), now_(now) {}

  void Learn(const std::vector<InputFile>& files);

  // What could not be read; such a waiver excuses nothing.
  const std::vector<Diagnostic>& problems() const { return problems_; }
  std::unique_ptr<const WaiverSet> Take();

 private:
  std::string_view default_namespace_;
  Timestamp now_;
  std::vector<WaiverSet::Pointer> waivers_;
  std::vector<Diagnostic> problems_;
};

}  // namespace plimsoll::cli
