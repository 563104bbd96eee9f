#!/usr/bin/env python3
"""plimsoll doctor as its user runs it: exit codes, no cluster, an empty one. Each check is in tests/cmd/doctor_test.cc."""

import json
import re
import unittest

import cli_test
import fake_cluster
from cli_test import run


class Doctor(cli_test.Case):
    def test_no_cluster(self):
        result = run("doctor", "--kubeconfig", "/nowhere")
        self.expect(result, 2, stdout="", stderr=None)
        self.assertIn("/nowhere", result.stderr.decode())
        with fake_cluster.Cluster(self.folder) as cluster:
            kubeconfig = cluster.kubeconfig
        result = run("doctor", "--kubeconfig", kubeconfig)
        self.expect(result, 2, stderr="")
        self.assertRegex(result.stdout.decode(), r"^BAD      API server  .*\n +-> is the cluster up, ")

    def test_refused_credentials(self):
        with fake_cluster.Cluster(self.folder) as cluster:
            cluster.forbid("/version")
            result = run("doctor", "--kubeconfig", cluster.kubeconfig)
        self.expect(result, 2, stderr="")
        self.assertIn("log in again", result.stdout.decode())

    def test_nothing_is_installed(self):
        with fake_cluster.Cluster(self.folder) as cluster:
            result = run("doctor", "--kubeconfig", cluster.kubeconfig, "--format", "json")
            self.expect(result, 1, stdout=None)
            report = json.loads(result.stdout)
            # What is there in part is told in parts; of what runs nothing is said where there is no controller.
            cluster.put("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/readinesswaivers.plimsoll.dev", {
                "spec": {"versions": [{"name": "v1alpha1", "served": True}]},
                "status": {"conditions": [{"type": "Established", "status": "True"}]}})
            text = run("doctor", "--kubeconfig", cluster.kubeconfig, "-n", "elsewhere").stdout.decode()
            changed = [(method, path) for method, path, _ in cluster.requests if method != "GET"]
        bad = [c["subject"] for c in report["checks"] if c["health"] == "bad"]
        self.assertEqual(bad, ["installation"])
        self.assertEqual(re.findall(r"^BAD +(\w+)", text, re.M), ["CRDs", "CRDs", "controller", "webhook", "waivers"], text)
        self.assertTrue(all(c["remedy"] for c in report["checks"] if c["health"] == "bad"))
        self.assertIn("no Deployment plimsoll-controller in elsewhere", text)
        self.assertEqual({path for _, path in changed}, {"/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"})


if __name__ == "__main__":
    unittest.main()
