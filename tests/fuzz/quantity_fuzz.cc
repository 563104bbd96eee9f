// Resource quantities.
#include "rules/quantity.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace plimsoll;
  const std::string_view text = FuzzText(data, size);
  const std::optional<Quantity> quantity = Quantity::Parse(text);
  if (!quantity) return 0;
  FuzzExpect(*quantity == *quantity, "a quantity equals itself");
  FuzzExpect(quantity->zero() + quantity->negative() + quantity->positive() == 1, "one sign");
  if (text[0] != '-' && text[0] != '+') {
    const std::optional<Quantity> opposite = Quantity::Parse("-" + std::string(text));
    FuzzExpect(opposite.has_value(), "every amount has an opposite");
    FuzzExpect(quantity->zero() || *opposite < *quantity, "which is smaller");
  }
  return 0;
}
