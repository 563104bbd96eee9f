#include "cluster_terms.h"

#include <utility>

#include "cluster.h"
#include "plimsoll/codec/team_directory.h"
#include "plimsoll/kube/api_client.h"
#include "plimsoll/kube/list.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::cli {
namespace {

constexpr std::string_view kTeams = "plimsoll-teams";
Error WithWord(Error error) {
  error.message = InWords(error, "list readinesspolicies.plimsoll.dev",
                          "is Plimsoll installed there? There are no policies otherwise");
  return error;
}

void AddUnlessForbidden(kube::ApiCaller& api, const kube::ResourceType& type,
                        std::string_view consequence, ClusterTerms& terms) {
  Result<InputFile> file = ListAsFile(api, type);
  if (file) {
    terms.files.push_back(*std::move(file));
  } else {
    terms.notes.push_back(file.error().message + "; " + std::string(consequence));
  }
}

void ReadDirectory(kube::ApiCaller& api, ClusterTerms& terms) {
  kube::ApiRequest request;
  request.path =
      kube::ObjectPath(kube::kConfigMaps, {std::string(kOwnNamespace), std::string(kTeams)});
  Result<kube::ApiResponse> response = api.Call(request);
  if (response) {
    ParsedDirectory parsed =
        ParseTeamDirectory({{"cluster:" + std::string(kTeams), std::move(response->body)}});
    terms.directory.problems = std::move(parsed.problems);
    terms.directory.directory = std::make_shared<const TeamDirectory>(std::move(parsed.teams));
  } else if (response.error().code != ErrorCode::kNotFound) {
    terms.notes.push_back(response.error().message + "; judged without a directory of teams");
  }
}

}  // namespace

Result<InputFile> ListAsFile(kube::ApiCaller& api, const kube::ResourceType& type,
                             const std::string& namespace_name) {
  std::string items;
  kube::ListOptions list;
  list.namespace_name = namespace_name;
  const Status listed = kube::ListObjects(api, type, list, [&](JsonView object) {
    if (!items.empty()) items += ",\n";
    items += ToJson(object);
  });
  if (!listed) return tl::unexpected(listed.error());
  InputFile file{.name = "cluster:" + std::string(type.plural)};
  SetManifests(file, ParseManifests("{\"apiVersion\":\"" + type.api_version() + "\",\"kind\":\"" +
                                    std::string(type.kind) + "List\",\"items\":[" + items + "]}"));
  return file;
}

Result<ClusterTerms> ReadClusterTerms(const ClusterOptions& options) {
  const auto api = ConnectTo(options);
  if (!api) return tl::unexpected(api.error());
  Result<InputFile> policies = ListAsFile(**api, kube::kPolicies);
  if (!policies) return tl::unexpected(WithWord(policies.error()));
  if (policies->manifests->objects.empty()) {
    return Fail(ErrorCode::kNotFound, "there is no ReadinessPolicy in the cluster");
  }
  ClusterTerms terms;
  terms.files.push_back(*std::move(policies));
  AddUnlessForbidden(**api, kube::kNamespaces,
                     "namespaces are known by name alone (--namespace-labels)", terms);
  AddUnlessForbidden(**api, kube::kWaivers, "judged without waivers", terms);
  ReadDirectory(**api, terms);
  return terms;
}

}  // namespace plimsoll::cli
