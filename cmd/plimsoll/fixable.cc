#include "fixable.h"

#include <sys/stat.h>

#include <algorithm>
#include <vector>

#include "placeholder_marks.h"

namespace plimsoll::cli {

bool IsUnsafe(const Finding& finding) { return finding.fix.find(kFixRemark) != std::string::npos; }

bool IsElsewhere(const Finding& finding) {
  return finding.fix.starts_with("apiVersion:") || finding.fix.starts_with("kind:") ||
         finding.fix.starts_with(kRuleGroups);
}

bool IsSameObject(JsonView a, JsonView b) {
  const auto same = [](JsonView x, JsonView y) { return x.StringOrEmpty() == y.StringOrEmpty(); };
  const JsonView left = a["metadata"];
  const JsonView right = b["metadata"];
  return same(a["kind"], b["kind"]) && same(left["name"], right["name"]) &&
         (same(left["namespace"], right["namespace"]) || !left["namespace"].present() ||
          !right["namespace"].present());
}

bool IsSpelledTheSame(JsonView a, JsonView b) {
  return a["apiVersion"].StringOrEmpty() == b["apiVersion"].StringOrEmpty() &&
         a["metadata"]["namespace"].StringOrEmpty() == b["metadata"]["namespace"].StringOrEmpty();
}

bool IsWhole(JsonView wanted) { return wanted["spec"]["selector"].present(); }

bool IsFixable(const Finding& finding) {
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

}  // namespace plimsoll::cli
