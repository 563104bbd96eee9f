#!/usr/bin/env python3
"""Dashboards: drawn from their sources, by the rules that Grafana's own linter has (github.com/grafana/dashboard-linter), and
with queries that Prometheus can parse about metrics that there are."""

import json
import re
import subprocess
import sys
import tempfile
import unittest

import yaml

sys.dont_write_bytecode = True
from tools import ROOT, documented, program  # noqa: E402

DASHBOARDS = sorted((ROOT / "deploy" / "monitoring" / "dashboards").glob("*.json"))
COPIES = ROOT / "charts" / "plimsoll" / "dashboards"
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
# Of Grafana, for a query that is to be parsed only.
VALUES = {"$__rate_interval": "1m", "$__range": "1h", "$__interval": "30s"}
# Metrics of the API server that there are (k8s.io/apiserver, pkg/admission/metrics/metrics.go).
OF_THE_API_SERVER = {"apiserver_admission_webhook_admission_duration_seconds", "apiserver_admission_webhook_rejection_count",
                     "apiserver_admission_webhook_fail_open_count", "apiserver_admission_webhook_request_total"}
COUNTER = re.compile(r"\w+(?:_total|_bucket|_sum|_count)\{[^}]*\}")


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def data_panels(dashboard):
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def queries(panel):
    return [target["expr"] for target in panel["targets"]]


def our_metrics():
    """Name to type, as docs/metrics.md has them."""
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|", (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8"), re.M)
    assert rows
    return dict(rows)


def labels_of(name):
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| `{name}` \| \w+ \| ([^|]*) \|", text, re.M)
    return {label for label in row[1].strip().split(", ") if label}


def base(name, metrics):
    """The metric that a series belongs to."""
    for suffix in ("_bucket", "_sum", "_count"):
        stem = name.removesuffix(suffix)
        if name.endswith(suffix) and (metrics.get(stem) == "histogram" or stem in OF_THE_API_SERVER):
            return stem
    return name


class DashboardsTest(unittest.TestCase):
    where = ""

    def _formatMessage(self, message, standard):
        """Every failure says in which panel."""
        return f"{self.where}: {super()._formatMessage(message, standard)}"

    def each(self):
        self.assertEqual(len(DASHBOARDS), 3)
        for path in DASHBOARDS:
            dashboard = read(path)
            self.where = dashboard["title"]
            yield path, dashboard

    def each_panel(self):
        for _, dashboard in self.each():
            for panel in data_panels(dashboard):
                self.where = f"{dashboard['title']}: {panel['title']}"
                yield dashboard, panel

    def test_they_are_what_their_sources_say(self):
        done = subprocess.run([ROOT / "hack" / "gen_monitoring", "--check"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for path, _ in self.each():
            self.assertEqual(path.read_bytes(), (COPIES / path.name).read_bytes())

    def test_each_as_a_whole(self):
        for path, dashboard in self.each():
            self.assertGreaterEqual(dashboard["schemaVersion"], 36)
            self.assertEqual(dashboard["uid"], path.stem)
            self.assertRegex(dashboard["uid"], r"^[a-z-]{1,40}$")
            self.assertIs(dashboard["editable"], False)
            self.assertNotIn("id", dashboard, "Grafana gives one")
            self.assertIn("plimsoll", dashboard["tags"])
            self.assertTrue(dashboard["description"])
            self.assertIn("dashboards", [link["type"] for link in dashboard["links"]])
            for link in dashboard["links"]:
                if link["type"] == "link":
                    self.assertTrue(documented(link["url"]).is_file(), link["url"])
            numbers = [panel["id"] for panel in dashboard["panels"]]
            self.assertEqual(len(numbers), len(set(numbers)))
            titles = [panel["title"] for panel in data_panels(dashboard)]
            self.assertEqual(len(titles), len(set(titles)))

    def test_panels_do_not_overlap(self):
        for _, dashboard in self.each():
            taken = set()
            for panel in dashboard["panels"]:
                at = panel["gridPos"]
                self.assertLessEqual(at["x"] + at["w"], 24, panel["title"])
                cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
                self.assertFalse(taken & cells, panel["title"])
                taken |= cells

    def test_variables(self):
        for _, dashboard in self.each():
            variables = {variable["name"]: variable for variable in dashboard["templating"]["list"]}
            self.assertEqual(next(iter(variables)), "datasource")
            self.assertEqual((variables["datasource"]["type"], variables["datasource"]["query"]), ("datasource", "prometheus"))
            for name in ("job", "instance"):
                self.assertIn(name, variables)
            for name, variable in variables.items():
                self.assertTrue(variable["label"] and variable["description"], name)
                if name == "datasource":
                    continue
                self.assertEqual(variable["datasource"], DATASOURCE)
                self.assertEqual(variable["refresh"], 2, "values change with the time that is shown")
                self.assertTrue(variable["multi"] and variable["includeAll"] and variable["allValue"] == ".+", name)
                self.assertRegex(variable["query"]["query"], r"^label_values\(\w+(\{.*\})?, \w+\)$")
            used = set(re.findall(r"\$(\w+)", json.dumps([queries(panel) for panel in data_panels(dashboard)])))
            used |= set(re.findall(r"\$(\w+)", json.dumps([v.get("definition", "") for v in variables.values()])))
            self.assertEqual({name for name in used if not name.startswith("__")} | {"datasource"}, set(variables))

    def test_each_panel_says_what_it_is_about(self):
        for _, panel in self.each_panel():
            self.assertTrue(panel["title"])
            self.assertGreater(len(panel["description"]), 20)
            self.assertRegex(panel["description"], r"\?", "it answers a question")
            self.assertTrue(panel["fieldConfig"]["defaults"]["unit"])
            self.assertEqual(panel["datasource"], DATASOURCE)
            self.assertTrue(panel["targets"])
            for target in panel["targets"]:
                self.assertEqual(target["datasource"], DATASOURCE)
            for link in panel["links"]:
                self.assertTrue(documented(link["url"]).is_file(), link["url"])

    def test_every_runbook_is_reached_from_a_panel(self):
        linked = {documented(link["url"]).name for _, panel in self.each_panel() for link in panel["links"]}
        self.assertEqual({path.name for path in (ROOT / "docs" / "runbooks").glob("*.md")} - {"README.md"}, linked)

    def test_queries_mind_job_and_instance(self):
        for _, panel in self.each_panel():
            for query in queries(panel):
                for name, matchers in re.findall(r"(\w+)\{([^}]*)\}", query):
                    if name.startswith("apiserver_"):
                        self.assertIn('job=~"$apiserver"', matchers)
                        self.assertIn("plimsoll", matchers, "of our webhooks alone")
                    else:
                        self.assertIn('job=~"$job", instance=~"$instance"', matchers)

    def test_counters_are_asked_by_how_much_they_grow(self):
        for _, panel in self.each_panel():
            for query in queries(panel):
                # Times: as long as a step or as the time that is shown, and never fixed.
                self.assertEqual(set(re.findall(r"\}\[([^\]]*)\]", query)) - {"$__rate_interval", "$__range"}, set(), query)
                for window in re.findall(r"\brate\(\w+\{[^}]*\}\[([^\]]*)\]", query):
                    self.assertEqual(window, "$__rate_interval")
                for counter in COUNTER.finditer(query):
                    before, after = query[:counter.start()], query[counter.end():]
                    grows = re.search(r"\b(rate|increase|min_over_time)\($", before) and after.startswith("[")
                    # The other half of promql.grown: was it there when the window began?
                    was_there = before.endswith("unless ") and after.startswith(" offset ")
                    self.assertTrue(grows or was_there, f"{counter.group()} in {query}")

    def test_metrics_and_labels_are_those_there_are(self):
        metrics = our_metrics()
        for _, panel in self.each_panel():
            for query in queries(panel):
                for name, matchers in re.findall(r"(\w+)\{([^}]*)\}", query):
                    metric = base(name, metrics)
                    if metric.startswith("apiserver_"):
                        self.assertIn(metric, OF_THE_API_SERVER)
                        continue
                    self.assertIn(metric, metrics)
                    used = set(re.findall(r"(\w+)!?=~?\"", matchers)) - {"job", "instance", "le"}
                    self.assertLessEqual(used, labels_of(metric), query)

    def test_tables_show_labels_that_their_queries_leave(self):
        for _, panel in self.each_panel():
            if panel["type"] != "table":
                continue
            shown = panel["transformations"][1]["options"]["include"]["names"]
            for query in queries(panel):
                left = set(re.split(r",\s*", ",".join(re.findall(r"by \(([^)]*)\)", query)))) - {""} or {"instance"}
                labels = {name for name in shown if not name.startswith("Value")}
                self.assertTrue(labels <= left | {"version"}, f"{labels} of {left}: {query}")

    def test_prometheus_parses_every_query(self):
        rules = []
        for _, panel in self.each_panel():
            for query in queries(panel):
                for name, value in VALUES.items():
                    query = query.replace(name, value)
                rules.append({"record": f"it:is:r{len(rules)}", "expr": re.sub(r"\$\w+", ".+", query)})
        self.assertGreater(len(rules), 80)
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}, file)
            file.flush()
            done = subprocess.run([program("promtool"), "check", "rules", file.name], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
