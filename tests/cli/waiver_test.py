#!/usr/bin/env python3
"""plimsoll waiver: what is asked of the API server, what is said about it, and what never leaves the program."""

import json
import unittest

import cli_test
import fake_cluster
from cli_test import run

WAIVERS = "/apis/plimsoll.dev/v1alpha1/namespaces/shop/readinesswaivers"
REQUEST = ["request", "deploy/checkout", "--policy", "production", "--rule", "runbook.url", "--expires", "2099-01-15",
           "--reason", "being written, OPS-1234"]


def waiver(name="checkout-runbook-url", by="ben@corp.internal", expires="2099-01-15T00:00:00Z", approved=None, state="Pending"):
    spec = {"workloads": [{"kind": "Deployment", "name": "checkout"}], "policy": "production", "rules": ["runbook.url"],
            "reason": "being written", "requestedBy": by, "expires": expires}
    if approved:
        spec["approval"] = {"approvedBy": approved}
    return {"apiVersion": "plimsoll.dev/v1alpha1", "kind": "ReadinessWaiver", "spec": spec, "status": {"state": state},
            "metadata": {"name": name, "namespace": "shop", "resourceVersion": "7", "creationTimestamp": "2026-11-01T00:00:00Z"}}


class Waivers(cli_test.Case):
    def setUp(self):
        super().setUp()
        self.cluster = fake_cluster.Cluster(self.folder).__enter__()
        self.addCleanup(self.cluster.__exit__)

    def waiver(self, *args, exit_code=0):
        result = run("waiver", *args, "--kubeconfig", self.cluster.kubeconfig)
        self.assertEqual(result.returncode, exit_code, (result.stdout + result.stderr).decode())
        return (result.stdout if exit_code == 0 else result.stderr).decode()

    def changes(self):
        return [(method, path) for method, path, _ in self.cluster.requests
                if method != "GET" and "selfsubject" not in path]

    def test_request(self):
        out = self.waiver(*REQUEST)
        self.assertEqual(out, "requested: shop/checkout-runbook-url\n  Deployment/checkout excused from runbook.url of "
                         "production until 2099-01-15: being written, OPS-1234\nSomebody else has to approve it: "
                         "plimsoll waiver approve checkout-runbook-url -n shop\n")
        made = self.cluster.objects[f"{WAIVERS}/checkout-runbook-url"]
        self.assertEqual(made["spec"], {
            "workloads": [{"kind": "Deployment", "name": "checkout"}], "policy": "production", "rules": ["runbook.url"],
            "reason": "being written, OPS-1234", "requestedBy": "ana@corp.internal", "expires": "2099-01-15T00:00:00Z"})
        self.assertEqual(self.waiver(*REQUEST, exit_code=2),
                         "plimsoll: a waiver shop/checkout-runbook-url already exists: plimsoll waiver list -n shop shows it, "
                         "plimsoll waiver end checkout-runbook-url -n shop deletes it\n")

    def test_dry_run_prints_yaml_that_check_reads(self):
        out = self.waiver(*REQUEST, "--dry-run")
        self.assertEqual(self.changes(), [])
        path = self.write("waiver.yaml", out)
        validated = run("policy", "validate", path)
        self.expect(validated, 0, stdout="0 policies and 1 waiver in 1 file: no problems\n")
        # With all that is to be known, no cluster is asked.
        alone = run("waiver", *REQUEST, "--dry-run", "-n", "shop", "--requested-by", "ana@corp.internal",
                    "--kubeconfig", "/nowhere")
        self.expect(alone, 0, stdout=out)
        without = run("waiver", *REQUEST, "--dry-run", "--kubeconfig", "/nowhere")
        self.expect(without, 2, "", None)
        self.assertIn("; with --requested-by and --namespace none is needed\n", without.stderr.decode())

    def test_approve(self):
        path = f"{WAIVERS}/checkout-runbook-url"
        self.cluster.put(path, waiver())
        out = self.waiver("approve", "checkout-runbook-url")
        self.assertTrue(out.startswith("approved: shop/checkout-runbook-url\n"), out)
        self.assertEqual(self.cluster.objects[path]["spec"]["approval"], {"approvedBy": "ana@corp.internal"})
        self.assertEqual(json.loads(self.cluster.requests[-1][2])["metadata"], {"resourceVersion": "7"})
        self.assertIn("unchanged", self.waiver("approve", "checkout-runbook-url"))
        self.assertEqual(len(self.changes()), 1)

    def test_who_requested_does_not_approve(self):
        self.cluster.put(f"{WAIVERS}/checkout-runbook-url", waiver(by="Ana@corp.internal"))
        self.assertIn("was requested by you", self.waiver("approve", "checkout-runbook-url", exit_code=2))
        self.cluster.put(f"{WAIVERS}/checkout-runbook-url", waiver(expires="2026-01-01T00:00:00Z"))
        self.assertIn("has expired", self.waiver("approve", "checkout-runbook-url", exit_code=2))
        self.assertEqual(self.changes(), [])

    def test_list(self):
        self.cluster.put(WAIVERS, {"kind": "ReadinessWaiverList", "metadata": {}, "items": [
            waiver("b", expires="2099-01-15T00:00:00Z", approved="lee", state="Active"), waiver("a", expires="2098-01-01T00:00:00Z"),
            waiver("old", expires="2026-01-01T00:00:00Z", state="Active")]})
        lines = self.waiver("list").splitlines()
        self.assertEqual([line.split()[1:3] for line in lines], [["NAME", "STATE"], ["a", "Pending"], ["b", "Active"]])
        self.assertRegex(lines[2], r"2099-01-15 \(\d+ days\)   production   runbook.url   ben@corp.internal   lee$")
        self.assertIn("Expired", self.waiver("list", "--expired"))
        report = json.loads(self.waiver("list", "--format", "json"))
        self.assertEqual([w["name"] for w in report["waivers"]], ["a", "b"])
        self.cluster.put(WAIVERS.replace("namespaces/shop/", ""), {"kind": "ReadinessWaiverList", "metadata": {}, "items": []})
        self.assertEqual(self.waiver("list", "-A"), "no waivers\n")

    def test_renew_is_another_request(self):
        self.cluster.put(f"{WAIVERS}/checkout-runbook-url", waiver(approved="lee"))
        self.waiver("renew", "checkout-runbook-url", "--expires", "2099-04-15")
        made = self.cluster.objects[f"{WAIVERS}/checkout-runbook-url-2099-04-15"]
        self.assertNotIn("approval", made["spec"])
        self.assertEqual(made["spec"]["requestedBy"], "ana@corp.internal")
        self.waiver("renew", "checkout-runbook-url-2099-04-15", "--expires", "2099-06-01")
        self.assertIn(f"{WAIVERS}/checkout-runbook-url-2099-06-01", self.cluster.objects)
        self.assertIn("lasts until", self.waiver("renew", "checkout-runbook-url", "--for", "1d", exit_code=2))

    def test_end(self):
        self.cluster.put(f"{WAIVERS}/checkout-runbook-url", waiver())
        self.assertIn("ended: shop/checkout-runbook-url", self.waiver("end", "checkout-runbook-url"))
        self.assertEqual(self.waiver("end", "checkout-runbook-url", exit_code=2), "plimsoll: no waiver shop/checkout-runbook-url\n")

    def test_no_permission_says_which(self):
        self.cluster.forbid(WAIVERS)
        for arguments in (REQUEST, ["list"]):
            self.assertIn("plimsoll-waiver-requester", self.waiver(*arguments, exit_code=2))

    def test_wrong_command_lines(self):
        for arguments, message in [
                (["request"], "request what?"), (["request", "checkout", *REQUEST[2:]], "is no workload"),
                (["request", "x/checkout", *REQUEST[2:]], "is no workload"),
                (REQUEST[:2], "--policy NAME is missing"), (REQUEST[:4], "--rule RULE is missing"),
                (REQUEST[:6], "--reason TEXT is missing"), (REQUEST[:6] + REQUEST[8:], "until when?"),
                ([*REQUEST[:7], "soon", *REQUEST[8:]], "is no date"), ([*REQUEST[:7], "2020-01-01", *REQUEST[8:]], "in the past"),
                ([*REQUEST[:6], "--for", "x", *REQUEST[8:]], "is no duration"),
                ([*REQUEST[:5], "runbook.urk", *REQUEST[6:]], "runbook.url"),
                (["approve"], "which waiver?"), (["renew", "x"], "until when?"), (["list", "-A", "-n", "x"], "not both")]:
            with self.subTest(arguments):
                self.assertIn(message, self.waiver(*arguments, exit_code=2))
        self.assertEqual(self.changes(), [])


if __name__ == "__main__":
    unittest.main()
