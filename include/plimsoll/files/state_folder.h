// StateFolder: what a controller without a cluster keeps between its runs: the CA that clients trust and the certificate
// it serves with.
//
//   ca.crt  0644  give this one to whoever calls the webhook
//   ca.key  0600
//   tls.crt 0644  the serving certificate
//   tls.key 0600
//
// On first use the CA and the certificate are made; the certificate is replaced before it expires. A serving certificate
// that our CA has not issued belongs to somebody else: it is served, reloaded when its files change, and never replaced.
// Files are written beside their place, flushed and renamed, so a reader sees the old or the new one whole; of two
// processes with one folder one writes at a time and the other one takes what is there.
//
// Thread-safety: serves one thread. Time is an argument. Errors say which file is wrong and what to do.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/tls/certificate.h"

namespace plimsoll {

// A chain and a key have a few KiB.
inline constexpr size_t kMaxCertificateFileBytes = 1024 * 1024;
// For another process that holds the folder to write one certificate; that takes milliseconds.
inline constexpr std::chrono::milliseconds kStateLockTimeout = std::chrono::seconds(5);

struct ServingCertificate {
  KeyPairPem pair;
  CertificateInfo info;
  std::optional<CertificateInfo> ca;  // ours, where there is one
  bool own = true;                    // issued by our CA and replaced by us
  std::string done;                   // what was made, in words; "" where everything was there
};

class StateFolder {
 public:
  // `names` are those the serving certificate must be good for.
  StateFolder(std::string path, SubjectAltNames names);
  ~StateFolder();

  // The certificate to serve with. Makes the folder (0700), the CA and the certificate where they are missing or due.
  Result<ServingCertificate> Load(Timestamp now);

  // Whether Load would give something else than last time: a file has changed, or the certificate is due.
  bool Changed(Timestamp now) const;

  std::string ca_file() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll
