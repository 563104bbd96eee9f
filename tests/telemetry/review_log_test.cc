#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plimsoll/base/text.h"
#include "plimsoll/telemetry/logger.h"
#include "tests/telemetry/pipe.h"

namespace plimsoll {
namespace {

using ::plimsoll::testing::Pipe;
using ::testing::HasSubstr;

Verdict Denied() {
  Verdict verdict;
  verdict.decision = Decision::kDeny;
  verdict.owner = "team-a";
  Finding finding;
  finding.policy = "production";
  finding.action = Action::kDeny;
  for (const char* rule : {"health.readiness-probe", "health.readiness-probe", "ownership.owner"}) {
    finding.rule = rule;
    verdict.findings.push_back(finding);
  }
  return verdict;
}

std::string Logged(LogLevel level, const Verdict& verdict) {
  Pipe pipe;
  {
    Logger logger(level, pipe.writer());
    ReviewLog log(logger);
    AdmissionRequest request;
    request.uid = "u-1";
    request.kind = "Deployment";
    request.namespace_name = "payments";
    request.name = "web\",\"level\":\"forged";
    request.username = "ana@corp.internal";
    const AdmissionResponse response;
    log.Observe({request, response, verdict, std::chrono::microseconds(42)});
  }
  pipe.CloseWriter();
  return pipe.ReadAll();
}

TEST(ReviewLog, ADenialIsOneLineWithWhatItTakesToFindIt) {
  EXPECT_THAT(
      Logged(LogLevel::kInfo, Denied()),
      HasSubstr(
          R"("level":"info","msg":"review denied","uid":"u-1","operation":"CREATE",)"
          R"("kind":"Deployment","namespace":"payments","name":"web\",\"level\":\"forged",)"
          R"("user":"ana@corp.internal","dry_run":false,"decision":"deny","exemption":"",)"
          R"("mercy":"","mercy_detail":"","rules":"production/health.readiness-probe,production/ownership.owner",)"
          R"("findings":3,"owner":"team-a","tier":"","duration_us":42,"suppressed_before":0})"));
}

TEST(ReviewLog, AllowedReviewsAreForDebuggingOnly) {
  EXPECT_EQ(Logged(LogLevel::kInfo, Verdict{}), "");
  EXPECT_THAT(Logged(LogLevel::kDebug, Verdict{}), HasSubstr("\"msg\":\"review allowed\""));
}

TEST(ReviewLog, BrokenGlassIsAlwaysTold) {
  Verdict verdict;
  verdict.decision = Decision::kWarn;
  verdict.mercy = Mercy::kBreakGlass;
  verdict.mercy_detail = "INC-1 by ana";
  EXPECT_THAT(Logged(LogLevel::kWarning, verdict),
              HasSubstr(R"("level":"warning","msg":"review let through: the glass was broken")"));
  EXPECT_THAT(Logged(LogLevel::kWarning, verdict),
              HasSubstr(R"("mercy":"break-glass","mercy_detail":"INC-1 by ana")"));

  Pipe pipe;
  {
    Logger logger(LogLevel::kInfo, pipe.writer());
    ReviewLog log(logger);
    for (uint64_t i = 0; i < 2 * kMaxReviewLinesPerSecond; ++i) {
      log.ObserveUndecided("u", "bad_request", "d", std::chrono::microseconds(1));
    }
    const AdmissionRequest request;
    const AdmissionResponse response;
    log.Observe({request, response, verdict, std::chrono::microseconds(42)});
  }
  pipe.CloseWriter();
  EXPECT_THAT(pipe.ReadAll(), HasSubstr("INC-1 by ana"));
}

TEST(ReviewLog, AFloodIsCutAndCounted) {
  Pipe pipe;
  uint64_t dropped = 0;
  constexpr uint64_t kReviews = 20 * kMaxReviewLinesPerSecond;
  {
    Logger logger(LogLevel::kInfo, pipe.writer());
    ReviewLog log(logger);
    const auto start = std::chrono::steady_clock::now();
    for (uint64_t i = 0; i < kReviews; ++i) {
      log.ObserveUndecided("u", "bad_request", "d", std::chrono::microseconds(1));
    }
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - start);
    dropped = logger.dropped();
    // One second's lines at the start, and again for each second it took.
    EXPECT_GE(dropped,
              kReviews - kMaxReviewLinesPerSecond * static_cast<uint64_t>(seconds.count() + 2));
  }
  pipe.CloseWriter();
  const std::string text = pipe.ReadAll();
  EXPECT_EQ(Split(text, '\n').size() - 1 + dropped, kReviews) << "nothing is lost silently";
}

}  // namespace
}  // namespace plimsoll
