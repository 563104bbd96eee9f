#include "plimsoll/files/policy_folder.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "files/folder_fingerprint.h"
#include "plimsoll/base/text.h"
#include "plimsoll/codec/manifest.h"
#include "plimsoll/files/manifest_files.h"

namespace plimsoll {
namespace {

constexpr std::string_view kNamespaceNameLabel = "kubernetes.io/metadata.name";

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
  std::vector<Policy> policies;
  std::map<std::string, KnownNamespace, std::less<>> namespaces;
  std::set<std::string> named;  // policies that the file has, usable or not
  std::vector<Diagnostic> problems;
  bool whole = true;  // everything in it could be read
};

class FolderPolicySet final : public PolicySet {
 public:
  NamespaceFacts FindNamespace(std::string_view name) const override {
    const auto found = namespaces.find(name);
    if (found == namespaces.end()) return {};
    return {found->second.labels, found->second.annotations};
  }
  std::map<std::string, KnownNamespace, std::less<>> namespaces;
};

// The namespace with the label that the API server sets on every namespace, which files lack.
std::optional<KnownNamespace> MakeNamespace(JsonView object, std::string_view name) {
  std::string text = "{\"labels\":{";
  AppendJsonString(kNamespaceNameLabel, text);
  text += ':';
  AppendJsonString(name, text);
  for (const JsonMember label : object["metadata"]["labels"].members()) {
    if (label.key == kNamespaceNameLabel) continue;
    text += ',';
    AppendJsonString(label.key, text);
    text += ':';
    text += ToJson(label.value);
  }
  text += "},\"annotations\":" +
          (object["metadata"]["annotations"].is_object() ? ToJson(object["metadata"]["annotations"])
                                                         : std::string("{}")) +
          "}";
  std::shared_ptr<const Manifests> document = ParseManifests(std::move(text));
  if (document->objects.size() != 1) return std::nullopt;
  const JsonView root = document->objects.front();
  return KnownNamespace{std::move(document), root["labels"], root["annotations"]};
}

ReadPolicyFile Parse(const std::string& path, std::string text) {
  ReadPolicyFile file;
  const auto add = [&](Diagnostic problem) {
    problem.file = path;
    file.problems.push_back(std::move(problem));
  };
  const std::unique_ptr<Manifests> manifests =
      ParseManifests(std::move(text), DuplicateKeys::kReject);
  for (const Diagnostic& problem : manifests->problems) add(problem);
  file.whole = manifests->problems.empty();
  for (const JsonView object : manifests->objects) {
    const std::string_view name = object["metadata"]["name"].StringOrEmpty();
    if (object["apiVersion"].StringOrEmpty() == "v1" &&
        object["kind"].StringOrEmpty() == "Namespace" && !name.empty()) {
      if (auto known = MakeNamespace(object, name)) {
        file.namespaces.insert_or_assign(std::string(name), std::move(*known));
      }
      continue;
    }
    if (!IsMeantAsPolicy(object)) continue;
    ParsedPolicy parsed = ParseReadinessPolicy(object);
    for (const Diagnostic& problem : parsed.problems) add(problem);
    if (name.empty()) {
      file.whole = false;  // whose last good version this would be is not known
    } else {
      file.named.emplace(name);
    }
    if (!parsed.policy) continue;
    parsed.policy->source_file = path;
    file.policies.push_back(
        {std::move(*parsed.policy), parsed.problems.empty(), object.position()});
  }
  // A key that stands twice makes a policy unusable, not unreadable: its author hears of the rest, too.
  for (const JsonView object : manifests->refused) {
    if (!IsMeantAsPolicy(object)) continue;
    for (const Diagnostic& problem : ParseReadinessPolicy(object).problems) add(problem);
  }
  std::stable_sort(
      file.problems.begin(), file.problems.end(),
      [](const Diagnostic& a, const Diagnostic& b) { return a.position < b.position; });
  return file;
}

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
  // By file: of one that breaks, its namespaces stay known.
  std::map<std::string, std::map<std::string, KnownNamespace, std::less<>>> last_namespaces;

  FoundFiles Find() const;
  std::shared_ptr<const PolicySet> Read(const FoundFiles& found, Timestamp now);
  std::map<std::string, ReadPolicyFile> ReadFiles(const std::vector<std::string>& paths,
                                                  std::vector<Diagnostic>& problems);
  void ChoosePolicies(const std::map<std::string, ReadPolicyFile>& files, FolderPolicySet& set);
  void ChooseNamespaces(std::map<std::string, ReadPolicyFile>& files, FolderPolicySet& set);
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
    const std::vector<std::string>& paths, std::vector<Diagnostic>& problems) {
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
    read = Parse(file, std::move(*text));
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

void PolicyFolder::State::ChooseNamespaces(std::map<std::string, ReadPolicyFile>& files,
                                           FolderPolicySet& set) {
  std::map<std::string, std::map<std::string, KnownNamespace, std::less<>>> kept;
  for (auto& [path_, file] : files) {
    if (!file.whole) file.namespaces.merge(last_namespaces[path_]);
    for (const auto& [name, known] : file.namespaces) set.namespaces.emplace(name, known);
    kept[path_] = std::move(file.namespaces);
  }
  last_namespaces = std::move(kept);
}

std::shared_ptr<const PolicySet> PolicyFolder::State::Read(const FoundFiles& found, Timestamp now) {
  // Before the files are read: what changes meanwhile is seen as a change next time.
  fingerprint = FingerprintOf(found.files);
  settled = !ChangedRecently(fingerprint, now);
  auto set = std::make_shared<FolderPolicySet>();
  set->problems = found.problems;
  std::map<std::string, ReadPolicyFile> files = ReadFiles(found.files, set->problems);
  set->files = files.size();
  ChoosePolicies(files, *set);
  ChooseNamespaces(files, *set);
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
