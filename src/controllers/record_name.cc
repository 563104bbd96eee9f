#include "plimsoll/base/text.h"
#include "plimsoll/controllers/audit.h"

namespace plimsoll::controllers {
namespace {

// A DNS subdomain, as every object's name must be.
constexpr size_t kMaxNameBytes = 253;

// FNV-1a, 64 bits: equal names must get equal digests from every version of Plimsoll, and nobody gains by a collision but
// the owner of both workloads.
std::string Digest(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out += kHex[(hash >> shift) & 0xFU];
  return out;
}

}  // namespace

std::string RecordName(const WorkloadKey& key) {
  std::string name = ToLowerAscii(WorkloadKindName(key.kind)) + "-" + key.name;
  if (name.size() <= kMaxNameBytes) return name;
  const std::string digest = Digest(name);
  name.resize(kMaxNameBytes - digest.size() - 1);
  return name + "-" + digest;
}

}  // namespace plimsoll::controllers
