// check --stamp: writes into the manifests that they were checked, and what was found (record/stamps.h), so that a denial in
// the cluster later is known not to be the first that its team hears of it.
//
// A file is written whole or not at all, and only where nothing in it but the stamps has changed.
#pragma once

#include <string>
#include <vector>

#include "input.h"
#include "plimsoll/base/position.h"
#include "plimsoll/base/time.h"
#include "plimsoll/record/stamps.h"

namespace plimsoll::cli {

struct StampRequest {
  const InputFile* file = nullptr;
  JsonView object = {};
  std::string value = {};  // of the annotation; what is there already is not written again
};

// What could not be stamped, and why.
std::vector<Diagnostic> WriteStamps(const std::vector<StampRequest>& requests);

}  // namespace plimsoll::cli
