// PromQL: any text is understood or not, within the limits.
#include "plimsoll/model/promql.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace plimsoll;
  const std::string_view text = FuzzText(data, size);
  const PromqlSubject subject = ReadPromql(text);
  FuzzExpect(subject.known || subject.alternatives.empty(), "what is not known says nothing");
  FuzzExpect(subject.alternatives.size() <= kMaxPromqlAlternatives, "alternatives are bounded");
  for (const PromqlSelection& selection : subject.alternatives) {
    FuzzExpect(selection.matchers.size() <= kMaxPromqlMatchers + 1, "matchers are bounded");
  }
  // Reading it again, between parentheses, says the same.
  if (!subject.known || size + 4 > kMaxPromqlBytes) return 0;
  const PromqlSubject wrapped = ReadPromql("(" + std::string(text) + "\n)");
  if (!wrapped.known) return 0;  // one level more was one too many
  FuzzExpect(wrapped.alternatives.size() == subject.alternatives.size(), "parentheses say nothing");
  return 0;
}
