#!/usr/bin/env python3
"""Tests hack/as_kubectl.py against what kubectl prints, line by line."""

import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "hack"))
import as_kubectl  # noqa: E402


def request(**more):
    return {"uid": "u1", "kind": {"group": "apps", "version": "v1", "kind": "Deployment"}, "name": "web",
            "operation": "CREATE", "object": {"metadata": {"name": "web"}}, **more}


def review(**response):
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": {"uid": "u1", **response}}


def invalid(causes, **details):
    return {"code": 422, "reason": "Invalid", "message": "long text",
            "details": {"causes": [{"field": f, "message": m} for f, m in causes], **details}}


class AsKubectlTest(unittest.TestCase):
    maxDiff = None

    def test_accepted(self):
        cases = [
            (request(), "deployment.apps/web created"),
            (request(operation="UPDATE"), "deployment.apps/web configured"),
            (request(operation="UPDATE", dryRun=True), "deployment.apps/web configured (server dry run)"),
            (request(kind={"group": "", "version": "v1", "kind": "Pod"}), "pod/web created"),
            (request(name=""), "deployment.apps/web created"),
        ]
        for given, line in cases:
            with self.subTest(line):
                self.assertEqual(as_kubectl.render(given, review(allowed=True)), (line, "", 0))

    def test_warnings_once_each_and_before_the_rest(self):
        answer = review(allowed=True, warnings=["one", "two", "one"])
        self.assertEqual(as_kubectl.render(request(), answer),
                         ("deployment.apps/web created", "Warning: one\nWarning: two", 0))

    def test_denied(self):
        several = invalid([("spec.a", "is missing"), ("spec.b", "is wrong"), ("spec.a", "is missing")],
                          kind="Deployment", name="web")
        cases = {
            "several causes": (several, 'The Deployment "web" is invalid: \n* spec.a: is missing\n* spec.b: is wrong'),
            "one cause": (invalid([("spec.a", "is missing")], kind="Deployment", name="web"),
                          'The Deployment "web" is invalid: spec.a: is missing'),
            "no details": ({"reason": "Invalid", "message": "no", "code": 422},
                           f'The request is invalid: admission webhook "{as_kubectl.WEBHOOK}" denied the request: no'),
            "another reason": ({"reason": "Forbidden", "message": "no", "code": 403},
                               f'Error from server (Forbidden): admission webhook "{as_kubectl.WEBHOOK}" denied the '
                               "request: no"),
            "no status": (None,
                          f'Error from server: admission webhook "{as_kubectl.WEBHOOK}" denied the request without '
                          "explanation"),
        }
        for name, (status, text) in cases.items():
            with self.subTest(name):
                self.assertEqual(as_kubectl.render(request(), review(allowed=False, status=status)), ("", text, 1))

    def test_denied_with_warnings(self):
        answer = review(allowed=False, warnings=["also"], status=invalid([("a", "b")], kind="Deployment", name="web"))
        self.assertEqual(as_kubectl.render(request(), answer),
                         ("", 'Warning: also\nThe Deployment "web" is invalid: a: b', 1))

    def test_answers_the_api_server_would_not_take(self):
        for answer in ({}, [], {"kind": "AdmissionReview"}, review(uid="other", allowed=True)):
            with self.subTest(answer), self.assertRaises(as_kubectl.BadAnswer):
                as_kubectl.render(request(), answer)


if __name__ == "__main__":
    unittest.main()
