#include "plimsoll/tls/x509_text.h"

#include <arpa/inet.h>
#include <openssl/err.h>

#include <array>
#include <chrono>
#include <climits>
#include <ctime>

#include "plimsoll/tls/certificate.h"
#include "plimsoll/tls/openssl_error.h"

namespace plimsoll {
namespace {

// Without a callback OpenSSL reads a passphrase from the terminal, which would hang a server.
int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) { return -1; }

Result<BioPtr> ReadOnlyBio(std::string_view text) {
  if (text.size() > INT_MAX) return Fail(ErrorCode::kLimitExceeded, "PEM text of more than 2 GiB");
  BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (bio == nullptr) return OpenSslFailure(ErrorCode::kInternal, "memory buffer");
  return bio;
}

Result<std::string> Drain(BIO& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(&bio, &data);
  if (size <= 0) return OpenSslFailure(ErrorCode::kInternal, "reading back PEM");
  return std::string(data, static_cast<size_t>(size));
}

bool AtEndOfPem() {
  const unsigned long error = ERR_peek_last_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

}  // namespace

Result<std::vector<X509Ptr>> CertificatesFromPem(std::string_view pem, size_t max) {
  Result<BioPtr> bio = ReadOnlyBio(pem);
  if (!bio) return tl::unexpected(bio.error());
  std::vector<X509Ptr> certificates;
  ERR_clear_error();
  while (true) {
    X509Ptr certificate(PEM_read_bio_X509(bio->get(), nullptr, NoPassphrase, nullptr));
    if (certificate == nullptr) break;
    if (certificates.size() == max) {
      return Fail(ErrorCode::kLimitExceeded,
                  "more than " + std::to_string(max) + " certificates in one PEM text");
    }
    certificates.push_back(std::move(certificate));
  }
  if (!AtEndOfPem()) {
    return OpenSslFailure(
        ErrorCode::kInvalidArgument,
        "certificate " + std::to_string(certificates.size() + 1) + " of the PEM text");
  }
  ERR_clear_error();
  if (certificates.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "no certificate found: expected PEM text with \"-----BEGIN CERTIFICATE-----\"");
  }
  return certificates;
}

Result<EvpPkeyPtr> PrivateKeyFromPem(std::string_view pem) {
  Result<BioPtr> bio = ReadOnlyBio(pem);
  if (!bio) return tl::unexpected(bio.error());
  ERR_clear_error();
  EvpPkeyPtr key(PEM_read_bio_PrivateKey(bio->get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr) {
    return OpenSslFailure(ErrorCode::kInvalidArgument,
                          "private key: expected an unencrypted PEM key (\"-----BEGIN PRIVATE "
                          "KEY-----\")");
  }
  return key;
}

Result<std::string> ToPem(const X509& certificate) {
  BioPtr bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || PEM_write_bio_X509(bio.get(), &certificate) != 1) {
    return OpenSslFailure(ErrorCode::kInternal, "writing a certificate as PEM");
  }
  return Drain(*bio);
}

Result<std::string> ToPem(const EVP_PKEY& key) {
  BioPtr bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return OpenSslFailure(ErrorCode::kInternal, "writing a private key as PEM");
  }
  return Drain(*bio);
}

Result<Timestamp> TimeFromAsn1(const ASN1_TIME& time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(&time, &parts) != 1) {
    return OpenSslFailure(ErrorCode::kInvalidArgument, "a certificate's date");
  }
  const std::chrono::year_month_day date(
      std::chrono::year(parts.tm_year + 1900),
      std::chrono::month(static_cast<unsigned>(parts.tm_mon + 1)),
      std::chrono::day(static_cast<unsigned>(parts.tm_mday)));
  return Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(parts.tm_hour) +
         std::chrono::minutes(parts.tm_min) + std::chrono::seconds(parts.tm_sec);
}

std::string AddressBytes(const std::string& text) {
  std::array<char, sizeof(in6_addr)> bytes{};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return {bytes.data(), sizeof(in_addr)};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return {bytes.data(), sizeof(in6_addr)};
  return {};
}

std::string AddressText(std::string_view bytes) {
  if (bytes.size() != sizeof(in_addr) && bytes.size() != sizeof(in6_addr)) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = bytes.size() == sizeof(in_addr) ? AF_INET : AF_INET6;
  const char* written = inet_ntop(family, bytes.data(), text.data(), text.size());
  return written == nullptr ? std::string() : std::string(written);
}

}  // namespace plimsoll
