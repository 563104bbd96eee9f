// Which names and addresses the serving certificate is for.
#pragma once

#include <string>
#include <vector>

#include "plimsoll/tls/certificate.h"

namespace plimsoll::controller {

// This machine's own names, the host of `listen` unless it stands for every address, and `more`.
SubjectAltNames ServingNames(const std::string& listen, const std::vector<std::string>& more,
                             const std::string& host_name);

}  // namespace plimsoll::controller
