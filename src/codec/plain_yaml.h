// Reads the YAML that manifests are mostly written in, and gives the same events to a YamlBuilder as yaml-cpp would, ten times as
// fast: block mappings and lists with short plain keys; plain values, also over several lines; values in quotes on one line;
// flow collections; literal blocks; nulls that are not written; comments. ASCII, no tabs.
//
// What it does not know for sure it leaves to yaml-cpp: anchors, tags, folded blocks, quotes over several lines, escapes that
// nobody writes, everything that is wrong. So no message is its own, and no document is read in another way than before:
// tests/codec/plain_yaml_test.cc compares the two on everything there is (docs/adr/0115).
//
// Pure. Thread-safety: a function. Errors: false, and the builder is to begin anew; also where the builder refuses.
#pragma once

#include <string_view>

#include "codec/yaml_builder.h"

namespace plimsoll {

// `text`: a whole chunk, for which the builder has begun.
bool ReadPlainYaml(std::string_view text, YamlBuilder& builder);

}  // namespace plimsoll
