// Counter families of the catalog, with series that are found quickly.
//
// Thread-safety: At from any thread. Ownership: the registry must outlive them.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/registry.h>

#include <array>
#include <string>
#include <string_view>

#include "telemetry/bounded_table.h"
#include "telemetry/families.h"
#include "telemetry/label_values.h"

namespace plimsoll {

inline prometheus::Family<prometheus::Counter>& CounterFamily(std::string_view name,
                                                              prometheus::Registry& registry) {
  return prometheus::BuildCounter()
      .Name(std::string(name))
      .Help(std::string(Describe(name).help))
      .Register(registry);
}

// A counter family whose series are found by their label values without going through Family::Add (600 to 900 ns and a
// lock for each event).
template <size_t N>
class CounterSeries {
 public:
  CounterSeries(prometheus::Family<prometheus::Counter>& family,
                std::array<std::string_view, N> labels)
      : family_(family), labels_(labels), series_(kMaxSeriesPerFamily) {}

  prometheus::Counter& At(const std::array<std::string_view, N>& values) {
    constexpr char kSeparator = '\x1F';  // in no value: they are printable
    std::string key;
    for (const std::string_view value : values) (key += value) += kSeparator;
    const auto found = series_.FindOrAdd(key, [&] { return &Add(values); });
    if (found != nullptr) return **found;
    std::array<std::string_view, N> overflow;
    overflow.fill(kOtherLabel);
    return Add(overflow);  // the family finds the one it has
  }

 private:
  prometheus::Counter& Add(const std::array<std::string_view, N>& values) {
    Labels labels;
    for (size_t i = 0; i < N; ++i) labels.emplace(labels_[i], values[i]);
    return family_.Add(labels);
  }

  prometheus::Family<prometheus::Counter>& family_;
  std::array<std::string_view, N> labels_;
  BoundedTable<prometheus::Counter*> series_;
};

}  // namespace plimsoll
