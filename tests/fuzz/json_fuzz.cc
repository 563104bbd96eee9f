// Our JSON reader against simdjson's DOM parser.
#include "tests/codec/json_differential.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static plimsoll::JsonDifferential differential;  // reused, as the parsers are in service
  const std::string difference = differential.Compare(plimsoll::FuzzText(data, size));
  plimsoll::FuzzExpect(difference.empty(), difference);
  return 0;
}
