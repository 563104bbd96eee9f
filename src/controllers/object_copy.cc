#include "controllers/object_copy.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "plimsoll/base/text.h"

namespace plimsoll::controllers {
namespace {

constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";
constexpr std::array<std::string_view, 5> kDroppedMetadata = {"managedFields", "resourceVersion",
                                                              "generation", "selfLink", "uid"};

// Writes an object member by member.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }

  void Add(std::string_view key, std::string_view json) {
    BeginMember(key);
    out_ += json;
  }
  void AddText(std::string_view key, std::string_view text) {
    BeginMember(key);
    AppendJsonString(text, out_);
  }
  void End() { out_ += '}'; }

 private:
  void BeginMember(std::string_view key) {
    if (!first_) out_ += ',';
    first_ = false;
    AppendJsonString(key, out_);
    out_ += ':';
  }

  std::string& out_;
  bool first_ = true;
};

std::string AnnotationsText(JsonView annotations) {
  if (!annotations.is_object()) return ToJson(annotations);
  std::string out;
  ObjectWriter writer(out);
  for (const JsonMember member : annotations.members()) {
    if (member.key != kLastApplied) writer.Add(member.key, ToJson(member.value));
  }
  writer.End();
  return out;
}

std::string MetadataText(JsonView metadata) {
  if (!metadata.is_object()) return ToJson(metadata);
  std::string out;
  ObjectWriter writer(out);
  for (const JsonMember member : metadata.members()) {
    if (std::find(kDroppedMetadata.begin(), kDroppedMetadata.end(), member.key) !=
        kDroppedMetadata.end()) {
      continue;
    }
    const bool annotations = member.key == "annotations";
    writer.Add(member.key, annotations ? AnnotationsText(member.value) : ToJson(member.value));
  }
  writer.End();
  return out;
}

}  // namespace

std::string CompactWorkload(WorkloadKind kind, JsonView object) {
  std::string out;
  ObjectWriter writer(out);
  if (!object["apiVersion"].is_string()) writer.AddText("apiVersion", ServedApiVersion(kind));
  if (!object["kind"].is_string()) writer.AddText("kind", WorkloadKindName(kind));
  for (const JsonMember member : object.members()) {
    const bool type = member.key == "apiVersion" || member.key == "kind";
    if (member.key == "status" || (type && !member.value.is_string())) continue;
    const bool metadata = member.key == "metadata";
    writer.Add(member.key, metadata ? MetadataText(member.value) : ToJson(member.value));
  }
  writer.End();
  out.shrink_to_fit();
  return out;
}

std::string CompactNamespace(JsonView metadata) {
  std::string out;
  ObjectWriter writer(out);
  writer.Add("labels", ToJson(metadata["labels"]));
  writer.Add("annotations", AnnotationsText(metadata["annotations"]));
  writer.End();
  out.shrink_to_fit();
  return out;
}

}  // namespace plimsoll::controllers
