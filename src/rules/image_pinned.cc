#include <string>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/each_image.h"
#include "rules/fix.h"
#include "rules/image_fix.h"
#include "rules/probe.h"

namespace plimsoll {
namespace {

constexpr size_t kShownBytes = 120;

enum Spec : size_t { kMutableTags, kExemptImages, kExemptContainers };

constexpr ParameterSpec kParameters[] = {
    {.name = "mutableTags",
     .type = ParameterType::kGlobList,
     .default_json = R"(["latest"])",
     .description = "Tags that move from one image to the next, such as `main` or `*-snapshot`."},
    kExemptImagesParameter,
    kExemptContainersParameter,
};

// What is wrong with the image; "" if nothing.
std::string Problem(const ImageReference& image, std::string_view text) {
  const std::string shown = "\"" + SanitizeLine(text, kShownBytes) + "\"";
  switch (image.state) {
    case ImageReference::State::kUnrendered:
      return {};
    case ImageReference::State::kEmpty:
      return " has no image";
    case ImageReference::State::kInvalid:
      return " has the image " + shown + ", which no container runtime can pull";
    case ImageReference::State::kValid:
      break;
  }
  if (image.tag.empty()) {
    return " runs " + shown +
           " without a tag, which is whatever \"latest\" means when a node pulls it";
  }
  return " runs " + shown + ", whose tag moves: two pods of one rollout may run different code";
}

bool IsPinned(const RuleInput& input, const ImageReference& image) {
  if (image.state != ImageReference::State::kValid) return false;
  if (!image.digest.empty()) return true;
  return !image.tag.empty() && !MatchesAny(input.parameters.List(kMutableTags), image.tag);
}

Violation Unpinned(const RuleInput& input, const Container& container,
                   const ImageReference& image) {
  const std::string_view text = container.Field(ContainerField::kImage).StringOrEmpty();
  Violation violation;
  violation.path = input.workload.ContainerPath(container) + ".image";
  violation.container = container.name;
  violation.message = ContainerLabel(container) + Problem(image, text);
  violation.observed = text.empty() ? "not set" : SanitizeLine(text, kShownBytes);
  violation.required = "a tag that stays, or a digest";
  const std::vector<std::string>& mutable_tags = input.parameters.List(kMutableTags);
  std::string pinned = SuggestImage(input.workload, image);
  if (MatchesAny(mutable_tags, ParseImageReference(pinned).tag)) {
    // No tag will do: keep what is there and let the digest count.
    pinned = WithDigest(image.tag.empty() ? pinned : std::string(text));
  }
  violation.fix = ContainerFix(
      input.workload, container,
      Yaml::Map(
          {{"image", Yaml::String(pinned).Commented("replace with the version you have tested")}}));
  violation.identity = ProbeIdentity(container, "image");
  return violation;
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  EvaluateEachImage(input, kExemptImages, kExemptContainers, IsPinned, Unpinned, outcome);
}

constexpr Rule kRule = {
    .id = "image.pinned",
    .title = "Every image has a tag that stays",
    .rationale =
        "A node is drained, its pods start elsewhere, and the new node pulls \"latest\": a build "
        "from this morning that nobody released. Half of the replicas now run other code than the "
        "rest, and rolling back changes nothing, because yesterday's manifest says \"latest\", "
        "too.",
    .remediation =
        "Write the version into the image's tag, or better its digest, which nobody can move. A "
        "colon before the last slash is the registry's port: registry:5000/app has no tag. Init "
        "and "
        "debug containers count as well.",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources =
        "https://kubernetes.io/docs/concepts/containers/images/, "
        "https://github.com/distribution/reference",
};

}  // namespace

const Rule& ImagePinnedRule() { return kRule; }

}  // namespace plimsoll
