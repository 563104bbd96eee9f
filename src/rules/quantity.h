// Kubernetes' resource.Quantity: "500m", "1.5Gi", "2e3", "128974848".
//
// Grammar and rounding as in k8s.io/apimachinery/pkg/api/resource/quantity.go: an optional sign, digits with at most one
// decimal point, and a suffix out of n u m k M G T P E, Ki Mi Gi Ti Pi Ei, or a decimal exponent e3 / E-3. No white space.
// Amounts are rounded up to a nano-unit and capped at 2^63-1 units. Unlike Go's parser, which reads "." as 0, at least one
// digit is asked for.
//
// Pure, no allocation, linear in the text.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

#include "plimsoll/base/json_view.h"

namespace plimsoll {

class Quantity {
 public:
  static std::optional<Quantity> Parse(std::string_view text);
  // From a manifest's value: a string, or a bare number as YAML authors write it (`cpu: 1`). Nothing for other types.
  static std::optional<Quantity> From(JsonView value);

  bool zero() const { return units_ == 0 && nanos_ == 0; }
  bool negative() const { return negative_ && !zero(); }
  bool positive() const { return !negative_ && !zero(); }

  friend std::strong_ordering operator<=>(const Quantity& a, const Quantity& b);
  friend bool operator==(const Quantity& a, const Quantity& b) { return (a <=> b) == 0; }

 private:
  bool negative_ = false;
  uint64_t units_ = 0;
  uint32_t nanos_ = 0;  // below 1,000,000,000
};

}  // namespace plimsoll
