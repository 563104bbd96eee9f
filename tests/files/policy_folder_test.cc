#include "plimsoll/files/policy_folder.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "plimsoll/base/text.h"
#include "tests/support/temp_folder.h"

namespace plimsoll {
namespace {

using ::plimsoll::testing::TempFolder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Version = PolicySource::Version;

// Far ahead of every file's time stamp: without a change Poll reads nothing.
const Timestamp kMuchLater = *ParseTimestamp("9000-01-01T00:00:00Z");

std::string Policy(const std::string& name, const std::string& rule = "health.readiness-probe",
                   const std::string& contact = "#first") {
  return "apiVersion: plimsoll.dev/v1alpha1\nkind: ReadinessPolicy\nmetadata:\n  name: " + name +
         "\nspec:\n  contact: \"" + contact + "\"\n  rules:\n  - rule: health.liveness-probe\n" +
         "  - rule: " + rule + "\n";
}

std::string Describe(const PolicySet& set) {
  std::string out;
  for (const PolicySource& source : set.sources) {
    if (!out.empty()) out += " ";
    out += source.policy;
    if (source.version == Version::kPartial) out += "(partial)";
    if (source.version == Version::kLastGood) out += "(last good)";
  }
  return out;
}

std::string Contact(const PolicySet& set, std::string_view policy) {
  const ReadinessPolicy* found = set.policies->Find(policy);
  return found == nullptr ? "(none)" : found->contact;
}

class Folder : public ::testing::Test {
 protected:
  std::shared_ptr<const PolicySet> Read() {
    std::shared_ptr<const PolicySet> set = policies_.Read(kMuchLater);
    EXPECT_NE(set, nullptr);
    EXPECT_EQ(set->sources.size(), set->policies->policies().size());
    return set;
  }

  TempFolder folder_;
  PolicyFolder policies_{folder_.path()};
};

TEST_F(Folder, ReadsManifestsAndLeavesTheRestAlone) {
  folder_.Write("b.yaml", Policy("b") + "---\n" + Policy("c"));
  folder_.Write("a.yml", Policy("a"));
  folder_.Write("d.json", R"({"apiVersion":"plimsoll.dev/v1alpha1","kind":"ReadinessPolicy",
    "metadata":{"name":"d"},"spec":{"rules":[{"rule":"health.readiness-probe"}]}})");
  folder_.Write(".hidden.yaml", Policy("hidden"));
  folder_.Write("notes.txt", "not YAML: [");
  folder_.Write("kustomization.yaml", "kind: Kustomization\nresources: [a.yml]\n");
  const auto set = Read();
  EXPECT_EQ(Describe(*set), "a b c d");
  EXPECT_THAT(set->problems, IsEmpty()) << FormatDiagnostic(set->problems.front());
  EXPECT_EQ(set->policies->Find("a")->source_file, folder_.Path("a.yml"));
}

TEST_F(Folder, NothingToReadIsAProblemAndNoFailure) {
  const auto empty = Read();
  EXPECT_EQ(Describe(*empty), "");
  EXPECT_EQ(empty->problems.size(), 1u);
  PolicyFolder missing(folder_.Path("no/such"));
  const auto set = missing.Read(kMuchLater);
  ASSERT_EQ(set->problems.size(), 1u);
  EXPECT_THAT(FormatDiagnostic(set->problems.front()), HasSubstr("no/such"));
}

TEST_F(Folder, EveryProblemHasItsPlace) {
  folder_.Write("a.yaml", Policy("a", "health.readyness-probe"));
  folder_.Write("b.yaml", "a: [\n");
  const auto set = Read();
  ASSERT_GE(set->problems.size(), 2u);
  EXPECT_THAT(FormatDiagnostic(set->problems[0]), HasSubstr(folder_.Path("a.yaml") + ":9:"));
  EXPECT_THAT(FormatDiagnostic(set->problems[0]), HasSubstr("health.readiness-probe"));
  EXPECT_THAT(FormatDiagnostic(set->problems[1]), HasSubstr(folder_.Path("b.yaml") + ":"));
  EXPECT_EQ(Describe(*set), "a(partial)") << "its other rules go on working";
}

TEST_F(Folder, ADuplicateKeyRefusesThePolicyAndHidesNothing) {
  folder_.Write("a.yaml", Policy("good") + "---\n" +
                              Policy("a", "no.such-rule", "#first\"\n  contact: \"#second"));
  const auto set = Read();
  EXPECT_EQ(Describe(*set), "good");
  ASSERT_EQ(set->problems.size(), 2u);
  EXPECT_EQ(
      FormatDiagnostic(set->problems[0]),
      folder_.Path("a.yaml") +
          ":17:3: duplicate key \"contact\": first at line 16, column 3; write each key once");
  EXPECT_EQ(FormatDiagnostic(set->problems[1]),
            folder_.Path("a.yaml") +
                ":20:11: spec.rules[1].rule: \"no.such-rule\" is no rule; `plimsoll explain all` "
                "lists them");
}

TEST_F(Folder, ABrokenFileKeepsItsLastGoodVersion) {
  folder_.Write("a.yaml", Policy("a") + "---\n" + Policy("also"));
  folder_.Write("b.yaml", Policy("b"));
  EXPECT_EQ(Describe(*Read()), "a also b");

  folder_.Write("a.yaml", "a: [\n");  // not YAML any more
  folder_.Write("b.yaml", Policy("b", "health.readiness-probe", "#second"));
  auto set = Read();
  EXPECT_EQ(Describe(*set), "a(last good) also(last good) b");
  EXPECT_EQ(Contact(*set, "a"), "#first");
  EXPECT_EQ(Contact(*set, "b"), "#second");
  EXPECT_FALSE(set->problems.empty());

  // A wrong rule: the version without a problem is better than the rest of the new one.
  folder_.Write("a.yaml", Policy("a", "no.such-rule", "#second"));
  set = Read();
  EXPECT_EQ(Describe(*set), "a(last good) b") << "`also` was taken out of a file that can be read";
  EXPECT_EQ(Contact(*set, "a"), "#first");

  folder_.Write("a.yaml", Policy("a", "health.readiness-probe", "#third"));
  set = Read();
  EXPECT_EQ(Describe(*set), "a b");
  EXPECT_EQ(Contact(*set, "a"), "#third");
  EXPECT_THAT(set->problems, IsEmpty());
}

TEST_F(Folder, ARemovedFileRemovesItsPoliciesEvenBrokenOnes) {
  folder_.Write("a.yaml", Policy("a"));
  folder_.Write("b.yaml", Policy("b"));
  Read();
  folder_.Write("a.yaml", "a: [\n");
  EXPECT_EQ(Describe(*Read()), "a(last good) b");
  folder_.Remove("a.yaml");
  EXPECT_EQ(Describe(*Read()), "b");
}

TEST_F(Folder, APolicyMayMoveToAnotherFile) {
  folder_.Write("a.yaml", Policy("a"));
  Read();
  folder_.Write("a.yaml", "a: [\n");
  folder_.Write("new.yaml", Policy("a", "health.readiness-probe", "#moved"));
  const auto set = Read();
  EXPECT_EQ(Describe(*set), "a");
  EXPECT_EQ(Contact(*set, "a"), "#moved");
}

TEST_F(Folder, OfTwoWithOneNameTheFirstFileWins) {
  folder_.Write("a.yaml", Policy("p", "health.readiness-probe", "#a"));
  folder_.Write("b.yaml", Policy("p", "health.readiness-probe", "#b"));
  const auto set = Read();
  EXPECT_EQ(Describe(*set), "p");
  EXPECT_EQ(Contact(*set, "p"), "#a");
  ASSERT_EQ(set->problems.size(), 1u);
  EXPECT_THAT(FormatDiagnostic(set->problems.front()),
              HasSubstr("b.yaml:1:1: metadata.name: there is already a policy \"p\" in " +
                        folder_.Path("a.yaml")));
}

TEST_F(Folder, NamespacesAreKnownWithTheirNameAsALabel) {
  folder_.Write("n.yaml",
                "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: payments\n  labels:\n"
                "    env: production\n  annotations: {a: b}\n---\n"
                "apiVersion: v1\nkind: Namespace\nmetadata: {name: bare}\n");
  auto set = Read();
  const NamespaceFacts payments = set->FindNamespace("payments");
  EXPECT_EQ(payments.labels["env"].StringOrEmpty(), "production");
  EXPECT_EQ(payments.labels["kubernetes.io/metadata.name"].StringOrEmpty(), "payments");
  EXPECT_EQ(payments.annotations["a"].StringOrEmpty(), "b");
  EXPECT_EQ(set->FindNamespace("bare").labels["kubernetes.io/metadata.name"].StringOrEmpty(),
            "bare");
  EXPECT_FALSE(set->FindNamespace("other").labels.exists());

  folder_.Write("n.yaml", "a: [\n");
  set = Read();
  EXPECT_EQ(set->FindNamespace("payments").labels["env"].StringOrEmpty(), "production");
  folder_.Remove("n.yaml");
  set = Read();
  EXPECT_FALSE(set->FindNamespace("payments").labels.exists());
}

TEST_F(Folder, PollSeesWhatChanges) {
  folder_.Write("a.yaml", Policy("a"));
  const auto first = policies_.Poll(kMuchLater);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(policies_.Poll(kMuchLater), nullptr);
  folder_.Write("b.yaml", Policy("b"));
  ASSERT_NE(policies_.Poll(kMuchLater), nullptr);
  EXPECT_EQ(policies_.Poll(kMuchLater), nullptr);
  folder_.Write("b.yaml", Policy("b", "health.readiness-probe", "#longer-than-before"));
  ASSERT_NE(policies_.Poll(kMuchLater), nullptr);
  folder_.Remove("b.yaml");
  const auto last = policies_.Poll(kMuchLater);
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(Describe(*last), "a");
}

TEST_F(Folder, AFileThatHasJustChangedIsLookedAtAgain) {
  folder_.Write("a.yaml", Policy("a", "health.readiness-probe", "#1"));
  struct stat status{};
  ASSERT_EQ(::stat(folder_.Path("a.yaml").c_str(), &status), 0);
  const Timestamp now{std::chrono::seconds(status.st_ctim.tv_sec)};
  ASSERT_NE(policies_.Poll(now), nullptr);
  EXPECT_EQ(policies_.Poll(now), nullptr) << "read again, and the same";
  // Same size, same place, and a time stamp that may be the same.
  folder_.Write("a.yaml", Policy("a", "health.readiness-probe", "#2"));
  const auto set = policies_.Poll(now);
  ASSERT_NE(set, nullptr);
  EXPECT_EQ(Contact(*set, "a"), "#2");
}

TEST_F(Folder, AnyTimeStampWillDo) {
  for (const int64_t seconds : {int64_t{1} << 40, int64_t{-1} << 30, int64_t{0}}) {
    folder_.Write("a.yaml", Policy("a"));
    const timespec times[2] = {{seconds, 0}, {seconds, 999'999'999}};
    ASSERT_EQ(utimensat(AT_FDCWD, folder_.Path("a.yaml").c_str(), times, 0), 0);
    EXPECT_EQ(Describe(*Read()), "a");
  }
}

// The kubelet's atomic writer: a.yaml -> ..data/a.yaml, ..data -> ..2027_01, and a rename of the second link.
TEST_F(Folder, ConfigMapVolumes) {
  namespace fs = std::filesystem;
  folder_.Write("..2027_01/a.yaml", Policy("a", "health.readiness-probe", "#1"));
  fs::create_directory_symlink("..2027_01", folder_.Path("..data"));
  fs::create_symlink("..data/a.yaml", folder_.Path("a.yaml"));
  EXPECT_EQ(Contact(*policies_.Poll(kMuchLater), "a"), "#1");
  EXPECT_EQ(policies_.Poll(kMuchLater), nullptr);
  folder_.Write("..2027_02/a.yaml", Policy("a", "health.readiness-probe", "#2"));
  EXPECT_EQ(policies_.Poll(kMuchLater), nullptr);
  fs::create_directory_symlink("..2027_02", folder_.Path("..data_tmp"));
  fs::rename(folder_.Path("..data_tmp"), folder_.Path("..data"));
  folder_.Remove("..2027_01");
  const auto set = policies_.Poll(kMuchLater);
  ASSERT_NE(set, nullptr);
  EXPECT_EQ(Contact(*set, "a"), "#2");
}

TEST_F(Folder, LimitsAreErrorsThatNameThem) {
  folder_.Write("a.yaml", Policy("a"));
  folder_.Write("big.yaml", "# " + std::string(kMaxPolicyFileBytes, 'x'));
  const auto set = Read();
  EXPECT_EQ(Describe(*set), "a");
  ASSERT_EQ(set->problems.size(), 1u);
  EXPECT_THAT(FormatDiagnostic(set->problems.front()), HasSubstr("larger than 2 MiB"));
}

TEST_F(Folder, MorePoliciesThanTheLimit) {
  std::string text;
  for (size_t i = 0; i < kMaxPolicies + 5; ++i) {
    text += "---\n" + Policy("p" + std::to_string(1000 + i));
  }
  folder_.Write("many.yaml", text);
  const auto set = Read();
  EXPECT_EQ(set->policies->policies().size(), kMaxPolicies);
  ASSERT_EQ(set->problems.size(), 1u);
  EXPECT_THAT(set->problems.front().message, HasSubstr("more than 200 policies"));
}

std::string Waiver(const std::string& name, const std::string& namespace_name,
                   const std::string& reason = "OPS-1234") {
  return "apiVersion: plimsoll.dev/v1alpha1\nkind: ReadinessWaiver\nmetadata:\n  name: " + name +
         "\n" + (namespace_name.empty() ? "" : "  namespace: " + namespace_name + "\n") +
         "spec:\n  workloads: [{kind: Deployment, name: web}]\n  policy: a\n"
         "  rules: [health.readiness-probe]\n  reason: " +
         reason +
         "\n  requestedBy: ana\n"
         "  expires: \"9001-01-01T00:00:00Z\"\n";
}

std::string WaiverNames(const PolicySet& set) {
  std::string out;
  for (const WaiverSet::Pointer& waiver : set.waivers->all()) {
    out += (out.empty() ? "" : " ") + waiver->namespace_name + "/" + waiver->name;
  }
  return out;
}

TEST_F(Folder, HasWaiversToo) {
  folder_.Write("a.yaml", Policy("a"));
  EXPECT_EQ(WaiverNames(*Read()), "");
  folder_.Write("waivers.yaml", Waiver("first", "shop") + "---\n" + Waiver("second", "shop"));
  const auto set = Read();
  EXPECT_EQ(WaiverNames(*set), "shop/first shop/second");
  EXPECT_THAT(set->problems, IsEmpty()) << FormatDiagnostic(set->problems.front());
  EXPECT_EQ(set->waivers->all().front()->created, kMuchLater) << "it does not say since when";
}

TEST_F(Folder, AFileThatIsBeingEditedTakesNoWaiverAway) {
  folder_.Write("a.yaml", Policy("a"));
  folder_.Write("waivers.yaml", Waiver("first", "shop") + "---\n" + Waiver("second", "shop"));
  Read();
  folder_.Write("waivers.yaml", Waiver("first", "shop") + "---\na: [\n");
  EXPECT_EQ(WaiverNames(*Read()), "shop/first shop/second");
  folder_.Write("waivers.yaml", Waiver("first", "shop"));
  EXPECT_EQ(WaiverNames(*Read()), "shop/first");
}

TEST_F(Folder, AWrongWaiverExcusesNothingAndSaysWhy) {
  folder_.Write("a.yaml", Policy("a"));
  folder_.Write("waivers.yaml", Waiver("nowhere", "") + "---\n" + Waiver("wrong", "shop", "[]"));
  const auto set = Read();
  EXPECT_EQ(WaiverNames(*set), "");
  ASSERT_EQ(set->problems.size(), 2u);
  EXPECT_THAT(FormatDiagnostic(set->problems[0]),
              HasSubstr("waivers.yaml:1:1: metadata.namespace"));
  EXPECT_THAT(FormatDiagnostic(set->problems[1]), HasSubstr("spec.reason"));
}

TEST_F(Folder, AnOldSetOutlivesTheFolder) {
  folder_.Write("n.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: old}\n");
  const auto old = Read();
  folder_.Remove("n.yaml");
  Read();
  EXPECT_TRUE(old->FindNamespace("old").labels.exists());
}

}  // namespace
}  // namespace plimsoll
