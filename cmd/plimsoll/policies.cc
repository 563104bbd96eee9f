#include "policies.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <utility>

#include "plimsoll/base/text.h"
#include "plimsoll/policy/waiver_set.h"

namespace plimsoll::cli {
namespace {

class Loader {
 public:
  explicit Loader(LoadedPolicies& loaded) : loaded_(loaded) {}

  void AddFile(const InputFile& file) {
    if (file.is_file) ++loaded_.files;
    loaded_.unreadable = loaded_.unreadable || file.unreadable;
    const size_t first = loaded_.problems.size();
    Append(file.problems, file.name);
    if (file.manifests == nullptr) return;
    for (const JsonView object : file.manifests->objects) {
      if (IsMeantAsPolicy(object)) AddPolicy(file, object);
      if (IsMeantAsWaiver(object)) {
        ++loaded_.waivers;
        Append(ParseReadinessWaiver(object).problems, file.name);
      }
    }
    // A key that stands twice makes a policy unusable, not unreadable: its author hears of the rest, too.
    for (const JsonView object : file.manifests->refused) {
      if (IsMeantAsPolicy(object)) Append(ParseReadinessPolicy(object).problems, file.name);
    }
    std::stable_sort(
        loaded_.problems.begin() + static_cast<std::ptrdiff_t>(first), loaded_.problems.end(),
        [](const Diagnostic& a, const Diagnostic& b) { return a.position < b.position; });
  }

 private:
  void Append(const std::vector<Diagnostic>& problems, const std::string& file) {
    for (Diagnostic problem : problems) {
      problem.file = file;
      loaded_.problems.push_back(std::move(problem));
    }
  }

  void AddPolicy(const InputFile& file, JsonView object) {
    ParsedPolicy parsed = ParseReadinessPolicy(object);
    Append(parsed.problems, file.name);
    if (!parsed.policy) return;
    parsed.policy->source_file = file.name;
    const auto [first, added] = first_place_.try_emplace(
        parsed.policy->name,
        FormatDiagnostic(Diagnostic{file.name, object.position(), "", "here"}));
    if (!added) {
      loaded_.problems.push_back(Diagnostic{file.name, object["metadata"].KeyPosition("name"),
                                            "metadata.name",
                                            "there is already a policy \"" + parsed.policy->name +
                                                "\": " + first->second + "; names must be unique"});
      return;
    }
    loaded_.policies.push_back(std::move(*parsed.policy));
  }

  LoadedPolicies& loaded_;
  std::map<std::string, std::string> first_place_;  // by policy name
};

}  // namespace

LoadedPolicies LoadPolicies(const std::vector<std::string>& paths, bool waivers_alone) {
  LoadedPolicies loaded;
  Loader loader(loaded);
  for (const std::string& path : paths) {
    std::vector<InputFile> files = ReadInput({path}, DuplicateKeys::kReject);
    const size_t policies_before = loaded.policies.size();
    const size_t problems_before = loaded.problems.size();
    const size_t waivers_before = loaded.waivers;
    for (const InputFile& file : files) loader.AddFile(file);
    const bool waivers = waivers_alone && loaded.waivers > waivers_before;
    if (loaded.policies.size() == policies_before && loaded.problems.size() == problems_before &&
        !waivers) {
      loaded.problems.push_back(Diagnostic{
          path, {}, "", "no ReadinessPolicy (" + std::string(kPolicyApiVersion) + ") in it"});
    }
    std::move(files.begin(), files.end(), std::back_inserter(loaded.input));
  }
  return loaded;
}

LoadedPolicies LoadPolicies(std::vector<InputFile> files) {
  LoadedPolicies loaded;
  Loader loader(loaded);
  for (const InputFile& file : files) loader.AddFile(file);
  loaded.input = std::move(files);
  return loaded;
}

LoadedPolicies PoliciesIn(std::string text, const std::string& name) {
  LoadedPolicies loaded;
  InputFile file{.name = name};
  file.manifests = ParseManifests(std::move(text), DuplicateKeys::kReject);
  file.problems = file.manifests->problems;
  Loader(loaded).AddFile(file);
  loaded.input.push_back(std::move(file));
  return loaded;
}

LoadedPolicies LoadBaseline() {
  return PoliciesIn(std::string(BaselinePolicyYaml()), "plimsoll-baseline (built in)");
}

}  // namespace plimsoll::cli
