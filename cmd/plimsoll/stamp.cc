#include "stamp.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <system_error>
#include <utility>

#include "plimsoll/codec/manifest_edit.h"
#include "plimsoll/files/atomic_file.h"
#include "plimsoll/files/manifest_files.h"
#include "plimsoll/files/signals_held.h"

namespace plimsoll::cli {
namespace {

constexpr std::array<std::string_view, 1> kMetadata = {"metadata"};
constexpr std::array<std::string_view, 1> kAnnotations = {"annotations"};
constexpr std::array<std::string_view, 1> kStamp = {kCheckedAnnotation};

// The same object but for its stamp.
bool SameButForTheStamp(JsonView before, JsonView after) {
  const JsonView old_metadata = before["metadata"];
  const JsonView metadata = after["metadata"];
  return MembersEqual(before, after, kMetadata) &&
         MembersEqual(old_metadata, metadata, kAnnotations) &&
         MembersEqual(old_metadata["annotations"], metadata["annotations"], kStamp);
}

// "" where the edited text says what it said before, and the stamps.
std::string WhatElseChanged(const InputFile& file, const std::string& text,
                            const std::map<uint32_t, std::string>& stamped) {
  const std::unique_ptr<Manifests> after = ParseManifests(text);
  const std::vector<JsonView>& before = file.manifests->objects;
  if (after->objects.size() != before.size() || after->problems.size() != file.problems.size()) {
    return "it could not be read any more";
  }
  for (size_t i = 0; i < before.size(); ++i) {
    const auto wanted = stamped.find(static_cast<uint32_t>(i));
    if (wanted == stamped.end()) {
      if (!DeepEquals(before[i], after->objects[i])) return "it would change another object";
      continue;
    }
    const JsonView stamp = after->objects[i]["metadata"]["annotations"][kCheckedAnnotation];
    if (stamp.AsString() != wanted->second || !SameButForTheStamp(before[i], after->objects[i])) {
      return "it would change more than the stamp";
    }
  }
  return {};
}

uint32_t IndexOf(const InputFile& file, JsonView object) {
  const std::vector<JsonView>& objects = file.manifests->objects;
  const auto found = std::find_if(objects.begin(), objects.end(), [&](JsonView one) {
    return one.document() == object.document() && one.index() == object.index();
  });
  return static_cast<uint32_t>(found - objects.begin());
}

// Through symbolic links to the file itself, with its permissions.
Status WriteOver(const std::string& name, const std::string& text) {
  std::error_code failed;
  const std::string path = std::filesystem::canonical(name, failed).string();
  struct ::stat facts{};
  if (failed || ::stat(path.c_str(), &facts) != 0) {
    return Fail(ErrorCode::kUnavailable, "cannot be found any more");
  }
  return WriteFileAtomically(path, text, facts.st_mode & 07777U);
}

void StampFile(const InputFile& file, const std::vector<const StampRequest*>& requests,
               std::vector<Diagnostic>& problems) {
  const auto refuse = [&](SourcePosition position, const std::string& why) {
    problems.push_back(Diagnostic{file.name, position, "", "not stamped: " + why});
  };
  const Result<std::string> text = ReadFile(file.name, kMaxFileBytes);
  if (!text) return refuse({}, text.error().message);
  std::vector<TextEdit> edits;
  std::map<uint32_t, std::string> stamped;
  for (const StampRequest* request : requests) {
    Result<TextEdit> edit =
        SetAnnotation(*text, request->object, kCheckedAnnotation, request->value);
    if (!edit) {
      refuse(edit.error().position, edit.error().message);
      continue;
    }
    edits.push_back(*std::move(edit));
    stamped[IndexOf(file, request->object)] = request->value;
  }
  if (edits.empty()) return;
  const std::string edited = ApplyEdits(*text, std::move(edits));
  if (const std::string why = WhatElseChanged(file, edited, stamped); !why.empty()) {
    return refuse({}, why + "; write the annotation by hand");
  }
  if (const Status written = WriteOver(file.name, edited); !written) {
    refuse({}, written.error().message);
  }
}

}  // namespace

std::vector<Diagnostic> WriteStamps(const std::vector<StampRequest>& requests) {
  const SignalsHeld held;  // some files stamped and others not would have to be told apart by hand
  std::vector<Diagnostic> problems;
  std::map<const InputFile*, std::vector<const StampRequest*>> files;
  std::vector<const InputFile*> order;
  for (const StampRequest& request : requests) {
    const JsonView before = request.object["metadata"]["annotations"][kCheckedAnnotation];
    if (before.AsString() == request.value) continue;
    if (files[request.file].empty()) order.push_back(request.file);
    files[request.file].push_back(&request);
  }
  for (const InputFile* file : order) StampFile(*file, files[file], problems);
  return problems;
}

}  // namespace plimsoll::cli
