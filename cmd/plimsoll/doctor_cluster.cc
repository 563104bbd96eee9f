// What runs: API server, CRDs, the controller's Deployment, its leader, the endpoints of its webhook.
#include <chrono>
#include <optional>
#include <string>

#include "doctor_checks.h"
#include "doctor_look.h"
#include "plimsoll/base/text.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::cli {
namespace {

using kube::ResourceType;

constexpr ResourceType kDefinitions{"apiextensions.k8s.io", "v1", "customresourcedefinitions",
                                    "CustomResourceDefinition", false};
constexpr ResourceType kDeployments{"apps", "v1", "deployments", "Deployment", true};
constexpr ResourceType kEndpointSlices{"discovery.k8s.io", "v1", "endpointslices", "EndpointSlice",
                                       true};

std::string MayNot(const Look& look) { return look.forbidden() ? "may not be read" : look.why(); }

bool ConditionHolds(JsonView object, std::string_view type) {
  for (const JsonView condition : object["status"]["conditions"].elements()) {
    if (condition["type"].StringOrEmpty() == type) {
      return condition["status"].StringOrEmpty() == "True";
    }
  }
  return false;
}

// "0.1.0" of "registry/plimsoll:0.1.0@sha256:..."; "" where the image has no tag.
std::string TagOf(std::string_view image) {
  image = image.substr(0, image.find('@'));
  const size_t slash = image.rfind('/');
  const size_t colon = image.rfind(':');
  if (colon == std::string_view::npos || (slash != std::string_view::npos && colon < slash))
    return {};
  std::string_view tag = image.substr(colon + 1);
  if (tag.starts_with('v')) tag.remove_prefix(1);
  return std::string(tag);
}

// What is compared: 0.1 of 0.1.3 and of 0.1.0.
std::string_view MinorOf(std::string_view version) {
  const size_t first = version.find('.');
  if (first == std::string_view::npos) return version;
  return version.substr(0, version.find('.', first + 1));
}

void CheckDefinition(Examination& examination, const ResourceType& type) {
  const std::string name = std::string(type.plural) + '.' + std::string(type.group);
  const Look look = Look::At(examination.api, kube::ObjectPath(kDefinitions, {"", name}));
  if (look.missing()) {
    return examination.Bad(
        "CRDs", name + " is not installed",
        "kubectl apply --server-side -f crds/ of Plimsoll " + examination.installation.version);
  }
  if (!look.ok()) {
    return examination.Unknown("CRDs", name + ": " + MayNot(look),
                               "it takes get on customresourcedefinitions");
  }
  bool served = false;
  for (const JsonView version : look.object()["spec"]["versions"].elements()) {
    served |= version["name"].StringOrEmpty() == type.version &&
              version["served"].AsBool().value_or(false);
  }
  if (!served) {
    return examination.Bad("CRDs", name + " does not serve " + std::string(type.version),
                           "apply the crds/ of the version that runs");
  }
  if (!ConditionHolds(look.object(), "Established")) {
    return examination.Bad("CRDs", name + " is not established",
                           "kubectl describe crd " + name + " says why");
  }
  examination.Good("CRDs", name + " serves " + std::string(type.version));
}

void CheckVersion(Examination& examination, JsonView deployment) {
  const Installation& where = examination.installation;
  const JsonView container = deployment["spec"]["template"]["spec"]["containers"].At(0);
  const std::string tag = TagOf(container["image"].StringOrEmpty());
  if (tag.empty()) {
    return examination.Note("versions",
                            "the controller's image has no tag, so its version is not known", "");
  }
  if (MinorOf(tag) != MinorOf(where.version)) {
    return examination.Bad(
        "versions",
        "controller " + tag + ", this program " + where.version + ": they may judge differently",
        "use the program of the controller's version in CI");
  }
  examination.Good("versions", "controller " + tag + ", this program " + where.version);
}

}  // namespace

bool CheckServer(Examination& examination) {
  const Look look = Look::At(examination.api, "/version");
  if (!look.ok()) {
    examination.Bad("API server", look.why(),
                    look.forbidden() ? "log in again: these credentials are not accepted"
                                     : "is the cluster up, and --context the right one?");
    return false;
  }
  const std::string version(look.object()["gitVersion"].StringOrEmpty());
  if (version.empty()) {
    examination.Bad("API server", "what answers there does not say which Kubernetes it is",
                    "is --context the right one?");
    return false;
  }
  examination.Good("API server", "Kubernetes " + version);
  return true;
}

void CheckResources(Examination& examination) {
  for (const ResourceType& type : {kube::kPolicies, kube::kWaivers, kube::kRecords}) {
    CheckDefinition(examination, type);
  }
}

bool CheckController(Examination& examination) {
  const Installation& where = examination.installation;
  const Look look = Look::At(
      examination.api, kube::ObjectPath(kDeployments, {where.namespace_name, where.controller}));
  if (look.missing()) {
    examination.Bad("controller",
                    "no Deployment " + where.controller + " in " + where.namespace_name,
                    "install it, or say where it is: --namespace");
    return false;
  }
  if (!look.ok()) {
    examination.Unknown("controller", MayNot(look),
                        "it takes get on deployments in " + where.namespace_name);
    return true;
  }
  const JsonView object = look.object();
  const int64_t wanted = object["spec"]["replicas"].AsInt().value_or(1);
  const int64_t ready = object["status"]["readyReplicas"].AsInt().value_or(0);
  const std::string count =
      std::to_string(ready) + " of " + std::to_string(wanted) + " replicas ready";
  const std::string logs = "kubectl -n " + where.namespace_name + " logs deployment/" +
                           where.controller + " --all-pods, and describe pods, say why";
  if (ready == 0) {
    examination.Bad("controller", count + ": nothing is judged", logs);
  } else if (ready < wanted) {
    examination.Bad("controller", count, logs);
  } else if (wanted == 1) {
    examination.Note("controller", count + ": while its node is drained nothing is judged",
                     "run two");
  } else {
    examination.Good("controller", count);
  }
  CheckVersion(examination, object);
  return true;
}

void CheckLeader(Examination& examination) {
  const Installation& where = examination.installation;
  const Look look = Look::At(
      examination.api, kube::ObjectPath(kube::kLeases, {where.namespace_name, where.controller}));
  const std::string remedy = "kubectl -n " + where.namespace_name + " logs deployment/" +
                             where.controller + " --all-pods says why nobody leads";
  if (look.missing()) return examination.Bad("leader", "nobody has ever led", remedy);
  if (!look.ok()) {
    return examination.Unknown("leader", MayNot(look),
                               "it takes get on leases in " + where.namespace_name);
  }
  const JsonView spec = look.object()["spec"];
  const std::string holder(spec["holderIdentity"].StringOrEmpty());
  const std::optional<Timestamp> renewed = ParseTimestamp(spec["renewTime"].StringOrEmpty());
  const std::chrono::seconds lasts(spec["leaseDurationSeconds"].AsInt().value_or(15));
  if (holder.empty() || !renewed) {
    return examination.Bad(
        "leader", "nobody leads",
        "for seconds that is so while replicas are replaced: ask again; then " + remedy);
  }
  if (*renewed + 2 * lasts < examination.now) {
    return examination.Bad("leader", holder + " has not renewed since " + FormatTimestamp(*renewed),
                           remedy);
  }
  examination.Good("leader", holder);
}

void CheckEndpoints(Examination& examination) {
  const Installation& where = examination.installation;
  const Look look = Look::At(
      examination.api,
      kube::CollectionPath(kEndpointSlices, where.namespace_name) +
          "?labelSelector=" + kube::PercentEncode("kubernetes.io/service-name=" + where.service));
  if (!look.ok()) {
    return examination.Unknown("endpoints", MayNot(look),
                               "it takes list on endpointslices in " + where.namespace_name);
  }
  size_t ready = 0;
  for (const JsonView slice : look.objects()) {
    for (const JsonView endpoint : slice["endpoints"].elements()) {
      if (endpoint["conditions"]["ready"].AsBool().value_or(true)) {
        ready += endpoint["addresses"].size();
      }
    }
  }
  if (ready == 0) {
    return examination.Bad("endpoints",
                           "Service " + where.service + " has no ready address: reviews go nowhere",
                           "kubectl -n " + where.namespace_name +
                               " get pods,endpointslices; does its selector match?");
  }
  // Any answer will do: what answers is our listener, which knows no such path.
  const Look call =
      Look::At(examination.api, "/api/v1/namespaces/" + where.namespace_name +
                                    "/services/https:" + where.service + ":https/proxy/doctor");
  const std::string addresses =
      std::to_string(ready) + (ready == 1 ? " ready address" : " ready addresses");
  if (call.forbidden()) {
    return examination.Unknown("endpoints",
                               addresses + "; calling it through the API server is not allowed",
                               "it takes get on services/proxy in " + where.namespace_name);
  }
  if (!call.ok() && call.why().find("error trying to reach service") != std::string::npos) {
    return examination.Bad(
        "endpoints", addresses + ", but the API server cannot reach it",
        "look at NetworkPolicies and firewalls between the API server and the pods' port");
  }
  if (!call.ok() && !call.missing() && call.why().find("503") != std::string::npos) {
    return examination.Bad(
        "endpoints", addresses + ", but it cannot be reached: " + call.why(),
        "look at NetworkPolicies and firewalls between the API server and the pods' port");
  }
  examination.Good("endpoints", addresses + ", reached through the API server");
}

}  // namespace plimsoll::cli
