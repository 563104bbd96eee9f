#include "tests/policy/yaml.h"

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace plimsoll::test {

Yaml::Yaml(std::string text) : manifests_(ParseManifests(std::move(text), DuplicateKeys::kReject)) {
  if (!manifests_->problems.empty()) {
    throw std::invalid_argument(FormatDiagnostic(manifests_->problems.front()));
  }
  if (manifests_->objects.empty()) throw std::invalid_argument("no document");
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::invalid_argument("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<std::string> Lines(const std::vector<Diagnostic>& problems) {
  std::vector<std::string> lines;
  for (const Diagnostic& problem : problems) lines.push_back(FormatDiagnostic(problem));
  return lines;
}

}  // namespace plimsoll::test
