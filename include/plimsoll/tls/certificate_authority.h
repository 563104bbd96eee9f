// CertificateAuthority: makes the certificates the webhook serves with, where nobody else does.
//
// All keys are ECDSA P-256: an RSA leaf doubles the CPU of every handshake. Every serial number is random and every CA
// has a subject of its own, so that an old and a new CA can stand in one bundle and no client confuses them.
//
// Thread-safety: immutable after creation. Ownership: PEM strings in and out; where they are kept is another's affair.
// Time is an argument. Semantics: RFC 5280; docs/adr/0020-own-certificate-authority.md says why these lifetimes.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/tls/certificate.h"

namespace plimsoll {

// Ten years: without a cluster `ca.crt` is copied by hand to whoever must trust it, and nothing could bring them a new
// one in time. In a cluster the controllers rotate with an overlap and give a shorter life.
inline constexpr std::chrono::seconds kDefaultCaLifetime = std::chrono::hours(24 * 3650);
// Thirty days, replaced after twenty: a stolen leaf is of little use, ten days are left to repair a failed rotation.
inline constexpr std::chrono::seconds kDefaultLeafLifetime = std::chrono::hours(24 * 30);
// Clocks differ: a certificate is valid from one hour before it is made.
inline constexpr std::chrono::seconds kCertificateBackdating = std::chrono::hours(1);
// Names are few; a certificate travels in every handshake.
inline constexpr size_t kMaxSubjectAltNames = 100;

class CertificateAuthority {
 public:
  // A new CA with a new key.
  static Result<CertificateAuthority> Create(Timestamp now,
                                             std::chrono::seconds lifetime = kDefaultCaLifetime);
  // One made before. The first certificate of `pem.certificate` must be a CA's and belong to the key.
  static Result<CertificateAuthority> FromPem(const KeyPairPem& pem);

  CertificateAuthority(CertificateAuthority&&) noexcept;
  CertificateAuthority& operator=(CertificateAuthority&&) noexcept;
  ~CertificateAuthority();

  // The CA's certificate (what clients trust: `ca.crt`, `caBundle`) and its key.
  const KeyPairPem& pem() const;
  const CertificateInfo& info() const;

  // A server certificate with a new key, valid from an hour before `now` to `lifetime` after it, but never beyond the
  // CA's own end. At least one name; a bad one is an error that names it.
  Result<KeyPairPem> IssueServerCertificate(
      const SubjectAltNames& names, Timestamp now,
      std::chrono::seconds lifetime = kDefaultLeafLifetime) const;

 private:
  struct State;
  explicit CertificateAuthority(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll
