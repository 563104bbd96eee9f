// URLs of runbooks and alert routes.
#include "rules/url.h"

#include "plimsoll/base/text.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace plimsoll;
  const std::string_view text = FuzzText(data, size);
  Url url;
  const std::string_view problem = Url::Parse(text, url);
  if (problem.empty()) {
    FuzzExpect(text.size() <= kMaxUrlBytes, "a URL is bounded");
    FuzzExpect(!url.scheme().empty(), "a URL has a scheme");
    FuzzExpect(ToLowerAscii(url.host()) == url.host(), "hosts are lower case");
    HostMatches("*.corp.internal", url.host());
    IsReservedHost(url.host());
  }
  static const std::vector<std::string> schemes = {"https", "http"};
  static const std::vector<std::string> hosts = {"*.corp.internal", "wiki"};
  for (const std::vector<std::string>& allowed : {hosts, std::vector<std::string>()}) {
    const UrlVerdict verdict = JudgeUrl(text, UrlRequirements{schemes, allowed});
    FuzzExpect((verdict.grade == UrlGrade::kGood) == verdict.problem.empty(),
               "what is not good has a problem");
    FuzzExpect(verdict.grade != UrlGrade::kGood || problem.empty(), "what is good can be parsed");
  }
  return 0;
}
