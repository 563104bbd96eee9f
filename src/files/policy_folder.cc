#include "plimsoll/files/policy_folder.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "files/folder_fingerprint.h"
#include "files/policy_file.h"
#include "plimsoll/base/text.h"
#include "plimsoll/files/manifest_files.h"

namespace plimsoll {
namespace {

class FolderPolicySet final : public PolicySet {
 public:
  NamespaceFacts FindNamespace(std::string_view name) const override {
    const auto found = namespaces.find(name);
    if (found == namespaces.end()) return {};
    return {found->second.labels, found->second.annotations};
  }
  std::map<std::string, KnownNamespace, std::less<>> namespaces;
};

}  // namespace

struct PolicyFolder::State {
  explicit State(std::string folder) : path(std::move(folder)) {}

  struct LastGood {
    ReadinessPolicy policy;
    std::string file;
  };

  std::string path;
  std::vector<FileFingerprint> fingerprint;
  bool settled = false;
  std::optional<size_t> digest;                            // of all that was read last
  std::map<std::string, LastGood, std::less<>> last_good;  // by policy name
  // By file: one that is being edited takes no waiver from anybody.
  std::map<std::string, ReadPolicyFile::Beside> last_beside;

  FoundFiles Find() const;
  std::shared_ptr<const PolicySet> Read(const FoundFiles& found, Timestamp now);
  std::map<std::string, ReadPolicyFile> ReadFiles(const std::vector<std::string>& paths,
                                                  Timestamp now, std::vector<Diagnostic>& problems);
  void ChoosePolicies(const std::map<std::string, ReadPolicyFile>& files, FolderPolicySet& set);
  void ChooseBeside(std::map<std::string, ReadPolicyFile>& files, FolderPolicySet& set);
};

FoundFiles PolicyFolder::State::Find() const {
  FoundFiles found = FindManifestFiles(path);
  if (found.files.size() > kMaxPolicyFiles) {
    found.problems.push_back(
        {path,
         {},
         "",
         "more than " + std::to_string(kMaxPolicyFiles) +
             " files, the most that are read from a policy folder; the last ones are "
             "left out"});
    found.files.resize(kMaxPolicyFiles);
  }
  return found;
}

std::map<std::string, ReadPolicyFile> PolicyFolder::State::ReadFiles(
    const std::vector<std::string>& paths, Timestamp now, std::vector<Diagnostic>& problems) {
  std::map<std::string, ReadPolicyFile> files;
  size_t total = 0;
  std::string contents;  // what tells this reading from another
  for (const std::string& file : paths) {
    Result<std::string> text = ReadFile(file, kMaxPolicyFileBytes);
    if (text && total + text->size() > kMaxPolicyFolderBytes) {
      text = Fail(ErrorCode::kLimitExceeded,
                  "the files of this folder have more than " +
                      std::to_string(kMaxPolicyFolderBytes / (1024 * 1024)) +
                      " MiB together, the most that is read; this one is left out");
    }
    // Gone since the folder was listed: as if it had never been there.
    if (!text && text.error().code == ErrorCode::kNotFound && file != path) continue;
    ReadPolicyFile& read = files[file];
    contents +=
        file + '\n' +
        std::to_string(std::hash<std::string>()(text ? *text : "\xFF" + text.error().message)) +
        '\n';
    if (!text) {
      read.whole = false;
      problems.push_back({file, {}, "", text.error().message});
      continue;
    }
    total += text->size();
    read = ParsePolicyFile(file, std::move(*text), now);
    problems.insert(problems.end(), read.problems.begin(), read.problems.end());
  }
  digest = std::hash<std::string>()(contents);
  return files;
}

void PolicyFolder::State::ChoosePolicies(const std::map<std::string, ReadPolicyFile>& files,
                                         FolderPolicySet& set) {
  std::map<std::string, PolicySource> sources;
  std::vector<ReadinessPolicy> chosen;
  const auto choose = [&](const ReadinessPolicy& policy, const std::string& file,
                          PolicySource::Version version) {
    if (!sources.try_emplace(policy.name, PolicySource{policy.name, file, version}).second) {
      return false;
    }
    chosen.push_back(policy);
    return true;
  };

  std::map<std::string, LastGood, std::less<>> good;
  for (const auto& [path_, file] : files) {
    for (const ReadPolicyFile::Policy& policy : file.policies) {
      if (!policy.good) continue;
      if (choose(policy.policy, path_, PolicySource::Version::kCurrent)) {
        good[policy.policy.name] = {policy.policy, path_};
      } else {
        set.problems.push_back({path_, policy.position, "metadata.name",
                                "there is already a policy \"" + policy.policy.name + "\" in " +
                                    sources[policy.policy.name].file +
                                    "; names must be unique, this one is left out"});
      }
    }
  }
  // What broke stays as it was: named by a file that has it wrong now, or from a file that cannot be read whole.
  for (auto& [name, last] : last_good) {
    const auto file = files.find(last.file);
    const bool broken =
        file != files.end() && (!file->second.whole || file->second.named.contains(name));
    if (!broken || !choose(last.policy, last.file, PolicySource::Version::kLastGood)) continue;
    good[name] = std::move(last);
  }
  for (const auto& [path_, file] : files) {
    for (const ReadPolicyFile::Policy& policy : file.policies) {
      if (!policy.good) choose(policy.policy, path_, PolicySource::Version::kPartial);
    }
  }
  last_good = std::move(good);

  if (chosen.size() > kMaxPolicies) {
    set.problems.push_back({path,
                            {},
                            "",
                            "more than " + std::to_string(kMaxPolicies) + " policies; \"" +
                                chosen[kMaxPolicies].name + "\" and those after it are left out"});
    for (size_t i = kMaxPolicies; i < chosen.size(); ++i) sources.erase(chosen[i].name);
    chosen.resize(kMaxPolicies);
  }
  for (auto& [name, source] : sources) set.sources.push_back(std::move(source));
  set.policies = std::make_shared<const PolicySnapshot>(std::move(chosen));
}

void PolicyFolder::State::ChooseBeside(std::map<std::string, ReadPolicyFile>& files,
                                       FolderPolicySet& set) {
  std::map<std::string, ReadPolicyFile::Beside> kept;
  std::vector<WaiverSet::Pointer> waivers;
  for (auto& [path_, file] : files) {
    ReadPolicyFile::Beside& beside = file.beside;
    if (!file.whole) {
      ReadPolicyFile::Beside& last = last_beside[path_];
      beside.namespaces.merge(last.namespaces);
      beside.waivers.merge(last.waivers);
    }
    for (const auto& [name, known] : beside.namespaces) set.namespaces.emplace(name, known);
    for (const auto& [key, waiver] : beside.waivers) waivers.push_back(waiver);
    kept[path_] = std::move(beside);
  }
  last_beside = std::move(kept);
  set.waivers = std::make_shared<const WaiverSet>(std::move(waivers));
}

std::shared_ptr<const PolicySet> PolicyFolder::State::Read(const FoundFiles& found, Timestamp now) {
  // Before the files are read: what changes meanwhile is seen as a change next time.
  fingerprint = FingerprintOf(found.files);
  settled = !ChangedRecently(fingerprint, now);
  auto set = std::make_shared<FolderPolicySet>();
  set->problems = found.problems;
  std::map<std::string, ReadPolicyFile> files = ReadFiles(found.files, now, set->problems);
  set->files = files.size();
  ChoosePolicies(files, *set);
  ChooseBeside(files, *set);
  return set;
}

PolicyFolder::PolicyFolder(std::string path) : state_(std::make_unique<State>(std::move(path))) {}
PolicyFolder::~PolicyFolder() = default;

std::shared_ptr<const PolicySet> PolicyFolder::Poll(Timestamp now) {
  const FoundFiles found = state_->Find();
  if (state_->settled && FingerprintOf(found.files) == state_->fingerprint) return nullptr;
  const std::optional<size_t> before = state_->digest;
  std::shared_ptr<const PolicySet> set = state_->Read(found, now);
  // A file that was only touched, or that is looked at again because it has changed a moment ago.
  return before == state_->digest ? nullptr : set;
}

std::shared_ptr<const PolicySet> PolicyFolder::Read(Timestamp now) {
  return state_->Read(state_->Find(), now);
}

}  // namespace plimsoll
