// An OpenSSL BIO over a socket that never raises SIGPIPE: OpenSSL's own writes with write(2), and a peer that has gone would
// kill every program that does not ignore the signal.
//
// Thread-safety: as a BIO. Ownership: the socket stays the caller's.
#pragma once

#include "plimsoll/tls/openssl_handles.h"

namespace plimsoll {

// Null where there is no memory.
BIO* NewSocketBio(int socket);

}  // namespace plimsoll
