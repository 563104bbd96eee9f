// What the policy tests share: objects from JSON, rules that are easy to predict, policies in one line.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/time.h"
#include "plimsoll/codec/json_parser.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/policy/evaluator.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "plimsoll/rules/rule.h"

namespace plimsoll::test {

// A JSON text, parsed; stays valid as long as this does. Throws where the text is no JSON: the test is wrong.
class Json {
 public:
  explicit Json(std::string_view text);
  JsonView view() const { return view_; }
  JsonView operator[](std::string_view key) const { return view_[key]; }

 private:
  std::unique_ptr<std::string> text_;
  std::unique_ptr<JsonParser> parser_;
  JsonView view_;
};

class ParsedWorkload {
 public:
  explicit ParsedWorkload(std::string_view json);
  const Workload& operator*() const { return workload_; }
  const Workload* operator->() const { return &workload_; }

 private:
  Json json_;
  Workload workload_;
};

// A Deployment "web" in namespace "shop".
struct DeploymentSpec {
  std::string metadata = "";   // more members: `"labels":{"a":"b"}`
  std::string replicas = "3";  // "" leaves the field out
  std::string containers = R"([{"name":"web","image":"a"}])";
  std::string template_metadata = "";  // members
};
ParsedWorkload Deployment(const DeploymentSpec& spec = {});

Timestamp At(std::string_view text);  // throws where it is no time

// The rules of these tests.
const Rule& NeedsOwner();     // test.owner: annotation "owner" on the workload
const Rule& NeedsProbe();     // test.probe: readinessProbe in each container; says where, not who
const Rule& NeedsReplicas();  // test.replicas: two; not applicable to none
const Rule& CountsFaults();   // test.faults: as many violations as annotation "faults" says
const Rule& GradedLink();  // test.link: annotation "link"; one that is "root" deserves at most Warn
const Rule& AlwaysPasses();  // test.passes

ReadinessPolicy Policy(std::string name, std::vector<Stage> stages, std::vector<const Rule*> rules);

// "Deny test.owner metadata.annotations[owner]" and so on, in the verdict's order.
std::vector<std::string> Summary(const Verdict& verdict);

}  // namespace plimsoll::test
