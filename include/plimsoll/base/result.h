// Errors as values. A `Result<T>` is either a T or an Error that says why there is no T. An Error means "we could
// not decide"; a workload that violates a rule is a Finding (model/finding.h), never an Error.
//
// Thread-safety: value types; distinct objects may be used from distinct threads.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include <tl/expected.hpp>

#include "plimsoll/base/position.h"

namespace plimsoll {

enum class ErrorCode {
  kInvalidArgument,  // the input is wrong; trying again does not help
  kLimitExceeded,    // the input is beyond one of our documented limits; the message names it
  kNotFound,
  kAlreadyExists,  // somebody else has made it first
  kConflict,       // it has changed since it was read: read it again, decide again
  kForbidden,      // who asks may not; granting it is for a person to do
  kUnavailable,    // not now; trying again may help
  kInternal,       // a fault of ours or of the machine
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  // Where in the input, if the input is a document.
  SourcePosition position;

  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

using Status = Result<void>;

// `return Fail(ErrorCode::kNotFound, "...")` from a function that returns Result<T>.
inline tl::unexpected<Error> Fail(ErrorCode code, std::string message,
                                  SourcePosition position = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), position});
}

}  // namespace plimsoll
