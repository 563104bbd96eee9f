// What a policy does about a finding, in the words of ValidatingAdmissionPolicy.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace plimsoll {

// Ordered: Audit < Warn < Deny.
enum class Action : uint8_t { kAudit, kWarn, kDeny };

// "Audit", "Warn", "Deny": as policies spell them.
std::string_view ActionName(Action action);
// "audit", "warn", "deny": as flags, reports and metric labels spell them.
std::string_view ActionLabel(Action action);
// Exactly one of the policy spellings.
std::optional<Action> ParseAction(std::string_view text);

}  // namespace plimsoll
