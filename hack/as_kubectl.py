#!/usr/bin/env python3
"""Prints the answer to an AdmissionReview as kubectl would print it after `kubectl apply`.

Usage: hack/as_kubectl.py REQUEST.json < RESPONSE.json

What the API server makes of a webhook's answer: k8s.io/apiserver pkg/admission/plugin/webhook/errors/statuserror.go; what
kubectl makes of that: k8s.io/kubectl pkg/cmd/util/helpers.go (StandardErrorMessage, MultilineError), and warnings:
k8s.io/client-go rest/warnings.go. Standard output has what kubectl writes there, standard error what it writes there;
exit code as kubectl's.
"""

import json
import sys

# The name that the webhook configuration gives the webhook; the API server puts it into its messages.
WEBHOOK = "validate.plimsoll.dev"


class BadAnswer(Exception):
    """The answer is none that the API server would accept."""


def resource_line(request):
    """"deployment.apps/web created", as printed when the object was accepted."""
    kind, group = request["kind"]["kind"].lower(), request["kind"].get("group", "")
    name = request.get("name") or request["object"]["metadata"].get("name", "")
    done = {"CREATE": "created", "UPDATE": "configured", "DELETE": "deleted"}[request["operation"]]
    dry = " (server dry run)" if request.get("dryRun") else ""
    return f"{kind}{'.' + group if group else ''}/{name} {done}{dry}"


def warning_lines(warnings):
    """One line each; the same text is printed once."""
    return [f"Warning: {text}" for text in dict.fromkeys(warnings)]


def to_api_status(status):
    """The Status that the API server sends to its client for a denial."""
    code = status.get("code", 0)
    text = status.get("message") or status.get("reason")
    denied = f'admission webhook "{WEBHOOK}" denied the request'
    return {
        **status,
        "code": code if code >= 400 else 400,
        "message": f"{denied}: {text}" if text else f"{denied} without explanation",
    }


def error_text(status):
    """What kubectl prints for that Status."""
    if status.get("reason") != "Invalid":
        reason = status.get("reason")
        return f"Error from server{f' ({reason})' if reason else ''}: {status['message']}"
    details = status.get("details")
    if details is None:
        return f"The request is invalid: {status['message']}"
    head = "The request is invalid"
    if details.get("kind") or details.get("name"):
        head = f'The {details.get("kind", "")} "{details.get("name", "")}" is invalid'
    causes = list(dict.fromkeys(f"{c.get('field', '')}: {c.get('message', '')}" for c in details.get("causes") or []))
    if not causes:
        return head if details.get("kind") or details.get("name") else f"{head}: {status['message']}"
    if len(causes) == 1:
        return f"{head}: {causes[0]}"
    return "\n".join([f"{head}: "] + [f"* {cause}" for cause in causes])


def render(request, review):
    """(standard output, standard error, exit code), lines without the last newline."""
    response = review.get("response") if isinstance(review, dict) else None
    if not isinstance(response, dict) or review.get("kind") != "AdmissionReview":
        raise BadAnswer("the answer is no AdmissionReview with a response")
    if response.get("uid") != request["uid"]:
        raise BadAnswer(f"the answer is for uid {response.get('uid')}, the request was {request['uid']}")
    errors = warning_lines(response.get("warnings") or [])
    if response.get("allowed"):
        return resource_line(request), "\n".join(errors), 0
    errors.append(error_text(to_api_status(response.get("status") or {})))
    return "", "\n".join(errors), 1


def print_answer(request, review):
    """Prints it; returns kubectl's exit code."""
    out, errors, code = render(request, review)
    if errors:
        print(errors, file=sys.stderr, flush=True)
    if out:
        print(out, flush=True)
    return code


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            request = json.load(file)["request"]
        return print_answer(request, json.load(sys.stdin))
    except (OSError, ValueError, KeyError, BadAnswer) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
