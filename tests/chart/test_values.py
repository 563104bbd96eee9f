"""Values that make no sense are refused, in words that say what to do."""

import json

import pytest
import yaml

from harness import CHART, VALUES, LOADER, refusal, words

SCHEMA = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))

REFUSED = {
    "an unknown key": (["replicaCount=3"], "additional properties 'replicaCount' not allowed"),
    "an unknown key further in": (["starterPolicy.stages=x"], "at '/starterPolicy': additional properties 'stages' not allowed"),
    "a word that is none": (["mode=Audit"], "at '/mode': value must be one of 'enforce', 'warn', 'audit'"),
    "no replica": (["replicas=0"], "at '/replicas': minimum: got 0, want 1"),
    "a number that is text": (["replicas=two"], "at '/replicas': got string, want integer"),
    "Fail with one replica": (["starterPolicy.failurePolicy=Fail", "replicas=1"],
                              "Fail with 1 replica: while that one is away, every change of what the policy is about is refused. "
                              "Set replicas: 2 or more"),
    "Fail with an autoscaler down to one": (["starterPolicy.failurePolicy=Fail", "autoscaling.enabled=true",
                                             "autoscaling.minReplicas=1"], "Fail with 1 replica"),
    "Fail without a budget": (["starterPolicy.failurePolicy=Fail", "podDisruptionBudget.enabled=false"],
                              "Fail without a PodDisruptionBudget: a drained node may end all replicas at once"),
    "a budget that allows nothing": (["podDisruptionBudget.minAvailable=2"],
                                     "minAvailable: 2 of 2 replicas: no node that runs one could ever be drained"),
    "an autoscaler that cannot": (["autoscaling.enabled=true", "autoscaling.minReplicas=5", "autoscaling.maxReplicas=3"],
                                  "autoscaling.maxReplicas is below autoscaling.minReplicas"),
    "scraped twice": (["metrics.serviceMonitor.enabled=true", "metrics.podMonitor.enabled=true"],
                      "every replica would be scraped twice"),
    "a monitor of nothing": (["metrics.serviceMonitor.enabled=true", "metrics.service.enabled=false"],
                             "metrics.serviceMonitor needs metrics.service.enabled: true"),
    "a date without a time": (["starterPolicy.denyFrom=2027-02-01"],
                              "starterPolicy.denyFrom: 2027-02-01 is no time in UTC. Write it like 2027-02-01T00:00:00Z"),
    "denied before it is warned": (["starterPolicy.warnFrom=2027-03-01T00:00:00Z", "starterPolicy.denyFrom=2027-02-01T00:00:00Z"],
                                   "teams are warned before they are refused"),
    "kube-* judged": (["starterPolicy.excludeNamespaces={sandbox}"], "starterPolicy.excludeNamespaces must have kube-*"),
    "kube-system excluded by hand": (["excludeNamespaces={kube-system}"], "the kube-* namespaces are never judged"),
    "a test in kube-system": (["test.namespace=kube-system"], "as test.namespace nothing could be tested there"),
    "a test where nothing is judged": (["test.namespace=sandbox", "excludeNamespaces={sandbox}"],
                                       "test.namespace: sandbox is never judged"),
    "a digest that is none": (["image.digest=latest"], "at '/image/digest': 'latest' does not match pattern"),
    "a tag in the repository": (["image.repository=plimsoll:1"], "at '/image/repository'"),
}


@pytest.mark.parametrize("settings, expected", REFUSED.values(), ids=REFUSED.keys())
def test_nonsense_is_refused(settings, expected):
    assert expected in words(refusal(*settings))


def test_kube_system_is_no_place_to_install():
    assert "cannot be installed in kube-system" in words(refusal(namespace="kube-system"))


def paths(values, schema, at=""):
    """Every key that the schema spells out, and whether values.yaml has it."""
    for key, below in schema.get("properties", {}).items():
        if at == "" and key == "global":
            continue
        yield f"{at}/{key}", key in values
        yield from paths(values.get(key) or {}, below, f"{at}/{key}")


def test_values_and_schema_have_the_same_keys():
    values = yaml.load((CHART / "values.yaml").read_text(encoding="utf-8"), LOADER)
    assert [path for path, there in paths(values, SCHEMA) if not there] == []


def closed(schema, at=""):
    if "properties" in schema:
        if at:
            yield at, schema.get("additionalProperties") is False
        for key, below in schema["properties"].items():
            yield from closed(below, f"{at}/{key}")


def test_no_object_takes_keys_that_it_does_not_know():
    assert SCHEMA["additionalProperties"] is False
    assert [at for at, is_closed in closed(SCHEMA) if not is_closed] == []


def test_sets_of_values_say_what_they_are_for():
    for path in VALUES:
        text = path.read_text(encoding="utf-8")
        assert text.startswith("# "), path.name
