#include "kube/known_objects.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/fakes/watch_text.h"

namespace plimsoll::kube {
namespace {

using testing::UidOf;

TEST(KnownObjects, NoteEachVersionOnce) {
  KnownObjects known;
  const ObjectKey key{"n", "a"};
  EXPECT_TRUE(known.Note(key, UidOf(1), "7").changed);
  EXPECT_FALSE(known.Note(key, UidOf(1), "7").changed);
  EXPECT_TRUE(known.Note(key, UidOf(1), "8").changed);
  // Versions are text: these are three different ones.
  for (const char* version : {"08", "0x8", "", "99999999999999999999", "18446744073709551615"}) {
    EXPECT_TRUE(known.Note(key, UidOf(1), version).changed) << version;
    EXPECT_FALSE(known.Note(key, UidOf(1), version).changed) << version;
  }
  EXPECT_EQ(known.size(), 1U);
}

TEST(KnownObjects, GiveBackWhateverUidWasNoted) {
  for (const std::string& uid :
       {UidOf(123), std::string("uid-1"), std::string("ABCDEF00-0000-4000-8000-000000000000"),
        std::string("0123abcd_0000-4000-8000-000000000000"), std::string()}) {
    KnownObjects known;
    known.Note({"n", "a"}, uid, "1");
    const KnownObjects::Change change = known.Note({"n", "a"}, "another", "1");
    EXPECT_TRUE(change.changed);
    EXPECT_EQ(change.replaced_uid, uid);
    known.Note({"n", "a"}, uid, "1");
    EXPECT_EQ(known.Forget({"n", "a"}), uid);
    EXPECT_EQ(known.Forget({"n", "a"}), "");
    EXPECT_EQ(known.size(), 0U);
  }
}

TEST(KnownObjects, FindWhatAPassHasNotTouched) {
  KnownObjects known;
  known.Note({"n", "stays"}, UidOf(1), "1");
  known.Note({"n", "goes"}, UidOf(2), "1");
  known.Note({"", "cluster-scoped"}, "odd", "1");
  known.BeginPass();
  known.BeginPass();  // the first one was not finished
  known.Note({"n", "stays"}, UidOf(1), "1");
  std::vector<KnownObjects::Gone> gone = known.EndPass();
  std::sort(gone.begin(), gone.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  ASSERT_EQ(gone.size(), 2U);
  EXPECT_EQ(gone[0].key, (ObjectKey{"", "cluster-scoped"}));
  EXPECT_EQ(gone[0].uid, "odd");
  EXPECT_EQ(gone[1].key, (ObjectKey{"n", "goes"}));
  EXPECT_EQ(gone[1].uid, UidOf(2));
  EXPECT_EQ(known.size(), 1U);
}

}  // namespace
}  // namespace plimsoll::kube
