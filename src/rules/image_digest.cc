#include <string>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/exempt.h"
#include "rules/fix.h"
#include "rules/image_fix.h"
#include "rules/probe.h"

namespace plimsoll {
namespace {

constexpr size_t kShownBytes = 120;

enum Spec : size_t { kExemptImages, kExemptContainers };

constexpr ParameterSpec kParameters[] = {
    {.name = "exemptImages",
     .type = ParameterType::kGlobList,
     .default_json = "[]",
     .description = "Images that are not asked; `*` and `?` are wildcards, `*` also for slashes."},
    {.name = "exemptContainers",
     .type = ParameterType::kGlobList,
     .default_json = "[]",
     .description = kExemptContainersDescription},
};

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

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  bool asked = false;
  for (const Container& container : input.workload.containers()) {
    const std::string_view text = container.Field(ContainerField::kImage).StringOrEmpty();
    if (MatchesAny(input.parameters.List(kExemptContainers), container.name)) continue;
    if (MatchesAny(input.parameters.List(kExemptImages), text)) continue;
    const ImageReference image = ParseImageReference(text);
    if (image.state == ImageReference::State::kUnrendered) continue;
    asked = true;
    const bool valid = image.state == ImageReference::State::kValid;
    if (!valid || image.digest.empty())
      outcome.Fail([&] { return NoDigest(input, container, image); });
  }
  if (!asked) outcome.NotApplicable("no container has an image that is rendered and not exempt");
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
