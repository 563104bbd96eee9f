// What a YAML scalar means: the rules by which kubectl and the API server read it, that is of sigs.k8s.io/yaml on
// go.yaml.in/yaml/v2 (resolve.go: YAML 1.1's y/yes/on/n/no/off are booleans, 014 and 0o14 octal, 0b and 0x, 1_000; no
// sexagesimals; timestamps stay strings), then of encoding/json for the spelling of numbers.
//
// Integers beyond 64 bits with a 0x, 0o or 0b prefix are strings, as in v2.4. Known differences: !!binary is refused
// (there it is decoded), and integer keys beyond 63 bits become strings (there they are refused).
//
// Pure. Thread-safety: functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plimsoll/base/json_view.h"

namespace plimsoll {

struct YamlScalar {
  JsonKind kind = JsonKind::kString;
  // A view of the value given, of static text, or of the scratch string.
  std::string_view text;
};

// `tag` as yaml-cpp reports it: "?" plain, "!" quoted or block, else a full tag URI. Nothing where the value has no
// meaning: `problem` then says why.
std::optional<YamlScalar> ResolveYamlScalar(std::string_view tag, std::string_view value,
                                            std::string& scratch, std::string& problem);

// The same for a mapping's key, which becomes a string as sigs.k8s.io/yaml makes it one (8080 and 0x1F90 are "8080", on
// is "true", 1.10 is "1.1"). Null has no such string.
std::optional<std::string_view> ResolveYamlKey(std::string_view tag, std::string_view value,
                                               std::string& scratch, std::string& problem);

}  // namespace plimsoll
