#!/usr/bin/env python3
"""What somebody runs into who has never used `plimsoll`: input with nothing to judge in it, names as a screen showed them, words that
are nearly right. Each says what to type next, and nothing is green that judged nothing by mistake.

PLIMSOLL names the program.
"""

import unittest

from cli_test import READY, Case, run

LABELLED = """\
apiVersion: plimsoll.dev/v1alpha1
kind: ReadinessPolicy
metadata: {name: labelled}
spec:
  match: {namespaceSelector: {matchLabels: {env: production}}}
  stages: [{action: Deny}]
  rules: [{rule: ownership.owner}]
"""
WORKLOAD = READY.replace("NAME", "web")


class Check(Case):
    def check(self, *args, exit_code=0, **kwargs):
        result = run("check", *args, cwd=self.folder, **kwargs)
        self.expect(result, exit_code)
        return " ".join(result.stdout.decode().split())  # as one line, however it is wrapped

    def test_nothing_on_standard_input_is_no_success(self):
        for nothing in ("", "\n"):
            self.assertIn("nothing came on standard input: did the command before the pipe fail?",
                          self.check("-", stdin=nothing, exit_code=2))
        self.check("-", stdin="# a chart that renders nothing\n")

    def test_files_without_a_workload(self):
        self.write("values.yaml", "kind: Deployment\nreplicas: 2\n")
        self.assertIn("No workload is among them: what is judged is Deployments,", self.check("values.yaml"))
        self.write("policy.yaml", LABELLED)
        self.assertIn("a policy to judge some by: plimsoll check --policy policy.yaml MANIFESTS", self.check("policy.yaml"))
        self.write("overlay/kustomization.yaml", "resources: [../base]\n")
        self.assertIn("overlay/kustomization.yaml is not built here: kustomize build overlay | plimsoll check -", self.check("overlay"))
        self.write("web.yaml", WORKLOAD)
        self.assertNotIn("No workload", self.check("."))

    def test_a_workload_whose_apiversion_is_misspelt(self):
        self.write("web.yaml", WORKLOAD.replace("apiVersion", "apiversion"))
        self.assertIn("error web.yaml:1:1 apiVersion: missing: without it this Deployment is no object", self.check("web.yaml", exit_code=2))

    def test_templates_of_a_chart(self):
        self.write("shop/Chart.yaml", "name: shop\n")
        self.write("shop/templates/more/web.yaml", WORKLOAD.replace("web\n", "{{ .Values.name }}\n", 1).replace("name: web,", "name: {{ .Values.name }},"))
        said = self.check("shop", exit_code=2)
        self.assertIn("unrendered template", said)
        self.assertEqual(said.count("shop is a chart: helm template shop | plimsoll check -"), 1, said)

    def test_workloads_that_no_policy_is_meant_for(self):
        self.write("policy.yaml", LABELLED)
        self.write("web.yaml", WORKLOAD)
        said = self.check("--policy", "policy.yaml", "web.yaml")
        self.assertIn("1 matched by no policy (--all lists it)", said)
        self.assertIn("of --namespace-labels KEY=VALUE", said)
        self.assertNotIn("(--all lists", self.check("--policy", "policy.yaml", "--all", "web.yaml"))
        self.assertNotIn("--namespace-labels",
                         self.check("--policy", "policy.yaml", "--namespace-labels", "env=production", "web.yaml", exit_code=1))

    def test_waivers_that_are_none(self):
        self.write("web.yaml", WORKLOAD)
        said = "No ReadinessWaiver (plimsoll.dev/v1alpha1) is in what --waivers names"
        self.assertIn(said, self.check("--waivers", "web.yaml", "web.yaml"))
        self.assertNotIn(said, self.check("web.yaml"))

    def test_pod_monitors_are_not_missed_beside_service_monitors(self):
        self.write("web.yaml", WORKLOAD)
        self.assertIn("no Service, PodMonitor or PrometheusRule. Where", self.check("web.yaml"))
        self.write("monitor.yaml", "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: other}\nspec: {selector: {}}\n")
        said = self.check(".")
        self.assertIn("PrometheusRule", said)
        self.assertNotIn("PodMonitor", said)


class Words(Case):
    """Names as a screen showed them, and words that are nearly right."""

    def error(self, *args):
        result = run(*args, cwd=self.folder)
        self.expect(result, 2, "", None)
        return result.stderr.decode()

    def test_a_rule_as_a_denial_calls_it(self):
        named = run("explain", "runbook.url")
        self.expect(run("explain", "production/runbook.url"), 0, named.stdout.decode())
        self.assertIn('no rule "production/no.such"', self.error("explain", "production/no.such"))

    def test_what_is_no_rule(self):
        self.assertIn('no rule "runbook"; there are runbook.alerts, runbook.alive, runbook.url\n', self.error("explain", "runbook"))
        self.assertIn('no rule "policies/a.yaml"; of a policy: plimsoll explain policy policies/a.yaml\n', self.error("explain", "policies/a.yaml"))

    def test_values_of_flags(self):
        for args, said in ((["init", "x", "--port", "http"], '--port: "http" is no number'),
                           (["init", "x", "--owner", "a", "--owner", "b"], "--owner is given 2 times; it takes one value"),
                           (["report", "--html"], "--html: its value is missing (FILE)"),
                           (["init", "x", "--owner", "a", "--replicas", "0"], "--replicas: must be 1 to 10000")):
            self.assertTrue(self.error(*args).startswith(f"plimsoll: {said}\n"), self.error(*args))

    def test_a_command_without_the_one_above_it(self):
        self.assertIn('no command "validate"; did you mean policy validate?', self.error("validate", "x.yaml"))
        self.assertIn('no command "approve"; did you mean waiver approve?', self.error("approve"))

    def test_files_as_kubectl_takes_them(self):
        self.assertIn('no flag "-f"; files are named without one', self.error("check", "-f", "web.yaml"))
        self.assertNotIn("files are named", self.error("doctor", "-f", "web.yaml"))

    def test_a_page_of_no_records(self):
        self.write("web.yaml", WORKLOAD)
        result = run("report", "--html", "page.html", "web.yaml", cwd=self.folder)
        self.expect(result, 0)
        self.assertIn("page.html: 0 workloads: no WorkloadReadiness is among what was read; kubectl get", result.stdout.decode())


if __name__ == "__main__":
    unittest.main()
