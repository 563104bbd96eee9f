// The floor of `plimsoll check`: finds and reads the files, parses them to documents, and judges nothing. Prints bytes,
// documents and objects.
//
// Usage: manifests_floor PATH...
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "plimsoll/codec/manifest.h"
#include "plimsoll/files/manifest_files.h"

int main(int argc, char** argv) {
  size_t bytes = 0;
  size_t documents = 0;
  size_t objects = 0;
  for (int i = 1; i < argc; ++i) {
    const plimsoll::FoundFiles found = plimsoll::FindManifestFiles(argv[i]);
    for (const std::string& file : found.files) {
      plimsoll::Result<std::string> text = plimsoll::ReadFile(file, plimsoll::kMaxManifestBytes);
      if (!text) continue;
      bytes += text->size();
      const auto manifests = plimsoll::ParseManifests(*std::move(text));
      documents += manifests->document_count;
      objects += manifests->objects.size();
    }
  }
  std::cout << bytes << " " << documents << " " << objects << "\n";
  return bytes == 0 ? 1 : 0;
}
