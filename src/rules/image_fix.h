// Images for fixes: plausible, well-formed, and for people to replace.
#pragma once

#include <string>

#include "plimsoll/model/workload.h"
#include "rules/image_reference.h"

namespace plimsoll {

// The image with a version: its own name where it has a proper one, and the version its labels speak of.
std::string SuggestImage(const Workload& workload, const ImageReference& image);

// The same with a digest behind it, of zeros: well-formed, and obviously nobody's.
std::string WithDigest(const std::string& image);

}  // namespace plimsoll
