// check --policy cluster: what is in force in a cluster, so that CI judges as the gate will.
//
// Thread-safety: a function; it waits for the API server.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "check_options.h"
#include "directory.h"
#include "input.h"
#include "plimsoll/base/result.h"
#include "plimsoll/kube/api_client.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::cli {

// Where the chart puts Plimsoll unless told otherwise.
inline constexpr std::string_view kOwnNamespace = "plimsoll-system";

struct ClusterTerms {
  // Policies, Namespaces and waivers, as if they had been read from files.
  std::vector<InputFile> files;
  // The ConfigMap plimsoll-teams of plimsoll-system; nothing where there is none.
  LoadedDirectory directory;
  // What may not be read there, and what that means for the verdict.
  std::vector<std::string> notes;
};

// All objects of a kind as one file: its list, whose items need not say what they are.
// `namespace_name`: "" for all.
Result<InputFile> ListAsFile(kube::ApiCaller& api, const kube::ResourceType& type,
                             const std::string& namespace_name = {});

// Policies must be readable, and there must be one; without the rest it goes on, and says so.
Result<ClusterTerms> ReadClusterTerms(const ClusterOptions& options);

}  // namespace plimsoll::cli
