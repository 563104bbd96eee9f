#include "rules/image_reference.h"

#include <algorithm>
#include <cstddef>

#include "plimsoll/base/text.h"
#include "rules/placeholder.h"

namespace plimsoll {
namespace {

// Limits of distribution/reference: NameTotalLengthMax and the tag's {0,127} after its first character.
constexpr size_t kMaxNameBytes = 255;
constexpr size_t kMaxTagBytes = 128;

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlphanumeric(char c) { return IsLower(c) || IsUpper(c) || IsDigit(c); }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool IsPort(std::string_view port) {
  return !port.empty() && port.size() <= 5 && std::all_of(port.begin(), port.end(), IsDigit);
}

// "[::1]:5000"
bool IsBracketedRegistry(std::string_view registry) {
  const size_t close = registry.find(']');
  if (close == std::string_view::npos || close < 3) return false;
  const std::string_view address = registry.substr(1, close - 1);
  if (!std::all_of(address.begin(), address.end(), [](char c) { return IsHex(c) || c == ':'; })) {
    return false;
  }
  const std::string_view rest = registry.substr(close + 1);
  return rest.empty() || (rest.front() == ':' && IsPort(rest.substr(1)));
}

bool IsHostLabel(std::string_view label) {
  return !label.empty() && IsAlphanumeric(label.front()) && IsAlphanumeric(label.back()) &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return IsAlphanumeric(c) || c == '-'; });
}

bool IsRegistry(std::string_view registry) {
  if (registry.starts_with('[')) return IsBracketedRegistry(registry);
  const size_t colon = registry.find(':');
  if (colon != std::string_view::npos && !IsPort(registry.substr(colon + 1))) return false;
  std::string_view host = registry.substr(0, colon);
  while (true) {
    const size_t dot = host.find('.');
    if (!IsHostLabel(host.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    host.remove_prefix(dot + 1);
  }
}

// [a-z0-9]+ joined by ".", "_", "__" or any run of "-".
bool IsPathComponent(std::string_view component) {
  if (component.empty()) return false;
  const auto plain = [](char c) { return IsLower(c) || IsDigit(c); };
  if (!plain(component.front()) || !plain(component.back())) return false;
  for (size_t i = 0; i < component.size();) {
    if (plain(component[i])) {
      ++i;
      continue;
    }
    const size_t start = i;
    while (i < component.size() && component[i] == component[start]) ++i;
    const size_t run = i - start;
    const char separator = component[start];
    const bool good =
        separator == '-' || (separator == '.' && run == 1) || (separator == '_' && run <= 2);
    if (!good || (i < component.size() && !plain(component[i]))) return false;
  }
  return true;
}

bool IsPath(std::string_view path) {
  while (true) {
    const size_t slash = path.find('/');
    if (!IsPathComponent(path.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

bool IsTag(std::string_view tag) {
  if (tag.empty() || tag.size() > kMaxTagBytes) return false;
  if (!IsAlphanumeric(tag.front()) && tag.front() != '_') return false;
  return std::all_of(tag.begin(), tag.end(),
                     [](char c) { return IsAlphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

// algorithm ":" hex; of the algorithms OCI registers, the hex has exactly their length
// (https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests).
bool IsDigest(std::string_view digest) {
  const size_t colon = digest.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view algorithm = digest.substr(0, colon);
  const std::string_view hex = digest.substr(colon + 1);
  if (!std::all_of(hex.begin(), hex.end(), [](char c) { return IsHex(c) && !IsUpper(c); })) {
    return false;
  }
  if (algorithm == "sha256") return hex.size() == 64;
  if (algorithm == "sha512") return hex.size() == 128;
  constexpr size_t kMinHex = 32;
  return hex.size() >= kMinHex && std::all_of(algorithm.begin(), algorithm.end(), [](char c) {
           return IsAlphanumeric(c) || c == '+' || c == '.' || c == '_' || c == '-';
         });
}

bool NamesRegistry(std::string_view first) {
  return first.find_first_of(".:") != std::string_view::npos || first == "localhost" ||
         std::any_of(first.begin(), first.end(), IsUpper);
}

bool SplitName(ImageReference& reference) {
  if (reference.name.empty() || reference.name.size() > kMaxNameBytes) return false;
  const size_t slash = reference.name.find('/');
  if (slash != std::string_view::npos && NamesRegistry(reference.name.substr(0, slash))) {
    reference.registry = reference.name.substr(0, slash);
    reference.repository = reference.name.substr(slash + 1);
    return IsRegistry(reference.registry) && IsPath(reference.repository);
  }
  reference.repository = reference.name;
  return IsPath(reference.repository);
}

}  // namespace

bool IsUnrenderedImage(std::string_view image) {
  if (image.starts_with("ko://") || HasTemplateExpression(image)) return true;
  if (image.find("{{") != std::string_view::npos) return true;
  const size_t open = image.find('<');
  return open != std::string_view::npos && image.find('>', open) != std::string_view::npos;
}

ImageReference ParseImageReference(std::string_view image) {
  ImageReference reference;
  if (Trim(image).empty()) return reference;
  if (IsUnrenderedImage(image)) {
    reference.state = ImageReference::State::kUnrendered;
    return reference;
  }
  reference.state = ImageReference::State::kInvalid;
  reference.name = image;
  if (const size_t at = image.find('@'); at != std::string_view::npos) {
    reference.digest = image.substr(at + 1);
    reference.name = image.substr(0, at);
    if (!IsDigest(reference.digest)) return reference;
  }
  const size_t slash = reference.name.rfind('/');
  const size_t colon = reference.name.find(':', slash == std::string_view::npos ? 0 : slash);
  if (colon != std::string_view::npos) {
    reference.tag = reference.name.substr(colon + 1);
    reference.name = reference.name.substr(0, colon);
    if (!IsTag(reference.tag)) return reference;
  }
  if (SplitName(reference)) reference.state = ImageReference::State::kValid;
  return reference;
}

}  // namespace plimsoll
