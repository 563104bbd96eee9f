#include "rules/scrape_chains.h"

#include <algorithm>
#include <utility>

#include "rules/fix.h"
#include "rules/related.h"

namespace plimsoll {
namespace {

// Only looked at for the words of a finding; the next thousand would say no more.
constexpr size_t kMaxSearchedMonitors = 1000;

bool HasContainerPort(const Workload& workload, std::string_view name, int64_t number) {
  for (const Container& container : workload.containers()) {
    if (!container.long_running()) continue;
    for (const JsonView entry : container.Field(ContainerField::kPorts).elements()) {
      const std::optional<ContainerPort> port = ReadContainerPort(entry);
      if (port && (name.empty() ? port->number == number : port->name == name)) return true;
    }
  }
  return false;
}

// A Service's port leads to the pods: by number it always does, by name a container must have it.
bool LeadsToPods(const ServicePort& port, const Workload& workload) {
  return port.target_name.empty() || HasContainerPort(workload, port.target_name, 0);
}

bool EndpointReaches(const Monitor::Endpoint& endpoint, const Service& service,
                     const Workload& workload) {
  return std::any_of(service.ports.begin(), service.ports.end(), [&](const ServicePort& port) {
    if (!LeadsToPods(port, workload)) return false;
    if (endpoint.any()) return true;
    if (!endpoint.port.empty()) return endpoint.port == port.name;
    // The container's port, by name or number, behind whatever port of the Service.
    if (!endpoint.target_name.empty()) {
      return HasContainerPort(workload, endpoint.target_name, 0);
    }
    return port.target_number == endpoint.target_number ||
           HasContainerPort(workload, "", endpoint.target_number);
  });
}

bool EndpointReaches(const Monitor::Endpoint& endpoint, const Workload& workload) {
  if (endpoint.any()) return true;
  const std::string& name = endpoint.port.empty() ? endpoint.target_name : endpoint.port;
  return HasContainerPort(workload, name, endpoint.target_number);
}

std::string PortsOf(const Monitor& monitor) {
  std::string text;
  for (const Monitor::Endpoint& endpoint : monitor.endpoints) {
    if (!text.empty()) text += ", ";
    if (!endpoint.port.empty()) {
      text += endpoint.port;
    } else if (!endpoint.target_name.empty()) {
      text += endpoint.target_name;
    } else {
      text += std::to_string(endpoint.target_number);
    }
  }
  return text.empty() ? "none" : text;
}

std::string PortsOf(const Service& service) {
  std::string text;
  for (const ServicePort& port : service.ports) {
    text += (text.empty() ? "" : ", ") +
            (port.name.empty() ? std::to_string(port.number) + " (without a name)" : port.name);
  }
  return text.empty() ? "none" : text;
}

}  // namespace

bool ScrapeChains::ByPodMonitor() {
  bool whole = false;
  for (const Monitor* monitor : beside_.PodMonitors()) {
    whole = whole || std::any_of(monitor->endpoints.begin(), monitor->endpoints.end(),
                                 [&](const Monitor::Endpoint& endpoint) {
                                   return EndpointReaches(endpoint, workload_);
                                 });
    if (!whole) PodPortMissing(*monitor);
  }
  return whole;
}

bool ScrapeChains::ByServiceMonitor() {
  bool whole = false;
  const std::vector<const Service*>& services = beside_.Services();
  for (const Service* service : services) {
    bool monitored = false;
    related_.ForEachServiceMonitor(
        workload_.namespace_name(), *service, [&](const Monitor& monitor) {
          monitored = true;
          whole = whole || std::any_of(monitor.endpoints.begin(), monitor.endpoints.end(),
                                       [&](const Monitor::Endpoint& endpoint) {
                                         return EndpointReaches(endpoint, *service, workload_);
                                       });
          if (!whole) ServicePortMissing(monitor, *service);
        });
    if (whole) return true;
    if (!monitored) services_without_monitor_.push_back(service);
  }
  if (services.empty()) no_service_ = true;
  return false;
}

BrokenChain ScrapeChains::Broken() {
  if (!best_) LookForMonitorsElsewhere();
  if (!best_ && !services_without_monitor_.empty()) {
    const Service& service = *services_without_monitor_.front();
    Offer({1,
           "no ServiceMonitor selects Service \"" + service.name + "\" and no PodMonitor its pods",
           "no monitor selects Service \"" + service.name + "\" or the pods", ""});
  }
  if (!best_ && no_service_) LookForServicesThatMiss();
  if (!best_) {
    Offer(
        {0,
         "no Service selects its pods, so no ServiceMonitor can find them, and no PodMonitor does",
         "neither a scrape annotation nor a monitor", ""});
  }
  return best_.value_or(BrokenChain{});
}

void ScrapeChains::Offer(BrokenChain candidate) {
  if (!best_ || candidate.link > best_->link) best_ = std::move(candidate);
}

void ScrapeChains::PodPortMissing(const Monitor& monitor) {
  const std::string why = "its pods have no container port " + PortsOf(monitor);
  Offer({4, "PodMonitor \"" + monitor.key.name + "\" selects its pods, but " + why, why, ""});
}

void ScrapeChains::ServicePortMissing(const Monitor& monitor, const Service& service) {
  for (const Monitor::Endpoint& endpoint : monitor.endpoints) {
    for (const ServicePort& port : service.ports) {
      if (endpoint.port.empty() || endpoint.port != port.name) continue;
      Offer({5,
             "ServiceMonitor \"" + monitor.key.name + "\" asks for port " + port.name +
                 " of Service \"" + service.name + "\", whose targetPort " + port.target_name +
                 " no container has",
             "targetPort " + port.target_name + " is no container's port", ""});
      return;
    }
  }
  std::string fix;
  if (!service.ports.empty() && !service.ports.front().name.empty()) {
    Yaml endpoint = Yaml::Map(
        {{"port",
          Yaml::String(service.ports.front().name).Commented("the port that serves /metrics")}});
    fix = ObjectAt(monitor.key, "monitoring.coreos.com/v1", "ServiceMonitor",
                   Yaml::Map({{"endpoints", Yaml::List({std::move(endpoint)})}}))
              .Render();
  }
  Offer({4,
         "ServiceMonitor \"" + monitor.key.name + "\" selects Service \"" + service.name +
             "\", but none of its endpoints' ports (" + PortsOf(monitor) +
             ") is a port of the Service (" + PortsOf(service) + ")",
         "endpoints " + PortsOf(monitor) + "; ports of the Service: " + PortsOf(service),
         std::move(fix)});
}

void ScrapeChains::LookForMonitorsElsewhere() {
  const std::string here(workload_.namespace_name());
  for (const auto& monitor :
       related_.Monitors(RelatedKind::kServiceMonitor, kMaxSearchedMonitors)) {
    if (monitor->LooksAt(here) || !monitor->selects || monitor->selector.requirements.empty()) {
      continue;
    }
    for (const Service* service : services_without_monitor_) {
      if (!Selects(monitor->selector, KeptLabels{service->labels})) continue;
      LooksElsewhere("ServiceMonitor", *monitor, "Service \"" + service->name + "\"");
      return;
    }
  }
  for (const auto& monitor : related_.Monitors(RelatedKind::kPodMonitor, kMaxSearchedMonitors)) {
    if (monitor->LooksAt(here) || !monitor->selects || monitor->selector.requirements.empty() ||
        !Selects(monitor->selector, DocumentLabels{workload_.template_labels()})) {
      continue;
    }
    LooksElsewhere("PodMonitor", *monitor, "its pods");
    return;
  }
}

void ScrapeChains::LooksElsewhere(std::string_view kind, const Monitor& monitor,
                                  const std::string& what) {
  const std::string where =
      monitor.namespaces.size() == 1 ? "namespace " + monitor.namespaces[0] : "other namespaces";
  Offer({2,
         std::string(kind) + " \"" + monitor.key.name + "\" of namespace " +
             monitor.key.namespace_name + " would select " + what + ", but looks only at " + where,
         "its namespaceSelector leaves this namespace out", ""});
}

void ScrapeChains::LookForServicesThatMiss() {
  const Service* const service = related_.FindService(workload_.namespace_name(), workload_.name());
  if (service == nullptr || !service->selects) return;
  Offer({3,
         "Service \"" + service->name + "\" selects " + DescribeSelector(service->selector) +
             ", which its pods are not, so no ServiceMonitor can find them, and no PodMonitor does",
         "Service \"" + service->name + "\" does not select its pods", ""});
}

}  // namespace plimsoll
