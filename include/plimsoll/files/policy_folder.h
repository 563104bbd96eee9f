// PolicyFolder: the policies of a controller without a cluster. Reads every manifest file below a folder (as
// FindManifestFiles does, so `plimsoll check --policy DIR` reads the same), takes ReadinessPolicy, ReadinessWaiver and
// Namespace objects from them, and leaves everything else alone.
//
// A policy that was good and whose file then breaks stays in force as it was; one that never was good is in force without
// its wrong entries. A file that is gone takes its policies with it. ConfigMap volumes work: their files are links that
// change when the kubelet swaps the folder behind them.
//
// Changes are found by looking (docs/adr/0030-policy-folder-polling.md): Poll costs some microseconds per file.
//
// Thread-safety: a PolicyFolder serves one thread; PolicySets are immutable and shared. Time is an argument.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/position.h"
#include "plimsoll/base/time.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "plimsoll/policy/waiver_set.h"

namespace plimsoll {

// A large policy has some 20 KiB; etcd takes no object beyond 1.5 MiB.
inline constexpr size_t kMaxPolicyFileBytes = 2 * 1024 * 1024;
// All together: what is read is held while it is parsed, and each policy costs time in every review.
inline constexpr size_t kMaxPolicyFolderBytes = 16 * 1024 * 1024;
inline constexpr size_t kMaxPolicyFiles = 1000;
inline constexpr size_t kMaxPolicies = 200;

// Where a policy of the set comes from.
struct PolicySource {
  enum class Version {
    kCurrent,   // as its file has it now
    kPartial,   // without its wrong entries
    kLastGood,  // as its file had it before it broke
  };
  std::string policy;
  std::string file;
  Version version = Version::kCurrent;
  friend bool operator==(const PolicySource&, const PolicySource&) = default;
};

struct NamespaceFacts {
  JsonView
      labels;  // with kubernetes.io/metadata.name, as the API server has it; missing where there is no such object
  JsonView annotations;
};

class PolicySet {
 public:
  virtual ~PolicySet() = default;

  std::shared_ptr<const PolicySnapshot> policies;  // never null
  // Never null. Whoever may write to the folder has approved them: nobody else is asked.
  std::shared_ptr<const WaiverSet> waivers;
  std::vector<PolicySource> sources;  // by policy name
  std::vector<Diagnostic> problems;   // of everything read last
  size_t files = 0;

  // The views live as long as this set.
  virtual NamespaceFacts FindNamespace(std::string_view name) const = 0;
};

class PolicyFolder {
 public:
  // `path`: a folder, or one file.
  explicit PolicyFolder(std::string path);
  ~PolicyFolder();

  // What the folder holds, where that may have changed since the last call; else null. Never throws, never fails: what
  // cannot be read is among the problems of the set.
  std::shared_ptr<const PolicySet> Poll(Timestamp now);
  // The same whether or not something has changed.
  std::shared_ptr<const PolicySet> Read(Timestamp now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll
