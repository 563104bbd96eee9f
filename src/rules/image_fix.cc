#include "rules/image_fix.h"

#include "rules/metadata.h"
#include "rules/placeholder.h"

namespace plimsoll {
namespace {

constexpr std::string_view kVersionLabel = "app.kubernetes.io/version";
constexpr size_t kSha256Digits = 64;

bool IsValid(const std::string& image) {
  return ParseImageReference(image).state == ImageReference::State::kValid;
}

}  // namespace

std::string SuggestImage(const Workload& workload, const ImageReference& image) {
  std::string name = "registry.corp.internal/" + SuggestedName(workload);
  if (image.state == ImageReference::State::kValid) name = image.name;
  if (!IsValid(name)) name = "registry.corp.internal/app";
  for (const std::optional<std::string_view> version :
       {workload.TemplateLabel(kVersionLabel), workload.Label(kVersionLabel)}) {
    if (!version || IsPlaceholder(*version) || *version == "latest") continue;
    std::string versioned = name + ":" + std::string(*version);
    if (IsValid(versioned)) return versioned;
  }
  return name + ":1.0.0";
}

std::string WithDigest(const std::string& image) {
  return image + "@sha256:" + std::string(kSha256Digits, '0');
}

}  // namespace plimsoll
