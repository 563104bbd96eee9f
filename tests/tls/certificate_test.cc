#include "plimsoll/tls/certificate.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "plimsoll/tls/certificate_authority.h"
#include "plimsoll/tls/openssl_handles.h"
#include "plimsoll/tls/x509_text.h"

namespace plimsoll {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr Timestamp kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + hours(12);
const SubjectAltNames kNames = {{"plimsoll.plimsoll.svc", "localhost"}, {"127.0.0.1", "::1"}};

CertificateAuthority NewCa(Timestamp now = kNow, seconds lifetime = kDefaultCaLifetime) {
  Result<CertificateAuthority> ca = CertificateAuthority::Create(now, lifetime);
  if (!ca) throw std::runtime_error(ca.error().message);
  return *std::move(ca);
}

// What a client does: build a path to the CA, check purpose, time and name. "" or OpenSSL's reason.
std::string Verify(const std::string& leaf, const std::string& bundle, const std::string& host,
                   Timestamp at) {
  const auto leaves = CertificatesFromPem(leaf);
  const auto roots = CertificatesFromPem(bundle);
  const OpenSslHandle<X509_STORE, X509_STORE_free> store(X509_STORE_new());
  for (const X509Ptr& root : *roots) X509_STORE_add_cert(store.get(), root.get());
  const OpenSslHandle<X509_STORE_CTX, X509_STORE_CTX_free> context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), leaves->front().get(), nullptr);
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
  X509_VERIFY_PARAM_set_time(parameters, at.time_since_epoch().count());
  if (AddressBytes(host).empty()) {
    X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size());
  } else {
    X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str());
  }
  if (X509_verify_cert(context.get()) == 1) return "";
  return X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
}

TEST(CertificateAuthority, IssuesWhatStrictClientsAccept) {
  const CertificateAuthority ca = NewCa();
  const Result<KeyPairPem> leaf = ca.IssueServerCertificate(kNames, kNow);
  ASSERT_TRUE(leaf) << leaf.error().message;
  for (const char* host : {"plimsoll.plimsoll.svc", "localhost", "127.0.0.1", "::1"}) {
    EXPECT_EQ(Verify(leaf->certificate, ca.pem().certificate, host, kNow), "") << host;
  }
  EXPECT_EQ(Verify(leaf->certificate, ca.pem().certificate, "other.svc", kNow),
            "hostname mismatch");
  EXPECT_EQ(Verify(leaf->certificate, ca.pem().certificate, "127.0.0.2", kNow),
            "IP address mismatch");
  EXPECT_EQ(Verify(leaf->certificate, NewCa().pem().certificate, "localhost", kNow),
            "unable to get local issuer certificate");
  EXPECT_EQ(Verify(leaf->certificate, ca.pem().certificate, "localhost", kNow + hours(24 * 31)),
            "certificate has expired");
  EXPECT_EQ(Verify(leaf->certificate, ca.pem().certificate, "localhost", kNow - hours(2)),
            "certificate is not yet valid");
}

TEST(CertificateAuthority, ExtensionsAreThoseOfRfc5280) {
  const CertificateAuthority ca = NewCa();
  const auto roots = CertificatesFromPem(ca.pem().certificate);
  X509* root = roots->front().get();
  EXPECT_EQ(X509_get_key_usage(root), static_cast<uint32_t>(KU_KEY_CERT_SIGN | KU_CRL_SIGN));
  EXPECT_EQ(X509_get_pathlen(root), 0);
  const int constraints = X509_get_ext_by_NID(root, NID_basic_constraints, -1);
  ASSERT_GE(constraints, 0);
  EXPECT_EQ(X509_EXTENSION_get_critical(X509_get_ext(root, constraints)), 1);

  const auto leaves =
      CertificatesFromPem(ca.IssueServerCertificate(kNames, kNow).value().certificate);
  X509* leaf = leaves->front().get();
  EXPECT_EQ(X509_get_key_usage(leaf), static_cast<uint32_t>(KU_DIGITAL_SIGNATURE));
  EXPECT_EQ(X509_get_extended_key_usage(leaf), static_cast<uint32_t>(XKU_SSL_SERVER));
  EXPECT_EQ(X509_check_ca(leaf), 0);
  EXPECT_EQ(EVP_PKEY_get_bits(X509_get0_pubkey(leaf)), 256);
  EXPECT_EQ(EVP_PKEY_get_base_id(X509_get0_pubkey(leaf)), EVP_PKEY_EC);
}

TEST(CertificateAuthority, InfoSaysWhatWasAskedFor) {
  const CertificateAuthority ca = NewCa();
  EXPECT_TRUE(ca.info().is_ca);
  EXPECT_EQ(ca.info().not_before, kNow - hours(1));
  EXPECT_EQ(ca.info().not_after, kNow + kDefaultCaLifetime);
  EXPECT_EQ(ca.info().subject.substr(0, 25), "CN=Plimsoll CA 2026-11-23");
  EXPECT_EQ(ca.info().issuer, ca.info().subject);

  const Result<KeyPairPem> leaf = ca.IssueServerCertificate(kNames, kNow, hours(24 * 7));
  const Result<CertificateInfo> info = InspectCertificate(leaf->certificate);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->subject, "CN=plimsoll-controller");
  EXPECT_EQ(info->issuer, ca.info().subject);
  EXPECT_EQ(info->not_before, kNow - hours(1));
  EXPECT_EQ(info->not_after, kNow + hours(24 * 7));
  EXPECT_EQ(info->names, kNames);
  EXPECT_EQ(info->authority_key_id, ca.info().subject_key_id);
  EXPECT_EQ(info->subject_key_id.size(), 40U);
  EXPECT_FALSE(info->is_ca);
}

TEST(CertificateAuthority, DatesBeyond2049AreWrittenAndRead) {
  const Timestamp late = std::chrono::sys_days(std::chrono::year(2055) / 1 / 2);
  const CertificateAuthority ca = NewCa(late);
  EXPECT_EQ(ca.info().not_before, late - hours(1));
}

TEST(CertificateAuthority, SerialsAndSubjectsAreDistinct) {
  std::set<std::string> serials;
  std::set<std::string> subjects;
  for (int i = 0; i < 4; ++i) {
    const CertificateAuthority ca = NewCa();
    serials.insert(ca.info().serial);
    subjects.insert(ca.info().subject);
    for (int j = 0; j < 2; ++j) {
      serials.insert(
          InspectCertificate(ca.IssueServerCertificate(kNames, kNow)->certificate)->serial);
    }
  }
  EXPECT_EQ(serials.size(), 12U);
  EXPECT_EQ(subjects.size(), 4U);
}

TEST(CertificateAuthority, SurvivesPemAndGoesOnSigning) {
  const CertificateAuthority first = NewCa();
  const Result<CertificateAuthority> again = CertificateAuthority::FromPem(first.pem());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->info(), first.info());
  const Result<KeyPairPem> leaf = again->IssueServerCertificate(kNames, kNow);
  EXPECT_EQ(Verify(leaf->certificate, first.pem().certificate, "localhost", kNow), "");
}

TEST(CertificateAuthority, OldAndNewStandInOneBundle) {
  const CertificateAuthority old_ca = NewCa();
  const CertificateAuthority new_ca = NewCa();
  const std::string bundle = old_ca.pem().certificate + new_ca.pem().certificate;
  for (const CertificateAuthority* ca : {&old_ca, &new_ca}) {
    const Result<KeyPairPem> leaf = ca->IssueServerCertificate(kNames, kNow);
    EXPECT_EQ(Verify(leaf->certificate, bundle, "localhost", kNow), "");
  }
  ASSERT_TRUE(InspectCertificates(bundle));
  EXPECT_EQ(InspectCertificates(bundle)->size(), 2U);
}

TEST(CertificateAuthority, ALeafNeverOutlivesItsCa) {
  const CertificateAuthority ca = NewCa(kNow, hours(24));
  const Result<KeyPairPem> leaf = ca.IssueServerCertificate(kNames, kNow, hours(24 * 30));
  EXPECT_EQ(InspectCertificate(leaf->certificate)->not_after, ca.info().not_after);
  const Result<KeyPairPem> late = ca.IssueServerCertificate(kNames, kNow + hours(25));
  ASSERT_FALSE(late);
  EXPECT_NE(late.error().message.find("expired on 2026-11-24T12:00:00Z"), std::string::npos);
}

TEST(CertificateAuthority, RefusesBadNames) {
  const CertificateAuthority ca = NewCa();
  const struct {
    SubjectAltNames names;
    const char* message;
  } cases[] = {
      {{}, "a server certificate needs at least one DNS name or IP address"},
      {{{"a b"}, {}}, "\"a b\" is not a DNS name for a certificate"},
      {{{""}, {}}, "\"\" is not a DNS name for a certificate"},
      {{{"a..b"}, {}}, "\"a..b\" is not a DNS name for a certificate"},
      {{{"a,DNS:b"}, {}}, "\"a,DNS:b\" is not a DNS name for a certificate"},
      {{{std::string("a\0b", 3)}, {}}, "\"a b\" is not a DNS name for a certificate"},
      {{{std::string(64, 'a')}, {}}, "is not a DNS name for a certificate"},
      {{{}, {"127.0.0.256"}}, "\"127.0.0.256\" is not an IPv4 or IPv6 address"},
      {{std::vector<std::string>(101, "a.b"), {}}, "101 names for one certificate; at most 100"},
  };
  for (const auto& test : cases) {
    const Result<KeyPairPem> leaf = ca.IssueServerCertificate(test.names, kNow);
    ASSERT_FALSE(leaf) << test.message;
    EXPECT_NE(leaf.error().message.find(test.message), std::string::npos) << leaf.error().message;
  }
}

TEST(CertificateAuthority, RefusesWhatIsNoCa) {
  const CertificateAuthority ca = NewCa();
  const KeyPairPem leaf = ca.IssueServerCertificate(kNames, kNow).value();
  const struct {
    KeyPairPem pem;
    const char* message;
  } cases[] = {
      {leaf, "the certificate of CN=plimsoll-controller is not a CA's (basicConstraints)"},
      {{ca.pem().certificate, leaf.private_key}, "the private key does not belong to the CA"},
      {{"", ca.pem().private_key}, "no certificate found: expected PEM text"},
      {{ca.pem().certificate, ""}, "private key: expected an unencrypted PEM key"},
      {{ca.pem().certificate.substr(0, 200), ca.pem().private_key},
       "certificate 1 of the PEM text"},
      {{ca.pem().certificate + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ca.pem().private_key},
       "certificate 2 of the PEM text"},
  };
  for (const auto& test : cases) {
    const Result<CertificateAuthority> result = CertificateAuthority::FromPem(test.pem);
    ASSERT_FALSE(result) << test.message;
    EXPECT_NE(result.error().message.find(test.message), std::string::npos)
        << result.error().message;
  }
}

TEST(CertificateAuthority, NeverAsksForAPassphrase) {
  const EvpPkeyPtr key(EVP_EC_gen("P-256"));
  const BioPtr bio(BIO_new(BIO_s_mem()));
  ASSERT_EQ(PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), EVP_aes_256_cbc(), "secret", 6,
                                          nullptr, nullptr),
            1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  const Result<EvpPkeyPtr> result =
      PrivateKeyFromPem(std::string_view(data, static_cast<size_t>(size)));
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("expected an unencrypted PEM key"), std::string::npos);
}

TEST(NeedsRotation, SaysWhy) {
  const CertificateAuthority ca = NewCa();
  const CertificateAuthority other = NewCa();
  // Valid for 720 h from one hour before kNow.
  const CertificateInfo leaf =
      InspectCertificate(ca.IssueServerCertificate(kNames, kNow, hours(719))->certificate).value();
  const struct {
    const char* name;
    Timestamp now;
    SubjectAltNames wanted;
    const CertificateInfo* issuer;
    RotationReason want;
  } cases[] = {
      {"fresh", kNow, kNames, &ca.info(), RotationReason::kNone},
      {"fewer names", kNow, {{"LOCALHOST"}, {"0:0:0:0:0:0:0:1"}}, nullptr, RotationReason::kNone},
      {"before it begins", kNow - hours(2), kNames, nullptr, RotationReason::kNotYetValid},
      {"a second before two thirds", kNow + hours(479) - seconds(1), kNames, nullptr,
       RotationReason::kNone},
      {"two thirds", kNow + hours(479), kNames, nullptr, RotationReason::kExpiresSoon},
      {"last second", kNow + hours(719), kNames, nullptr, RotationReason::kExpiresSoon},
      {"expired", kNow + hours(719) + seconds(1), kNames, nullptr, RotationReason::kExpired},
      {"new name", kNow, {{"new.svc"}, {}}, nullptr, RotationReason::kNamesDiffer},
      {"new address", kNow, {{}, {"10.0.0.1"}}, nullptr, RotationReason::kNamesDiffer},
      {"no address at all", kNow, {{}, {"?"}}, nullptr, RotationReason::kNamesDiffer},
      {"other CA", kNow, kNames, &other.info(), RotationReason::kIssuerDiffers},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(NeedsRotation(leaf, test.now, test.wanted, test.issuer), test.want) << test.name;
  }
  EXPECT_EQ(NeedsRotation(ca.info(), kNow), RotationReason::kNone);
  EXPECT_EQ(NeedsRotation(ca.info(), kNow + hours(24 * 2434)), RotationReason::kExpiresSoon);
}

}  // namespace
}  // namespace plimsoll
