// How far something long has come, as one line for a terminal: "reading 1200 of 5000, 400 a second, 10 s left".
//
// Thread-safety: a function of its arguments; time is a value.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace plimsoll {

// Before this the rate is a guess from too little, and jumps.
inline constexpr std::chrono::milliseconds kRateKnownAfter{1000};

// `elapsed`: since the first of them was begun; rate and time left are those of the whole of it, so that they do not jump
// with each page. `total` is what was counted before, 0 where nobody could: more may come than were counted, and then no end is
// foretold. What does not fit in `width` columns is left out: first the rate, then the time left.
std::string ProgressLine(std::string_view what, size_t done, size_t total,
                         std::chrono::milliseconds elapsed, size_t width);

}  // namespace plimsoll
