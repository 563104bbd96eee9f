// Bytes from the network to one HTTP request: the same however they arrive, and within the limits.
#include "server/request_parser.h"
#include "tests/fuzz/fuzz.h"
#include "tests/server/feed.h"

namespace plimsoll {
namespace {

using testing::Parsed;

void ExpectSame(const Parsed& a, const Parsed& b) {
  FuzzExpect(a.outcome == b.outcome,
             "what comes of a request does not depend on how its bytes arrive");
  if (a.outcome != "ok") return;  // a refused one may have got further in larger pieces
  FuzzExpect(a.target == b.target && a.keep_alive == b.keep_alive, "nor does its head");
  FuzzExpect(a.body == b.body, "nor does its body");
  FuzzExpect(a.rest == b.rest, "nor does where the next request begins");
}

}  // namespace
}  // namespace plimsoll

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace plimsoll;
  // Byte by byte costs the square of the head.
  constexpr size_t kMaxInput = 8 * 1024;
  if (size > kMaxInput) return 0;
  const std::string bytes(FuzzText(data, size));
  const Parsed whole = testing::Parse(bytes, size + 1);
  FuzzExpect(whole.body.size() <= testing::kMaxBody, "a body is never larger than its limit");
  FuzzExpect(bytes.ends_with(whole.rest), "the rest is the end of what was sent");
  for (const size_t piece : {size_t{1}, size_t{3}, size_t{61}}) {
    ExpectSame(whole, testing::Parse(bytes, piece));
  }
  return 0;
}
