// CheckReport as SARIF 2.1.0.
#include <algorithm>
#include <map>
#include <ostream>
#include <vector>

#include "plimsoll/base/text.h"
#include "plimsoll/render/ci_reports.h"
#include "plimsoll/render/rule_page.h"
#include "plimsoll/rules/rule.h"
#include "render/json_writer.h"
#include "render/report_items.h"

namespace plimsoll {
namespace {

using Level = ReportItem::Level;

constexpr std::string_view kSchema = "https://json.schemastore.org/sarif-2.1.0.json";

void AppendMember(std::string_view key, std::string_view value, std::string& out) {
  AppendJsonString(key, out);
  out += ':';
  AppendJsonText(value, out);
}

void AppendText(std::string_view key, std::string_view value, std::string& out) {
  AppendJsonString(key, out);
  out += ":{";
  AppendMember("text", value, out);
  out += '}';
}

// RFC 3986: what a path of a relative reference may hold as it is; a colon in it could be taken for a scheme.
std::string Uri(std::string_view path) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 0xFU];
  }
  return out;
}

std::string_view LevelName(Level level) {
  if (level <= Level::kDeny) return "error";
  return level == Level::kWarn ? "warning" : "note";
}

// The rules of the results, in the order of their ids.
class Rules {
 public:
  explicit Rules(const std::vector<ReportItem>& items) {
    for (const ReportItem& item : items) {
      if (item.finding != nullptr) index_.emplace(item.rule, 0);
    }
    size_t next = 0;
    for (auto& [id, index] : index_) index = next++;
  }
  size_t IndexOf(const std::string& rule) const { return index_.at(rule); }

  void Append(std::string& out) const {
    std::string_view separator = "\n";
    for (const auto& [id, index] : index_) {
      out += separator;
      separator = ",\n";
      AppendRule(id, out);
    }
  }

 private:
  static void AppendRule(const std::string& id, std::string& out) {
    const Rule* const rule = FindRule(id);
    out += '{';
    AppendMember("id", id, out);
    if (rule != nullptr) {
      out += ',';
      AppendText("shortDescription", rule->title, out);
      out += ',';
      AppendText("fullDescription", rule->rationale, out);
      out += ",\"help\":{";
      AppendMember("text", rule->remediation, out);
      out += ',';
      AppendMember("markdown", RuleMarkdown(*rule, {}), out);
      out += '}';
    }
    out += ',';
    AppendMember("helpUri", std::string(kRulePages) + id, out);
    out += ",\"properties\":{\"tags\":[";
    AppendJsonText(id.substr(0, id.find('.')), out);
    out += "]}}";
  }

  std::map<std::string, size_t> index_;
};

void AppendLocation(const ReportItem& item, std::string& out) {
  out += "{\"physicalLocation\":{\"artifactLocation\":{";
  AppendMember("uri", Uri(item.file), out);
  out += ",\"uriBaseId\":\"%SRCROOT%\"}";
  if (item.position.known()) {
    out += ",\"region\":{\"startLine\":" + std::to_string(item.position.line) +
           ",\"startColumn\":" + std::to_string(std::max<uint32_t>(item.position.column, 1)) + "}";
  }
  out += '}';
  if (item.workload != nullptr) {
    out += ",\"logicalLocations\":[{";
    AppendMember("fullyQualifiedName", ObjectTitle(*item.workload), out);
    out += ",\"kind\":\"resource\"}]";
  }
  out += '}';
}

void AppendResult(const ReportItem& item, const Rules& rules, std::string& out) {
  const Finding& finding = *item.finding;
  out += '{';
  AppendMember("ruleId", item.rule, out);
  out += ",\"ruleIndex\":" + std::to_string(rules.IndexOf(item.rule)) + ',';
  AppendMember("level", LevelName(item.level), out);
  out += ',';
  AppendText("message", item.message, out);
  out += ",\"locations\":[";
  AppendLocation(item, out);
  out += "],\"partialFingerprints\":{";
  AppendMember("plimsoll/v1", item.fingerprint, out);
  out += '}';
  if (item.level == Level::kWaived) {
    out += ",\"suppressions\":[{\"kind\":\"external\",\"status\":\"accepted\",";
    AppendMember("justification", finding.reason, out);
    out += "}]";
  }
  out += ",\"properties\":";
  JsonLine(out)
      .Text("policy", finding.policy)
      .Text("action", ActionLabel(finding.action))
      .Text("reason", finding.reason)
      .Text("path", finding.path)
      .Text("container", finding.container)
      .Text("observed", finding.observed)
      .Text("required", finding.required)
      .Text("fix", finding.fix)
      .End();
  out += '}';
}

void AppendNotification(std::string_view level, std::string_view message, const ReportItem* item,
                        std::string& out) {
  out += '{';
  AppendMember("level", level, out);
  out += ',';
  AppendText("message", message, out);
  if (item != nullptr && !item->file.empty()) {
    out += ",\"locations\":[";
    AppendLocation(*item, out);
    out += ']';
  }
  out += '}';
}

}  // namespace

void WriteSarifReport(const CheckReport& report, const ReportSurroundings& surroundings,
                      std::ostream& out) {
  std::vector<ReportItem> items = ReportItems(report, surroundings);
  std::string results;
  std::string notifications;
  const Rules rules(items);
  size_t listed = 0;
  size_t more = 0;
  bool judged = true;
  for (const ReportItem& item : items) {
    if (item.level == Level::kUnjudged) {
      judged = false;
      notifications += notifications.empty() ? "\n" : ",\n";
      AppendNotification("error", item.message, &item, notifications);
    } else if (listed == kMaxSarifResults) {
      ++more;
    } else {
      results += listed++ == 0 ? "\n" : ",\n";
      AppendResult(item, rules, results);
    }
  }
  if (more != 0) {
    notifications += notifications.empty() ? "\n" : ",\n";
    AppendNotification("warning",
                       std::to_string(more) + " more findings: only the worst " +
                           std::to_string(kMaxSarifResults) + " are in this file",
                       nullptr, notifications);
  }
  std::string text = "{";
  AppendMember("$schema", kSchema, text);
  text += ",\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"name\":\"Plimsoll\",";
  AppendMember("semanticVersion", surroundings.program_version, text);
  text += ",\"informationUri\":\"https://plimsoll.dev\",\"rules\":[";
  rules.Append(text);
  text += "]}},\"columnKind\":\"unicodeCodePoints\",\"invocations\":[{\"executionSuccessful\":";
  text += judged ? "true" : "false";
  text += ",\"toolExecutionNotifications\":[" + notifications + "]}],\"results\":[" + results +
          "]}]}\n";
  out << text;
}

}  // namespace plimsoll
