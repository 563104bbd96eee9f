#include "rules/shell_command.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plimsoll {
namespace {

using Command = std::vector<std::string>;

Command Sh(std::string script) { return {"sh", "-c", std::move(script)}; }

TEST(ShellCommandTest, FindsCommandsThatCannotFail) {
  const std::vector<Command> commands = {
      {"true"},
      {"/bin/true"},
      {"/usr/bin/true"},
      {":"},
      {"exit", "0"},
      {"echo", "ok"},
      {"/bin/echo"},
      {"printf", "ok"},
      {"sleep", "1"},
      {"cat"},
      {"cat", "/dev/null"},
      {"ls"},
      {"ls", "-la", "/"},
      {"date"},
      {"sh"},
      {"kill", "-0", "1"},
      {"nginx", "-V"},
      {"java", "-version"},
      {"busybox", "true"},
      {"env", "A=b", "true"},
      {"timeout", "5", "true"},
      {"timeout", "-s", "KILL", "5", "sh", "-c", "exit 0"},
      {"nice", "-n", "5", "echo"},
      {"test", "1"},
      {"test", "-d", "/"},
      {"[", "1", "-eq", "1", "]"},
      Sh("true"),
      Sh(""),
      Sh("  # only a remark"),
      Sh("exit"),
      Sh("exit 0"),
      Sh("exit 0; exit 1"),
      Sh("echo $(curl -f localhost)"),
      Sh("curl -f localhost || true"),
      Sh("curl -f localhost || :"),
      Sh("curl -f localhost || exit 0"),
      Sh("curl -f localhost; true"),
      Sh("curl -f localhost\ntrue"),
      Sh("curl -f localhost; exit 0"),
      Sh("curl -f localhost >/dev/null 2>&1 || echo down"),
      Sh("curl -f localhost | cat"),
      Sh("curl -f localhost &"),
      Sh("(curl -f localhost; true)"),
      Sh("{ curl -f localhost; } || true"),
      Sh("! false"),
      Sh("true && true"),
      Sh("false || true"),
      Sh("'true'"),
      Sh("tr\\ue"),
      Sh("\"true\""),
      Sh("X=1"),
      Sh("X=1 true"),
      Sh("exec true"),
      Sh("eval 'true'"),
      Sh("sh -c 'sh -c true'"),
      Sh("set -e; true"),
      Sh("set -e; curl -f localhost || true"),
      Sh("[ 1 = 1 ]"),
      Sh("test x"),
      {"/bin/bash", "-ec", "true"},
      {"bash", "-o", "pipefail", "-c", "true"},
      {"/bin/sh", "-c", "--", "true"},
  };
  for (const Command& command : commands) {
    EXPECT_TRUE(CannotFail(command)) << ::testing::PrintToString(command);
  }
}

TEST(ShellCommandTest, LetsThroughWhatMayFail) {
  const std::vector<Command> commands = {
      {},
      {"false"},
      {"exit", "1"},
      {"cat", "/tmp/ready"},
      {"ls", "/var/run/app.sock"},
      {"ls", "/var/run/app.sock", "-l"},
      {"pg_isready", "-q"},
      {"redis-cli", "ping"},
      {"/opt/app/true"},
      {"test", "-f", "/tmp/ready"},
      {"test", "-e", "/var/run/app"},
      {"test", ""},
      {"kill", "-0", "17"},
      {"env", "A=b", "/bin/health"},
      {"timeout", "5", "curl", "-f", "localhost"},
      {"sh", "/scripts/ready.sh"},
      {"sh", "-c"},
      {"date", "+%s"},
      Sh("curl -f localhost"),
      Sh("curl -f localhost || exit 1"),
      Sh("curl -f localhost || exit 1; true"),
      Sh("curl -f localhost || exit 1; exit 0"),
      Sh("curl -f localhost && true"),
      Sh("curl -f localhost && echo ok"),
      Sh("curl -f localhost && exit 0; exit 1"),
      Sh("set -e; curl -f localhost; true"),
      Sh("set -o errexit\ncurl -f localhost\ntrue"),
      Sh("set -o pipefail; curl -f localhost | cat"),
      {"sh", "-ec", "curl -f localhost; echo ok"},
      {"bash", "-eo", "pipefail", "-c", "curl -f localhost | cat"},
      Sh("true | grep -q x"),
      Sh("! curl -f localhost"),
      Sh("! true"),
      Sh("[ -f /tmp/ready ]"),
      Sh("[ \"$(cat /tmp/state)\" = \"ready\" ]"),
      Sh("test $(date +%s) -lt 5"),
      Sh("X=$(curl -f localhost)"),
      Sh("cat < /tmp/ready"),
      Sh("$PROBE"),
      Sh("exit $CODE"),
      Sh("curl -f localhost; exit $?"),
      Sh("if curl -f localhost; then exit 0; else exit 1; fi"),
      Sh("for i in 1 2; do curl -f localhost; done"),
      Sh("probe() { curl -f localhost; }; probe"),
      Sh("trap 'exit 1' TERM; true"),
      Sh("echo ok > /data/writable"),
      Sh("cat <<EOF\nx\nEOF"),
      Sh("(curl -f localhost"),
      Sh("'unfinished"),
      Sh("echo `unfinished"),
      Sh("echo $(unfinished"),
      Sh("true )"),
      Sh("; ; | true"),
  };
  for (const Command& command : commands) {
    EXPECT_FALSE(CannotFail(command)) << ::testing::PrintToString(command);
  }
}

TEST(ShellCommandTest, EndsOnHostileInput) {
  EXPECT_FALSE(CannotFail(Sh(std::string(1000, '(') + "true" + std::string(1000, ')'))));
  EXPECT_FALSE(CannotFail(Sh(std::string(1 << 20, ';'))));
  EXPECT_FALSE(CannotFail(Sh(std::string(16000, '$'))));
  EXPECT_FALSE(CannotFail(Sh(std::string("curl \0 x", 8))));
  std::string shells = "true";
  for (int i = 0; i < 40; ++i) shells = "eval \"" + shells + "\"";
  EXPECT_FALSE(CannotFail(Sh(shells)));
  Command wrapped(20000, "env");
  wrapped.emplace_back("true");
  EXPECT_FALSE(CannotFail(wrapped));
}

TEST(ShellCommandTest, TakesOffShellsAndWrappers) {
  EXPECT_EQ(PlainCommandLine({"/bin/cat", "/tmp/healthy"}), "cat /tmp/healthy");
  EXPECT_EQ(PlainCommandLine(Sh("cat  '/tmp/healthy'")), "cat /tmp/healthy");
  EXPECT_EQ(PlainCommandLine({"timeout", "1", "env", "A=1", "sh", "-ec", "exec cat /tmp/healthy"}),
            "cat /tmp/healthy");
  EXPECT_EQ(PlainCommandLine(Sh("a; b")), "sh -c a; b");
  EXPECT_EQ(PlainCommandLine({}), "");
}

}  // namespace
}  // namespace plimsoll
