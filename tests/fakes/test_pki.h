// A certificate authority and what it signs, for servers and clients of tests.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "plimsoll/tls/certificate_authority.h"

namespace plimsoll::testing {

class TestPki {
 public:
  TestPki() : authority_(Make()) {}

  const std::string& ca() const { return authority_.pem().certificate; }

  KeyPairPem Issue(std::vector<std::string> dns_names, std::vector<std::string> addresses = {},
                   std::chrono::seconds age = {}) const {
    const auto pair = authority_.IssueServerCertificate(
        {std::move(dns_names), std::move(addresses)}, Now() - age, std::chrono::hours(24));
    EXPECT_TRUE(pair.has_value()) << (pair ? "" : pair.error().message);
    return pair.value_or(KeyPairPem());
  }

  static Timestamp Now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }

 private:
  // Older than anything it signs.
  static CertificateAuthority Make() {
    return *CertificateAuthority::Create(Now() - std::chrono::hours(24 * 30));
  }
  CertificateAuthority authority_;
};

}  // namespace plimsoll::testing
