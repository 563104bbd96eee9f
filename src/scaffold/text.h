// Filling in texts.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace plimsoll {

// `text` with each "@KEY@" replaced; a line that holds nothing but a key whose value is empty is left out. A value of
// several lines keeps the indentation of its key on each of them.
std::string Fill(std::string_view text,
                 std::initializer_list<std::pair<std::string_view, std::string>> values);

// A double-quoted YAML scalar: what JSON and YAML agree on.
std::string YamlText(std::string_view text);

// "checkout-api" -> "CheckoutApi", the name of an alert begins with it.
std::string CamelCase(std::string_view name);

}  // namespace plimsoll
