#include "telemetry/families.h"

#include <stdexcept>
#include <utility>

namespace plimsoll {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

const MetricDescription& Describe(std::string_view name) {
  for (const MetricDescription& metric : MetricCatalog()) {
    if (metric.name == name) return metric;
  }
  throw std::invalid_argument("no metric " + std::string(name) + " in the catalog");
}

MetricFamily EmptyFamily(std::string_view name) {
  const MetricDescription& description = Describe(name);
  MetricFamily family;
  family.name = std::string(name);
  family.help = std::string(description.help);
  family.type = description.type == "counter" ? prometheus::MetricType::Counter
                                              : prometheus::MetricType::Gauge;
  return family;
}

void AddSample(MetricFamily& family, const Labels& labels, double value) {
  ClientMetric metric;
  for (const auto& [name, text] : labels) metric.label.push_back({name, text});
  // Only the one that fits the family's type is printed.
  metric.counter.value = value;
  metric.gauge.value = value;
  family.metric.push_back(std::move(metric));
}

MetricFamily OneSample(std::string_view name, double value) {
  MetricFamily family = EmptyFamily(name);
  AddSample(family, {}, value);
  return family;
}

double Seconds(Timestamp time) { return static_cast<double>(time.time_since_epoch().count()); }

}  // namespace plimsoll
