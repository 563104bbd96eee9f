// Where a link to a runbook may lead: parameters of every rule that asks for one.
//
// Thread-safety: constants.
#pragma once

#include <string_view>

#include "plimsoll/rules/rule.h"

namespace plimsoll {

inline constexpr std::string_view kRunbookAllowedSchemes[] = {"https", "http"};

inline constexpr ParameterSpec kRunbookHosts = {
    .name = "hosts",
    .type = ParameterType::kHostList,
    .default_json = "[]",
    .description =
        "Hosts that runbooks may be on, such as `*.corp.internal`; empty: any host with "
        "a full name."};
inline constexpr ParameterSpec kRunbookSchemes = {
    .name = "schemes",
    .type = ParameterType::kStringList,
    .default_json = R"(["https"])",
    .description = "Schemes that links may have; add `http` where the wiki has no TLS.",
    .allowed = kRunbookAllowedSchemes};

}  // namespace plimsoll
