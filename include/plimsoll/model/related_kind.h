// The kinds of objects beside workloads that rules ask about, and what is known of each.
//
// Thread-safety: value types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace plimsoll {

enum class RelatedKind : uint8_t {
  kPodDisruptionBudget,
  kAutoscaler,  // HorizontalPodAutoscaler; in files also KEDA's ScaledObject, of which KEDA makes one
  kService,
  kServiceMonitor,
  kPodMonitor,
  kPrometheusRule,
  kRuleFile,  // a ConfigMap with rule files, for those who run Prometheus without its operator
};
inline constexpr size_t kRelatedKindCount = 7;

// "PodDisruptionBudget", ..., "ConfigMap".
std::string_view RelatedKindName(RelatedKind kind);

// ConfigMaps that hold rule files carry this label with the value "true"; every key of their data is one file.
inline constexpr std::string_view kRuleFileLabel = "plimsoll.dev/prometheus-rules";

// Which kinds; a constant of each rule.
class RelatedKinds {
 public:
  constexpr RelatedKinds() = default;
  constexpr RelatedKinds(std::initializer_list<RelatedKind> kinds) {
    for (const RelatedKind kind : kinds) Add(kind);
  }
  constexpr void Add(RelatedKind kind) {
    bits_ = static_cast<uint16_t>(bits_ | 1U << static_cast<unsigned>(kind));
  }
  constexpr void Add(RelatedKinds kinds) { bits_ = static_cast<uint16_t>(bits_ | kinds.bits_); }
  constexpr bool Has(RelatedKind kind) const {
    return (bits_ >> static_cast<unsigned>(kind) & 1U) != 0;
  }
  constexpr bool empty() const { return bits_ == 0; }
  friend constexpr bool operator==(RelatedKinds, RelatedKinds) = default;

 private:
  uint16_t bits_ = 0;
};

enum class Knowledge : uint8_t {
  kUnknown,       // nobody has asked for it, or there is no answer yet
  kNotInstalled,  // the cluster has no such kind
  kKnown,
};

}  // namespace plimsoll
