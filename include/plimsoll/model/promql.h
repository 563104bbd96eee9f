// Reads a PromQL expression for one thing: which series it speaks of. It is a recogniser, not an engine: it knows the
// grammar well enough to say which matchers hold for the series that the expression can give, and says so when it does not
// (docs/adr/0072).
//
// Semantics: prometheus/prometheus promql/parser (operators, vector matching, aggregation), matching rules of set
// operators: `a or b` speaks of what a or b speak of, `a unless b` of what a does, `a op b` of both, where b's matchers
// count for the labels that are compared.
//
// Hostile input: linear in its length; depth, alternatives and matchers are bounded. Pure, any thread.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/model/value_pattern.h"

namespace plimsoll {

// A page has 3,000 characters; rules that programs make have some ten thousand.
inline constexpr size_t kMaxPromqlBytes = size_t{64} * 1024;
// Parentheses, calls and operands inside each other. People write five.
inline constexpr size_t kMaxPromqlDepth = 100;
// Alternatives of an expression (`or`), multiplied where two of them are joined.
inline constexpr size_t kMaxPromqlAlternatives = 16;
// Of one alternative. Metrics have some ten labels.
inline constexpr size_t kMaxPromqlMatchers = 64;

struct PromqlMatcher {
  std::string label;
  bool negative = false;  // != and !~
  ValuePattern pattern;
};

// Series for which all matchers hold.
struct PromqlSelection {
  std::vector<PromqlMatcher> matchers;
  bool Has(std::string_view label) const;
};

struct PromqlSubject {
  // False: not understood (`alternatives` is empty), because of its syntax or a limit.
  bool known = true;
  // Series of any of these; one without matchers is all series. Empty: the expression speaks of no series ("1 > 0").
  std::vector<PromqlSelection> alternatives;
};

// What recording rules record, by the name of the series: a selector of that name speaks of what the record speaks of, too.
using PromqlRecords = std::map<std::string, PromqlSubject, std::less<>>;

PromqlSubject ReadPromql(std::string_view expression, const PromqlRecords* records = nullptr);

}  // namespace plimsoll
