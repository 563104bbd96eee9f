// The chains by which the Prometheus operator finds a workload's pods: a PodMonitor selects the pods; or a ServiceMonitor
// selects a Service, one of its endpoints names a port of that Service, and the Service selects the pods. Says whether one
// is whole, and if none is, where the longest one breaks.
//
// Semantics: prometheus-operator pkg/prometheus/promcfg.go. Pure. Views live as long as the workload and the related objects.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plimsoll/model/neighbours.h"
#include "plimsoll/model/workload.h"

namespace plimsoll {

// How far a chain goes before it breaks, and in which words.
struct BrokenChain {
  int link = 0;  // the higher, the nearer to its end
  std::string message;
  std::string observed;
  std::string fix;  // "": a monitor of its own
};

class ScrapeChains {
 public:
  ScrapeChains(const Workload& workload, Neighbours& beside)
      : workload_(workload), beside_(beside), related_(beside.objects()) {}

  // True if such a chain is whole.
  bool ByPodMonitor();
  bool ByServiceMonitor();
  // Only once both have said no.
  BrokenChain Broken();

 private:
  void Offer(BrokenChain candidate);
  void PodPortMissing(const Monitor& monitor);
  void ServicePortMissing(const Monitor& monitor, const Service& service);
  // Monitors that would select, and look at other namespaces.
  void LookForMonitorsElsewhere();
  void LooksElsewhere(std::string_view kind, const Monitor& monitor, const std::string& what);
  // The Service by the workload's name, whose selector misses the pods.
  void LookForServicesThatMiss();

  const Workload& workload_;
  Neighbours& beside_;
  const RelatedObjects& related_;
  std::vector<const Service*> services_without_monitor_;
  bool no_service_ = false;
  std::optional<BrokenChain> best_;
};

}  // namespace plimsoll
