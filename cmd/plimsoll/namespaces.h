// What is known about namespaces on a command line, where no cluster can be asked: Namespace objects among the files, and
// flags.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "input.h"
#include "plimsoll/base/json_view.h"
#include "plimsoll/codec/manifest.h"

namespace plimsoll::cli {

class Namespaces {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  // `flag_labels` are those of `flag_namespace`; where that is "", of every namespace that no object defines.
  Namespaces(std::string flag_namespace, Labels flag_labels);

  // Learns from the Namespace objects of these files, which must outlive this.
  void Learn(const std::vector<InputFile>& files);

  struct Facts {
    JsonView labels;       // missing where nothing is known but the name
    JsonView annotations;  // missing where there is no such object
  };
  // Not for several threads: remembers what it has made. The views live as long as this.
  Facts Find(std::string_view name);

 private:
  // The labels the API server would have on it, as a document.
  JsonView MakeLabels(const std::string& name, JsonView object);

  std::string flag_namespace_;
  Labels flag_labels_;
  std::map<std::string, JsonView, std::less<>> objects_;
  std::map<std::string, Facts, std::less<>> facts_;
  std::vector<std::unique_ptr<Manifests>> documents_;
};

}  // namespace plimsoll::cli
