// The command line of `plimsoll status`, parsed.
#pragma once

#include <string>

#include "check_options.h"

namespace plimsoll::cli {

struct StatusOptions {
  std::string service;  // "": all of them
  bool owners = false;
  bool json = false;
  bool watch = false;
  std::string owner;  // "": of everybody
  ClusterOptions cluster;
  ColorMode color = ColorMode::kAuto;
};

}  // namespace plimsoll::cli
