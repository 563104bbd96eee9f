// One file of a policy folder, read: its policies, namespaces and waivers, each good or with what is wrong about it.
//
// Pure. Thread-safety: a function.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/position.h"
#include "plimsoll/base/time.h"
#include "plimsoll/codec/manifest.h"
#include "plimsoll/model/object_key.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "plimsoll/policy/waiver_set.h"

namespace plimsoll {

// A Namespace object, in a document of its own.
struct KnownNamespace {
  std::shared_ptr<const Manifests> document;
  JsonView labels;
  JsonView annotations;
};

// One file as last read.
struct ReadPolicyFile {
  struct Policy {
    ReadinessPolicy policy;
    bool good = false;  // without a problem
    SourcePosition position;
  };
  // Of a file that breaks, what these were stays known.
  struct Beside {
    std::map<std::string, KnownNamespace, std::less<>> namespaces;
    std::map<ObjectKey, WaiverSet::Pointer> waivers;
  };
  std::vector<Policy> policies;
  Beside beside;
  std::set<std::string> named;  // policies that the file has, usable or not
  std::vector<Diagnostic> problems;
  bool whole = true;  // everything in it could be read
};

// `path`: for diagnostics. A waiver that does not say when it was made lasts from `now`, as in `plimsoll check`.
ReadPolicyFile ParsePolicyFile(const std::string& path, std::string text, Timestamp now);

}  // namespace plimsoll
