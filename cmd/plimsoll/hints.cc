#include "hints.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>

#include "plimsoll/base/text.h"
#include "plimsoll/codec/manifest.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "plimsoll/policy/waiver_set.h"

namespace plimsoll::cli {
namespace {

namespace fs = std::filesystem;
using Standing = CheckedWorkload::Standing;

// A template lies in templates/ of its chart, or in a folder or two below it.
constexpr int kFoldersUpToChart = 4;

// As a shell takes it; paths with anything else in them are shown as they are, to be recognized.
std::string Shown(const std::string& path) { return SanitizeLine(path, std::string::npos); }

std::string ParentOf(const std::string& path) {
  const std::string parent = fs::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

bool IsKustomization(const InputFile& file, JsonView object) {
  const std::string name = fs::path(file.name).filename().string();
  return name == "kustomization.yaml" || name == "kustomization.yml" || name == "Kustomization" ||
         object["apiVersion"].StringOrEmpty().starts_with("kustomize.config.k8s.io/");
}

// Why a run that found no workload found none.
std::string NothingToJudge(const std::vector<InputFile>& files) {
  std::string policy;
  std::string kustomization;
  for (const InputFile& file : files) {
    if (file.manifests == nullptr) continue;
    for (const JsonView object : file.manifests->objects) {
      if (policy.empty() && IsMeantAsPolicy(object)) policy = Shown(file.name);
      if (kustomization.empty() && IsKustomization(file, object)) kustomization = file.name;
    }
  }
  if (!kustomization.empty()) {
    return "No workload is among them, and " + Shown(kustomization) +
           " is not built here: kustomize build " + Shown(ParentOf(kustomization)) +
           " | plimsoll check -";
  }
  if (!policy.empty()) {
    return "No workload is among them, but a policy to judge some by: plimsoll check --policy " +
           policy + " MANIFESTS";
  }
  return "No workload is among them: what is judged is Deployments, StatefulSets, DaemonSets, Jobs, "
         "CronJobs, Pods and what else runs pods";
}

// The charts that templates among the errors belong to.
std::set<std::string> ChartsOf(const CheckReport& report) {
  std::set<std::string> charts;
  for (const Diagnostic& error : report.errors) {
    if (!error.message.starts_with(kUnrenderedTemplate)) continue;
    std::string folder = ParentOf(error.file);
    for (int up = 0; up < kFoldersUpToChart; ++up, folder = ParentOf(folder)) {
      std::error_code failed;
      if (!fs::exists(folder + "/Chart.yaml", failed)) continue;
      charts.insert(folder);
      break;
    }
  }
  return charts;
}

bool NothingMatches(const CheckReport& report) {
  return !report.workloads.empty() &&
         std::all_of(report.workloads.begin(), report.workloads.end(), [](const auto& workload) {
           return workload.standing == Standing::kNoPolicyMatches;
         });
}

}  // namespace

std::vector<Diagnostic> MisspelledWorkloads(const std::vector<InputFile>& files) {
  std::vector<Diagnostic> problems;
  for (const InputFile& file : files) {
    if (file.manifests == nullptr) continue;
    for (const JsonView object : file.manifests->objects) {
      // Files of values may have a kind as well, and no spec.
      const std::string_view kind = object["kind"].StringOrEmpty();
      const bool meant = ParseWorkloadKind(kind).has_value() && object["spec"].is_object() &&
                         object["metadata"].is_object();
      if (!meant || object["apiVersion"].present()) continue;
      problems.push_back({file.name, object.position(), "apiVersion",
                          "missing: without it this " + std::string(kind) +
                              " is no object of Kubernetes, and is not judged"});
    }
  }
  return problems;
}

bool NoWaiverIn(const std::vector<InputFile>& files) {
  return std::none_of(files.begin(), files.end(), [](const InputFile& file) {
    return file.manifests != nullptr && std::any_of(file.manifests->objects.begin(),
                                                    file.manifests->objects.end(), IsMeantAsWaiver);
  });
}

std::vector<std::string> HintsFor(const CheckReport& report, const std::vector<InputFile>& files) {
  std::vector<std::string> hints;
  const bool read = std::any_of(files.begin(), files.end(),
                                [](const InputFile& file) { return file.manifests != nullptr; });
  if (read && report.workloads.empty() && report.errors.empty()) {
    hints.push_back(NothingToJudge(files));
  }
  if (NothingMatches(report)) {
    hints.emplace_back(
        "No policy is meant for any of them; --all says why. Labels of a namespace, where a policy "
        "asks for them, are those of Namespace objects among the files or beside the policies, or "
        "of --namespace-labels KEY=VALUE");
  }
  for (const std::string& chart : ChartsOf(report)) {
    hints.push_back(Shown(chart) + " is a chart: helm template " + Shown(chart) +
                    " | plimsoll check -");
  }
  return hints;
}

}  // namespace plimsoll::cli
