// What is said to whoever types what there is not.
//
// Pure. Thread-safety: functions.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace plimsoll::cli {

// What was meant by a word that is no flag and no command of `app`: "; did you mean --policy?", or "".
std::string Suggestion(const CLI::App& app, const std::string& word);

// CLI11's own words, or better ones where they say less than they could.
std::string InOurWords(const std::string& said);

}  // namespace plimsoll::cli
