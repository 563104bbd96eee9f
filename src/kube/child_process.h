// RunChild: another program's output, within limits.
//
// The program is started without a shell and without a terminal, in a process group of its own, with our environment and
// what is added to it. It is killed with all it has started when it takes too long or writes too much.
//
// Thread-safety: functions without state, from any thread. Errors name the program, never what it wrote to its output.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "plimsoll/base/result.h"
#include "plimsoll/net/patience.h"

namespace plimsoll::kube {

struct ChildProcess {
  std::string command;  // without a slash: looked for in PATH
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> environment;  // added, or in place of ours
  size_t max_output = 0;
};

struct ChildOutput {
  int exit_code = 0;         // 128 + signal where one has ended it
  std::string output;        // may be a secret
  std::string error_output;  // its beginning, for people
};

Result<ChildOutput> RunChild(const ChildProcess& child, const net::Patience& patience);

}  // namespace plimsoll::kube
