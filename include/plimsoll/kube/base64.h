// Base64 as kubeconfigs, Secrets and basic authentication spell it.
//
// Thread-safety: pure functions. Semantics: RFC 4648 section 4, with padding; like Go's decoder, line breaks are skipped.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace plimsoll::kube {

std::string Base64Encode(std::string_view bytes);
// Nothing where the text is not base64.
std::optional<std::string> Base64Decode(std::string_view text);

}  // namespace plimsoll::kube
