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

enum Spec : size_t { kExemptImages, kExemptContainers };

constexpr ParameterSpec kParameters[] = {kExemptImagesParameter, kExemptContainersParameter};

Violation NoDigest(const RuleInput& input, const Container& container,
                   const ImageReference& image) {
  const std::string_view text = container.Field(ContainerField::kImage).StringOrEmpty();
  const bool valid = image.state == ImageReference::State::kValid;
  Violation violation;
  violation.path = input.workload.ContainerPath(container) + ".image";
  violation.container = container.name;
  violation.message = ContainerLabel(container);
  if (text.empty()) {
    violation.message += " has no image";
  } else {
    violation.message += valid ? " runs \"" : " has the image \"";
    violation.message += SanitizeLine(text, kShownBytes);
    violation.message += !valid ? "\", which no container runtime can pull"
                         : image.tag.empty()
                             ? "\" without tag or digest, which is whatever was pushed last"
                             : "\" by its tag, which anybody who may push can move";
  }
  violation.observed = text.empty() ? "not set" : SanitizeLine(text, kShownBytes);
  violation.required = "an image with a digest";
  const std::string tagged = valid && !image.tag.empty() ? std::string(text)
                             : valid                     ? std::string(image.name)
                                                         : SuggestImage(input.workload, image);
  violation.fix = ContainerFix(
      input.workload, container,
      Yaml::Map(
          {{"image", Yaml::String(WithDigest(tagged)).Commented("replace with its digest")}}));
  violation.identity = ProbeIdentity(container, "digest");
  return violation;
}

bool HasDigest(const RuleInput& /*input*/, const ImageReference& image) {
  return image.state == ImageReference::State::kValid && !image.digest.empty();
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  EvaluateEachImage(input, kExemptImages, kExemptContainers, HasDigest, NoDigest, outcome);
}

constexpr Rule kRule = {
    .id = "image.digest",
    .title = "Every image is named by its digest",
    .rationale =
        "Somebody pushes a hotfix under a tag that is already in production, or an attacker with a "
        "stolen registry password does. Nodes that have the old image cached keep it, the next one "
        "pulls the new: one release, two programs, and no record of which pod ran what. A digest "
        "names the bytes, and cannot be moved.",
    .remediation =
        "Let the pipeline that builds the image write its digest into the manifest "
        "(app:1.4.2@sha256:...); kustomize, Helm values, ko and most update bots can. Keep the tag "
        "in "
        "front of it for people to read: the digest is what counts.",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources =
        "https://kubernetes.io/docs/concepts/containers/images/#image-names, "
        "https://github.com/distribution/reference",
};

}  // namespace

const Rule& ImageDigestRule() { return kRule; }

}  // namespace plimsoll
