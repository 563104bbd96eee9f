// The exit codes of `plimsoll`: API, used by scripts.
#pragma once

namespace plimsoll::cli {

inline constexpr int kExitOk = 0;        // nothing at or above the threshold
inline constexpr int kExitFindings = 1;  // findings, or a policy with problems
inline constexpr int kExitUnable = 2;    // could not judge: input, usage, or the machine

}  // namespace plimsoll::cli
