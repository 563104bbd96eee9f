#include "plimsoll/files/state_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "plimsoll/tls/certificate_authority.h"
#include "plimsoll/tls/reloadable_server_context.h"
#include "tests/support/temp_folder.h"

namespace plimsoll {
namespace {

using ::plimsoll::testing::TempFolder;
using ::testing::HasSubstr;

// Far ahead of the files' own timestamps, so that none of them counts as changed a moment ago.
const Timestamp kNow = *ParseTimestamp("2100-01-01T00:00:00Z");
const SubjectAltNames kNames{{"localhost"}, {"127.0.0.1"}};

std::string Contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

mode_t Mode(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777u : 0;
}

class State : public ::testing::Test {
 protected:
  std::string path() const { return folder_.Path("state"); }
  std::string File(const std::string& name) const { return path() + "/" + name; }

  ServingCertificate Load(Timestamp now = kNow, const SubjectAltNames& names = kNames) {
    Result<ServingCertificate> serving = StateFolder(path(), names).Load(now);
    EXPECT_TRUE(serving) << serving.error().message;
    if (!serving) return {};
    EXPECT_TRUE(ReloadableServerContext::Create(serving->pair));
    return *serving;
  }

  std::string LoadError() {
    const Result<ServingCertificate> serving = StateFolder(path(), kNames).Load(kNow);
    EXPECT_FALSE(serving);
    return serving ? "" : serving.error().message;
  }

  TempFolder folder_;
};

TEST_F(State, FirstStartMakesEverythingAndTheSecondKeepsIt) {
  const ServingCertificate first = Load();
  EXPECT_EQ(first.done, "made a certificate authority and issued a serving certificate");
  EXPECT_EQ(first.info.names, kNames);
  EXPECT_TRUE(first.own);
  ASSERT_TRUE(first.ca);
  EXPECT_EQ(first.info.authority_key_id, first.ca->subject_key_id);
  EXPECT_EQ(Mode(path()), 0700u);
  EXPECT_EQ(Mode(File("ca.key")), 0600u);
  EXPECT_EQ(Mode(File("tls.key")), 0600u);
  EXPECT_EQ(Mode(File("ca.crt")), 0644u);
  const ServingCertificate second = Load();
  EXPECT_EQ(second.done, "");
  EXPECT_EQ(second.pair, first.pair);
}

TEST_F(State, TheCertificateIsReplacedBeforeItExpiresAndTheAuthorityIsNot) {
  const ServingCertificate first = Load();
  StateFolder state(path(), kNames);
  ASSERT_TRUE(state.Load(kNow));
  const Timestamp due = kNow + std::chrono::hours(24 * 21);
  EXPECT_TRUE(state.Changed(due));
  const Result<ServingCertificate> second = state.Load(due);
  ASSERT_TRUE(second);
  EXPECT_THAT(second->done, HasSubstr("two thirds of its life are over"));
  EXPECT_NE(second->pair.private_key, first.pair.private_key);
  EXPECT_GT(second->info.not_after, first.info.not_after);
  EXPECT_EQ(second->ca, first.ca);
}

TEST_F(State, NewNamesAreAddedToOldOnes) {
  Load();
  const ServingCertificate other = Load(kNow, {{"plimsoll.example.org"}, {"192.0.2.1"}});
  EXPECT_THAT(other.done, HasSubstr("replaced the serving certificate"));
  EXPECT_EQ(Load(kNow, kNames).done, "") << "two processes must not replace each other's for ever";
  EXPECT_EQ(Load(kNow, {{"plimsoll.example.org"}, {}}).done, "");
}

TEST_F(State, SomebodyElsesCertificateIsServedAndNeverReplaced) {
  Load();
  const CertificateAuthority other = *CertificateAuthority::Create(kNow);
  const KeyPairPem theirs = *other.IssueServerCertificate({{"webhook.corp"}, {}}, kNow);
  folder_.Write("state/tls.crt", theirs.certificate);
  folder_.Write("state/tls.key", theirs.private_key);
  for (const Timestamp now : {kNow, kNow + std::chrono::hours(24 * 29)}) {
    const ServingCertificate serving = Load(now);
    EXPECT_EQ(serving.pair, theirs);
    EXPECT_FALSE(serving.own);
  }
  // Also where there never was a CA of ours.
  for (const char* name : {"ca.crt", "ca.key"}) folder_.Remove(std::string("state/") + name);
  EXPECT_EQ(Load().pair, theirs);
  EXPECT_EQ(Contents(File("ca.crt")), "");
}

TEST_F(State, ReplacedFilesAreNoticed) {
  StateFolder state(path(), kNames);
  ASSERT_TRUE(state.Load(kNow));
  EXPECT_TRUE(state.Changed(kNow)) << "what was just written is looked at again";
  ASSERT_TRUE(state.Load(kNow));
  EXPECT_FALSE(state.Changed(kNow));
  folder_.Write("state/tls.crt", "something else");
  EXPECT_TRUE(state.Changed(kNow));
}

TEST_F(State, ACrashBetweenKeyAndCertificateHeals) {
  const ServingCertificate first = Load();
  const CertificateAuthority other = *CertificateAuthority::Create(kNow);
  folder_.Write("state/tls.key", other.IssueServerCertificate(kNames, kNow)->private_key);
  EXPECT_THAT(Load().done, HasSubstr("its key was missing or another one's"));
  folder_.Remove("state/tls.key");
  EXPECT_THAT(Load().done, HasSubstr("its key was missing or another one's"));
  for (const char* name : {"tls.crt", "tls.key", "ca.crt"}) {
    folder_.Remove(std::string("state/") + name);
  }
  EXPECT_THAT(Load().done, HasSubstr("made a certificate authority"));
}

TEST_F(State, ErrorsSayWhichFileAndWhatToDo) {
  Load();
  folder_.Write("state/ca.crt", "garbage");
  EXPECT_THAT(LoadError(), HasSubstr(File("ca.crt")));
  folder_.Remove("state");
  Load();
  folder_.Remove("state/ca.key");
  folder_.Remove("state/tls.crt");
  EXPECT_THAT(LoadError(),
              HasSubstr(File("ca.key") + ": missing beside ca.crt. Bring the key back"));
  folder_.Remove("state");
  folder_.Write("state/tls.crt", "garbage");
  EXPECT_THAT(LoadError(), HasSubstr(File("tls.crt")));
  folder_.Remove("state");
  folder_.Write("state", "a file");
  EXPECT_THAT(LoadError(), HasSubstr(path()));
}

TEST_F(State, ManyAtOnceAgreeOnOneAuthority) {
  constexpr size_t kStarters = 6;
  std::vector<std::string> authorities(kStarters);
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < kStarters; ++i) {
      threads.emplace_back([&, i] {
        const Result<ServingCertificate> serving = StateFolder(path(), kNames).Load(kNow);
        authorities[i] = serving && serving->ca ? serving->ca->sha256 : "error";
      });
    }
  }
  for (const std::string& authority : authorities) EXPECT_EQ(authority, authorities.front());
  EXPECT_EQ(InspectCertificate(Contents(File("ca.crt")))->sha256, authorities.front());
}

}  // namespace
}  // namespace plimsoll
