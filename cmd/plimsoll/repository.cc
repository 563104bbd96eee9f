#include "repository.h"

#include <filesystem>
#include <system_error>

namespace plimsoll::cli {
namespace {

namespace fs = std::filesystem;

fs::path TopOf(const fs::path& folder) {
  for (fs::path at = folder; !at.empty(); at = at.parent_path()) {
    std::error_code failed;
    if (fs::exists(at / ".git", failed)) return at;
    if (at == at.root_path()) break;
  }
  return {};
}

}  // namespace

std::function<std::string(std::string_view)> RepositoryPaths() {
  std::error_code failed;
  const fs::path here = fs::current_path(failed);
  const fs::path top = failed ? fs::path() : TopOf(here);
  return [here, top](std::string_view file) {
    if (file.empty() || file.starts_with('<')) return std::string(file);  // <stdin>
    const fs::path path(file);
    if (!top.empty()) {
      const fs::path relative = (here / path).lexically_normal().lexically_relative(top);
      if (!relative.empty() && *relative.begin() != "..") return relative.generic_string();
    }
    return path.lexically_normal().generic_string();
  };
}

}  // namespace plimsoll::cli
