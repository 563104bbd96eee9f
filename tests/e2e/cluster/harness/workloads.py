"""Workloads to apply: those of deploy/samples, changed where a test needs it."""

import copy
import functools
import pathlib

import yaml

SAMPLES = pathlib.Path(__file__).resolve().parents[4] / "deploy" / "samples"


@functools.lru_cache
def _read(name):
    with open(SAMPLES / "workloads" / f"{name}.yaml", encoding="utf-8") as file:
        return yaml.safe_load(file)


def _named(sample, name, replicas):
    workload = copy.deepcopy(_read(sample))
    workload["metadata"]["name"] = name
    workload["spec"]["replicas"] = replicas
    return workload


def ready(name, replicas=2):
    """A Deployment that the sample policy finds nothing in."""
    return _named("ready", name, replicas)


def unready(name, replicas=2):
    """A Deployment that lacks the four things which the sample policy enforces."""
    return _named("unready", name, replicas)


ENFORCED = ("health.readiness-probe", "ownership.owner", "alerting.route", "runbook.url")
