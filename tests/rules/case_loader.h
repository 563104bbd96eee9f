// The cases of the rules: one YAML file a case in tests/rules/<rule id>/, three documents each, or more: what else there is
// in the cluster stands between the object and the outcome.
//
//   story: A worker without ports gets no traffic          # what the case shows, for the reader of a failing test
//   expect: notApplicable                                   # pass, fail or notApplicable; written by hand
//   parameters: {scope: traffic}                            # optional: the rule's parameters
//   now: "2026-12-01"                                       # optional: a date or time
//   namespaceLabels: {env: production}                      # optional; also namespaceAnnotations
//   directory: {teams: [{slug: payments}]}                  # optional: the directory of teams (codec/team_directory.h);
//                                                           # `outdated: true`: it cannot be read now
//   links: {"https://x/y": {state: dead, problem: "...", since: "2026-10-01"}}  # optional: what the link checker found
//   related: none                                           # optional: nothing is known of other objects
//   notInstalled: [ServiceMonitor, PodMonitor]              # optional: kinds that the cluster does not have
//   ---
//   the object
//   ---
//   another object                                          # optional, several
//   ---
//   the reason, or the findings in full                     # written by UPDATE_GOLDEN=1, read in review
//
// Whoever judges workloads by another way (check, admission, a live server) loads the same cases and must come to the
// same findings. Header-only, for tests: needs the codec room. Throws std::runtime_error on a case it cannot read.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/time.h"
#include "plimsoll/codec/manifest.h"
#include "plimsoll/codec/related_objects.h"
#include "plimsoll/codec/team_directory.h"
#include "plimsoll/model/link.h"
#include "plimsoll/model/team_directory.h"

namespace plimsoll::testing {

struct ExpectedFinding {
  std::string path;
  std::string container;
  std::string message;
  std::string observed;
  std::string required;
  std::string fix;

  friend bool operator==(const ExpectedFinding&, const ExpectedFinding&) = default;
};

struct RuleCase {
  std::string rule;  // the folder's name
  std::string name;  // the file's, without ".yaml"
  std::filesystem::path file;
  std::string story;
  std::string expect;                      // "pass", "fail", "notApplicable"
  std::string parameters_json = "{}";      // an object
  std::string namespace_labels_json;       // an object, or "" where not known
  std::string namespace_annotations_json;  // likewise
  Timestamp now{};
  std::string directory_json;  // a TeamDirectory, or "" where there is none
  bool directory_outdated = false;
  bool has_links = false;
  LinkResults links;
  bool related_known = true;
  std::vector<std::string> not_installed;
  std::string object_text;               // YAML, one document
  std::vector<std::string> other_texts;  // of the other objects, likewise
  std::string input_text;                // all but the outcome as they are, for rewriting it
  // Golden.
  std::string reason;  // notApplicable, or what is said of a pass
  std::vector<ExpectedFinding> findings;
};

// A day on which nothing in the cases happens to begin or to end.
inline constexpr std::string_view kCaseDate = "2026-10-15";

namespace case_loader_internal {

[[noreturn]] inline void Refuse(const std::filesystem::path& file, const std::string& what) {
  throw std::runtime_error(file.string() + ": " + what);
}

inline std::string ReadFile(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) Refuse(file, "cannot be read");
  return text.str();
}

// The documents between lines "---".
inline std::vector<std::string> SplitDocuments(const std::string& text) {
  std::vector<std::string> documents(1);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line == "---") {
      documents.emplace_back();
    } else {
      documents.back() += line + "\n";
    }
  }
  return documents;
}

inline std::unique_ptr<Manifests> Parse(const std::filesystem::path& file, std::string text) {
  std::unique_ptr<Manifests> parsed = ParseManifests(std::move(text), DuplicateKeys::kReject);
  if (!parsed->problems.empty()) Refuse(file, FormatDiagnostic(parsed->problems.front()));
  if (parsed->documents.size() != 1) Refuse(file, "a document holds more than one value");
  return parsed;
}

inline std::string JsonOr(JsonView value, std::string fallback) {
  return value.present() ? ToJson(value) : std::move(fallback);
}

inline void ReadDirectory(RuleCase& rule_case, JsonView directory) {
  if (!directory.present()) return;
  rule_case.directory_outdated = directory["outdated"].AsBool().value_or(false);
  rule_case.directory_json =
      R"({"apiVersion":"plimsoll.dev/v1alpha1","kind":"TeamDirectory","teams":)" +
      JsonOr(directory["teams"], "[]") + "}";
}

inline void ReadLinks(RuleCase& rule_case, JsonView links) {
  if (!links.present()) return;
  rule_case.has_links = true;
  LinkResults::Map results;
  for (const JsonMember link : links.members()) {
    LinkResult result;
    const std::string_view state = link.value["state"].StringOrEmpty();
    for (const LinkState one :
         {LinkState::kPending, LinkState::kAlive, LinkState::kDead, LinkState::kRefused}) {
      if (LinkStateName(one) == state) result.state = one;
    }
    if (LinkStateName(result.state) != state) Refuse(rule_case.file, "no such state of a link");
    result.problem = link.value["problem"].StringOrEmpty();
    result.since = ParseTimestamp(link.value["since"].StringOrEmpty()).value_or(Timestamp());
    result.last_modified = ParseTimestamp(link.value["lastModified"].StringOrEmpty());
    results.emplace(link.key, std::move(result));
  }
  rule_case.links = LinkResults(std::move(results));
}

inline void ReadHeader(RuleCase& rule_case, const std::string& text) {
  const std::unique_ptr<Manifests> parsed = Parse(rule_case.file, text);
  const JsonView header = parsed->documents.front()->root();
  for (const JsonMember member : header.members()) {
    static constexpr std::string_view kKnown[] = {"story",           "expect",
                                                  "parameters",      "now",
                                                  "namespaceLabels", "namespaceAnnotations",
                                                  "directory",       "links",
                                                  "related",         "notInstalled"};
    if (std::find(std::begin(kKnown), std::end(kKnown), member.key) == std::end(kKnown)) {
      Refuse(rule_case.file,
             "unknown key \"" + std::string(member.key) + "\" in the case's header");
    }
  }
  rule_case.story = header["story"].StringOrEmpty();
  rule_case.expect = header["expect"].StringOrEmpty();
  if (rule_case.story.empty()) Refuse(rule_case.file, "no story");
  if (rule_case.expect != "pass" && rule_case.expect != "fail" &&
      rule_case.expect != "notApplicable") {
    Refuse(rule_case.file, "expect must be pass, fail or notApplicable");
  }
  rule_case.parameters_json = JsonOr(header["parameters"], "{}");
  rule_case.namespace_labels_json = JsonOr(header["namespaceLabels"], "");
  rule_case.namespace_annotations_json = JsonOr(header["namespaceAnnotations"], "");
  rule_case.related_known = header["related"].StringOrEmpty() != "none";
  for (const JsonView kind : header["notInstalled"].elements()) {
    rule_case.not_installed.emplace_back(kind.StringOrEmpty());
  }
  const JsonView now = header["now"];
  const auto time = ParseTimestamp(now.present() ? now.StringOrEmpty() : kCaseDate);
  if (!time) Refuse(rule_case.file, "now is no date");
  rule_case.now = *time;
  ReadDirectory(rule_case, header["directory"]);
  ReadLinks(rule_case, header["links"]);
}

inline void ReadGolden(RuleCase& rule_case, const std::string& text) {
  const std::unique_ptr<Manifests> parsed = Parse(rule_case.file, text);
  const JsonView golden = parsed->documents.front()->root();
  rule_case.reason = golden["reason"].StringOrEmpty();
  for (const JsonView finding : golden["findings"].elements()) {
    const auto field = [&](std::string_view key) {
      return std::string(finding[key].StringOrEmpty());
    };
    rule_case.findings.push_back({field("path"), field("container"), field("message"),
                                  field("observed"), field("required"), field("fix")});
  }
}

}  // namespace case_loader_internal

inline RuleCase LoadRuleCase(const std::filesystem::path& file) {
  namespace internal = case_loader_internal;
  RuleCase rule_case;
  rule_case.file = file;
  rule_case.rule = file.parent_path().filename().string();
  rule_case.name = file.stem().string();
  const std::vector<std::string> documents = internal::SplitDocuments(internal::ReadFile(file));
  if (documents.size() < 2) {
    internal::Refuse(file, "must have a header, an object and (golden) an outcome");
  }
  const bool has_outcome = documents.size() > 2 && documents.back().starts_with("result: ");
  internal::ReadHeader(rule_case, documents[0]);
  rule_case.object_text = documents[1];
  rule_case.input_text = documents[0] + "---\n" + documents[1];
  for (size_t i = 2; i < documents.size() - (has_outcome ? 1 : 0); ++i) {
    rule_case.other_texts.push_back(documents[i]);
    rule_case.input_text += "---\n" + documents[i];
  }
  if (has_outcome) internal::ReadGolden(rule_case, documents.back());
  return rule_case;
}

// The case's directory of teams; null where it has none.
inline std::shared_ptr<const TeamDirectory> DirectoryOf(const RuleCase& rule_case) {
  if (rule_case.directory_json.empty()) return nullptr;
  TeamDirectory directory;
  if (rule_case.directory_json.find("\"teams\":[]") == std::string::npos) {
    ParsedDirectory parsed = ParseTeamDirectory({{"directory", rule_case.directory_json}});
    if (!parsed.problems.empty()) {
      case_loader_internal::Refuse(rule_case.file, FormatDiagnostic(parsed.problems.front()));
    }
    directory = TeamDirectory(std::move(parsed.teams));
  }
  return std::make_shared<const TeamDirectory>(rule_case.directory_outdated ? directory.Outdated()
                                                                            : directory);
}

// What a case knows of other objects; null where it knows nothing. `texts`: YAML or JSON, one object each.
inline std::shared_ptr<const RelatedObjects> RelatedOfCase(const RuleCase& rule_case,
                                                           const std::vector<std::string>& texts) {
  if (!rule_case.related_known) return nullptr;
  std::vector<std::unique_ptr<Manifests>> parsed;
  std::vector<JsonView> objects;
  for (const std::string& text : texts) {
    parsed.push_back(ParseManifests(text));
    for (const JsonView object : parsed.back()->objects) objects.push_back(object);
  }
  RelatedIndex index;
  AddAllRelated(index, objects, "default");
  for (size_t i = 0; i < kRelatedKindCount; ++i) {
    const auto kind = static_cast<RelatedKind>(i);
    const auto& absent = rule_case.not_installed;
    if (std::find(absent.begin(), absent.end(), RelatedKindName(kind)) != absent.end()) {
      index.SetKnowledge(kind, Knowledge::kNotInstalled);
    }
  }
  return index.Snapshot();
}

// Every case below `rules_folder` (tests/rules), sorted by rule and name.
inline std::vector<RuleCase> LoadRuleCases(const std::filesystem::path& rules_folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(rules_folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".yaml") files.push_back(entry);
  }
  std::sort(files.begin(), files.end());
  std::vector<RuleCase> cases;
  for (const std::filesystem::path& file : files) cases.push_back(LoadRuleCase(file));
  return cases;
}

}  // namespace plimsoll::testing
