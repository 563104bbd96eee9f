// Takes a container image apart: "registry:5000/team/app:1.2@sha256:...".
//
// Grammar of github.com/distribution/reference (regexp.go, normalize.go): the part before the first "/" is a registry only if
// it has a "." or ":", is "localhost", or has an upper-case letter; a colon before a "/" is a port, never a tag.
//
// Pure, no allocation; views into the given text.
#pragma once

#include <cstdint>
#include <string_view>

namespace plimsoll {

struct ImageReference {
  enum class State : uint8_t {
    kValid,
    kEmpty,
    kUnrendered,  // a template or a `ko://` import path: what will run is not known yet
    kInvalid,     // the container runtime would answer InvalidImageName
  };
  State state = State::kEmpty;
  std::string_view registry;    // "" where none is named (docker.io)
  std::string_view repository;  // path without registry
  std::string_view tag;         // "" where none
  std::string_view digest;      // "sha256:...", "" where none
  std::string_view name;        // all before tag and digest
};

ImageReference ParseImageReference(std::string_view image);

// `ko://`, "{{", "${...}", "$(...)", "<...>".
bool IsUnrenderedImage(std::string_view image);

}  // namespace plimsoll
