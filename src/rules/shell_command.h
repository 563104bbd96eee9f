// Can this command fail? Asked of exec probes: `true`, `sh -c "curl -f localhost || true"` and `echo ok` report success
// whatever the container does.
//
// A small reader of POSIX shell (IEEE 1003.1 §2): words and quotes, lists, pipelines, groups. What it does not know, it
// takes for a command that may fail: a wrong "cannot fail" would refuse a good probe. It finds what people write to get
// past a gate, not what somebody hides in a script file.
//
// Pure; linear in the command's length.
#pragma once

#include <string>
#include <vector>

namespace plimsoll {

// True if the exit status of this command line is always 0.
bool CannotFail(const std::vector<std::string>& command);

// The command as one line, for patterns: program without its system directory, words joined by single spaces, `sh -c`
// and wrappers such as env and timeout taken off as long as what is left is one simple command.
std::string PlainCommandLine(const std::vector<std::string>& command);

}  // namespace plimsoll
