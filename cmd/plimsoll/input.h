// The files a command was given, read and parsed; problems are kept beside what could be read.
//
// Reading and parsing use several threads; the result is the same as with one.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "plimsoll/base/position.h"
#include "plimsoll/codec/manifest.h"

namespace plimsoll::cli {

struct InputFile {
  std::string name;  // as shown: the path, or <stdin>
  // Null where there is nothing: it could not be read, or this entry only carries problems of a folder.
  std::unique_ptr<Manifests> manifests = {};
  bool is_file = true;
  bool unreadable = false;  // as against: read, and something is wrong with it
  // With this file's name in each.
  std::vector<Diagnostic> problems = {};
};

// Everything `paths` stand for, in that order, each file once; "-" is standard input. Duplicate keys are kept as notes
// of the documents or refused, as asked for.
std::vector<InputFile> ReadInput(const std::vector<std::string>& paths, DuplicateKeys duplicates);

// What the file holds from now on: its text after an edit, read again.
void SetManifests(InputFile& file, std::unique_ptr<Manifests> manifests);

// Calls `work(i)` for every i below `count` from a few threads. `work` must not throw. `worth_a_thread`: so many items take
// longer than a thread costs to begin.
void ForEachInParallel(size_t count, size_t worth_a_thread,
                       const std::function<void(size_t)>& work);

}  // namespace plimsoll::cli
