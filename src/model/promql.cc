#include "plimsoll/model/promql.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include "model/promql_lexer.h"

namespace plimsoll {
namespace {

using Kind = PromqlToken::Kind;

template <size_t N>
bool IsOneOf(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return IsPromqlWord(text, word); });
}

constexpr std::array<std::string_view, 16> kAggregations = {
    "sum",  "avg",     "min",      "max",   "count",  "count_values", "stddev", "stdvar",
    "topk", "bottomk", "quantile", "group", "limitk", "limit_ratio",  "first",  "last"};
constexpr std::array<std::string_view, 2> kNumbers = {"inf", "nan"};

// 1 binds least; 0: no binary operator.
int PrecedenceOf(const PromqlToken& token) {
  if (token.kind == Kind::kName) {
    if (IsPromqlWord(token.text, "or")) return 1;
    if (IsPromqlWord(token.text, "and") || IsPromqlWord(token.text, "unless")) return 2;
    return IsPromqlWord(token.text, "atan2") ? 5 : 0;
  }
  if (token.kind != Kind::kOperator) return 0;
  const std::string_view op = token.text;
  if (op == "==" || op == "!=" || op == "<=" || op == ">=" || op == "<" || op == ">") return 3;
  if (op == "+" || op == "-") return 4;
  if (op == "*" || op == "/" || op == "%") return 5;
  return op == "^" ? 6 : 0;
}

// Series that one program tells about many: the labels of its own scrape say nothing about whom a series is about.
constexpr std::array<std::string_view, 3> kTellers = {"kube_", "container_", "kubelet_"};
constexpr std::array<std::string_view, 5> kScrapeLabels = {"job", "service", "app", "instance",
                                                           "endpoint"};

void ForgetTeller(PromqlSelection& selection, std::string_view metric) {
  const bool told = std::any_of(kTellers.begin(), kTellers.end(), [&](std::string_view prefix) {
    return metric.starts_with(prefix);
  });
  if (!told) return;
  std::erase_if(selection.matchers, [](const PromqlMatcher& matcher) {
    return std::find(kScrapeLabels.begin(), kScrapeLabels.end(), matcher.label) !=
           kScrapeLabels.end();
  });
}

// on (...), ignoring (...), group_left, group_right.
struct Matching {
  enum class Labels : uint8_t { kAll, kOn, kIgnoring };
  Labels which = Labels::kAll;
  std::vector<std::string> labels;
  bool right_has_many = false;

  bool Compares(std::string_view label) const {
    const bool listed = std::find(labels.begin(), labels.end(), label) != labels.end();
    return which == Labels::kAll || (which == Labels::kOn) == listed;
  }
};

// The left side has the say about its labels; the right side adds what the comparison carries over.
std::optional<PromqlSelection> Join(const PromqlSelection& left, const PromqlSelection& right,
                                    const Matching& matching) {
  PromqlSelection joined = left;
  for (const PromqlMatcher& matcher : right.matchers) {
    if (matching.Compares(matcher.label) && !left.Has(matcher.label)) {
      joined.matchers.push_back(matcher);
    }
  }
  if (joined.matchers.size() > kMaxPromqlMatchers) return std::nullopt;
  return joined;
}

class Parser {
 public:
  Parser(std::string_view text, const PromqlRecords* records) : lexer_(text), records_(records) {
    Advance();
  }

  PromqlSubject Read() {
    std::optional<Alternatives> read = Expression(1);
    if (!read || token_.kind != Kind::kEnd) return {false, {}};
    return {true, *std::move(read)};
  }

 private:
  using Alternatives = std::vector<PromqlSelection>;

  void Advance() { token_ = lexer_.Next(); }
  bool Take(std::string_view mark) {
    if (!token_.Is(mark)) return false;
    Advance();
    return true;
  }
  bool TakeWord(std::string_view word) {
    if (token_.kind != Kind::kName || !IsPromqlWord(token_.text, word)) return false;
    Advance();
    return true;
  }

  // Of both sides. Numbers and scalars speak of nothing, and the other side is what counts.
  static std::optional<Alternatives> Both(Alternatives left, Alternatives right,
                                          const Matching& matching) {
    if (left.empty()) return right;
    if (right.empty()) return left;
    if (matching.right_has_many) std::swap(left, right);
    Alternatives both;
    for (const PromqlSelection& a : left) {
      for (const PromqlSelection& b : right) {
        std::optional<PromqlSelection> joined = Join(a, b, matching);
        if (!joined || both.size() == kMaxPromqlAlternatives) return std::nullopt;
        both.push_back(*std::move(joined));
      }
    }
    return both;
  }

  static std::optional<Alternatives> Either(Alternatives left, Alternatives right) {
    if (left.size() + right.size() > kMaxPromqlAlternatives) return std::nullopt;
    std::move(right.begin(), right.end(), std::back_inserter(left));
    return left;
  }

  std::optional<Alternatives> Expression(int least) {
    if (depth_ == kMaxPromqlDepth) return std::nullopt;
    ++depth_;
    std::optional<Alternatives> left = Operand();
    for (int precedence = PrecedenceOf(token_); left && precedence >= least && precedence > 0;
         precedence = PrecedenceOf(token_)) {
      const std::string_view op = token_.text;
      Advance();
      Matching matching;
      if (!TakeMatching(matching)) return std::nullopt;
      std::optional<Alternatives> right = Expression(precedence + 1);
      if (!right) return std::nullopt;
      if (IsPromqlWord(op, "or")) {
        left = Either(*std::move(left), *std::move(right));
      } else if (!IsPromqlWord(op, "unless")) {
        left = Both(*std::move(left), *std::move(right), matching);
      }
    }
    --depth_;
    return left;
  }

  bool TakeMatching(Matching& matching) {
    (void)TakeWord("bool");
    if (TakeWord("on")) {
      matching.which = Matching::Labels::kOn;
      if (!TakeLabels(&matching.labels)) return false;
    } else if (TakeWord("ignoring")) {
      matching.which = Matching::Labels::kIgnoring;
      if (!TakeLabels(&matching.labels)) return false;
    }
    matching.right_has_many =
        token_.kind == Kind::kName && IsPromqlWord(token_.text, "group_right");
    if (!TakeWord("group_left") && !TakeWord("group_right")) return true;
    return !token_.Is("(") || TakeLabels(nullptr);
  }

  // "(a, b)"; `labels` may be null.
  bool TakeLabels(std::vector<std::string>* labels) {
    if (!Take("(")) return false;
    while (!Take(")")) {
      std::string label;
      if (token_.kind == Kind::kString) {
        if (!UnquotePromql(token_.text, label)) return false;
      } else if (token_.kind == Kind::kName) {
        label = token_.text;
      } else {
        return false;
      }
      Advance();
      if (labels != nullptr && labels->size() < kMaxPromqlMatchers) {
        labels->push_back(std::move(label));
      }
      if (!Take(",") && !token_.Is(")")) return false;
    }
    return true;
  }

  std::optional<Alternatives> Operand() {
    while (token_.Is("-") || token_.Is("+")) Advance();
    std::optional<Alternatives> operand = Primary();
    while (operand) {
      if (token_.Is("[")) {
        if (!SkipRange()) return std::nullopt;
      } else if (TakeWord("offset") || Take("@")) {
        if (!SkipInstant()) return std::nullopt;
      } else {
        break;
      }
    }
    return operand;
  }

  // [5m], [5m:1m], [5m:].
  bool SkipRange() {
    for (Advance(); !token_.Is("]"); Advance()) {
      if (token_.kind == Kind::kEnd || token_.kind == Kind::kBad || token_.Is("[")) return false;
    }
    Advance();
    return true;
  }

  // "-5m", "1609746000", "start()".
  bool SkipInstant() {
    while (token_.Is("-") || token_.Is("+")) Advance();
    if (token_.kind == Kind::kNumber) {
      Advance();
      return true;
    }
    if (!TakeWord("start") && !TakeWord("end")) return false;
    return Take("(") && Take(")");
  }

  std::optional<Alternatives> Primary() {
    if (Take("(")) {
      std::optional<Alternatives> inside = Expression(1);
      if (!inside || !Take(")")) return std::nullopt;
      return inside;
    }
    if (token_.Is("{")) return Selector("");
    if (token_.kind == Kind::kNumber || token_.kind == Kind::kString) {
      Advance();
      return Alternatives{};
    }
    if (token_.kind != Kind::kName) return std::nullopt;
    const std::string_view name = token_.text;
    Advance();
    if (IsOneOf(name, kAggregations) && (IsGrouping() || token_.Is("("))) {
      if (IsGrouping() && !SkipGrouping()) return std::nullopt;
      std::optional<Alternatives> inside = Arguments();
      if (inside && IsGrouping() && !SkipGrouping()) return std::nullopt;
      return inside;
    }
    if (token_.Is("(")) return Arguments();
    if (IsOneOf(name, kNumbers)) return Alternatives{};
    return Selector(name);
  }

  bool IsGrouping() const {
    return token_.kind == Kind::kName &&
           (IsPromqlWord(token_.text, "by") || IsPromqlWord(token_.text, "without"));
  }
  bool SkipGrouping() {
    Advance();
    return TakeLabels(nullptr);
  }

  // Of a function or an aggregation; the first one that speaks of series has the say.
  std::optional<Alternatives> Arguments() {
    if (!Take("(")) return std::nullopt;
    Alternatives all;
    while (!Take(")")) {
      std::optional<Alternatives> argument = Expression(1);
      if (!argument) return std::nullopt;
      std::optional<Alternatives> both = Both(std::move(all), *std::move(argument), {});
      if (!both) return std::nullopt;
      all = *std::move(both);
      if (!Take(",") && !token_.Is(")")) return std::nullopt;
    }
    return all;
  }

  // A name, a selector in braces, or both.
  std::optional<Alternatives> Selector(std::string_view name) {
    Alternatives found(1);
    std::string metric(name);
    if (token_.Is("{") && !Matchers(found, metric)) return std::nullopt;
    if (!metric.empty() && records_ != nullptr) {
      if (const auto record = records_->find(metric); record != records_->end()) {
        if (!record->second.known) return std::nullopt;
        return Both(std::move(found), record->second.alternatives, {});
      }
    }
    if (!metric.empty()) {
      for (PromqlSelection& selection : found) {
        ForgetTeller(selection, metric);
        if (!selection.Has("__name__")) {
          selection.matchers.push_back({"__name__", false, ValuePattern::Exactly(metric)});
        }
      }
    }
    return found;
  }

  // {a="b", "quoted.label"=~"c", "quoted_metric", d!="e" or f="g"}: `or` is VictoriaMetrics'.
  bool Matchers(Alternatives& found, std::string& metric) {
    Advance();
    while (!Take("}")) {
      if (TakeWord("or")) {
        if (found.size() == kMaxPromqlAlternatives) return false;
        found.emplace_back();
        continue;
      }
      if (!OneMatcher(found.back(), metric)) return false;
      if (token_.kind == Kind::kName && IsPromqlWord(token_.text, "or")) continue;
      if (!Take(",") && !token_.Is("}")) return false;
    }
    return true;
  }

  bool OneMatcher(PromqlSelection& selection, std::string& metric) {
    PromqlMatcher matcher;
    const bool quoted = token_.kind == Kind::kString;
    if (quoted && !UnquotePromql(token_.text, matcher.label)) return false;
    if (!quoted && token_.kind != Kind::kName) return false;
    if (!quoted) matcher.label = token_.text;
    Advance();
    if (quoted && (token_.Is(",") || token_.Is("}"))) {
      metric = matcher.label;
      return true;
    }
    const std::string_view op = token_.text;
    if (token_.kind != Kind::kOperator) return false;
    const bool expression = op == "=~" || op == "!~";
    if (!expression && op != "=" && op != "!=") return false;
    matcher.negative = op.starts_with('!');
    Advance();
    std::string value;
    if (token_.kind != Kind::kString || !UnquotePromql(token_.text, value)) return false;
    Advance();
    std::optional<ValuePattern> pattern =
        expression ? ValuePattern::Matching(value) : ValuePattern::Exactly(value);
    if (!pattern || selection.matchers.size() == kMaxPromqlMatchers) return false;
    if (matcher.label == "__name__" && op == "=") metric = value;
    matcher.pattern = *std::move(pattern);
    selection.matchers.push_back(std::move(matcher));
    return true;
  }

  PromqlLexer lexer_;
  const PromqlRecords* records_;
  PromqlToken token_;
  size_t depth_ = 0;
};

}  // namespace

bool PromqlSelection::Has(std::string_view label) const {
  return std::any_of(matchers.begin(), matchers.end(),
                     [&](const PromqlMatcher& matcher) { return matcher.label == label; });
}

PromqlSubject ReadPromql(std::string_view expression, const PromqlRecords* records) {
  if (expression.size() > kMaxPromqlBytes) return {false, {}};
  return Parser(expression, records).Read();
}

}  // namespace plimsoll
