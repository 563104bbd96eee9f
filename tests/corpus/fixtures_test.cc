// Peers' own test fixtures, judged by our rules. Where we agree, fine; where we do not, disagreements.tsv must say why, and
// what it lists must still be so. Fixtures are judged rule by rule and without asking whether the object is complete: most
// of them are cut down to what their check looks at.
//
// The fixtures are no part of the repository: PLIMSOLL_SHARED_DIR, or ../shared beside it. UPDATE_GOLDEN=1 rewrites
// disagreements.tsv, keeping reasons; new ones get "?", which fails.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "plimsoll/base/text.h"
#include "plimsoll/codec/manifest.h"
#include "plimsoll/codec/related_objects.h"
#include "plimsoll/model/neighbours.h"
#include "plimsoll/model/promql.h"
#include "plimsoll/model/related_objects.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/rules/rule.h"

namespace plimsoll {
namespace {

// The question a peer's check asks, as one or more of our rules with parameters.
struct Equivalent {
  const char* peer;
  const char* check;
  const char* file_contains;  // tells apart the parameters of a peer's samples
  const char* rule;
  const char* parameters;  // JSON
};

constexpr Equivalent kEquivalents[] = {
    {"kube-linter", "latest-tag", "", "image.pinned", "{}"},
    {"kube-linter", "minimum-three-replicas", "", "resilience.replicas", R"({"minimum":3})"},
    {"kube-linter", "no-anti-affinity", "", "resilience.spread", "{}"},
    {"kube-linter", "no-liveness-probe", "", "health.liveness-probe", "{}"},
    {"kube-linter", "no-readiness-probe", "", "health.readiness-probe", R"({"scope":"all"})"},
    {"kube-linter", "no-rolling-update-strategy", "", "resilience.strategy", "{}"},
    {"kube-linter", "liveness-port", "", "health.probe-port", R"({"requireDeclared":true})"},
    {"kube-linter", "readiness-port", "", "health.probe-port", R"({"requireDeclared":true})"},
    {"kube-linter", "startup-port", "", "health.probe-port", R"({"requireDeclared":true})"},
    {"kube-linter", "dangling-servicemonitor", "", "alerting.scraped",
     R"({"providers":["operator"]})"},
    {"kube-linter", "hpa-minimum-three-replicas", "", "resilience.replicas", R"({"minimum":3})"},
    {"kube-linter", "pdb-max-unavailable", "", "resilience.pdb-evictable", "{}"},
    {"kube-linter", "pdb-min-available", "", "resilience.pdb-evictable", "{}"},
    {"kube-linter", "pdb-unhealthy-pod-eviction-policy", "", "resilience.pdb-evictable", "{}"},
    {"kube-linter", "required-annotation-email", "", "ownership.contact", R"({"keys":["email"]})"},
    {"kube-linter", "required-label-owner", "", "ownership.owner", R"({"keys":["owner"]})"},
    {"kube-linter", "unset-cpu-requirements", "", "resources.cpu-request", "{}"},
    {"kube-linter", "unset-memory-requirements", "", "resources.memory-limit", "{}"},
    {"gatekeeper", "requiredprobes", "", "health.readiness-probe", R"({"scope":"all"})"},
    {"gatekeeper", "requiredprobes", "", "health.liveness-probe", R"({"scope":"all"})"},
    {"gatekeeper", "requiredlabels", "all-must-have-owner", "ownership.owner",
     R"({"keys":["owner"],"where":"label"})"},
    {"gatekeeper", "requiredlabels", "verify-label-key-only", "ownership.owner",
     R"({"keys":["pizza"],"where":"label"})"},
    {"gatekeeper", "requiredannotations", "", "ownership.owner", R"({"keys":["a8r.io/owner"]})"},
    {"gatekeeper", "requiredannotations", "", "runbook.url", R"({"keys":["a8r.io/runbook"]})"},
    {"gatekeeper", "replicalimits", "", "resilience.replicas", R"({"minimum":3})"},
    {"gatekeeper", "containerresources", "must-have", "resources.cpu-request", "{}"},
    {"gatekeeper", "containerresources", "must-have", "resources.memory-request", "{}"},
    {"gatekeeper", "containerresources", "must-have", "resources.memory-limit", "{}"},
    {"gatekeeper", "containerresources", "no-enforcements", "", "{}"},  // asks nothing
    {"gatekeeper", "containerlimits", "", "resources.memory-limit", "{}"},
    {"gatekeeper", "containerrequests", "", "resources.cpu-request", "{}"},
    {"gatekeeper", "containerrequests", "", "resources.memory-request", "{}"},
    {"gatekeeper", "horizontalpodautoscaler", "", "resilience.replicas", R"({"minimum":3})"},
    {"gatekeeper", "poddisruptionbudget", "", "resilience.pdb-evictable", "{}"},
    {"gatekeeper", "disallowedtags", "", "image.pinned",
     R"({"exemptImages":["openpolicyagent/opa-exp:latest","openpolicyagent/opa-exp2:latest"]})"},
    {"gatekeeper", "imagedigests", "", "image.digest", "{}"},
};

// Peers' inventories: what else there is, in a file of its own. The index names it in its note: "inventory=FILE".
std::string InventoryOf(std::string_view note) {
  constexpr std::string_view kName = "inventory=";
  const size_t at = note.find(kName);
  if (at == std::string_view::npos) return {};
  note.remove_prefix(at + kName.size());
  return std::string(note.substr(0, note.find(' ')));
}

struct Row {
  std::string peer, check, file, object, expected, rule, note;
};

using Key =
    std::tuple<std::string, std::string, std::string, std::string>;  // peer check file object

struct Disagreement {
  std::string expected;
  std::string ours;
  std::string reason;
};

std::filesystem::path Fixtures() {
  const char* shared = std::getenv("PLIMSOLL_SHARED_DIR");
  const std::filesystem::path root =
      shared != nullptr ? std::filesystem::path(shared)
                        : std::filesystem::path(PLIMSOLL_SOURCE_DIR) / ".." / "shared";
  return root / "corpus" / "fixtures";
}

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::vector<Row> ReadIndex() {
  std::vector<Row> rows;
  std::ifstream stream(Fixtures() / "index.tsv");
  std::string line;
  std::getline(stream, line);  // the heading
  while (std::getline(stream, line)) {
    const std::vector<std::string_view> cells = Split(line, '\t');
    if (cells.size() < 6) continue;
    rows.push_back({std::string(cells[0]), std::string(cells[1]), std::string(cells[2]),
                    std::string(cells[3]), std::string(cells[4]), std::string(cells[5]),
                    cells.size() > 6 ? std::string(cells[6]) : std::string()});
  }
  return rows;
}

std::vector<const Equivalent*> EquivalentsOf(const Row& row) {
  std::vector<const Equivalent*> found;
  for (const Equivalent& equivalent : kEquivalents) {
    if (row.peer == equivalent.peer && row.check == equivalent.check &&
        row.file.find(equivalent.file_contains) != std::string::npos) {
      found.push_back(&equivalent);
    }
  }
  return found;
}

// The violations of one object, or nothing where it is of no kind we judge.
std::optional<size_t> Violations(JsonView object, const std::vector<const Equivalent*>& equivalents,
                                 const RelatedObjects& related) {
  Workload workload;
  if (!workload.Assign(object)) return std::nullopt;
  size_t count = 0;
  for (const Equivalent* equivalent : equivalents) {
    if (*equivalent->rule == '\0') continue;
    const Rule* rule = FindRule(equivalent->rule);
    if (rule == nullptr) {
      ADD_FAILURE() << "no rule " << equivalent->rule;
      return std::nullopt;
    }
    const std::unique_ptr<Manifests> given = ParseManifests(equivalent->parameters);
    std::vector<Diagnostic> problems;
    const Parameters parameters =
        CompileParameters(*rule, given->objects.at(0), "parameters", problems);
    EXPECT_TRUE(problems.empty()) << equivalent->rule << ": " << problems.at(0).message;
    RuleOutcome outcome;
    RuleEnvironment environment;
    Neighbours beside(workload, related);
    environment.beside = &beside;
    rule->evaluate({workload, parameters, environment}, outcome);
    count += outcome.violations().size();
  }
  return count;
}

// In the words of the index: "pass", "fail", "fail-count=2"; or "not judged".
std::string OurAnswer(const Row& row) {
  const std::string directory = row.peer == "gatekeeper" ? "gatekeeper" : "kube-linter";
  const std::filesystem::path path = Fixtures() / directory / row.file;
  if (!std::filesystem::exists(path)) return "no such file";
  const std::unique_ptr<Manifests> manifests = ParseManifests(ReadText(path));
  std::vector<JsonView> objects = manifests->objects;
  std::unique_ptr<Manifests> inventory;
  if (const std::string file = InventoryOf(row.note); !file.empty()) {
    inventory = ParseManifests(ReadText(Fixtures() / directory / file));
    objects.insert(objects.end(), inventory->objects.begin(), inventory->objects.end());
  }
  RelatedIndex index;
  AddAllRelated(index, objects, "");
  const std::shared_ptr<const RelatedObjects> related = index.Snapshot();
  const std::vector<const Equivalent*> equivalents = EquivalentsOf(row);
  const bool whole_file = row.object == "*file*";
  bool judged = false;
  size_t count = 0;
  for (const JsonView object : manifests->objects) {
    const std::string name = std::string(object["kind"].StringOrEmpty()) + "/" +
                             std::string(object["metadata"]["name"].StringOrEmpty());
    if (!whole_file && row.object != "*" && row.object != name) continue;
    const std::optional<size_t> violations = Violations(object, equivalents, *related);
    if (!violations) continue;
    judged = true;
    count += *violations;
  }
  if (whole_file) return "fail-count=" + std::to_string(count);
  if (!judged) return "not judged";
  return count == 0 ? "pass" : "fail";
}

std::filesystem::path ListPath() {
  return std::filesystem::path(PLIMSOLL_SOURCE_DIR) / "tests/corpus/disagreements.tsv";
}

std::map<Key, Disagreement> ReadList() {
  std::map<Key, Disagreement> list;
  std::ifstream stream(ListPath());
  std::string line;
  std::getline(stream, line);  // the heading
  while (std::getline(stream, line)) {
    const std::vector<std::string_view> cells = Split(line, '\t');
    if (cells.size() != 7) {
      ADD_FAILURE() << "disagreements.tsv: not seven cells: " << line;
      continue;
    }
    list[Key(cells[0], cells[1], cells[2], cells[3])] =
        Disagreement{std::string(cells[4]), std::string(cells[5]), std::string(cells[6])};
  }
  return list;
}

void WriteList(const std::map<Key, Disagreement>& list) {
  std::ofstream out(ListPath());
  out << "peer\tcheck\tfile\tobject\texpected\tours\treason\n";
  for (const auto& [key, entry] : list) {
    const auto& [peer, check, file, object] = key;
    out << peer << '\t' << check << '\t' << file << '\t' << object << '\t' << entry.expected << '\t'
        << entry.ours << '\t' << entry.reason << '\n';
  }
}

TEST(Fixtures, AgreeWithPeersButWhereWeMeanNotTo) {
  if (!std::filesystem::exists(Fixtures())) {
    GTEST_SKIP() << "no fixtures in " << Fixtures() << " (set PLIMSOLL_SHARED_DIR)";
  }
  const std::map<Key, Disagreement> list = ReadList();
  std::map<Key, Disagreement> found;
  size_t agreed = 0;
  size_t no_rule = 0;
  for (const Row& row : ReadIndex()) {
    if (row.rule == "-") {
      ++no_rule;
      continue;
    }
    ASSERT_FALSE(EquivalentsOf(row).empty())
        << row.peer << " " << row.check << " " << row.file << ": say which of our rules asks this";
    const std::string ours = OurAnswer(row);
    if (ours == row.expected) {
      ++agreed;
      continue;
    }
    const Key key(row.peer, row.check, row.file, row.object);
    const auto listed = list.find(key);
    found[key] = {row.expected, ours, listed == list.end() ? "?" : listed->second.reason};
    if (listed == list.end()) {
      ADD_FAILURE() << "not in disagreements.tsv: " << row.peer << " " << row.check << " "
                    << row.file << " " << row.object << ": expected " << row.expected << ", ours "
                    << ours;
    } else {
      EXPECT_EQ(listed->second.ours, ours) << row.check << " " << row.file << " " << row.object;
      EXPECT_NE(listed->second.reason, "?") << row.check << " " << row.file << " " << row.object;
    }
  }
  for (const auto& [key, entry] : list) {
    EXPECT_TRUE(found.contains(key)) << "stale in disagreements.tsv: " << std::get<1>(key) << " "
                                     << std::get<2>(key) << " " << std::get<3>(key);
  }
  std::cerr << "fixtures: " << agreed << " agree, " << found.size() << " intended disagreements; "
            << no_rule << " ask what no rule asks\n";
  if (const char* update = std::getenv("UPDATE_GOLDEN"); update != nullptr && *update == '1') {
    WriteList(found);
  }
}

// Real alert and recording rules: each expression is understood.
TEST(Corpus, EveryExpressionOfItsRulesIsUnderstood) {
  const std::filesystem::path corpus = Fixtures() / "..";
  if (!std::filesystem::exists(corpus / "companions.tsv")) GTEST_SKIP() << "no corpus";
  std::ifstream stream(corpus / "companions.tsv");
  std::set<std::filesystem::path> files;
  for (std::string line; std::getline(stream, line);) {
    const std::vector<std::string_view> cells = Split(line, '\t');
    if (cells.size() > 5 && cells[5] == "PrometheusRule") {
      files.insert(corpus / "manifests" / cells[0] / cells[2]);
    }
  }
  size_t expressions = 0;
  size_t naming = 0;
  for (const std::filesystem::path& file : files) {
    const std::unique_ptr<Manifests> manifests = ParseManifests(ReadText(file));
    for (const JsonView object : manifests->objects) {
      for (const JsonView group : object["spec"]["groups"].elements()) {
        for (const JsonView rule : group["rules"].elements()) {
          const PromqlSubject subject = ReadPromql(rule["expr"].text());
          EXPECT_TRUE(subject.known) << file << ": " << rule["expr"].text();
          ++expressions;
          naming += !subject.alternatives.empty() && subject.alternatives[0].matchers.size() > 1;
        }
      }
    }
  }
  EXPECT_GT(expressions, 100u);
  std::cerr << "corpus: " << expressions << " expressions, " << naming << " with matchers\n";
}

}  // namespace
}  // namespace plimsoll
