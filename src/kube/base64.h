// Base64 as Kubernetes writes bytes in JSON: the standard alphabet, padded, one line (RFC 4648, section 4).
//
// Thread-safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace plimsoll::kube {

std::string EncodeBase64(std::string_view bytes);

// Nothing where the text is not exactly what EncodeBase64 writes; white space (line ends of a kubeconfig) is left out first.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace plimsoll::kube
