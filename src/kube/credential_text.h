// Whether credentials can be sent as they are.
//
// Thread-safety: pure functions. Errors name the field and never quote it.
#pragma once

#include <string>
#include <string_view>

#include "plimsoll/base/result.h"
#include "plimsoll/kube/cluster_config.h"

namespace plimsoll::kube {

// Everything that becomes part of a header.
Status CheckCredentials(const Credentials& credentials);

// The token in a file's text: white space around it is not part of it. `what` names it in errors.
Result<std::string> TokenFromText(std::string_view text, const std::string& what);

}  // namespace plimsoll::kube
