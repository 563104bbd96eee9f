// OpenSSL's error queue as one of our errors.
//
// Thread-safety: the queue is per thread; call it on the thread where the call failed, right after it.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "plimsoll/base/result.h"

namespace plimsoll {

// "<what>: <OpenSSL's words>", and an empty queue, so that old errors are never taken for new ones.
tl::unexpected<Error> OpenSslFailure(ErrorCode code, std::string_view what);

}  // namespace plimsoll
