#include "fix.h"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "check_output.h"
#include "placeholder_marks.h"
#include "plimsoll/base/text.h"
#include "plimsoll/codec/manifest_patch.h"
#include "plimsoll/files/manifest_files.h"
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

bool IsUnsafe(const Finding& finding) { return finding.fix.find(kFixRemark) != std::string::npos; }

// A patch of another object, or a new one: it says which.
bool IsElsewhere(const Finding& finding) {
  return finding.fix.starts_with("apiVersion:") || finding.fix.starts_with("kind:") ||
         finding.fix.starts_with("groups:");
}

bool IsOpen(const Finding& finding) {
  return finding.result == RuleResult::kFail && finding.waiver.empty() && !finding.fix.empty();
}

std::string Marked(std::string patch) {
  for (size_t at = patch.find(kFixRemark); at != std::string::npos;
       at = patch.find(kFixRemark, at + kPlaceholderMark.size())) {
    patch.replace(at, kFixRemark.size(), kPlaceholderMark);
  }
  return patch;
}

size_t IndexOf(const InputFile& file, JsonView object) {
  const std::vector<JsonView>& objects = file.manifests->objects;
  const auto found = std::find_if(objects.begin(), objects.end(), [&](JsonView one) {
    return one.document() == object.document() && one.index() == object.index();
  });
  return static_cast<size_t>(found - objects.begin());
}

bool IsWritable(const InputFile& file) {
  struct ::stat facts{};
  return file.is_file && ::stat(file.name.c_str(), &facts) == 0 && S_ISREG(facts.st_mode);
}

class Fixer {
 public:
  Fixer(const CheckTerms& terms, std::vector<InputFile>& files) : terms_(terms), files_(files) {}

  FixOutcome Run() {
    for (int round = 0; round < kMaxRounds; ++round) {
      std::map<size_t, std::vector<Fix>> fixes = FixesIn(JudgeFiles(terms_, files_));
      if (fixes.empty()) break;
      for (auto& [file, list] : fixes) FixFile(file, list);
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
        if (!IsOpen(finding)) continue;
        if (!object) object = IndexOf(*judged.file, judged.object);
        visit(file, *object, finding);
      }
    }
  }

  std::map<size_t, std::vector<Fix>> FixesIn(const Judgement& judgement) {
    std::map<size_t, std::vector<Fix>> fixes;
    ForEachOpen(judgement, [&](size_t file, size_t object, const Finding& finding) {
      if (IsElsewhere(finding)) return;
      if (IsUnsafe(finding) && !terms_.options.unsafe_fixes) return;
      Fix fix{object, KeyOf(file, object, finding), Marked(finding.fix)};
      if (!tried_.insert(fix.finding_key + '\n' + fix.patch).second) return;
      // Standard input can be shown fixed, not written.
      if (terms_.options.fix && !IsWritable(files_[file])) {
        refused_[fix.finding_key] = "this is no regular file";
        return;
      }
      fixes[file].push_back(std::move(fix));
    });
    return fixes;
  }

  // All fixes of an object in one go where they go together; else one after the other.
  void FixFile(size_t file, const std::vector<Fix>& fixes) {
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
      } else if (IsElsewhere(finding)) {
        ++outcome_.elsewhere;
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
  if (outcome.elsewhere != 0) {
    out +=
        "; " + std::to_string(outcome.elsewhere) + " need an object of their own, shown by check";
  }
  return out + '\n';
}

}  // namespace plimsoll::cli
