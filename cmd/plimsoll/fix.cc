#include "fix.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "check_output.h"
#include "fixable.h"
#include "plimsoll/base/text.h"
#include "plimsoll/codec/manifest_patch.h"
#include "plimsoll/files/manifest_files.h"
#include "plimsoll/files/signals_held.h"
#include "plimsoll/render/patch_merge.h"

namespace plimsoll::cli {
namespace {

// A fix may bring a field that another rule then asks about. Two rounds are usual; this many are a circle.
constexpr int kMaxRounds = 8;

// One finding's fix, and where it goes.
struct Fix {
  size_t object = 0;        // of the file's objects
  std::string finding_key;  // file, object, rule and place
  std::string patch;
};

// A fix that is an object which there is not yet, and the file it comes into.
struct Addition {
  size_t file = 0;
  Fix fix;
};

class Fixer {
 public:
  Fixer(const CheckTerms& terms, std::vector<InputFile>& files) : terms_(terms), files_(files) {}

  FixOutcome Run() {
    for (int round = 0; round < kMaxRounds; ++round) {
      std::map<size_t, std::vector<Fix>> fixes = FixesIn(JudgeFiles(terms_, files_));
      if (fixes.empty() && additions_.empty()) break;
      for (auto& [file, list] : fixes) FixFile(file, list);
      AddAll(std::exchange(additions_, {}));
    }
    Conclude(JudgeFiles(terms_, files_));
    return std::move(outcome_);
  }

 private:
  // Of this finding, wherever it moves in the text.
  std::string KeyOf(size_t file, size_t object, const Finding& finding) const {
    return std::to_string(file) + '/' + std::to_string(object) + '/' + finding.policy + '/' +
           finding.rule + '/' + finding.container + '/' + finding.path;
  }

  template <class Visit>
  void ForEachOpen(const Judgement& judgement, const Visit& visit) const {
    for (const JudgedObject& judged : judgement.objects) {
      const auto file = static_cast<size_t>(judged.file - files_.data());
      std::optional<size_t> object;
      for (const Finding& finding : judged.result.findings) {
        if (!IsFixable(finding)) continue;
        if (!object) object = IndexOf(*judged.file, judged.object);
        visit(file, *object, finding);
      }
    }
  }

  std::map<size_t, std::vector<Fix>> FixesIn(const Judgement& judgement) {
    std::map<size_t, std::vector<Fix>> fixes;
    places_.clear();
    ForEachOpen(judgement, [&](size_t file, size_t object, const Finding& finding) {
      if (IsUnsafe(finding) && !terms_.options.unsafe_fixes) return;
      Fix fix{object, KeyOf(file, object, finding), Marked(finding.fix)};
      if (!tried_.insert(fix.finding_key + '\n' + fix.patch).second) return;
      // Standard input can be shown fixed, not written.
      if (terms_.options.fix && !IsWritable(files_[file])) {
        refused_[fix.finding_key] = "this is no regular file";
        return;
      }
      if (IsElsewhere(finding)) {
        Send(file, std::move(fix), fixes);
      } else {
        fixes[file].push_back(std::move(fix));
      }
    });
    return fixes;
  }

  using Places = std::multimap<std::string, std::pair<size_t, size_t>>;

  // File and number of the objects that have the kind and name of this one.
  std::pair<Places::const_iterator, Places::const_iterator> PlacesOf(JsonView wanted) {
    const auto key = [](JsonView object) {
      return std::string(object["kind"].StringOrEmpty()) + '/' +
             std::string(object["metadata"]["name"].StringOrEmpty());
    };
    if (places_.empty()) {
      for (size_t i = 0; i < files_.size(); ++i) {
        if (files_[i].manifests == nullptr) continue;
        const std::vector<JsonView>& objects = files_[i].manifests->objects;
        for (size_t n = 0; n < objects.size(); ++n)
          places_.emplace(key(objects[n]), std::pair(i, n));
      }
    }
    return places_.equal_range(key(wanted));
  }

  // A fix of another object goes to where that is; one that there is not yet comes to the workload's file.
  void Send(size_t file, Fix fix, std::map<size_t, std::vector<Fix>>& fixes) {
    const std::unique_ptr<Manifests> patch = ParseManifests(fix.patch);
    if (patch->objects.size() != 1 || patch->objects.front()["$patch"].exists() ||
        fix.patch.starts_with(kRuleGroups)) {
      refused_[fix.finding_key] = "another object is to be changed by hand";
      return;
    }
    const JsonView wanted = patch->objects.front();
    const auto [first, end] = PlacesOf(wanted);
    for (auto place = first; place != end; ++place) {
      const auto [there, object] = place->second;
      const JsonView other = files_[there].manifests->objects[object];
      if (!IsSameObject(other, wanted)) continue;
      if (!IsSpelledTheSame(other, wanted)) {
        refused_[fix.finding_key] = "it is to be changed by hand in " + files_[there].name;
      } else if (IsWhole(wanted)) {
        refused_[fix.finding_key] =
            "an object of that name is there for others, in " + files_[there].name;
      } else if (wanted["spec"]["groups"].exists()) {
        refused_[fix.finding_key] = "rules are to be added by hand in " + files_[there].name;
      } else if (terms_.options.fix && !IsWritable(files_[there])) {
        refused_[fix.finding_key] = files_[there].name + " is no regular file";
      } else {
        fix.object = object;
        fixes[there].push_back(std::move(fix));
      }
      return;
    }
    additions_.push_back({file, std::move(fix)});
  }

  // Those of a file in one go: each time its text is read again. Two findings may ask for the same object, which is added once.
  void AddAll(const std::vector<Addition>& additions) {
    std::map<size_t, std::vector<const Fix*>> by_file;
    for (const Addition& addition : additions) {
      const std::string& patch = addition.fix.patch;
      if (added_.insert(patch.substr(0, patch.find("spec:"))).second) {
        by_file[addition.file].push_back(&addition.fix);
      } else {
        applied_.insert(addition.fix.finding_key);
      }
    }
    for (const auto& [file, fixes] : by_file) {
      std::vector<std::string_view> objects;
      for (const Fix* fix : fixes) objects.push_back(fix->patch);
      InputFile& input = files_[file];
      Result<std::unique_ptr<Manifests>> after = AppendObjects(*input.manifests, objects);
      for (const Fix* fix : fixes) {
        if (after) {
          applied_.insert(fix->finding_key);
        } else {
          refused_[fix->finding_key] = after.error().message;
        }
      }
      if (!after) continue;
      before_.try_emplace(file, input.manifests->text);
      SetManifests(input, *std::move(after));
    }
  }

  // All fixes of an object in one go where they go together; else one after the other.
  void FixFile(size_t file, std::vector<Fix>& fixes) {
    std::stable_sort(fixes.begin(), fixes.end(),
                     [](const Fix& a, const Fix& b) { return a.object < b.object; });
    std::vector<ObjectPatch> patches;
    std::vector<std::vector<const Fix*>> covered;  // by patch
    std::vector<const Fix*> apart;
    for (const Fix& fix : fixes) {
      if (patches.empty() || patches.back().object != fix.object) {
        patches.push_back({fix.object, fix.patch});
        covered.push_back({&fix});
        continue;
      }
      std::optional<std::string> merged = MergePatches(patches.back().patch, fix.patch);
      if (merged) {
        patches.back().patch = *std::move(merged);
        covered.back().push_back(&fix);
      } else {
        apart.push_back(&fix);
      }
    }
    const std::vector<std::string> refusals = Put(file, patches);
    for (size_t i = 0; i < patches.size(); ++i) {
      if (refusals[i].empty()) {
        for (const Fix* fix : covered[i]) applied_.insert(fix->finding_key);
      } else if (covered[i].size() == 1) {
        refused_[covered[i].front()->finding_key] = refusals[i];
      } else {
        apart.insert(apart.end(), covered[i].begin(), covered[i].end());
      }
    }
    for (const Fix* fix : apart) {
      const std::vector<std::string> refusal = Put(file, {{fix->object, fix->patch}});
      if (refusal.front().empty()) {
        applied_.insert(fix->finding_key);
      } else {
        refused_[fix->finding_key] = refusal.front();
      }
    }
  }

  std::vector<std::string> Put(size_t file, const std::vector<ObjectPatch>& patches) {
    InputFile& input = files_[file];
    PatchedManifests patched = PatchManifests(*input.manifests, patches);
    if (patched.manifests->text != input.manifests->text) {
      before_.try_emplace(file, input.manifests->text);
      SetManifests(input, std::move(patched.manifests));
    }
    return std::move(patched.refusals);
  }

  void Conclude(const Judgement& judgement) {
    std::set<std::string> left;
    ForEachOpen(judgement, [&](size_t file, size_t object, const Finding& finding) {
      const std::string key = KeyOf(file, object, finding);
      left.insert(key);
      const auto refused = refused_.find(key);
      if (refused != refused_.end()) {
        outcome_.refused.push_back({files_[file].name, finding.position, "",
                                    finding.rule + " not fixed: " + refused->second});
      } else if (applied_.contains(key)) {
        outcome_.refused.push_back({files_[file].name, finding.position, "",
                                    finding.rule + " not fixed: its fix was not enough"});
      } else if (IsUnsafe(finding)) {
        ++outcome_.unsafe;
      }
    });
    for (const std::string& key : applied_) outcome_.fixed += left.contains(key) ? 0 : 1;
    for (auto& [file, text] : before_) outcome_.files.push_back({file, std::move(text)});
  }

  const CheckTerms& terms_;
  std::vector<InputFile>& files_;
  std::set<std::string> tried_;  // findings with their fixes: each once
  std::set<std::string> applied_;
  Places places_;                               // of what there is in this round
  std::vector<Addition> additions_;             // of this round
  std::set<std::string> added_;                 // what was: kind, namespace and name
  std::map<std::string, std::string> refused_;  // why, by finding
  std::map<size_t, std::string> before_;        // the texts of changed files
  FixOutcome outcome_;
};

std::string Counted(size_t count, std::string_view noun) {
  return std::to_string(count) + ' ' + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace

FixOutcome FixFiles(const CheckTerms& terms, std::vector<InputFile>& files) {
  return Fixer(terms, files).Run();
}

std::vector<Diagnostic> WriteFixes(const FixOutcome& outcome, std::vector<InputFile>& files) {
  const SignalsHeld held;  // some files fixed and others not would have to be told apart by hand
  std::vector<Diagnostic> problems;
  for (const FixedFile& fixed : outcome.files) {
    InputFile& file = files[fixed.file];
    std::string problem;
    const Result<std::string> now = ReadFile(file.name, kMaxFileBytes);
    if (!now || *now != fixed.before) {
      problem = "it has changed since it was read; run this again";
    } else if (const Status written = WriteWholeFile(file.name, file.manifests->text); !written) {
      problem = written.error().message;
    }
    if (problem.empty()) continue;
    problems.push_back({file.name, {}, "", "not fixed: " + problem});
    SetManifests(file, ParseManifests(fixed.before));
  }
  return problems;
}

std::string FixSummary(const FixOutcome& outcome, const CheckOptions& options) {
  std::string out;
  for (const Diagnostic& refused : outcome.refused) {
    out += "plimsoll: " + SanitizeLine(FormatDiagnostic(refused), std::string::npos) + '\n';
  }
  out += "plimsoll: " + std::string(options.diff ? "would fix " : "fixed ") +
         Counted(outcome.fixed, "finding") + " in " + Counted(outcome.files.size(), "file");
  if (!outcome.refused.empty()) out += "; " + std::to_string(outcome.refused.size()) + " not";
  if (outcome.unsafe != 0) {
    out += "; " + std::to_string(outcome.unsafe) +
           " need a value that only people know (--unsafe-fixes writes marked placeholders)";
  }
  return out + '\n';
}

}  // namespace plimsoll::cli
