// A slug: a name that fits where Kubernetes label values go, so that metrics, alerts and selectors can carry it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace plimsoll {

// Kubernetes' limit for a label value (apimachinery validation.LabelValueMaxLength).
inline constexpr size_t kMaxLabelValueBytes = 63;

// A non-empty label value: at most 63 of [A-Za-z0-9._-], alphanumeric at both ends
// (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set).
bool IsSlug(std::string_view value);

// Text made into a slug, for suggestions: other characters become "-", ends are trimmed, letters lower-cased. Falls back to
// `otherwise`, which must be a slug, where nothing is left or what is left is itself a placeholder.
std::string MakeSlug(std::string_view text, std::string_view otherwise);

}  // namespace plimsoll
