// A rule: one question about one workload, with what its reader needs to know: which incident it prevents and how to put
// it right. A rule is one file in src/rules/ that defines one function returning its Rule; src/rules/catalog.cc lists
// them. Cases are in tests/rules/<rule id>/.
//
// Rules are pure functions: same workload, parameters and environment, same outcome. Thread-safety: all of this is
// immutable data and may be used from any thread.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/position.h"
#include "plimsoll/base/time.h"
#include "plimsoll/model/action.h"
#include "plimsoll/model/related_kind.h"
#include "plimsoll/model/workload.h"

namespace re2 {
class RE2;
}

namespace plimsoll {

class LinkResults;
class Neighbours;
class TeamDirectory;

// ---- parameters ----

enum class ParameterType : uint8_t {
  kBoolean,
  kInteger,
  kString,
  kEnum,         // a string out of `allowed`
  kStringList,   // strings
  kGlobList,     // shell-style patterns, for container names
  kHostList,     // host names; "*.corp.internal" matches whole labels below it
  kKeyList,      // label or annotation keys (validated as qualified names)
  kAliasList,    // "old=new"
  kNetworkList,  // IP networks such as "10.20.0.0/16"
  kPattern,      // RE2 regular expression, matched against the whole value; "" = none
};

std::string_view ParameterTypeName(ParameterType type);

struct ParameterSpec {
  std::string_view name;
  ParameterType type = ParameterType::kString;
  std::string_view default_json;  // its default in JSON: `true`, `2`, `"traffic"`, `["a","b"]`
  std::string_view description;   // one sentence
  // kEnum: its values. kStringList: what may be in it, and then something must be.
  std::span<const std::string_view> allowed = {};
  int64_t minimum = 0;          // kInteger
  int64_t maximum = INT64_MAX;  // kInteger
};

// A rule's parameters, validated and in the order of its specs.
class Parameters {
 public:
  bool Boolean(size_t spec) const { return std::get<bool>(values_[spec]); }
  int64_t Integer(size_t spec) const { return std::get<int64_t>(values_[spec]); }
  const std::string& String(size_t spec) const { return std::get<std::string>(values_[spec]); }
  const std::vector<std::string>& List(size_t spec) const {
    return std::get<std::vector<std::string>>(values_[spec]);
  }
  // Null where the parameter is "".
  const re2::RE2* Pattern(size_t spec) const {
    return std::get<std::shared_ptr<const re2::RE2>>(values_[spec]).get();
  }

  using Value = std::variant<bool, int64_t, std::string, std::vector<std::string>,
                             std::shared_ptr<const re2::RE2>>;
  std::vector<Value>& values() { return values_; }

  // Patterns by their text.
  friend bool operator==(const Parameters& a, const Parameters& b);

 private:
  std::vector<Value> values_;
};

struct Rule;

// Checks `given` (an object, or missing/null for all defaults) against the rule's specs. Every problem is added to
// `problems` with its position and its path below `path`; what is wrong gets its default, so the result is always usable.
Parameters CompileParameters(const Rule& rule, JsonView given, std::string_view path,
                             std::vector<Diagnostic>& problems);

// ---- evaluation ----

// What a rule may know besides the workload.
struct RuleEnvironment {
  Timestamp now;
  JsonView namespace_labels;       // an object of strings, or missing where not known
  JsonView namespace_annotations;  // likewise
  // What there is beside the workload at hand; null where nothing of the kind is known.
  Neighbours* beside = nullptr;
  // As in EvaluationContext; null where not known.
  const TeamDirectory* directory = nullptr;
  const LinkResults* links = nullptr;
  // Where this policy looks for the owner of a workload; null: the defaults of ownership.owner.
  const std::vector<std::string>* owner_keys = nullptr;
};

struct Violation {
  std::string path;
  std::string container;
  std::string message;
  std::string observed;
  std::string required;
  std::string fix;
  // Tells two findings of one rule apart across versions of an object (the ratchet): the container's name and what is
  // wrong, not where in a list it stands. "" means container and path.
  std::string identity;
  // The strongest action this finding may have, whatever the policy's stage: Warn for what is poor but not wrong (a
  // runbook link that leads to a front page).
  Action strongest = Action::kDeny;
  // It rests on what other objects are there or not: on a new object, which comes before what belongs to it, it is not a
  // finding yet (EvaluationContext::settles_at). Always so for rules of the class kCrossObject.
  bool related = false;
};

// As many as a verdict shows. An object may have a hundred thousand containers; memory stays bounded all the same.
inline constexpr size_t kMaxViolationsPerRule = 500;

// Filled by a rule. A rule that says nothing has passed.
class RuleOutcome {
 public:
  void Fail(Violation violation) {
    if (violations_.size() < kMaxViolationsPerRule) {
      violations_.push_back(std::move(violation));
    } else {
      ++untold_;
    }
  }
  // The same with a violation that is only described where there is room for it: `describe` returns it. Words and fix
  // cost microseconds, which count where an object has a hundred thousand containers.
  template <std::invocable Describe>
  void Fail(Describe&& describe) {
    if (violations_.size() < kMaxViolationsPerRule) {
      violations_.push_back(describe());
    } else {
      ++untold_;
    }
  }
  // The question does not arise; `reason` must outlive the outcome (a literal). Ignored once something failed.
  void NotApplicable(std::string_view reason) { not_applicable_ = reason; }
  // It has passed, and this is worth knowing ("inherited from team payments"). Ignored where anything else is said.
  void Note(std::string note) { note_ = std::move(note); }

  const std::vector<Violation>& violations() const { return violations_; }
  std::vector<Violation>& violations() { return violations_; }
  // Violations beyond kMaxViolationsPerRule: counted, not described.
  size_t untold() const { return untold_; }
  std::string_view not_applicable() const {
    return violations_.empty() ? not_applicable_ : std::string_view();
  }
  const std::string& note() const { return note_; }
  void Clear() {
    violations_.clear();
    untold_ = 0;
    not_applicable_ = {};
    note_.clear();
  }

 private:
  std::vector<Violation> violations_;
  size_t untold_ = 0;
  std::string_view not_applicable_;
  std::string note_;
};

struct RuleInput {
  const Workload& workload;
  const Parameters& parameters;
  const RuleEnvironment& environment;
};

// What a rule needs to be answered.
enum class RuleClass : uint8_t {
  kLocal,        // the workload alone: may deny whenever it is judged
  kCrossObject,  // what there is beside it: never denies on CREATE
  kNetwork,  // what somebody has found out over the network: in the audit only, and never a denial
};

struct Rule {
  std::string_view id;           // "health.readiness-probe"; API: deprecated, never renamed
  std::string_view title;        // one line: what holds when it passes
  std::string_view rationale;    // the incident it prevents, in two or three sentences
  std::string_view remediation;  // what to do, for somebody who reads it for the first time
  std::span<const ParameterSpec> parameters;
  void (*evaluate)(const RuleInput& input, RuleOutcome& outcome);
  // Where the semantics come from (KEP, RFC, upstream file), shown on the rule's page; may be "".
  std::string_view sources = {};
  RuleClass rule_class = RuleClass::kLocal;
  // What must be watched where a policy has it.
  RelatedKinds needs = {};
};

// Every built-in rule, sorted by id.
std::span<const Rule* const> RuleCatalog();
// Null where there is none.
const Rule* FindRule(std::string_view id);
// The id nearest to a misspelt one, or "".
std::string_view NearestRuleId(std::string_view id);

}  // namespace plimsoll
