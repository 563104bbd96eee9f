#include <algorithm>
#include <charconv>
#include <utility>

#include "plimsoll/controllers/certificate_rotation.h"

namespace plimsoll::controllers {
namespace {

constexpr std::string_view kSignerCertificate = "ca.crt";
constexpr std::string_view kSignerKey = "ca.key";
// Which CA was switched to. Another one in its place was put there by hand.
constexpr std::string_view kSignerId = "signer";
constexpr std::string_view kNextCertificate = "next.crt";
constexpr std::string_view kNextKey = "next.key";
constexpr std::string_view kPrevious = "previous.crt";
constexpr std::string_view kGeneration = "generation";
constexpr std::string_view kSwitched = "switched";
constexpr std::string_view kRotatedFor = "rotated-for";

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string_view ValueOf(const Pairs& pairs, std::string_view key) {
  const auto found =
      std::find_if(pairs.begin(), pairs.end(), [&](const auto& pair) { return pair.first == key; });
  return found == pairs.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<CaPair> ReadPair(const SecretData& data, std::string_view certificate,
                               std::string_view key, std::vector<std::string>& problems) {
  KeyPairPem pem{std::string(data.Entry(certificate)), std::string(data.Entry(key))};
  if (pem.certificate.empty() && pem.private_key.empty()) return std::nullopt;
  const Result<CertificateAuthority> ca = CertificateAuthority::FromPem(pem);
  if (!ca) {
    problems.push_back(std::string(certificate) + ", " + std::string(key) + ": " +
                       ca.error().message);
    return std::nullopt;
  }
  // Only the CA itself is trusted, whatever else stands behind it.
  Result<std::vector<Certificate>> split = SplitCertificates(pem.certificate);
  if (split) pem.certificate = std::move(split->front().pem);
  return CaPair{std::move(pem), ca->info()};
}

}  // namespace

std::string_view SecretData::Entry(std::string_view key) const { return ValueOf(entries, key); }

std::string_view SecretData::Annotation(std::string_view key) const {
  return ValueOf(annotations, key);
}

CaSecret ReadCaSecret(const SecretData& data, std::vector<std::string>& problems) {
  CaSecret secret;
  secret.signer = ReadPair(data, kSignerCertificate, kSignerKey, problems);
  secret.next = ReadPair(data, kNextCertificate, kNextKey, problems);
  if (secret.signer && secret.signer->info.sha256 != data.Entry(kSignerId)) {
    // Nobody may trust it yet, so it does not sign before it is published.
    problems.push_back(std::string(kSignerCertificate) +
                       " is not the CA that was switched to; it signs once it is trusted");
    if (!secret.next) secret.next = std::move(secret.signer);
    secret.signer.reset();
  }
  if (const std::string_view previous = data.Entry(kPrevious); !previous.empty()) {
    Result<std::vector<Certificate>> split = SplitCertificates(previous);
    if (split) {
      secret.previous = *std::move(split);
    } else {
      problems.push_back(std::string(kPrevious) + ": " + split.error().message);
    }
  }
  const std::string_view generation = data.Entry(kGeneration);
  std::from_chars(generation.data(), generation.data() + generation.size(), secret.generation);
  secret.switched = ParseTimestamp(data.Entry(kSwitched));
  secret.rotated_for = data.Entry(kRotatedFor);
  return secret;
}

Pairs CaSecretEntries(const CaSecret& secret) {
  Pairs entries;
  const auto add = [&](std::string_view key, std::string value) {
    if (!value.empty()) entries.emplace_back(key, std::move(value));
  };
  if (secret.signer) {
    add(kSignerCertificate, secret.signer->pem.certificate);
    add(kSignerKey, secret.signer->pem.private_key);
    add(kSignerId, secret.signer->info.sha256);
  }
  if (secret.next) {
    add(kNextCertificate, secret.next->pem.certificate);
    add(kNextKey, secret.next->pem.private_key);
  }
  std::string previous;
  for (const Certificate& one : secret.previous) previous += one.pem;
  add(kPrevious, std::move(previous));
  add(kGeneration, std::to_string(secret.generation));
  if (secret.switched) add(kSwitched, FormatTimestamp(*secret.switched));
  add(kRotatedFor, secret.rotated_for);
  std::sort(entries.begin(), entries.end());
  return entries;
}

}  // namespace plimsoll::controllers
