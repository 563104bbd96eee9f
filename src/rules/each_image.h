// What rules of images share: which containers are asked, and who may leave some out.
#pragma once

#include <cstddef>
#include <string_view>

#include "plimsoll/rules/rule.h"
#include "rules/exempt.h"
#include "rules/image_reference.h"

namespace plimsoll {

inline constexpr ParameterSpec kExemptImagesParameter = {
    .name = "exemptImages",
    .type = ParameterType::kGlobList,
    .default_json = "[]",
    .description = "Images that are not asked; `*` and `?` are wildcards, `*` also for slashes."};
inline constexpr ParameterSpec kExemptContainersParameter = {
    .name = "exemptContainers",
    .type = ParameterType::kGlobList,
    .default_json = "[]",
    .description = kExemptContainersDescription};

// Fails with `violation(input, container, image)` for each image that `meets(input, image)` says no of. `exempt_images` and
// `exempt_containers`: the places of those parameters. What is not rendered yet is input.unrendered's to tell.
template <class Meets, class MakeViolation>
void EvaluateEachImage(const RuleInput& input, size_t exempt_images, size_t exempt_containers,
                       Meets meets, MakeViolation violation, RuleOutcome& outcome) {
  bool asked = false;
  for (const Container& container : input.workload.containers()) {
    const std::string_view text = container.Field(ContainerField::kImage).StringOrEmpty();
    if (MatchesAny(input.parameters.List(exempt_containers), container.name)) continue;
    if (MatchesAny(input.parameters.List(exempt_images), text)) continue;
    const ImageReference image = ParseImageReference(text);
    if (image.state == ImageReference::State::kUnrendered) continue;
    asked = true;
    if (!meets(input, image)) outcome.Fail([&] { return violation(input, container, image); });
  }
  if (!asked) outcome.NotApplicable("no container has an image that is rendered and not exempt");
}

}  // namespace plimsoll
