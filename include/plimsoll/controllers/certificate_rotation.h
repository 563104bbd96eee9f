// The CA that signs the webhook's certificates, kept in a Secret, and how one CA takes over from another without a failed
// call: what the Secret must become next, and what caBundle must be meanwhile.
//
//   stable       one CA signs and is trusted
//   publishing   the next CA is in the Secret and in caBundle; the old one signs until every API server must know the next
//   overlap      the next CA signs; the old one stays trusted until no replica can be serving a certificate of it
//
// A Secret that is lost or cannot be read is replaced by a rotation without its first CA: what is trusted now stays trusted
// and what is served goes on being served, while the new CA is published (docs/adr/0056-ca-rotation.md).
//
// Nothing is remembered but in the Secret, so a leader may die between any two writes. Thread-safety: value types and
// functions. Time is an argument; keys are random, everything else is a function of the arguments.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/controllers/live_trust.h"
#include "plimsoll/controllers/ports.h"
#include "plimsoll/tls/certificate_authority.h"
#include "plimsoll/tls/trust.h"

namespace plimsoll::controllers {

inline constexpr std::string_view kCaSecretName = "plimsoll-webhook-ca";
// On the Secret: any value that was not there before begins a rotation.
inline constexpr std::string_view kRotateAnnotation = "plimsoll.dev/rotate";

// What is done every year still works in the tenth.
inline constexpr std::chrono::seconds kClusterCaLifetime = std::chrono::hours(24 * 365);
// A replica mints its own and keeps it in memory; it is replaced after two thirds.
inline constexpr std::chrono::seconds kClusterLeafLifetime = std::chrono::hours(24 * 7);
// For how long an old CA stays trusted at least once it no longer signs.
inline constexpr std::chrono::seconds kCaOverlap = std::chrono::hours(24);
// Each is one rotation that was not finished; more are a fault, and a caBundle has its limits.
inline constexpr size_t kMaxPreviousCas = 16;

struct RotationOptions {
  std::chrono::seconds ca_lifetime = kClusterCaLifetime;
  std::chrono::seconds leaf_lifetime = kClusterLeafLifetime;
  std::chrono::seconds bundle_delay = kBundleDelay;
  std::chrono::seconds overlap = kCaOverlap;
};

struct CaPair {
  KeyPairPem pem;
  CertificateInfo info;
  friend bool operator==(const CaPair&, const CaPair&) = default;
};

// What the Secret holds, as far as it can be read.
struct CaSecret {
  std::optional<CaPair> signer;       // ca.crt, ca.key, and in `signer` which one that must be
  std::optional<CaPair> next;         // next.crt, next.key
  std::vector<Certificate> previous;  // previous.crt: signed before, still trusted
  int64_t generation = 0;             // of the newest CA
  std::optional<Timestamp> switched;  // since when the signer signs
  std::string rotated_for;            // the value of kRotateAnnotation that was followed last
  friend bool operator==(const CaSecret&, const CaSecret&) = default;
};

// What cannot be read is left out and named in `problems`. A CA that somebody put in the signer's place is the next one.
CaSecret ReadCaSecret(const SecretData& data, std::vector<std::string>& problems);
std::vector<std::pair<std::string, std::string>> CaSecretEntries(const CaSecret& secret);

enum class RotationPhase { kStable, kPublishing, kOverlap };
std::string_view RotationPhaseName(RotationPhase phase);  // "stable", "publishing", "overlap"

struct RotationPlan {
  // Of the Secret as it is now.
  RotationPhase phase = RotationPhase::kStable;
  // What caBundle must be; "" where it must stay as it is until `write` is done.
  std::string ca_bundle;
  // What the Secret must become before anything else; nothing: leave it.
  std::optional<SecretData> write;
  // What the write does, or what is waited for.
  std::string why;
  // When to look again at the latest.
  Timestamp next;
  // Of the CA that signs; its end is the metric plimsoll_certificate_expiry_timestamp_seconds{certificate="ca"}.
  std::optional<CertificateInfo> signer;
  std::vector<std::string> problems;  // of the Secret
};

// `secret`: null where there is none. `reports`: null where they cannot be read. An Error means that no key could be made.
Result<RotationPlan> PlanRotation(const SecretData* secret, const LiveTrust& live,
                                  const std::vector<ReplicaReport>* reports,
                                  const RotationOptions& options, Timestamp now);

}  // namespace plimsoll::controllers
