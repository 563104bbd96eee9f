#include "plimsoll/telemetry/logger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <optional>
#include <thread>
#include <vector>

#include "plimsoll/base/text.h"
#include "tests/telemetry/pipe.h"

namespace plimsoll {
namespace {

using ::plimsoll::testing::Pipe;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

TEST(Logger, OneJsonObjectPerLine) {
  Pipe pipe;
  ASSERT_TRUE(pipe.valid());
  {
    Logger logger(LogLevel::kInfo, pipe.writer());
    logger.Log(LogLevel::kInfo, "ready", {{"port", int64_t{8443}}, {"tls", true}, {"on", "lo"}});
    logger.Log(LogLevel::kDebug, "not shown");
    logger.Log(LogLevel::kError, "{}% %s {0}", {{"text", "a\"b\\c\nd\x01\xff"}});
  }
  pipe.CloseWriter();
  const std::string text = pipe.ReadAll();
  const auto lines = Split(text, '\n');
  ASSERT_EQ(lines.size(), 3u) << text;
  EXPECT_THAT(std::string(lines[0]),
              MatchesRegex("\\{\"time\":\"[0-9-]+T[0-9:]+\\.[0-9]+Z\",\"level\":\"info\","
                           "\"msg\":\"ready\",\"port\":8443,\"tls\":true,\"on\":\"lo\"\\}"));
  EXPECT_THAT(std::string(lines[1]),
              HasSubstr("\"level\":\"error\",\"msg\":\"{}% %s {0}\",\"text\":\"a\\\"b\\\\c d "
                        "\xEF\xBF\xBD\"}"));
  EXPECT_EQ(lines[2], "");
}

TEST(Logger, LongTextsAreCut) {
  Pipe pipe;
  {
    Logger logger(LogLevel::kInfo, pipe.writer());
    logger.Log(LogLevel::kInfo, "m", {{"text", std::string(1'000'000, 'x')}});
  }
  pipe.CloseWriter();
  const std::string text = pipe.ReadAll();
  EXPECT_LT(text.size(), kMaxLogTextBytes + 200);
  EXPECT_THAT(text, EndsWith("…\"}\n"));
}

TEST(Logger, NobodyWaitsForAPipeThatNobodyReads) {
  Pipe pipe;
  const std::string text(1000, 'x');
  constexpr uint64_t kLines = 3000;  // three times what the queue holds
  uint64_t dropped = 0;
  {
    Logger logger(LogLevel::kInfo, pipe.writer());
    for (uint64_t i = 0; i < kLines; ++i) logger.Log(LogLevel::kInfo, "m", {{"text", text}});
    dropped = logger.dropped();
  }  // gives up after kMaxFlushTime, or this test never ends
  EXPECT_GT(dropped, 0u);
  EXPECT_LT(dropped, kLines);
}

TEST(Logger, AReaderThatWentAwayIsSurvived) {
  std::signal(SIGPIPE, SIG_IGN);
  std::optional<Pipe> pipe(std::in_place);
  const int writer = dup(pipe->writer());
  pipe.reset();
  {
    Logger logger(LogLevel::kInfo, writer);
    logger.Log(LogLevel::kInfo, "m");
  }
  close(writer);
}

TEST(Logger, LinesOfManyThreadsStayWhole) {
  Pipe pipe;
  std::string text;
  std::jthread reader([&] { text = pipe.ReadAll(); });
  {
    Logger logger(LogLevel::kInfo, pipe.writer());
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int line = 0; line < 500; ++line) logger.Log(LogLevel::kInfo, "message");
      });
    }
  }
  pipe.CloseWriter();
  reader.join();
  const auto lines = Split(text, '\n');
  EXPECT_EQ(lines.size(), 2001u);
  for (const std::string_view line : lines) {
    if (line.empty()) continue;
    EXPECT_TRUE(line.starts_with('{') && line.ends_with("\"message\"}")) << line;
  }
}

TEST(Logger, Levels) {
  EXPECT_EQ(ParseLogLevel("warning"), LogLevel::kWarning);
  EXPECT_EQ(ParseLogLevel("WARN"), std::nullopt);
}

}  // namespace
}  // namespace plimsoll
