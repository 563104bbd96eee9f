#include "plimsoll/codec/manifest_patch.h"

#include <algorithm>
#include <utility>

#include "codec/patch_check.h"
#include "codec/patch_planner.h"
#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

// A patch that is still to be put in.
struct Pending {
  size_t number = 0;  // in what was asked for
  const ObjectPatch* patch = nullptr;
  std::unique_ptr<Manifests> parsed = {};
  std::vector<PlacedEdit> edits = {};

  JsonView root() const { return parsed->objects.front(); }
};

constexpr std::string_view kShared =
    "the text is shared with another place (an anchor or a merge key)";

// Plans each patch on its own; what cannot be planned is refused.
std::vector<Pending> Plan(const Manifests& before, std::span<const ObjectPatch> patches,
                          std::vector<std::string>& refusals) {
  const SourceText text(before.text);
  std::vector<Pending> pending;
  for (size_t i = 0; i < patches.size(); ++i) {
    Pending one{.number = i, .patch = &patches[i], .parsed = ParseManifests(patches[i].patch)};
    if (one.parsed->objects.size() != 1 || !one.root().is_object()) {
      refusals[i] = "the fix is no patch of one object";
      continue;
    }
    Result<std::vector<PlacedEdit>> edits = PlanPatch(text, before.objects[patches[i].object],
                                                      SourceText(one.parsed->text), one.root());
    if (!edits) {
      refusals[i] = edits.error().message;
    } else if (edits->empty()) {
      refusals[i] = "the values are there already: what is wrong is how they are written";
    } else {
      one.edits = *std::move(edits);
      pending.push_back(std::move(one));
    }
  }
  return pending;
}

std::unique_ptr<Manifests> Apply(const Manifests& before, const std::vector<Pending>& pending) {
  std::vector<PlacedEdit> edits;
  for (const Pending& one : pending) edits.insert(edits.end(), one.edits.begin(), one.edits.end());
  std::optional<std::string> text = ApplyPlacedEdits(before.text, std::move(edits));
  return text ? ParseManifests(*std::move(text)) : nullptr;
}

// Refuses what does not come out as it was meant. False where nobody can be blamed: the text could not be read any more.
bool Blame(const Manifests& before, const Manifests& after, std::vector<Pending>& pending,
           std::vector<std::string>& refusals) {
  if (after.objects.size() != before.objects.size() ||
      after.problems.size() > before.problems.size()) {
    return false;
  }
  for (size_t i = 0; i < before.objects.size(); ++i) {
    const auto patched = std::find_if(pending.begin(), pending.end(),
                                      [&](const Pending& one) { return one.patch->object == i; });
    if (patched != pending.end()) {
      if (!IsPatched(before.objects[i], patched->root(), after.objects[i])) {
        refusals[patched->number] = kShared;
      }
    } else if (!DeepEquals(before.objects[i], after.objects[i])) {
      for (const Pending& one : pending) {
        const JsonView object = before.objects[one.patch->object];
        if (object.document() == before.objects[i].document()) refusals[one.number] = kShared;
      }
    }
  }
  std::erase_if(pending, [&](const Pending& one) { return !refusals[one.number].empty(); });
  return true;
}

// One by one, each on what the ones before have made of the text.
PatchedManifests PatchSingly(const Manifests& before, std::span<const ObjectPatch> patches) {
  PatchedManifests result{ParseManifests(before.text), {}};
  for (size_t i = 0; i < patches.size(); ++i) {
    PatchedManifests one = PatchManifests(*result.manifests, patches.subspan(i, 1));
    result.manifests = std::move(one.manifests);
    result.refusals.push_back(std::move(one.refusals.front()));
  }
  return result;
}

}  // namespace

PatchedManifests PatchManifests(const Manifests& before, std::span<const ObjectPatch> patches) {
  PatchedManifests result{nullptr, std::vector<std::string>(patches.size())};
  std::vector<Pending> pending = Plan(before, patches, result.refusals);
  while (!pending.empty()) {
    const size_t asked = pending.size();
    std::unique_ptr<Manifests> after = Apply(before, pending);
    if (after != nullptr && Blame(before, *after, pending, result.refusals)) {
      if (pending.size() == asked) {
        result.manifests = std::move(after);
        return result;
      }
      continue;
    }
    if (patches.size() > 1) return PatchSingly(before, patches);
    result.refusals[pending.front().number] =
        "the text is written in a way that is not edited here";
    pending.clear();
  }
  result.manifests = ParseManifests(before.text);
  return result;
}

Result<std::unique_ptr<Manifests>> AppendObjects(const Manifests& before,
                                                 std::span<const std::string_view> objects) {
  const std::string_view content = Trim(before.text);
  if (content.starts_with('{') || content.starts_with('[')) {
    return Fail(ErrorCode::kInvalidArgument, "a JSON file holds one document");
  }
  const SourceText source(before.text);
  const std::string line_break(source.line_break());
  std::string text = before.text;
  if (!source.ends_in_line_break()) text += line_break;
  for (std::string_view yaml : objects) {
    text += "---" + line_break;
    while (yaml.ends_with('\n')) yaml.remove_suffix(1);
    for (const std::string_view line : Split(yaml, '\n')) text += std::string(line) + line_break;
  }
  std::unique_ptr<Manifests> after = ParseManifests(std::move(text));
  const size_t old = before.objects.size();
  bool same = after->problems.size() == before.problems.size() &&
              after->objects.size() == old + objects.size();
  for (size_t i = 0; same && i < old; ++i) same = DeepEquals(before.objects[i], after->objects[i]);
  for (size_t i = 0; same && i < objects.size(); ++i) {
    const std::unique_ptr<Manifests> added = ParseManifests(std::string(objects[i]));
    same =
        added->objects.size() == 1 && DeepEquals(after->objects[old + i], added->objects.front());
  }
  if (same) return after;
  return Fail(ErrorCode::kInvalidArgument, "the file takes no further document at its end");
}

}  // namespace plimsoll
