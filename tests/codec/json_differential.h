// Compares JsonParser with simdjson's DOM parser on one text. For the unit test and the fuzz target.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "plimsoll/codec/json_parser.h"

namespace plimsoll {

class JsonDifferential {
 public:
  JsonDifferential();
  ~JsonDifferential();

  // "" where both parsers agree, else what differs.
  std::string Compare(std::string_view text);
  // Whether our parser took the last text.
  bool accepted() const { return accepted_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  bool accepted_ = false;
};

}  // namespace plimsoll
