// Neighbours: what there is beside one workload, looked up once for all rules that ask: the Services, budgets and pod
// monitors that select its pods, what scales it, and the alerts that speak of it (docs/adr/0072).
//
// Each is looked up when it is first asked for, so that a policy without such rules pays nothing. Its memory is kept from
// workload to workload.
//
// Thread-safety: one thread at a time. Ownership: the workload and the objects must outlive what is asked; so must what is
// handed over, until Begin is called again.
#pragma once

#include <cstdint>
#include <vector>

#include "plimsoll/model/related_objects.h"
#include "plimsoll/model/workload.h"

namespace plimsoll {

class Neighbours {
 public:
  Neighbours() = default;
  Neighbours(const Workload& workload, const RelatedObjects& objects) { Begin(workload, objects); }

  void Begin(const Workload& workload, const RelatedObjects& objects) {
    workload_ = &workload;
    objects_ = &objects;
    known_ = 0;
  }

  const RelatedObjects& objects() const { return *objects_; }

  const std::vector<const Service*>& Services();
  const std::vector<const PodDisruptionBudget*>& Budgets();  // by name
  const std::vector<const Monitor*>& PodMonitors();
  // Null where nothing scales it.
  const Autoscaler* Scaler();
  // By name, object and group; none of them twice.
  const std::vector<const Alert*>& AlertsOfWorkload();
  const std::vector<const Alert*>& AlertsOfNamespace();

 private:
  enum Part : uint8_t { kServices = 1, kBudgets = 2, kPodMonitors = 4, kScaler = 8, kAlerts = 16 };
  // True the first time.
  bool Needs(Part part) {
    const bool known = (known_ & part) != 0;
    known_ |= part;
    return !known;
  }
  void NameCandidate();
  void FindAlerts();

  const Workload* workload_ = nullptr;
  const RelatedObjects* objects_ = nullptr;
  uint8_t known_ = 0;
  std::vector<const Service*> services_;
  std::vector<const PodDisruptionBudget*> budgets_;
  std::vector<const Monitor*> pod_monitors_;
  const Autoscaler* scaler_ = nullptr;
  AlertCandidate candidate_;
  std::vector<const Alert*> alerts_of_workload_;
  std::vector<const Alert*> alerts_of_namespace_;
};

// By name, object and group; none of them twice.
void SortAlerts(std::vector<const Alert*>& alerts);

}  // namespace plimsoll
