"""What the chart makes, for every set of values in ci/ and every release of Kubernetes that it says it runs on."""

import json
import re

import jsonschema
import pytest
import yaml

from harness import CHART, KNOWN, ROOT, VALUES, VERSIONS, LOADER, Schemas, find, of_hook, own_schema, render

# Other projects' kinds, whose schemas are not at hand.
FOREIGN = {"Certificate", "Issuer", "ServiceMonitor", "PodMonitor", "PrometheusRule", "GrafanaDashboard"}
OURS = {"ReadinessPolicy"}


def values_of(path):
    return ("--values", path)


@pytest.fixture(scope="module")
def rendered():
    """Each set of values, once."""
    return {path.name: render(*values_of(path)) for path in VALUES}


def test_there_are_sets_of_values_to_render():
    assert len(VALUES) >= 8


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_own_schemas_know_every_field(rendered, version):
    schemas = Schemas(version)
    for name, objects in rendered.items():
        for thing in objects:
            problems = schemas.problems(thing)
            if problems is None:
                assert thing["kind"] in FOREIGN | OURS, f"{name}: {version} has no {thing['kind']}"
            else:
                assert problems == [], f"{name}, {version}"


def test_the_schemas_would_find_a_mistake(rendered):
    broken = json.loads(json.dumps(find(rendered["default-values.yaml"], "Deployment")))
    broken["spec"]["template"]["spec"]["containers"][0]["imagePullPolicies"] = "Always"
    broken["spec"]["replicas"] = "two"
    assert len(Schemas("1.30").problems(broken)) == 2


@pytest.mark.parametrize("version", ["1.29.9", "1.30.0", "1.37.2", "1.38.0-alpha.1"])
def test_it_says_which_kubernetes_it_needs(version):
    if version.startswith("1.29"):
        with pytest.raises(AssertionError, match="incompatible"):
            render("--kube-version", version)
    else:
        render("--kube-version", version)


def test_versions_and_annotations_agree_with_the_tree():
    chart = yaml.load((CHART / "Chart.yaml").read_text(encoding="utf-8"), LOADER)
    version = re.search(r"^project\(plimsoll VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"), re.MULTILINE)[1]
    assert chart["appVersion"] == version
    told = {key.removeprefix("artifacthub.io/"): yaml.load(text, LOADER) for key, text in chart["annotations"].items()}
    assert [image["image"] for image in told["images"]] == [f"plimsoll.dev/plimsoll:{version}"]
    ours = [yaml.load(path.read_text(encoding="utf-8"), LOADER)["metadata"]["name"] for path in (ROOT / "crds").glob("*.yaml")]
    assert sorted(crd["name"] for crd in told["crds"]) == sorted(ours)
    for example in told["crdsExamples"]:
        jsonschema.Draft7Validator(own_schema(example["kind"])).validate(example)
    assert {change["kind"] for change in told["changes"]} <= {"added", "changed", "deprecated", "removed", "fixed", "security"}


def test_policies_are_what_their_crd_allows(rendered):
    seen = 0
    for objects in rendered.values():
        for thing in objects:
            if thing["kind"] == "ReadinessPolicy":
                jsonschema.Draft7Validator(own_schema("ReadinessPolicy")).validate(thing)
                seen += 1
    assert seen >= 6


def test_labels_are_those_that_everybody_uses(rendered):
    for name, objects in rendered.items():
        for thing in objects:
            labels = thing["metadata"].get("labels", {})
            assert labels.get("app.kubernetes.io/part-of") == "plimsoll", (name, thing["kind"])
            assert labels.get("app.kubernetes.io/managed-by") == "Helm"
            assert labels.get("helm.sh/chart", "").startswith("plimsoll-")


def test_no_name_is_used_twice(rendered):
    for objects in rendered.values():
        names = [(thing["kind"], thing["metadata"].get("namespace"), thing["metadata"]["name"]) for thing in objects]
        assert len(names) == len(set(names))


def pods(objects):
    for thing in objects:
        if thing["kind"] == "Pod":
            yield thing["spec"]
        elif thing["kind"] == "Deployment":
            yield thing["spec"]["template"]["spec"]


def test_pods_are_restricted(rendered):
    """As Pod Security "restricted" asks, and with a root that cannot be written."""
    for name, objects in rendered.items():
        for pod in pods(objects):
            assert pod["securityContext"]["runAsNonRoot"] is True, name
            assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
            assert not {"hostNetwork", "hostPID", "hostIPC", "volumes"} & set(pod)
            for container in pod["containers"]:
                assert container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                                        "capabilities": {"drop": ["ALL"]}}
                assert container["resources"]["requests"]["memory"] and container["resources"]["limits"]["memory"]


def test_the_controller_owns_what_it_writes(rendered):
    """Under server-side apply, what is in a template is Helm's: entries and caBundle must not be, nor what an HPA sets."""
    for objects in rendered.values():
        configuration = find(objects, "ValidatingWebhookConfiguration")
        assert set(configuration) == {"apiVersion", "kind", "metadata"}
        assert not {"ownerReferences", "finalizers"} & set(configuration["metadata"])
        assert not any(thing["kind"] == "Secret" for thing in objects)
    assert "replicas" not in find(rendered["autoscaled-values.yaml"], "Deployment")["spec"]


def test_nothing_can_keep_a_release_from_being_removed(rendered):
    """No finalizer, and no hook on the way out: a hook's pod hangs where its image or its node is gone."""
    for objects in rendered.values():
        for thing in objects:
            assert "finalizers" not in thing["metadata"]
            assert of_hook(thing) in (None, "test", "post-install,post-upgrade")
            if of_hook(thing) == "post-install,post-upgrade":
                assert thing["kind"] == "ReadinessPolicy"


def kept(objects):
    return {(thing["kind"]) for thing in objects
            if (thing["metadata"].get("annotations") or {}).get("helm.sh/resource-policy") == "keep"}


def test_what_people_wrote_is_kept():
    always = {"ReadinessPolicy"}
    assert kept(render(*KNOWN)) == always | {"CustomResourceDefinition", "ValidatingAdmissionPolicy",
                                             "ValidatingAdmissionPolicyBinding"}
    assert kept(render(*KNOWN, "--set", "crds.keep=false")) == always


def test_the_starter_policy_is_an_object_of_the_release_where_its_kind_is_known():
    first, known = (find(render(*more), "ReadinessPolicy") for more in ((), KNOWN))
    assert of_hook(first) == "post-install,post-upgrade"
    # The default would delete it before each upgrade.
    assert first["metadata"]["annotations"]["helm.sh/hook-delete-policy"] == "hook-failed"
    # By these Helm knows that it may take it over.
    assert first["metadata"]["annotations"]["meta.helm.sh/release-name"] == "plimsoll"
    assert first["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "Helm"
    assert of_hook(known) is None
    assert first["spec"] == known["spec"]


def test_the_starter_policy_only_audits_until_a_date_is_published():
    assert find(render(), "ReadinessPolicy")["spec"]["stages"] == [{"action": "Audit"}]
    dated = render("--set", "starterPolicy.warnFrom=2027-01-01T00:00:00Z,starterPolicy.denyFrom=2027-02-01T00:00:00Z")
    assert find(dated, "ReadinessPolicy")["spec"]["stages"] == [
        {"action": "Audit"}, {"action": "Warn", "from": "2027-01-01T00:00:00Z"},
        {"action": "Deny", "from": "2027-02-01T00:00:00Z"}]


def test_the_starter_policy_is_the_one_of_the_programs():
    ours = yaml.load((ROOT / "src" / "policy" / "baseline.yaml").read_text(encoding="utf-8"), LOADER)
    spec = find(render(), "ReadinessPolicy")["spec"]
    assert spec["rules"] == ours["spec"]["rules"] and spec["tiers"] == ours["spec"]["tiers"]


def test_crds_are_those_of_the_tree():
    crds = {thing["metadata"]["name"]: thing["spec"] for thing in render() if thing["kind"] == "CustomResourceDefinition"}
    ours = [yaml.load(path.read_text(encoding="utf-8"), LOADER) for path in (ROOT / "crds").glob("*.yaml")]
    assert crds == {crd["metadata"]["name"]: crd["spec"] for crd in ours}
    assert not any(thing["kind"] == "CustomResourceDefinition" for thing in render("--set", "crds.enabled=false"))


def test_the_mode_reaches_the_controller_and_the_test():
    for mode in ("audit", "warn", "enforce"):
        objects = render("--set", f"mode={mode}")
        for pod in pods(objects):
            assert f"--mode={mode}" in pod["containers"][0]["args"]


def test_names_follow_the_release():
    objects = render(release="readiness")
    names = {thing["metadata"]["name"] for thing in objects if thing["kind"] == "Deployment"}
    assert names == {"readiness-plimsoll-controller"}
    arguments = find(objects, "Deployment")["spec"]["template"]["spec"]["containers"][0]["args"]
    assert f"--webhook-configuration={find(objects, 'ValidatingWebhookConfiguration')['metadata']['name']}" in arguments
    assert "--service=readiness-plimsoll-webhook" in arguments
    assert find(objects, "Service", "readiness-plimsoll-webhook")
    role = find(objects, "ClusterRole", "readiness-plimsoll-controller")
    assert {"readiness-plimsoll"} == {name for rule in role["rules"] for name in rule.get("resourceNames", [])}


def test_services_find_the_pods():
    objects = render()
    labels = find(objects, "Deployment")["spec"]["template"]["metadata"]["labels"]
    for kind in ("Service", "PodDisruptionBudget"):
        for thing in objects:
            if thing["kind"] != kind:
                continue
            selector = thing["spec"]["selector"]
            selector = selector.get("matchLabels", selector)
            assert selector.items() <= labels.items(), thing["metadata"]["name"]
            test = find(objects, "Pod")["metadata"]["labels"]
            assert not selector.items() <= test.items(), "the test's pod serves nothing"


def test_cert_manager_takes_over_whole(rendered):
    objects = rendered["cert-manager-values.yaml"]
    certificate = find(objects, "Certificate", "plimsoll-webhook")
    # Between it and what signs itself there is a CA, or every renewal would change what is trusted.
    authority = find(objects, "Certificate", "plimsoll-webhook-ca")["spec"]
    issuer = find(objects, "Issuer", certificate["spec"]["issuerRef"]["name"])["spec"]
    assert issuer == {"ca": {"secretName": authority["secretName"]}}
    assert authority["isCA"] and authority["privateKey"]["rotationPolicy"] == "Never"
    assert authority["secretName"] != certificate["spec"]["secretName"]
    assert find(objects, "Issuer", authority["issuerRef"]["name"])["spec"] == {"selfSigned": {}}
    configuration = find(objects, "ValidatingWebhookConfiguration")
    assert configuration["metadata"]["annotations"] == {
        "cert-manager.io/inject-ca-from": f"plimsoll-system/{certificate['metadata']['name']}"}
    assert f"--tls-secret={certificate['spec']['secretName']}" in \
        find(objects, "Deployment")["spec"]["template"]["spec"]["containers"][0]["args"]
    secrets = [rule for rule in find(objects, "Role", "plimsoll-controller")["rules"] if "secrets" in rule["resources"]]
    assert secrets == [{"apiGroups": [""], "resources": ["secrets"], "resourceNames": [certificate["spec"]["secretName"]],
                        "verbs": ["get", "list", "watch"]}]
    assert "plimsoll-webhook.plimsoll-system.svc" in certificate["spec"]["dnsNames"]


def test_the_report_is_served_where_it_is_asked_for():
    def parts(objects):
        container = find(objects, "Deployment")["spec"]["template"]["spec"]["containers"][0]
        role = find(objects, "ClusterRole", "plimsoll-controller")
        return ([port["name"] for port in container["ports"]], [port["name"] for port in find(objects, "Service", "plimsoll-webhook")["spec"]["ports"]],
                [argument for argument in container["args"] if argument.startswith("--report-listen")],
                ["tokenreviews"] in [rule["resources"] for rule in role["rules"]],
                any(thing["metadata"]["name"] == "plimsoll-report-reader" for thing in objects))

    assert parts(render()) == (["https", "metrics"], ["https"], [], False, False)
    objects = render("--set", "report.enabled=true")
    assert parts(objects) == (["https", "metrics", "report"], ["https", "report"], ["--report-listen=:8443"], True, True)
    reader = find(objects, "ClusterRole", "plimsoll-report-reader")
    assert {verb for rule in reader["rules"] for verb in rule["verbs"]} == {"get", "list", "watch"}
    assert {group for rule in reader["rules"] for group in rule["apiGroups"]} == {"plimsoll.dev"}


def test_the_report_is_reached_by_whom_it_is_for():
    def ports(*more):
        policy = find(render("--set", "networkPolicy.enabled=true", *more), "NetworkPolicy")
        return {rule["ports"][0]["port"]: rule.get("from") for rule in policy["spec"]["ingress"]}

    assert ports() == {"https": None, "metrics": None}
    enabled = ("--set", "report.enabled=true")
    assert ports(*enabled) == {"https": None, "metrics": None, "report": None}
    assert ports(*enabled, "--set-json", 'networkPolicy.reportFrom=[{"podSelector":{}}]')["report"] == [{"podSelector": {}}]


def test_what_is_scraped_is_there(rendered):
    objects = rendered["monitoring-values.yaml"]
    monitor, service = find(objects, "ServiceMonitor"), find(objects, "Service", "plimsoll-metrics")
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert monitor["spec"]["endpoints"][0]["port"] in {port["name"] for port in service["spec"]["ports"]}
    webhook = find(objects, "Service", "plimsoll-webhook")
    assert not monitor["spec"]["selector"]["matchLabels"].items() <= webhook["metadata"]["labels"].items()
    pod_monitor = find(rendered["locked-down-values.yaml"], "PodMonitor")
    labels = find(rendered["locked-down-values.yaml"], "Deployment")["spec"]["template"]["metadata"]["labels"]
    assert pod_monitor["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_each_dashboard_comes_both_ways_and_every_alert(rendered):
    objects = rendered["monitoring-values.yaml"]
    files = sorted(CHART.glob("dashboards/*.json"))
    maps = [thing for thing in objects if thing["kind"] == "ConfigMap"]
    operated = [thing for thing in objects if thing["kind"] == "GrafanaDashboard"]
    assert len(maps) == len(operated) == len(files)
    wanted = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in files}
    assert {name: json.loads(text) for thing in maps for name, text in thing["data"].items()} == wanted
    assert sorted(json.loads(thing["spec"]["json"])["uid"] for thing in operated) == sorted(w["uid"] for w in wanted.values())
    assert all(thing["metadata"]["labels"]["grafana_dashboard"] == "1" for thing in maps)
    rules = CHART / "alerts" / "plimsoll.rules.yaml"
    if rules.exists():
        groups = yaml.load(rules.read_text(encoding="utf-8"), LOADER)["groups"]
        assert find(objects, "PrometheusRule")["spec"]["groups"] == groups
    else:
        assert not any(thing["kind"] == "PrometheusRule" for thing in objects)


def test_what_is_rendered_for_kubectl_is_not_helms():
    text = (ROOT / "deploy" / "install.yaml").read_text(encoding="utf-8")
    assert "helm.sh/" not in text and "managed-by: Helm" not in text
    objects = [thing for thing in yaml.load_all(text, LOADER) if thing]
    assert objects[0]["kind"] == "Namespace"
    own = {(thing["kind"], thing["metadata"]["name"]) for thing in objects[1:]}
    chart = {(thing["kind"], thing["metadata"]["name"]) for thing in render(*KNOWN, "--no-hooks")}
    assert chart - own == {("ReadinessPolicy", "plimsoll-baseline")} and own <= chart
