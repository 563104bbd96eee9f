// CompileParameters: what an author wrote under `parameters` becomes values a rule can use without asking again.
#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>

#include "plimsoll/base/ip_address.h"
#include "plimsoll/base/text.h"
#include "plimsoll/rules/rule.h"
#include "rules/host_name.h"

namespace plimsoll {
namespace {

// A list of names that people keep by hand; a directory of teams belongs in a ConfigMap.
constexpr size_t kMaxItems = 256;
// The length of a DNS name and of a label's key without its prefix; no name we compare with is longer.
constexpr size_t kMaxNameBytes = 317;
constexpr size_t kMaxStringBytes = 1024;
// Long enough for any rule on one annotation's form, short enough to be read by people.
constexpr size_t kMaxPatternBytes = 512;
// RE2 runs in linear time; this bounds the memory of the compiled program and of its lazily built automaton, so that
// "((a{100}){100}){100}" is refused with RE2's own words instead of being expanded.
constexpr int64_t kMaxPatternMemory = 1 << 20;

bool IsAlphanumeric(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

// RFC 1123 label: letters, digits and "-", alphanumeric at both ends, at most 63. Underscores are accepted by nobody.
bool IsDnsLabel(std::string_view label) {
  return !label.empty() && label.size() <= 63 && IsAlphanumeric(label.front()) &&
         IsAlphanumeric(label.back()) && std::all_of(label.begin(), label.end(), [](char c) {
           return IsAlphanumeric(c) || c == '-';
         });
}

bool IsDnsName(std::string_view name) {
  if (name.size() > 253) return false;
  const std::vector<std::string_view> labels = Split(name, '.');
  return std::all_of(labels.begin(), labels.end(), IsDnsLabel);
}

std::string Quoted(std::string_view text) { return "\"" + SanitizeLine(text, 100) + "\""; }

// What is wrong with a host pattern that was lower-cased and has no trailing dot; "" if nothing.
std::string HostProblem(std::string_view host) {
  static constexpr std::string_view kExpected =
      R"(must be a host name such as "wiki.corp.internal", or "*.corp.internal" for those below it)";
  std::string_view name = host;
  if (name.starts_with("*.")) name.remove_prefix(2);
  if (name.find_first_of(":/@?#") != std::string_view::npos) {
    return std::string(kExpected) + ", without scheme, port or path";
  }
  if (name.find('*') != std::string_view::npos) {
    return R"("*" may only stand for the first labels, as in "*.corp.internal")";
  }
  if (!IsDnsName(name)) return std::string(kExpected);
  const std::string_view last = Split(name, '.').back();
  if (std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return "is an IP address; " + std::string(kExpected);
  }
  return {};
}

// Kubernetes' qualified name: [DNS subdomain "/"] name (apimachinery, util/validation IsQualifiedName).
std::string KeyProblem(std::string_view key) {
  std::string_view name = key;
  if (const size_t slash = key.find('/'); slash != std::string_view::npos) {
    const std::string_view prefix = key.substr(0, slash);
    name = key.substr(slash + 1);
    if (!IsDnsName(prefix) || std::any_of(prefix.begin(), prefix.end(), IsUpper)) {
      return "must be a label or annotation key; what stands before \"/\" must be a DNS name in "
             "lower case";
    }
  }
  const bool valid = !name.empty() && name.size() <= 63 && IsAlphanumeric(name.front()) &&
                     IsAlphanumeric(name.back()) &&
                     std::all_of(name.begin(), name.end(), [](char c) {
                       return IsAlphanumeric(c) || c == '-' || c == '_' || c == '.';
                     });
  if (valid) return {};
  return "must be a label or annotation key such as \"plimsoll.dev/owner\": at most 63 letters, "
         "digits, \"-\", \"_\" "
         "and \".\" after the \"/\", beginning and ending in a letter or digit";
}

std::string GlobProblem(std::string_view glob) {
  if (glob.empty()) return "must not be empty; \"*\" matches every name";
  for (char c : glob) {
    if (!IsAlphanumeric(c) && std::string_view("-._/:@*?").find(c) == std::string_view::npos) {
      return "is no pattern that a name can match: only \"*\" (any run) and \"?\" (any one "
             "character) are special, and " +
             Quoted(std::string_view(&c, 1)) + " occurs in no name";
    }
  }
  return {};
}

// Lower case, A-labels, no trailing dot: as the hosts of URLs are compared with it.
std::string NormalizeHost(std::string& host) {
  std::optional<std::string> ascii = IsValidUtf8(host) ? ToAsciiHost(host) : std::nullopt;
  if (!ascii) {
    return "has letters that are read in different ways, or a label of more than 63 bytes; write its "
           "\"xn--\" form";
  }
  host = *std::move(ascii);
  if (host.ends_with('.')) host.pop_back();
  return HostProblem(host);
}

// What is wrong with `old=new`; "" if nothing.
std::string AliasProblem(std::string_view alias) {
  const size_t equals = alias.find('=');
  const bool whole = equals != std::string_view::npos && !Trim(alias.substr(0, equals)).empty() &&
                     !Trim(alias.substr(equals + 1)).empty() &&
                     alias.find('=', equals + 1) == std::string_view::npos;
  return whole ? "" : "must be two names with = between them, such as \"payment=payments\"";
}

std::string NetworkProblem(std::string_view network) {
  if (ParseIpNetwork(network)) return {};
  return "must be an IP network such as \"10.20.0.0/16\" or \"fd12::/48\", beginning at its first "
         "address";
}

// Checks and normalises one string of a list; returns what is wrong, or "".
std::string NormalizeItem(ParameterType type, std::string& item) {
  const size_t limit = type == ParameterType::kStringList ? kMaxStringBytes : kMaxNameBytes;
  if (item.size() > limit) {
    return "must be at most " + std::to_string(limit) + " bytes long, is " +
           std::to_string(item.size());
  }
  switch (type) {
    case ParameterType::kGlobList:
      return GlobProblem(item);
    case ParameterType::kHostList:
      return NormalizeHost(item);
    case ParameterType::kAliasList:
      return AliasProblem(item);
    case ParameterType::kNetworkList:
      return NetworkProblem(item);
    case ParameterType::kKeyList:
      return KeyProblem(item);
    default:
      return item.empty() ? "must not be empty" : "";
  }
}

std::shared_ptr<const re2::RE2> CompilePattern(std::string_view pattern, std::string& problem) {
  if (pattern.empty()) return nullptr;
  if (pattern.size() > kMaxPatternBytes) {
    problem = "must be at most " + std::to_string(kMaxPatternBytes) + " bytes long, is " +
              std::to_string(pattern.size());
    return nullptr;
  }
  re2::RE2::Options options;
  options.set_log_errors(false);  // to standard error, that is
  options.set_max_mem(kMaxPatternMemory);
  auto compiled =
      std::make_shared<const re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (compiled->ok()) return compiled;
  problem = "is no valid regular expression (RE2): " + SanitizeLine(compiled->error(), 200);
  return nullptr;
}

// ---- defaults: the specs' own JSON, which a test of the catalog checks ----

// One JSON string at the front of `json`, with the escapes \" and \\ ; the rest stays in `json`.
std::string TakeJsonString(std::string_view& json) {
  std::string value;
  json.remove_prefix(1);
  while (!json.empty() && json.front() != '"') {
    if (json.front() == '\\') json.remove_prefix(1);
    if (json.empty()) break;
    value += json.front();
    json.remove_prefix(1);
  }
  if (!json.empty()) json.remove_prefix(1);
  return value;
}

std::vector<std::string> DefaultItems(std::string_view json) {
  std::vector<std::string> items;
  for (size_t quote; (quote = json.find('"')) != std::string_view::npos;) {
    json.remove_prefix(quote);
    items.push_back(TakeJsonString(json));
  }
  return items;
}

std::string DefaultString(std::string_view json) {
  return json.starts_with('"') ? TakeJsonString(json) : std::string();
}

Parameters::Value DefaultValue(const ParameterSpec& spec) {
  switch (spec.type) {
    case ParameterType::kBoolean:
      return spec.default_json == "true";
    case ParameterType::kInteger: {
      const bool negative = spec.default_json.starts_with('-');
      int64_t value = 0;
      for (char c : spec.default_json.substr(negative ? 1 : 0)) value = value * 10 + (c - '0');
      return negative ? -value : value;
    }
    case ParameterType::kString:
    case ParameterType::kEnum:
      return DefaultString(spec.default_json);
    case ParameterType::kPattern: {
      std::string problem;
      return CompilePattern(DefaultString(spec.default_json), problem);
    }
    case ParameterType::kStringList:
    case ParameterType::kGlobList:
    case ParameterType::kHostList:
    case ParameterType::kKeyList:
    case ParameterType::kAliasList:
    case ParameterType::kNetworkList:
      return DefaultItems(spec.default_json);
  }
  return false;
}

// ---- what the author gave ----

class Compiler {
 public:
  Compiler(std::string_view path, std::vector<Diagnostic>& problems)
      : path_(path), problems_(problems) {}

  // Nothing where `given` is wrong: then there is a problem more.
  std::optional<Parameters::Value> Value(const ParameterSpec& spec, JsonView given) {
    switch (spec.type) {
      case ParameterType::kBoolean:
        if (const std::optional<bool> value = given.AsBool()) return *value;
        return WrongType(spec, given, "true or false");
      case ParameterType::kInteger:
        return Integer(spec, given);
      case ParameterType::kString:
        return String(spec, given);
      case ParameterType::kEnum:
        return Enum(spec, given);
      case ParameterType::kPattern:
        return Pattern(spec, given);
      case ParameterType::kStringList:
      case ParameterType::kGlobList:
      case ParameterType::kHostList:
      case ParameterType::kKeyList:
      case ParameterType::kAliasList:
      case ParameterType::kNetworkList:
        return List(spec, given);
    }
    return std::nullopt;
  }

  std::nullopt_t Problem(std::string_view below, SourcePosition position, std::string message) {
    Diagnostic diagnostic;
    diagnostic.position = position;
    diagnostic.path = path_;
    if (!below.empty() && !below.starts_with('[') && !path_.empty()) diagnostic.path += '.';
    diagnostic.path += below;
    diagnostic.message = std::move(message);
    problems_.push_back(std::move(diagnostic));
    return std::nullopt;
  }

 private:
  std::nullopt_t WrongType(const ParameterSpec& spec, JsonView given, std::string_view expected) {
    std::string found(JsonKindName(given.kind()));
    if (!given.is_object() && !given.is_array()) found += " " + SanitizeLine(ToJson(given, 60), 64);
    return Problem(spec.name, given.position(),
                   "must be " + std::string(expected) + ", found " + found);
  }

  std::optional<Parameters::Value> Integer(const ParameterSpec& spec, JsonView given) {
    const std::optional<int64_t> value = given.AsInt();
    if (!value) return WrongType(spec, given, "an integer");
    if (*value >= spec.minimum && *value <= spec.maximum) return *value;
    std::string bounds = "must be at least " + std::to_string(spec.minimum);
    if (spec.maximum != INT64_MAX) bounds += " and at most " + std::to_string(spec.maximum);
    return Problem(spec.name, given.position(), bounds + ", found " + std::to_string(*value));
  }

  std::optional<Parameters::Value> String(const ParameterSpec& spec, JsonView given) {
    if (!given.is_string()) return WrongType(spec, given, "a string");
    if (given.text().size() > kMaxStringBytes) {
      return Problem(spec.name, given.position(),
                     "must be at most " + std::to_string(kMaxStringBytes) + " bytes long, is " +
                         std::to_string(given.text().size()));
    }
    return std::string(given.text());
  }

  static std::string OneOf(std::span<const std::string_view> allowed) {
    std::string expected = "one of ";
    for (size_t i = 0; i < allowed.size(); ++i) {
      if (i > 0) expected += ", ";
      expected += allowed[i];
    }
    return expected;
  }

  static std::string DidYouMean(std::string_view value, std::span<const std::string_view> names) {
    const std::string_view near = NearestName(value, names);
    return near.empty() ? "" : "; did you mean \"" + std::string(near) + "\"?";
  }

  static bool IsAllowed(const ParameterSpec& spec, std::string_view value) {
    return std::find(spec.allowed.begin(), spec.allowed.end(), value) != spec.allowed.end();
  }

  // Why a list may not have this value; "" if it may.
  static std::string NotAllowed(const ParameterSpec& spec, std::string_view value) {
    if (IsAllowed(spec, value)) return {};
    return "must be " + OneOf(spec.allowed) + DidYouMean(value, spec.allowed);
  }

  std::optional<Parameters::Value> Enum(const ParameterSpec& spec, JsonView given) {
    if (!given.is_string()) return WrongType(spec, given, OneOf(spec.allowed));
    const std::string_view value = given.text();
    if (IsAllowed(spec, value)) return std::string(value);
    return Problem(spec.name, given.position(),
                   "must be " + OneOf(spec.allowed) + ", found " + Quoted(value) +
                       DidYouMean(value, spec.allowed));
  }

  std::optional<Parameters::Value> Pattern(const ParameterSpec& spec, JsonView given) {
    if (!given.is_string()) return WrongType(spec, given, "a string with a regular expression");
    std::string problem;
    std::shared_ptr<const re2::RE2> compiled = CompilePattern(given.text(), problem);
    if (problem.empty()) return compiled;
    return Problem(spec.name, given.position(), std::move(problem));
  }

  std::optional<Parameters::Value> List(const ParameterSpec& spec, JsonView given) {
    if (!given.is_array()) return WrongType(spec, given, "a list of strings");
    if (const size_t size = given.size(); size > kMaxItems) {
      return Problem(
          spec.name, given.position(),
          "must have at most " + std::to_string(kMaxItems) + " items, has " + std::to_string(size));
    }
    if (given.size() == 0 && !spec.allowed.empty()) {
      return Problem(spec.name, given.position(),
                     "must not be empty; expected " + OneOf(spec.allowed));
    }
    std::vector<std::string> items;
    size_t index = 0;
    bool valid = true;
    for (JsonView item : given.elements()) {
      const std::string below = std::string(spec.name) + "[" + std::to_string(index++) + "]";
      std::string problem;
      std::string value(item.StringOrEmpty());
      if (!item.is_string()) {
        problem = "must be a string, found " + std::string(JsonKindName(item.kind()));
      } else {
        problem = spec.allowed.empty() ? NormalizeItem(spec.type, value) : NotAllowed(spec, value);
        if (!problem.empty()) problem = Quoted(item.text()) + " " + problem;
      }
      if (!problem.empty()) {
        Problem(below, item.position(), std::move(problem));
        valid = false;
      }
      items.push_back(std::move(value));
    }
    if (!valid) return std::nullopt;
    return items;
  }

  std::string_view path_;
  std::vector<Diagnostic>& problems_;
};

std::string UnknownParameter(const Rule& rule, std::string_view key) {
  std::string message = "unknown parameter " + Quoted(key) + " of rule " + std::string(rule.id);
  if (rule.parameters.empty()) return message + ", which has none";
  std::vector<std::string_view> names;
  for (const ParameterSpec& spec : rule.parameters) names.push_back(spec.name);
  if (const std::string_view near = NearestName(key, names); !near.empty()) {
    return message + "; did you mean \"" + std::string(near) + "\"?";
  }
  message += "; it has ";
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) message += ", ";
    message += names[i];
  }
  return message;
}

}  // namespace

std::string_view ParameterTypeName(ParameterType type) {
  switch (type) {
    case ParameterType::kBoolean:
      return "boolean";
    case ParameterType::kInteger:
      return "integer";
    case ParameterType::kString:
      return "string";
    case ParameterType::kEnum:
      return "enum";
    case ParameterType::kStringList:
      return "list of strings";
    case ParameterType::kGlobList:
      return "list of patterns (* and ?)";
    case ParameterType::kHostList:
      return "list of host names";
    case ParameterType::kKeyList:
      return "list of keys";
    case ParameterType::kAliasList:
      return "list of old=new";
    case ParameterType::kNetworkList:
      return "list of IP networks";
    case ParameterType::kPattern:
      return "regular expression";
  }
  return "";
}

bool operator==(const Parameters& a, const Parameters& b) {
  using PatternPointer = std::shared_ptr<const re2::RE2>;
  return std::equal(a.values_.begin(), a.values_.end(), b.values_.begin(), b.values_.end(),
                    [](const Parameters::Value& x, const Parameters::Value& y) {
                      const auto* p = std::get_if<PatternPointer>(&x);
                      const auto* q = std::get_if<PatternPointer>(&y);
                      if (p == nullptr || q == nullptr || !*p || !*q) return x == y;
                      return (*p)->pattern() == (*q)->pattern();
                    });
}

Parameters CompileParameters(const Rule& rule, JsonView given, std::string_view path,
                             std::vector<Diagnostic>& problems) {
  Compiler compiler(path, problems);
  if (given.present() && !given.is_object()) {
    compiler.Problem(
        "", given.position(),
        "must be a map of parameters, found " + std::string(JsonKindName(given.kind())));
  }
  for (JsonMember member : given.members()) {
    const bool known =
        std::any_of(rule.parameters.begin(), rule.parameters.end(),
                    [&](const ParameterSpec& spec) { return spec.name == member.key; });
    if (!known) {
      compiler.Problem(SanitizeLine(member.key, 100), member.key_position(),
                       UnknownParameter(rule, member.key));
    }
  }
  Parameters parameters;
  for (const ParameterSpec& spec : rule.parameters) {
    const JsonView value = given[spec.name];
    std::optional<Parameters::Value> compiled;
    if (value.present()) compiled = compiler.Value(spec, value);
    parameters.values().push_back(compiled ? std::move(*compiled) : DefaultValue(spec));
  }
  return parameters;
}

}  // namespace plimsoll
