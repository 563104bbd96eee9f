#include "namespaces.h"

#include <utility>

#include "plimsoll/base/text.h"

namespace plimsoll::cli {
namespace {

// The API server puts it on every namespace (kubernetes.io/docs/reference/labels-annotations-taints).
constexpr std::string_view kNameLabel = "kubernetes.io/metadata.name";

}  // namespace

Namespaces::Namespaces(std::string flag_namespace, Labels flag_labels)
    : flag_namespace_(std::move(flag_namespace)), flag_labels_(std::move(flag_labels)) {}

void Namespaces::Learn(const std::vector<InputFile>& files) {
  for (const InputFile& file : files) {
    if (file.manifests == nullptr) continue;
    for (const JsonView object : file.manifests->objects) {
      if (object["kind"].StringOrEmpty() != "Namespace") continue;
      if (object["apiVersion"].StringOrEmpty() != "v1") continue;
      const std::string_view name = object["metadata"]["name"].StringOrEmpty();
      if (!name.empty()) objects_.insert_or_assign(std::string(name), object);
    }
  }
}

Namespaces::Facts Namespaces::Find(std::string_view name) {
  if (const auto known = facts_.find(name); known != facts_.end()) return known->second;
  const auto found = objects_.find(name);
  const JsonView object = found == objects_.end() ? JsonView() : found->second;
  const Facts facts{MakeLabels(std::string(name), object), object["metadata"]["annotations"]};
  facts_.emplace(name, facts);
  return facts;
}

JsonView Namespaces::MakeLabels(const std::string& name, JsonView object) {
  const bool flagged = flag_namespace_.empty() ? !object.exists() : name == flag_namespace_;
  std::map<std::string, std::string> labels;
  for (const JsonMember label : object["metadata"]["labels"].members()) {
    if (label.value.is_string()) labels.emplace(label.key, label.value.StringOrEmpty());
  }
  if (flagged) {
    for (const auto& [key, value] : flag_labels_) labels.insert_or_assign(key, value);
  }
  if (labels.empty() && !object.exists()) return {};
  if (!name.empty()) labels.insert_or_assign(std::string(kNameLabel), name);
  std::string json = "{";
  for (const auto& [key, value] : labels) {
    if (json.size() > 1) json += ',';
    AppendJsonString(key, json);
    json += ':';
    AppendJsonString(value, json);
  }
  json += '}';
  documents_.push_back(ParseManifests(std::move(json)));
  const std::vector<JsonView>& objects = documents_.back()->objects;
  return objects.empty() ? JsonView() : objects.front();
}

}  // namespace plimsoll::cli
