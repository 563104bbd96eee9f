// SelfTest: whether an installation works, asked as anybody would ask: through the API server, by requests that change
// nothing (dry runs). `helm test` runs it from the image that is installed.
//
// Two questions: is a policy with a mistake refused, and does an unready Deployment get the answer that the policies in force
// and the mode call for? The second is worked out here, by the same evaluator, so that it is known whatever the policies are.
//
// Thread-safety: functions; each from one thread. Errors are values: what did not hold, in a sentence.
#pragma once

#include <chrono>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/kube/api_client.h"
#include "plimsoll/model/action.h"

namespace plimsoll::controller {

// Pulling the image, making a CA and leading take seconds; whoever waits for a test gives up after five minutes (Helm).
inline constexpr std::chrono::seconds kSelfTestTimeout{120};
inline constexpr std::chrono::milliseconds kSelfTestInterval{1000};

struct SelfTestOptions {
  // Where the Deployment would be.
  std::string namespace_name;
  Action strongest = Action::kDeny;
  // Never judged: the own namespace and those of --exclude-namespace.
  std::vector<std::string> exclude_namespaces;
};

// Once. Says in `said` what held. Errors: kUnavailable (not yet, or not any more), kForbidden, kInvalidArgument.
Status SelfTest(kube::ApiCaller& api, const SelfTestOptions& options, Timestamp now,
                std::ostream& said);

// Until it holds, or the timeout has passed: then what did not hold last. `pause` waits for that long.
Status SelfTestUntil(kube::ApiCaller& api, const SelfTestOptions& options, const Clock& clock,
                     const std::function<void(std::chrono::milliseconds)>& pause,
                     std::ostream& said);

}  // namespace plimsoll::controller
