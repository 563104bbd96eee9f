#include "directory.h"

#include <utility>

#include "plimsoll/codec/team_directory.h"
#include "plimsoll/files/manifest_files.h"

namespace plimsoll::cli {

LoadedDirectory LoadDirectory(const std::vector<std::string>& paths) {
  LoadedDirectory loaded;
  if (paths.empty()) return loaded;
  std::vector<DirectoryText> texts;
  for (const std::string& path : paths) {
    Result<std::string> text = ReadFile(path, kMaxDirectoryBytes);
    if (text) {
      texts.push_back({path, *std::move(text)});
    } else {
      loaded.problems.push_back({path, {}, "", text.error().message});
    }
  }
  if (!loaded.problems.empty()) return loaded;
  ParsedDirectory parsed = ParseTeamDirectory(std::move(texts));
  loaded.problems = std::move(parsed.problems);
  if (loaded.problems.empty()) {
    loaded.directory = std::make_shared<const TeamDirectory>(std::move(parsed.teams));
  }
  return loaded;
}

}  // namespace plimsoll::cli
