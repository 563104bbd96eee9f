"""Workloads to apply: those of deploy/samples, changed where a test needs it."""

import copy
import functools
import pathlib

import yaml

# The namespace that the sample policy selects, and that the samples are for.
SHOP = "shop"
SAMPLES = pathlib.Path(__file__).resolve().parents[4] / "deploy" / "samples"


@functools.lru_cache
def _read(name):
    with open(SAMPLES / "workloads" / f"{name}.yaml", encoding="utf-8") as file:
        return yaml.safe_load(file)


def _named(sample, name, replicas, namespace):
    workload = copy.deepcopy(_read(sample))
    workload["metadata"].update(name=name, namespace=namespace)
    workload["spec"]["replicas"] = replicas
    return workload


def ready(name, replicas=2, namespace=SHOP):
    """A Deployment that the sample policy finds nothing in."""
    return _named("ready", name, replicas, namespace)


def unready(name, replicas=2, namespace=SHOP):
    """A Deployment that lacks the four things which the sample policy enforces."""
    return _named("unready", name, replicas, namespace)


def idle(name, namespace=SHOP):
    """A ready Deployment whose one Pod waits for a node that is nowhere: for tests that need many, and none that runs."""
    return nowhere(_named("ready", name, 1, namespace))


def nowhere(workload):
    """The workload, whose pods wait for a node that is nowhere."""
    workload["spec"]["template"]["spec"]["nodeSelector"] = {"example.com/nowhere": "true"}
    return workload


ENFORCED = ("health.readiness-probe", "ownership.owner", "alerting.route", "runbook.url")


def pod(name, **metadata):
    """A Pod of its own, which lacks the same things; it waits for an image that is nowhere."""
    template = _read("unready")["spec"]["template"]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, **metadata}, "spec": copy.deepcopy(template["spec"])}


def policy(name, rules, **spec):
    """A ReadinessPolicy that denies by these rules."""
    return {"apiVersion": "plimsoll.dev/v1alpha1", "kind": "ReadinessPolicy", "metadata": {"name": name},
            "spec": {"stages": [{"action": "Deny"}], "rules": [{"rule": rule} for rule in rules], **spec}}


def selecting(**labels):
    """The part `match` of a policy about namespaces with these labels."""
    return {"namespaceSelector": {"matchLabels": labels}}
