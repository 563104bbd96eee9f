#include "codec/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";
constexpr size_t kShownValueBytes = 40;  // of a value in a message

enum class Form { kString, kNull, kTrue, kFalse, kInteger, kFloat };

struct Resolved {
  Form form = Form::kString;
  std::string_view text;  // kInteger: decimal digits, maybe with a minus
  double number = 0;      // kFloat
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsOneOf(std::string_view value, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), value) != words.end();
}

// The words that are no strings. Longest: "false".
std::optional<Form> ResolveWord(std::string_view value) {
  if (value.empty()) return Form::kNull;
  if (value.size() > 5) return std::nullopt;
  switch (value[0]) {
    case 'y':
    case 'Y':
      if (IsOneOf(value, {"y", "Y", "yes", "Yes", "YES"})) return Form::kTrue;
      break;
    case 't':
    case 'T':
      if (IsOneOf(value, {"true", "True", "TRUE"})) return Form::kTrue;
      break;
    case 'o':
    case 'O':
      if (IsOneOf(value, {"on", "On", "ON"})) return Form::kTrue;
      if (IsOneOf(value, {"off", "Off", "OFF"})) return Form::kFalse;
      break;
    case 'n':
    case 'N':
      if (IsOneOf(value, {"n", "N", "no", "No", "NO"})) return Form::kFalse;
      if (IsOneOf(value, {"null", "Null", "NULL"})) return Form::kNull;
      break;
    case 'f':
    case 'F':
      if (IsOneOf(value, {"false", "False", "FALSE"})) return Form::kFalse;
      break;
    case '~':
      if (value == "~") return Form::kNull;
      break;
    default:
      break;
  }
  return std::nullopt;
}

std::optional<double> ResolveInfinity(std::string_view value) {
  if (IsOneOf(value, {".nan", ".NaN", ".NAN"})) return std::numeric_limits<double>::quiet_NaN();
  const bool negative = value[0] == '-';
  if (negative || value[0] == '+') value.remove_prefix(1);
  if (!IsOneOf(value, {".inf", ".Inf", ".INF"})) return std::nullopt;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  return negative ? -kInfinity : kInfinity;
}

// strconv.ParseInt and ParseUint with base 0: a sign, then 0x, 0o, 0b, a leading 0 for octal, or decimal.
bool ParseInteger(std::string_view text, std::string& scratch) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    const char letter = static_cast<char>(text[1] | 0x20);
    base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
    text.remove_prefix(letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1);
  }
  uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (error != std::errc() || stop != end) return false;
  constexpr uint64_t kMostNegative = uint64_t{1} << 63;
  if (negative && value > kMostNegative) return false;
  std::array<char, 24> digits{};
  char* at = digits.data();
  if (negative && value != 0) *at++ = '-';
  at = std::to_chars(at, digits.data() + digits.size(), value).ptr;
  scratch.assign(digits.data(), at);
  return true;
}

// YAML 1.1 floats as go-yaml takes them: [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool IsFloat(std::string_view text) {
  size_t at = 0;
  const auto digits = [&text, &at] {
    const size_t start = at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    return at > start;
  };
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
  const bool whole = digits();
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits() && !whole) return false;
  } else if (!whole) {
    return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

// Nothing where the number is beyond a double: such a scalar stays a string. What is too small to be told from zero is 0.
std::optional<double> ParseFloat(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto error = std::from_chars(text.data(), text.data() + text.size(), value).ec;
  if (error == std::errc()) return value;
  // Beyond a double's range, but on which side? strtod tells them apart; from_chars does not.
  value = std::strtod(std::string(text).c_str(), nullptr);
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

// What begins with a point goes straight to strconv.ParseFloat, which is strict about underscores.
bool UnderscoresSeparateDigits(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') continue;
    if (i == 0 || i + 1 == text.size() || !IsDigit(text[i - 1]) || !IsDigit(text[i + 1])) {
      return false;
    }
  }
  return true;
}

Resolved ResolveNumber(std::string_view value, std::string& scratch) {
  if (const std::optional<double> infinity = ResolveInfinity(value)) {
    return {Form::kFloat, value, *infinity};
  }
  // Most numbers in manifests: a few decimal digits, spelled as JSON spells them.
  if (value.size() < 19 && value[0] != '0' && std::all_of(value.begin(), value.end(), IsDigit)) {
    return {Form::kInteger, value, 0};
  }
  if (value[0] == '.' && !UnderscoresSeparateDigits(value)) return {Form::kString, value, 0};
  std::string plain(value);
  std::erase(plain, '_');
  if (ParseInteger(plain, scratch)) return {Form::kInteger, scratch, 0};
  if (IsFloat(plain)) {
    if (const std::optional<double> number = ParseFloat(plain)) {
      return {Form::kFloat, value, *number};
    }
  }
  return {Form::kString, value, 0};
}

Resolved ResolvePlain(std::string_view value, std::string& scratch) {
  if (const std::optional<Form> word = ResolveWord(value)) return {*word, value, 0};
  const char first = value[0];
  if (IsDigit(first) || first == '+' || first == '-' || first == '.') {
    return ResolveNumber(value, scratch);
  }
  return {Form::kString, value, 0};
}

std::string_view FormName(Form form) {
  switch (form) {
    case Form::kString:
      return "a string";
    case Form::kNull:
      return "null";
    case Form::kTrue:
    case Form::kFalse:
      return "a boolean";
    case Form::kInteger:
      return "an integer";
    case Form::kFloat:
      return "a number";
  }
  return "";
}

std::optional<Resolved> Resolve(std::string_view tag, std::string_view value, std::string& scratch,
                                std::string& problem) {
  if (tag == "?" || tag.empty()) return ResolvePlain(value, scratch);
  if (!tag.starts_with(kTagPrefix)) return Resolved{Form::kString, value, 0};
  tag.remove_prefix(kTagPrefix.size());
  if (tag == "binary") {
    problem = "!!binary is not supported: write the base64 text as a plain string";
    return std::nullopt;
  }
  if (!IsOneOf(tag, {"bool", "int", "float", "null"})) return Resolved{Form::kString, value, 0};
  Resolved resolved = ResolvePlain(value, scratch);
  const Form form = resolved.form;
  const bool fits = (tag == "bool" && (form == Form::kTrue || form == Form::kFalse)) ||
                    (tag == "int" && form == Form::kInteger) ||
                    (tag == "float" && (form == Form::kInteger || form == Form::kFloat)) ||
                    (tag == "null" && form == Form::kNull);
  if (!fits) {
    problem = "the tag !!" + std::string(tag) + " does not fit `" +
              SanitizeLine(value, kShownValueBytes) + "`, which is " + std::string(FormName(form));
    return std::nullopt;
  }
  return resolved;
}

// A finite number's sign, significant digits and power of ten: 0.[digits] × 10^point.
struct Decimal {
  bool negative = false;
  std::string digits;
  int point = 0;
};

template <class Float>
Decimal ShortestDecimal(Float number) {
  std::array<char, 64> buffer{};
  const char* const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                        std::chars_format::scientific)
                              .ptr;
  std::string_view text(buffer.data(), static_cast<size_t>(end - buffer.data()));
  Decimal decimal;
  decimal.negative = text[0] == '-';
  if (decimal.negative) text.remove_prefix(1);
  const size_t e = text.find('e');
  decimal.digits = std::string(text.substr(0, e));
  std::erase(decimal.digits, '.');
  std::string_view exponent = text.substr(e + 1);
  if (exponent[0] == '+') exponent.remove_prefix(1);
  std::from_chars(exponent.data(), exponent.data() + exponent.size(), decimal.point);
  ++decimal.point;
  return decimal;
}

std::string SpellFixed(const Decimal& decimal) {
  std::string out = decimal.negative ? "-" : "";
  const auto size = static_cast<int>(decimal.digits.size());
  if (decimal.point <= 0) {
    out += "0." + std::string(static_cast<size_t>(-decimal.point), '0') + decimal.digits;
  } else if (decimal.point >= size) {
    out += decimal.digits + std::string(static_cast<size_t>(decimal.point - size), '0');
  } else {
    const auto point = static_cast<size_t>(decimal.point);
    out += decimal.digits.substr(0, point) + "." + decimal.digits.substr(point);
  }
  return out;
}

std::string SpellExponent(const Decimal& decimal, size_t min_exponent_digits) {
  std::string out = decimal.negative ? "-" : "";
  out += decimal.digits[0];
  if (decimal.digits.size() > 1) out += "." + decimal.digits.substr(1);
  const int exponent = decimal.point - 1;
  std::string digits = std::to_string(std::abs(exponent));
  if (digits.size() < min_exponent_digits) {
    digits.insert(0, min_exponent_digits - digits.size(), '0');
  }
  return out + (exponent < 0 ? "e-" : "e+") + digits;
}

// As encoding/json spells a float64.
std::string SpellJsonNumber(double number) {
  if (number == 0) return std::signbit(number) ? "-0" : "0";
  const double size = std::abs(number);
  const Decimal decimal = ShortestDecimal(number);
  if (size >= 1e-6 && size < 1e21) return SpellFixed(decimal);
  return SpellExponent(decimal, size < 1 ? 1 : 2);
}

// As sigs.k8s.io/yaml spells a float key: strconv.FormatFloat(key, 'g', -1, 32).
std::string SpellKeyNumber(double number) {
  if (std::isnan(number)) return ".nan";
  const auto narrow = static_cast<float>(number);
  if (std::isinf(narrow)) return number < 0 ? "-.inf" : ".inf";
  if (narrow == 0) return std::signbit(narrow) ? "-0" : "0";
  const Decimal decimal = ShortestDecimal(narrow);
  const int exponent = decimal.point - 1;
  return exponent < -4 || exponent >= 6 ? SpellExponent(decimal, 2) : SpellFixed(decimal);
}

}  // namespace

std::optional<YamlScalar> ResolveYamlScalar(std::string_view tag, std::string_view value,
                                            std::string& scratch, std::string& problem) {
  if (tag == "!") return YamlScalar{JsonKind::kString, value};
  const std::optional<Resolved> resolved = Resolve(tag, value, scratch, problem);
  if (!resolved) return std::nullopt;
  switch (resolved->form) {
    case Form::kString:
      return YamlScalar{JsonKind::kString, value};
    case Form::kNull:
      return YamlScalar{JsonKind::kNull, "null"};
    case Form::kTrue:
      return YamlScalar{JsonKind::kBool, "true"};
    case Form::kFalse:
      return YamlScalar{JsonKind::kBool, "false"};
    case Form::kInteger:
      return YamlScalar{JsonKind::kNumber, resolved->text};
    case Form::kFloat:
      break;
  }
  if (!std::isfinite(resolved->number)) {
    problem = "`" + std::string(value) + "` is a number that JSON does not have: quote it";
    return std::nullopt;
  }
  scratch = SpellJsonNumber(resolved->number);
  return YamlScalar{JsonKind::kNumber, scratch};
}

std::optional<std::string_view> ResolveYamlKey(std::string_view tag, std::string_view value,
                                               std::string& scratch, std::string& problem) {
  if (tag == "!") return value;
  const std::optional<Resolved> resolved = Resolve(tag, value, scratch, problem);
  if (!resolved) return std::nullopt;
  switch (resolved->form) {
    case Form::kString:
      return value;
    case Form::kNull:
      problem = "a key is null: keys are strings, quote it";
      return std::nullopt;
    case Form::kTrue:
      return "true";
    case Form::kFalse:
      return "false";
    case Form::kInteger:
      return resolved->text;
    case Form::kFloat:
      break;
  }
  scratch = SpellKeyNumber(resolved->number);
  return scratch;
}

}  // namespace plimsoll
