// One case: read, judged, compared, and where asked for written anew.
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "directory.h"
#include "input.h"
#include "judge.h"
#include "plimsoll/base/text.h"
#include "plimsoll/files/atomic_file.h"
#include "plimsoll/files/manifest_files.h"
#include "policies.h"
#include "policy_test.h"
#include "waivers.h"

namespace plimsoll::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 6> kHeaderKeys = {
    "story", "now", "policy", "namespace", "namespaceLabels", "directory"};
constexpr std::array<std::string_view, 5> kFindingKeys = {"workload", "action", "rule", "at",
                                                          "waiver"};

// A finding as a case tells it: the keys above, in that order; "" where there is nothing to say.
using Told = std::array<std::string, kFindingKeys.size()>;

std::string InWords(const Told& told) {
  std::string text = told[1] + ' ' + told[2] + "  " + told[0];
  if (!told[3].empty()) text += "  " + told[3];
  if (!told[4].empty()) text += "  waived by " + told[4];
  return text;
}

std::string AsYaml(const Told& told) {
  std::string text;
  for (size_t i = 0; i < told.size(); ++i) {
    if (told[i].empty()) continue;
    text += text.empty() ? "{" : ", ";
    text += std::string(kFindingKeys[i]) + ": ";
    AppendJsonString(told[i], text);
  }
  return "  - " + text + "}\n";
}

// What is left out in a case may be anything.
bool Meets(const Told& found, const Told& expected) {
  for (size_t i = 0; i < found.size(); ++i) {
    if (!expected[i].empty() && expected[i] != found[i]) return false;
  }
  return true;
}

class Case {
 public:
  Case(const std::string& file, const std::string& root, Timestamp now) : root_(root), as_of_(now) {
    result_.file = file;
  }

  CaseResult Run(bool update) && {
    input_ = ReadInput({result_.file}, DuplicateKeys::kReject);
    for (const InputFile& file : input_) {
      for (const Diagnostic& problem : file.problems) Problem(FormatDiagnostic(problem));
    }
    if (!result_.problems.empty() || input_.empty() || input_.front().manifests == nullptr) {
      return std::move(result_);
    }
    TakeApart();
    ReadHeader();
    ReadExpected();
    if (result_.problems.empty()) Judge();
    if (result_.problems.empty()) Compare();
    if (update && result_.problems.empty() && !result_.passed()) Update();
    return std::move(result_);
  }

 private:
  void Problem(std::string text) { result_.problems.push_back(std::move(text)); }
  void ProblemAt(JsonView view, const std::string& text) {
    Problem(FormatDiagnostic(Diagnostic{result_.file, view.position(), "", text}));
  }

  // Header, objects, expected findings.
  void TakeApart() {
    const std::vector<JsonView>& all = input_.front().manifests->objects;
    header_ = all.front();
    objects_.assign(all.begin() + 1, all.end());
    if (!objects_.empty() && objects_.back()["findings"].exists()) {
      expected_ = objects_.back();
      objects_.pop_back();
    }
  }

  void ReadHeader() {
    for (const JsonMember member : header_.members()) {
      if (std::find(kHeaderKeys.begin(), kHeaderKeys.end(), member.key) != kHeaderKeys.end()) {
        continue;
      }
      const std::string_view nearest = NearestName(member.key, kHeaderKeys);
      ProblemAt(member.value,
                "no key \"" + SanitizeLine(member.key, 80) + "\" of a case" +
                    (nearest.empty() ? "" : "; did you mean " + std::string(nearest) + "?"));
    }
    result_.story = header_["story"].StringOrEmpty();
    if (const JsonView now = header_["now"]; now.present()) {
      const std::optional<Timestamp> time = ParseTimestamp(now.text());
      if (!time) ProblemAt(now, "`now` is no date; expected one such as 2027-02-01");
      as_of_ = time.value_or(as_of_);
    }
    result_.as_of = FormatDate(as_of_);
    namespace_ = header_["namespace"].StringOrEmpty();
    for (const JsonMember label : header_["namespaceLabels"].members()) {
      labels_.emplace_back(label.key, label.value.text());
    }
  }

  void ReadExpected() {
    for (const JsonView entry : expected_["findings"].elements()) {
      Told told;
      for (const JsonMember member : entry.members()) {
        const auto key = std::find(kFindingKeys.begin(), kFindingKeys.end(), member.key);
        if (key == kFindingKeys.end()) {
          ProblemAt(member.value,
                    "no key \"" + SanitizeLine(member.key, 80) +
                        "\" of a finding; there are workload, action, rule, at, waiver");
          continue;
        }
        told[static_cast<size_t>(key - kFindingKeys.begin())] = member.value.text();
      }
      expected_findings_.push_back(std::move(told));
    }
  }

  // As named in the case; else in it; else the nearest beside or above it.
  std::vector<std::string> PolicyPaths() const {
    const fs::path folder = fs::path(result_.file).parent_path();
    std::vector<std::string> paths;
    const JsonView named = header_["policy"];
    if (named.is_string()) paths.push_back((folder / named.text()).lexically_normal().string());
    for (const JsonView one : named.elements()) {
      paths.push_back((folder / one.StringOrEmpty()).lexically_normal().string());
    }
    if (!paths.empty()) return paths;
    if (std::any_of(objects_.begin(), objects_.end(), IsMeantAsPolicy)) return {result_.file};
    std::error_code ignored;
    const fs::path top =
        fs::absolute(fs::is_directory(root_, ignored) ? fs::path(root_)
                                                      : fs::path(root_).parent_path())
            .lexically_normal();
    for (fs::path at = folder;; at = at / "..") {
      for (const std::string_view name : {"policy.yaml", "policies"}) {
        if (fs::exists(at / name, ignored)) return {(at / name).lexically_normal().string()};
      }
      const fs::path here = fs::absolute(at / "").lexically_normal();
      if (here == top || here == top / "" || here == here.root_path()) return {};
    }
  }

  void Judge() {
    const std::vector<std::string> paths = PolicyPaths();
    if (paths.empty()) {
      return Problem(
          result_.file +
          ": no policy: name one (`policy:`), write one into the case, or put policy.yaml "
          "or policies/ beside or above it");
    }
    LoadedPolicies loaded = LoadPolicies(paths);
    for (const Diagnostic& problem : loaded.problems) Problem(FormatDiagnostic(problem));
    LoadedDirectory directory;
    if (const std::string_view named = header_["directory"].StringOrEmpty(); !named.empty()) {
      directory = LoadDirectory(
          {(fs::path(result_.file).parent_path() / named).lexically_normal().string()});
      for (const Diagnostic& problem : directory.problems) Problem(FormatDiagnostic(problem));
    }
    Waivers waivers(namespace_, as_of_);
    waivers.Learn(input_);
    for (const Diagnostic& problem : waivers.problems()) Problem(FormatDiagnostic(problem));
    if (!result_.problems.empty()) return;
    const PolicySnapshot policies(std::move(loaded.policies));
    const std::unique_ptr<const WaiverSet> known = waivers.Take();
    Namespaces namespaces(namespace_, labels_);
    namespaces.Learn(loaded.input);
    namespaces.Learn(input_);
    const std::vector<JudgedWorkload> judged = JudgeWorkloads(
        objects_, {policies, known.get(), directory.directory.get(), namespace_, as_of_},
        namespaces);
    if (judged.empty()) Problem(result_.file + ": no workload in it");
    for (const JudgedWorkload& object : judged) TakeFindings(object);
  }

  void TakeFindings(const JudgedWorkload& object) {
    std::string workload = object.kind + '/';
    if (!object.namespace_name.empty()) workload += object.namespace_name + '/';
    workload += object.name;
    for (const Finding& finding : object.verdict.findings) {
      if (finding.result != RuleResult::kFail) continue;
      found_.push_back({workload, std::string(ActionName(finding.action)),
                        finding.policy + '/' + finding.rule, finding.path, finding.waiver});
    }
  }

  void Compare() {
    std::vector<bool> used(found_.size(), false);
    for (const Told& expected : expected_findings_) {
      size_t i = 0;
      while (i < found_.size() && (used[i] || !Meets(found_[i], expected))) ++i;
      if (i == found_.size()) {
        result_.missing.push_back(InWords(expected));
      } else {
        used[i] = true;
      }
    }
    for (size_t i = 0; i < found_.size(); ++i) {
      if (!used[i]) result_.unexpected.push_back(InWords(found_[i]));
    }
  }

  // Everything up to the line before the old findings stays as it is.
  void Update() {
    std::string text = input_.front().manifests->text;
    if (expected_.exists()) {
      size_t at = 0;
      for (uint32_t line = 1; line < expected_.position().line; ++line)
        at = text.find('\n', at) + 1;
      text.resize(at);
    } else {
      if (!text.ends_with('\n')) text += '\n';
      text += "---\n";
    }
    text += found_.empty() ? "findings: []\n" : "findings:\n";
    for (const Told& told : found_) text += AsYaml(told);
    struct ::stat facts{};
    if (::stat(result_.file.c_str(), &facts) != 0) return Problem(result_.file + ": is gone");
    const Status written = WriteFileAtomically(result_.file, text, facts.st_mode & 07777U);
    if (!written) return Problem(written.error().message);
    result_.updated = true;
  }

  const std::string& root_;
  Timestamp as_of_;
  CaseResult result_;
  std::vector<InputFile> input_;
  JsonView header_;
  std::vector<JsonView> objects_;
  JsonView expected_;
  std::string namespace_;
  Namespaces::Labels labels_;
  std::vector<Told> expected_findings_;
  std::vector<Told> found_;
};

}  // namespace

CaseResult RunCase(const std::string& file, const std::string& root, bool update, Timestamp now) {
  return Case(file, root, now).Run(update);
}

}  // namespace plimsoll::cli
