// Policies and workloads from YAML, for tests.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/codec/manifest.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll::test {

// The first document of a YAML text; stays valid as long as this does. Throws where the text cannot be read.
class Yaml {
 public:
  explicit Yaml(std::string text);
  JsonView view() const { return manifests_->objects.front(); }

 private:
  std::unique_ptr<Manifests> manifests_;
};

std::string ReadFile(const std::filesystem::path& path);

// "line:column: path: message" of each.
std::vector<std::string> Lines(const std::vector<Diagnostic>& problems);

}  // namespace plimsoll::test
