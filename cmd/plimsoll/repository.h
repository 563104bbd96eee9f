// Where files are in the repository that this is called in: what code hosts know them by.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace plimsoll::cli {

// Turns a path as it was given into one from the top of the working folder's repository (the nearest folder above that has
// `.git`), with slashes. What is outside of it, or where there is none: the path, tidied.
std::function<std::string(std::string_view)> RepositoryPaths();

}  // namespace plimsoll::cli
