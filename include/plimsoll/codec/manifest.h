// Reads manifest text, YAML or JSON, one document or many, to Documents with positions, typed as kubectl and the API
// server type them (sigs.k8s.io/yaml 1.6). `List` objects are unrolled: `List` itself and every kind that ends in "List"
// and has an array of items; items that leave out apiVersion and kind get those of the list, as client-go gives them.
//
// A document that cannot be read takes no other with it. Numbers have their JSON spelling; numbers beyond 64 bits or a
// double's range keep what kubectl would make of them.
//
// Pure: no files. Thread-safety: functions; the result is immutable.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/position.h"
#include "plimsoll/codec/json_parser.h"

namespace plimsoll {

// After aliases are followed; an alias bomb of 280 bytes unfolds to more than a million.
// Counts for one document, and for what the aliases of all documents of a text stand for.
inline constexpr size_t kMaxYamlNodes = 1'000'000;

// All manifests of a large cluster in one text are some tens of MiB; positions are kept in 32 bits.
inline constexpr size_t kMaxManifestBytes = 256 * 1024 * 1024;

// What is said of a document that is a template still.
inline constexpr std::string_view kUnrenderedTemplate =
    "unrendered template: render first (helm template / kustomize build)";

struct Manifests {
  // What the views below point into.
  std::string text;
  std::vector<std::unique_ptr<Document>> documents;

  // The objects found, with the items of `List` kinds in place of the list. Empty documents are left out.
  std::vector<JsonView> objects;
  // With kReject: the objects of documents that have duplicate keys. Not to be used; whoever tells their author what is wrong
  // with them can go on and tell the rest.
  std::vector<JsonView> refused;
  size_t document_count = 0;  // as the file has them, empty ones not counted

  // Every problem of the text, in order; a document with a problem that makes it unreadable has no object. Duplicate keys
  // are listed here as well as noted in the document; with kNote it is read all the same (the last one counts).
  std::vector<Diagnostic> problems;
};

// `text` is moved into the result (it must outlive the views). Never throws. JSON is recognised by its first character.
std::unique_ptr<Manifests> ParseManifests(std::string text,
                                          DuplicateKeys duplicates = DuplicateKeys::kNote);

}  // namespace plimsoll
