// Which files a layout has.
#include <algorithm>

#include "plimsoll/base/text.h"
#include "scaffold/manifests.h"
#include "scaffold/text.h"

namespace plimsoll {
namespace {

constexpr std::string_view kCheckScript = R"(
#!/bin/sh
# Judges this service as admission will. Exit codes: 0 ready, 1 findings, 2 something could not be judged.
# PLIMSOLL_POLICY: a file or folder with other policies than those it was begun with.
set -eu
cd "$(dirname "$0")/.."
@POLICY@
@COMMAND@
)";

constexpr std::string_view kGithub = R"(
# The same verdict as at admission, on every change. `plimsoll` must be on the runner's PATH.
name: readiness
on:
  push:
    branches: [main]
  pull_request:
permissions:
  contents: read
jobs:
  readiness:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: ci/readiness.sh
)";

constexpr std::string_view kGitlab = R"(
# The same verdict as at admission, on every change. `plimsoll` must be in the job's image.
readiness:
  stage: test
  script:
    - ci/readiness.sh
)";

constexpr std::string_view kChart = R"(
apiVersion: v2
name: @NAME@
description: @NAME@, run by @OWNER@
type: application
version: 0.1.0
)";

// A word of a shell command.
std::string ShellQuoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string CheckScript(const ServicePlan& plan, const ServiceTerms& terms) {
  std::string check = "plimsoll check";
  std::string policy;
  if (!plan.policy.empty()) {
    policy =
        "policy=${PLIMSOLL_POLICY:-}\n[ -n \"$policy\" ] || policy=" + ShellQuoted(plan.policy);
    check += " --policy \"$policy\"";
  } else {
    check += " ${PLIMSOLL_POLICY:+--policy \"$PLIMSOLL_POLICY\"}";
  }
  if (!plan.namespace_name.empty()) check += " -n " + plan.namespace_name;
  std::string labels;
  for (const auto& [key, value] : terms.namespace_labels) {
    labels += (labels.empty() ? "" : ",") + key + '=' + value;
  }
  if (!labels.empty()) check += " --namespace-labels " + ShellQuoted(labels);
  const std::string into = "printf '%s\\n' \"$rendered\" | " + check + " \"$@\" -";
  std::string command = check + " \"$@\" manifests/";
  if (plan.layout == ServiceLayout::kKustomize) {
    command = "rendered=$(kubectl kustomize overlays/production)\n" + into;
  } else if (plan.layout == ServiceLayout::kChart) {
    command = "rendered=$(helm template " + plan.name + " chart" +
              (plan.namespace_name.empty() ? "" : " -n " + plan.namespace_name) + ")\n" + into;
  }
  return Fill(kCheckScript, {{"POLICY", policy}, {"COMMAND", command}});
}

void AddKustomize(const ServicePlan& plan, const ServiceTerms& terms,
                  std::vector<ServiceFile>& files) {
  std::string base =
      "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n";
  for (Manifest& manifest : WriteManifests(plan, terms, WrittenOut(plan, terms, false))) {
    base += "  - " + manifest.name + '\n';
    files.push_back({"base/" + manifest.name, std::move(manifest.text)});
  }
  files.push_back({"base/kustomization.yaml", base});
  std::string overlay = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";
  if (!plan.namespace_name.empty()) overlay += "namespace: " + plan.namespace_name + '\n';
  files.push_back(
      {"overlays/production/kustomization.yaml", overlay + "resources:\n  - ../../base\n"});
}

void AddChart(const ServicePlan& plan, const ServiceTerms& terms, std::vector<ServiceFile>& files) {
  files.push_back({"chart/Chart.yaml", Fill(kChart, {{"NAME", plan.name}, {"OWNER", plan.owner}})});
  files.push_back({"chart/values.yaml", ChartValues(plan, terms)});
  for (Manifest& manifest : WriteManifests(plan, terms, AsReferences(plan))) {
    files.push_back({"chart/templates/" + manifest.name, std::move(manifest.text)});
  }
}

ServiceFile Owners(const ServicePlan& plan) {
  if (plan.owners_file == OwnersFile::kOwners) {
    std::string who = plan.code_owner.empty() ? plan.owner : plan.code_owner;
    if (who.starts_with('@')) who.erase(0, 1);
    const std::string quoted = YamlText(who);
    return {"OWNERS", "approvers:\n  - " + quoted + "\nreviewers:\n  - " + quoted + "\n"};
  }
  const std::string who = plan.code_owner.empty() ? '@' + plan.owner : plan.code_owner;
  return {"CODEOWNERS",
          "# Who is asked about every change: on GitHub @ORGANISATION/TEAM, on GitLab @GROUP.\n* " +
              who + "\n"};
}

}  // namespace

std::vector<ServiceFile> WriteService(const ServicePlan& plan, const ServiceTerms& terms) {
  std::vector<ServiceFile> files;
  switch (plan.layout) {
    case ServiceLayout::kPlain:
      for (Manifest& manifest : WriteManifests(plan, terms, WrittenOut(plan, terms, true))) {
        files.push_back({"manifests/" + manifest.name, std::move(manifest.text)});
      }
      break;
    case ServiceLayout::kKustomize:
      AddKustomize(plan, terms, files);
      break;
    case ServiceLayout::kChart:
      AddChart(plan, terms, files);
      break;
  }
  files.push_back(Owners(plan));
  files.push_back({"ci/readiness.sh", CheckScript(plan, terms), true});
  if (plan.ci == CiSystem::kGithub) {
    files.push_back({".github/workflows/readiness.yaml", Fill(kGithub, {})});
  } else if (plan.ci == CiSystem::kGitlab) {
    files.push_back({".gitlab-ci.yml", Fill(kGitlab, {})});
  }
  files.push_back({"docs/runbook.md", WriteRunbook(plan, terms)});
  std::sort(files.begin(), files.end(),
            [](const ServiceFile& a, const ServiceFile& b) { return a.path < b.path; });
  return files;
}

std::string RenderedObjects(const ServicePlan& plan, const ServiceTerms& terms) {
  std::string text;
  for (const Manifest& manifest : WriteManifests(plan, terms, WrittenOut(plan, terms, true))) {
    text += "---\n" + manifest.text;
  }
  return text;
}

ServicePlan WithAnswers(ServicePlan plan, const ServiceTerms& terms) {
  const std::string digest(64, 'a');
  if (plan.image.empty())
    plan.image = "registry.corp.internal/" + plan.name + ":0.1.0@sha256:" + digest;
  if (plan.alert_route.empty()) plan.alert_route = '#' + plan.owner;
  if (plan.contact.empty()) plan.contact = '#' + plan.owner;
  if (plan.runbook.empty()) {
    std::string host =
        terms.runbook_hosts.empty() ? "runbooks.corp.internal" : terms.runbook_hosts.front();
    if (host.starts_with("*.")) host = "runbooks" + host.substr(1);
    plan.runbook = "https://" + host + '/' + plan.name;
  }
  return plan;
}

}  // namespace plimsoll
