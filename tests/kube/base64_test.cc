#include "plimsoll/kube/base64.h"

#include <gtest/gtest.h>

#include <random>

namespace plimsoll::kube {
namespace {

TEST(Base64Test, TheVectorsOfTheStandard) {
  // RFC 4648, section 10.
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(Base64Encode(bytes), text);
    EXPECT_EQ(Base64Decode(text), bytes);
  }
}

TEST(Base64Test, AnyBytesComeBack) {
  std::mt19937 random(1);
  for (size_t length = 0; length < 300; ++length) {
    std::string bytes;
    for (size_t i = 0; i < length; ++i) bytes += static_cast<char>(random());
    EXPECT_EQ(Base64Decode(Base64Encode(bytes)), bytes);
  }
}

TEST(Base64Test, LineEndsDoNotCount) { EXPECT_EQ(Base64Decode("Zm9v\r\nYmE=\n"), "fooba"); }

TEST(Base64Test, WhatIsNoBase64) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "=",
                           "====", "Z===", "Zg==Zg==", "Zm8=Zm8=", "Zm9v====", "Zm-_", "Zm9v!"}) {
    EXPECT_EQ(Base64Decode(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace plimsoll::kube
