#include "rules/image_reference.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace plimsoll {
namespace {

using State = ImageReference::State;

constexpr std::string_view kSha256 =
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

struct ImageCase {
  std::string image;
  std::string_view registry;
  std::string_view repository;
  std::string_view tag;
  bool digest = false;
};

TEST(ImageReferenceTest, TakesValidReferencesApart) {
  const std::string at = "@" + std::string(kSha256);
  const ImageCase cases[] = {
      {"nginx", "", "nginx", ""},
      {"nginx:1.27", "", "nginx", "1.27"},
      {"library/nginx:latest", "", "library/nginx", "latest"},
      {"registry:5000/app", "registry:5000", "app", ""},  // a port is not a tag
      {"registry:5000/app:1", "registry:5000", "app", "1"},
      {"registry:5000", "", "registry", "5000"},  // without a path it is one
      {"localhost/app:1", "localhost", "app", "1"},
      {"localhost:5000/app", "localhost:5000", "app", ""},
      {"ghcr.io/team/app:v1.2.3-rc.1_x", "ghcr.io", "team/app", "v1.2.3-rc.1_x"},
      {"Registry/app:1", "Registry", "app", "1"},  // upper case makes it a host
      {"REGISTRY.corp.internal/app:1", "REGISTRY.corp.internal", "app", "1"},
      {"[2001:db8::1]:5000/app:1", "[2001:db8::1]:5000", "app", "1"},
      {"10.0.0.1:5000/app:1", "10.0.0.1:5000", "app", "1"},
      {"nginx" + at, "", "nginx", "", true},
      {"nginx:1.27" + at, "", "nginx", "1.27", true},
      {"registry:5000/a/b" + at, "registry:5000", "a/b", "", true},
      {"a--b/c__d/e.f:_x", "", "a--b/c__d/e.f", "_x"},
  };
  for (const ImageCase& c : cases) {
    const ImageReference reference = ParseImageReference(c.image);
    EXPECT_EQ(reference.state, State::kValid) << c.image;
    EXPECT_EQ(reference.registry, c.registry) << c.image;
    EXPECT_EQ(reference.repository, c.repository) << c.image;
    EXPECT_EQ(reference.tag, c.tag) << c.image;
    EXPECT_EQ(reference.digest, c.digest ? kSha256 : "") << c.image;
  }
}

TEST(ImageReferenceTest, KnowsWhatIsNotRenderedYet) {
  for (const std::string_view image :
       {"ko://github.com/corp/app/cmd/server", "{{ .Values.image }}", "app:{{ .Chart.AppVersion }}",
        "${IMAGE}", "app:${TAG}", "$(REGISTRY)/app:1", "app:<version>", "{{ broken"}) {
    EXPECT_EQ(ParseImageReference(image).state, State::kUnrendered) << image;
  }
}

TEST(ImageReferenceTest, RefusesWhatNoRuntimePulls) {
  for (const std::string& image : {std::string("App:1"),
                                   std::string("team/App:1"),
                                   std::string("app:"),
                                   std::string("app@"),
                                   std::string("app@sha256:123"),
                                   std::string("app:1@sha256:xyz"),
                                   std::string(" app:1"),
                                   std::string("app:1 "),
                                   std::string("app 1"),
                                   std::string("https://registry.io/app:1"),
                                   std::string("registry:port/app:1"),
                                   std::string("/app"),
                                   std::string("app/"),
                                   std::string("a//b"),
                                   std::string("a___b"),
                                   std::string("a..b"),
                                   std::string("-a"),
                                   std::string("app:-1"),
                                   std::string("app:1:2"),
                                   std::string("registry./app"),
                                   std::string("[::1/app"),
                                   std::string("app:") + std::string(129, 'a'),
                                   std::string(256, 'a'),
                                   std::string("app\0:1", 6),
                                   "app@sha256:" + std::string(64, 'A')}) {
    EXPECT_EQ(ParseImageReference(image).state, State::kInvalid) << image;
  }
}

TEST(ImageReferenceTest, Empty) {
  EXPECT_EQ(ParseImageReference("").state, State::kEmpty);
  EXPECT_EQ(ParseImageReference(" \t").state, State::kEmpty);
}

}  // namespace
}  // namespace plimsoll
