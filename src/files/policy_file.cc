#include "files/policy_file.h"

#include <algorithm>
#include <optional>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

constexpr std::string_view kNamespaceNameLabel = "kubernetes.io/metadata.name";

// The namespace with the label that the API server sets on every namespace, which files lack.
std::optional<KnownNamespace> MakeNamespace(JsonView object, std::string_view name) {
  std::string text = "{\"labels\":{";
  AppendJsonString(kNamespaceNameLabel, text);
  text += ':';
  AppendJsonString(name, text);
  for (const JsonMember label : object["metadata"]["labels"].members()) {
    if (label.key == kNamespaceNameLabel) continue;
    text += ',';
    AppendJsonString(label.key, text);
    text += ':';
    text += ToJson(label.value);
  }
  text += "},\"annotations\":" +
          (object["metadata"]["annotations"].is_object() ? ToJson(object["metadata"]["annotations"])
                                                         : std::string("{}")) +
          "}";
  std::shared_ptr<const Manifests> document = ParseManifests(std::move(text));
  if (document->objects.size() != 1) return std::nullopt;
  const JsonView root = document->objects.front();
  return KnownNamespace{std::move(document), root["labels"], root["annotations"]};
}

// Namespaces of their own are what tells waivers apart: a folder has none to lend.
void ReadWaiver(JsonView object, Timestamp now, ReadPolicyFile& file,
                const std::function<void(Diagnostic)>& add) {
  ParsedWaiver parsed = ParseReadinessWaiver(object);
  if (parsed.waiver && parsed.waiver->namespace_name.empty()) {
    add({"", object.position(), "metadata.namespace",
         "expected the namespace whose workloads it names"});
    return;
  }
  for (Diagnostic& problem : parsed.problems) add(std::move(problem));
  if (!parsed.waiver) return;
  if (!parsed.waiver->created) parsed.waiver->created = now;
  auto waiver = std::make_shared<const ReadinessWaiver>(*std::move(parsed.waiver));
  const ObjectKey key{waiver->namespace_name, waiver->name};
  file.beside.waivers.emplace(key, std::move(waiver));
}

}  // namespace

ReadPolicyFile ParsePolicyFile(const std::string& path, std::string text, Timestamp now) {
  ReadPolicyFile file;
  const auto add = [&](Diagnostic problem) {
    problem.file = path;
    file.problems.push_back(std::move(problem));
  };
  const std::unique_ptr<Manifests> manifests =
      ParseManifests(std::move(text), DuplicateKeys::kReject);
  for (const Diagnostic& problem : manifests->problems) add(problem);
  file.whole = manifests->problems.empty();
  for (const JsonView object : manifests->objects) {
    const std::string_view name = object["metadata"]["name"].StringOrEmpty();
    if (object["apiVersion"].StringOrEmpty() == "v1" &&
        object["kind"].StringOrEmpty() == "Namespace" && !name.empty()) {
      if (auto known = MakeNamespace(object, name)) {
        file.beside.namespaces.insert_or_assign(std::string(name), std::move(*known));
      }
      continue;
    }
    if (IsMeantAsWaiver(object)) ReadWaiver(object, now, file, add);
    if (!IsMeantAsPolicy(object)) continue;
    ParsedPolicy parsed = ParseReadinessPolicy(object);
    for (const Diagnostic& problem : parsed.problems) add(problem);
    if (name.empty()) {
      file.whole = false;  // whose last good version this would be is not known
    } else {
      file.named.emplace(name);
    }
    if (!parsed.policy) continue;
    parsed.policy->source_file = path;
    file.policies.push_back(
        {std::move(*parsed.policy), parsed.problems.empty(), object.position()});
  }
  // A key that stands twice makes a policy unusable, not unreadable: its author hears of the rest, too.
  for (const JsonView object : manifests->refused) {
    if (!IsMeantAsPolicy(object)) continue;
    for (const Diagnostic& problem : ParseReadinessPolicy(object).problems) add(problem);
  }
  std::stable_sort(
      file.problems.begin(), file.problems.end(),
      [](const Diagnostic& a, const Diagnostic& b) { return a.position < b.position; });
  return file;
}

}  // namespace plimsoll
