// Metrics: counts what was decided and shows it, together with the state of policies, certificates and the process, in
// Prometheus' text format. Names and labels are an interface (docs/metrics.md); MetricCatalog() is their one source.
//
// Label values are bounded: a workload's name is never one; of owners and namespaces the first kMaxLabelValues seen keep
// their name and later ones are counted as "other"; kinds we do not know are "other"; text from objects is made printable.
//
// Thread-safety: every method from any thread. Observe finds known series without a lock; a lock is taken the first
// time a series is seen, which is bounded by the limits above.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/time.h"
#include "plimsoll/model/audit_figures.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "plimsoll/policy/verdict_observer.h"
#include "plimsoll/record/advance.h"

namespace plimsoll {

// Owners, and namespaces (design §9). A person looks at no more in one dashboard, and owners are free text that anybody
// who may create a workload can choose.
inline constexpr size_t kMaxLabelValues = 200;
// A label value of Kubernetes has at most 63 bytes, as has a namespace's name.
inline constexpr size_t kMaxLabelValueBytes = 63;
// Series per family: 11,000 cost a scrape of 20 ms and 0.7 MB (measured with prometheus-cpp 1.0.1).
inline constexpr size_t kMaxSeriesPerFamily = 10'000;
// Words for why a review got no verdict. The server has about ten.
inline constexpr size_t kMaxReasons = 32;

struct MetricDescription {
  std::string_view name;
  std::string_view type;    // "counter", "gauge", "histogram"
  std::string_view labels;  // "kind, operation"; "" where there are none
  std::string_view help;
};

// All metrics, sorted by name.
std::span<const MetricDescription> MetricCatalog();
// docs/metrics.md.
std::string MetricsReference();

// A value of the only label that a metric has.
struct LabelledValue {
  std::string label;
  double value = 0;
};

struct PolicyHealth {
  std::string policy;
  // In force as its file has it now. False: with some of its entries left out, or in its last good version.
  bool ready = true;
};

struct PolicyLoad {
  std::shared_ptr<const PolicySnapshot> policies;
  std::vector<PolicyHealth> health;
  size_t problems = 0;  // in the policies' files as last read
  Timestamp at;
};

class Metrics final : public VerdictObserver {
 public:
  // `version` is shown by plimsoll_build_info.
  explicit Metrics(std::string_view version);
  ~Metrics() override;
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void Observe(const ObservedReview& review) override;
  void ObserveUndecided(std::string_view uid, std::string_view reason, std::string_view detail,
                        std::chrono::nanoseconds duration) override;

  // What has been kept in a workload's history. `owner`: as records have it.
  void CountHistory(const HistoryEffects& effects, std::string_view resource_namespace,
                    std::string_view owner);
  // From a service's first sighting to its first enforced rollout.
  void ObserveLeadTime(std::chrono::seconds lead, std::string_view owner);

  // A request that the listener refused without reading a review. `reason` as of ObserveUndecided.
  void CountRefused(std::string_view reason);

  // After each reading of the policies, whether or not something changed.
  void SetPolicies(PolicyLoad load);
  // `certificate`: "ca", "serving".
  void SetCertificateExpiry(std::string_view certificate, Timestamp expires);
  // What the last audits have counted. Nothing: this process does not audit (any more), and shows none of it.
  void SetAudit(std::optional<AuditFigures> figures);
  // A counter or gauge of the catalog that somebody else counts; read at each scrape. Throws std::invalid_argument for a
  // name that is not in the catalog (a fault of the program, found by its first test).
  void Read(std::string_view name, std::function<double()> read);
  // Likewise, for one that has a label.
  void ReadEach(std::string_view name, std::function<std::vector<LabelledValue>()> read);

  // The text format 0.0.4. `now` decides which stage is next.
  std::string Expose(Timestamp now) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll
