// Families of series that are put together when they are scraped.
//
// Thread-safety: pure functions.
#pragma once

#include <prometheus/metric_family.h>

#include <map>
#include <string>
#include <string_view>

#include "plimsoll/base/time.h"
#include "plimsoll/telemetry/metrics.h"

namespace plimsoll {

using Labels = std::map<std::string, std::string>;

// Throws std::invalid_argument for a name that is not in the catalog.
const MetricDescription& Describe(std::string_view name);
// With type and help of the catalog.
prometheus::MetricFamily EmptyFamily(std::string_view name);
void AddSample(prometheus::MetricFamily& family, const Labels& labels, double value);
prometheus::MetricFamily OneSample(std::string_view name, double value);
double Seconds(Timestamp time);

}  // namespace plimsoll
