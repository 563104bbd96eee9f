#include "plimsoll/tls/trust.h"

#include <gtest/gtest.h>

#include "plimsoll/tls/certificate_authority.h"

namespace plimsoll {
namespace {

using std::chrono::hours;

constexpr Timestamp kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + hours(12);
constexpr const char* kServer = "plimsoll.plimsoll.svc";

CertificateAuthority NewCa(std::chrono::seconds lifetime = hours(24)) {
  return std::move(CertificateAuthority::Create(kNow, lifetime).value());
}

std::string LeafOf(const CertificateAuthority& ca, std::vector<std::string> names = {kServer}) {
  return ca.IssueServerCertificate({std::move(names), {}}, kNow, hours(2)).value().certificate;
}

TEST(TrustTest, SplitsABundleAndSkipsWhatStandsBetween) {
  const CertificateAuthority one = NewCa();
  const CertificateAuthority two = NewCa();
  const auto split =
      SplitCertificates("# old\n" + one.pem().certificate + "\n# new\n" + two.pem().certificate);
  ASSERT_TRUE(split) << split.error().message;
  ASSERT_EQ(split->size(), 2U);
  EXPECT_EQ((*split)[0].pem, one.pem().certificate);
  EXPECT_EQ((*split)[1].info, two.info());
  for (const char* bad : {"", "no certificate", "-----BEGIN CERTIFICATE-----\nAA\n"}) {
    EXPECT_FALSE(SplitCertificates(bad)) << bad;
  }
}

TEST(TrustTest, VerifiesAsTheApiServerDoes) {
  const CertificateAuthority ca = NewCa();
  const CertificateAuthority other = NewCa();
  const std::string leaf = LeafOf(ca);
  const std::string both = other.pem().certificate + ca.pem().certificate;
  const struct {
    const char* name;
    std::string chain;
    std::string roots;
    std::string server;
    Timestamp now;
    const char* error;  // "" where it is accepted
  } cases[] = {
      {"its CA", leaf, ca.pem().certificate, kServer, kNow, ""},
      {"old and new", leaf, both, kServer, kNow, ""},
      {"another CA", leaf, other.pem().certificate, kServer, kNow, "issuer"},
      {"another name", leaf, both, "other.plimsoll.svc", kNow, "hostname mismatch"},
      {"only a common name", LeafOf(ca, {"x.svc"}), both, "plimsoll-controller", kNow, "mismatch"},
      {"too early", leaf, both, kServer, kNow - hours(2), "not yet valid"},
      {"expired", leaf, both, kServer, kNow + hours(3), "expired"},
      {"a leaf for a bundle", leaf, LeafOf(ca), kServer, kNow, "certificate"},
      {"no bundle", leaf, "", kServer, kNow, "no certificate found"},
      {"no leaf", "", both, kServer, kNow, "no certificate found"},
  };
  for (const auto& test : cases) {
    const Status status = VerifyServerCertificate(test.chain, test.roots, test.server, test.now);
    EXPECT_EQ(status.has_value(), *test.error == '\0') << test.name;
    if (!status) {
      EXPECT_NE(status.error().message.find(test.error), std::string::npos)
          << test.name << ": " << status.error().message;
    }
  }
}

}  // namespace
}  // namespace plimsoll
