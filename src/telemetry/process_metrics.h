// What the kernel knows about this process, under the names that Prometheus client libraries use.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace plimsoll {

// Reads /proc/self; what cannot be read is left out.
std::vector<std::pair<std::string_view, double>> ReadProcessMetrics();

}  // namespace plimsoll
