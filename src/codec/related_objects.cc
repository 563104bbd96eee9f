#include "plimsoll/codec/related_objects.h"

#include <memory>
#include <optional>
#include <string>

#include "plimsoll/codec/manifest.h"

namespace plimsoll {

RelatedChange SetRelated(RelatedIndex& index, RelatedKind kind, const ObjectKey& key,
                         JsonView object) {
  if (kind != RelatedKind::kRuleFile) return index.Set(kind, key, object);
  std::vector<std::unique_ptr<Manifests>> parsed;
  std::vector<JsonView> files;
  for (const JsonMember file : object["data"].members()) {
    if (!file.value.is_string()) continue;
    parsed.push_back(ParseManifests(std::string(file.value.text())));
    const auto& objects = parsed.back()->objects;
    files.insert(files.end(), objects.begin(), objects.end());
  }
  const std::string_view name = object["metadata"]["name"].StringOrEmpty();
  return index.SetRuleFile(key, name, files);
}

void AddAllRelated(RelatedIndex& index, const std::vector<JsonView>& objects,
                   std::string_view default_namespace) {
  for (size_t kind = 0; kind < kRelatedKindCount; ++kind) {
    index.SetKnowledge(static_cast<RelatedKind>(kind), Knowledge::kKnown);
  }
  for (size_t i = 0; i < objects.size(); ++i) {
    const std::optional<RelatedKind> kind = RelatedKindOf(objects[i]);
    if (!kind) continue;
    const JsonView metadata = objects[i]["metadata"];
    const std::string_view name_space = metadata["namespace"].StringOrEmpty();
    // Of one name there may be several: an application of every folder. "\n" sorts before all that names may hold.
    ObjectKey key{std::string(name_space.empty() ? default_namespace : name_space),
                  std::string(metadata["name"].StringOrEmpty()) + "\n" + std::to_string(i)};
    SetRelated(index, *kind, key, objects[i]);
  }
}

}  // namespace plimsoll
