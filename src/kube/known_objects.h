// KnownObjects: which objects have been handed over, in which version. About 150 bytes an object.
//
// Thread-safety: one thread. A list is a pass over all objects: whatever it has not touched is gone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plimsoll/model/object_key.h"

namespace plimsoll::kube {

class KnownObjects {
 public:
  struct Change {
    bool changed = false;      // never seen in this version
    std::string replaced_uid;  // of another object that had this name before; "" for none
  };
  // Notes the object's version; it belongs to the pass.
  Change Note(const ObjectKey& key, std::string_view uid, std::string_view resource_version);
  // The uid it was known by; "" where it was not known.
  std::string Forget(const ObjectKey& key);

  void BeginPass() { ++pass_; }
  struct Gone {
    ObjectKey key;
    std::string uid;
  };
  // Forgets all that has not been noted since BeginPass.
  std::vector<Gone> EndPass();

  size_t size() const { return objects_.size(); }

 private:
  // UUIDs, as all real uids are, take 16 bytes; others are kept beside, by key.
  struct Entry {
    std::array<uint8_t, 16> uid{};
    uint64_t version = 0;
    uint32_t pass = 0;
    bool other_uid = false;
  };
  Entry Make(const std::string& key, std::string_view uid, std::string_view resource_version);
  std::string UidOf(const std::string& key, const Entry& entry) const;

  std::unordered_map<std::string, Entry> objects_;  // by "namespace/name"
  std::unordered_map<std::string, std::string> other_uids_;
  uint32_t pass_ = 0;
};

}  // namespace plimsoll::kube
