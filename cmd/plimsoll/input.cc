#include "input.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <set>
#include <thread>
#include <utility>

#include "plimsoll/base/text.h"
#include "plimsoll/files/manifest_files.h"
#include "terminal.h"

namespace plimsoll::cli {
namespace {

constexpr std::string_view kStandardInput = "-";
constexpr std::string_view kStandardInputName = "<stdin>";

// Judging is quick: more threads than this only wait for each other's memory.
constexpr size_t kMaxThreads = 8;
// Of files that are read; below this a thread costs more than it saves.
constexpr size_t kFilesWorthAThread = 8;

// The files that `path` stands for, without their contents.
std::vector<InputFile> Expand(const std::string& path) {
  std::vector<InputFile> files;
  if (path == kStandardInput) {
    files.push_back(InputFile{.name = std::string(kStandardInputName)});
    return files;
  }
  FoundFiles found = FindManifestFiles(path);
  for (std::string& file : found.files) files.push_back(InputFile{.name = std::move(file)});
  for (Diagnostic& problem : found.problems) {
    InputFile folder{.name = problem.file, .is_file = false, .unreadable = true};
    folder.problems.push_back(std::move(problem));
    files.push_back(std::move(folder));
  }
  return files;
}

void AddProblem(InputFile& file, std::string message) {
  file.unreadable = true;
  file.problems.push_back(Diagnostic{file.name, {}, "", std::move(message)});
}

void Read(InputFile& file, DuplicateKeys duplicates) {
  Result<std::string> text = file.name == kStandardInputName
                                 ? ReadDescriptor(STDIN_FILENO, kMaxFileBytes)
                                 : ReadFile(file.name, kMaxFileBytes);
  if (!text) {
    AddProblem(file, text.error().message);
    return;
  }
  // A pipe whose first command failed looks like this; judging nothing would let everything through.
  if (file.name == kStandardInputName && Trim(*text).empty()) {
    AddProblem(file, "nothing came on standard input: did the command before the pipe fail?");
    return;
  }
  SetManifests(file, ParseManifests(std::move(*text), duplicates));
}

}  // namespace

void SetManifests(InputFile& file, std::unique_ptr<Manifests> manifests) {
  file.manifests = std::move(manifests);
  file.problems = file.manifests->problems;
  for (Diagnostic& problem : file.problems) problem.file = file.name;
}

void ForEachInParallel(size_t count, size_t worth_a_thread,
                       const std::function<void(size_t)>& work) {
  std::atomic<size_t> next = 0;
  const auto run = [&] {
    for (size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) work(i);
  };
  const size_t cores = std::max<size_t>(2, std::thread::hardware_concurrency());
  const size_t helpers = std::min({cores, kMaxThreads, count / worth_a_thread + 1}) - 1;
  std::vector<std::jthread> threads;
  for (size_t i = 0; i < helpers; ++i) threads.emplace_back(run);
  run();
}

std::vector<InputFile> ReadInput(const std::vector<std::string>& paths, DuplicateKeys duplicates) {
  std::vector<InputFile> files;
  std::set<std::string> seen;
  for (const std::string& path : paths) {
    for (InputFile& file : Expand(path)) {
      if (!seen.insert(std::filesystem::path(file.name).lexically_normal().string()).second) {
        continue;
      }
      files.push_back(std::move(file));
    }
  }
  Progress progress("reading", files.size());
  ForEachInParallel(files.size(), kFilesWorthAThread, [&](size_t i) {
    try {
      if (files[i].is_file) Read(files[i], duplicates);
    } catch (const std::exception& error) {  // memory, for the most part
      AddProblem(files[i], std::string("cannot read this file: ") + error.what());
    }
    progress.Advance();
  });
  return files;
}

}  // namespace plimsoll::cli
