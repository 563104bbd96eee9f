"""Dashboards as Grafana reads them (schema version 39), from what is worth writing by hand: title, question, unit, queries.

A panel answers a question, which is its description; docs/dashboards.md has them all.
"""

import dataclasses
import itertools

SCHEMA_VERSION = 39
TAG = "plimsoll"
DOCS = "https://plimsoll.dev/docs"
RUNBOOKS = f"{DOCS}/runbooks"
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH = 24


@dataclasses.dataclass(frozen=True)
class Query:
    expression: str
    legend: str = ""
    # As of now, for tables and single numbers; else over the time that is shown.
    instant: bool = False


@dataclasses.dataclass(frozen=True)
class Panel:
    kind: str
    title: str
    question: str
    unit: str
    queries: tuple
    width: int = 8
    height: int = 7
    runbook: str = ""
    thresholds: tuple = ()  # (value or None, colour)
    columns: tuple = ()     # of a table: (field, heading, unit)
    stacked: bool = False
    limits: tuple = ()      # (smallest, largest) of the axis


@dataclasses.dataclass(frozen=True)
class Row:
    title: str
    panels: tuple


@dataclasses.dataclass(frozen=True)
class Dashboard:
    uid: str
    title: str
    purpose: str
    variables: tuple
    rows: tuple
    refresh: str = "1m"
    since: str = "now-7d"

    @property
    def panels(self):
        return [panel for row in self.rows for panel in row.panels]


# ---- kinds of panels ----

def stat(title, question, unit, expression, width=4, **more):
    return Panel("stat", title, question, unit, (Query(expression, instant=True),), width, 4, **more)


def graph(title, question, unit, *queries, **more):
    return Panel("timeseries", title, question, unit, tuple(Query(*query) for query in queries), **more)


def bars(title, question, unit, expression, legend, **more):
    return Panel("bargauge", title, question, unit, (Query(expression, legend, instant=True),), **more)


def table(title, question, unit, expressions, columns, **more):
    """Rows of labels; several expressions become columns of the same rows. `columns`: (field, heading, unit or "")."""
    return Panel("table", title, question, unit, tuple(Query(e, instant=True) for e in expressions), columns=tuple(columns), **more)


# ---- variables ----

def label_values(name, label, query, include_all=True, text=""):
    """A variable that offers the values of a label; all of them at first."""
    variable = {
        "name": name, "label": text or name.capitalize(), "type": "query", "datasource": DATASOURCE,
        "query": {"query": query, "refId": f"{name}-values"}, "definition": query,
        "refresh": 2, "sort": 1, "multi": True, "includeAll": include_all, "allValue": ".+", "hide": 0, "options": [],
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]}, "description": f"Only what has this {label}."}
    return variable


def data_source():
    return {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "refresh": 1, "hide": 0,
            "current": {"selected": False, "text": "default", "value": "default"}, "includeAll": False, "multi": False,
            "options": [], "description": "The Prometheus that scrapes Plimsoll."}


def replicas():
    """Which replicas of which installation."""
    return (data_source(),
            label_values("job", "job", "label_values(plimsoll_build_info, job)"),
            label_values("instance", "instance", 'label_values(plimsoll_build_info{job=~"$job"}, instance)'))


# ---- as JSON ----

def _target(query, letter, kind):
    target = {"refId": letter, "datasource": DATASOURCE, "expr": query.expression, "editorMode": "code",
              "legendFormat": query.legend or "__auto", "instant": query.instant, "range": not query.instant}
    if kind == "table":
        target["format"] = "table"
    return target


def _thresholds(panel):
    steps = [{"color": colour, "value": value} for value, colour in panel.thresholds] or [{"color": "blue", "value": None}]
    return {"mode": "absolute", "steps": steps}


def _field_config(panel):
    defaults = {"unit": panel.unit, "thresholds": _thresholds(panel), "noValue": "–"}
    if panel.limits:
        defaults["min"], defaults["max"] = panel.limits
    if panel.kind == "timeseries":
        defaults["color"] = {"mode": "palette-classic"}
        defaults["custom"] = {"fillOpacity": 20 if panel.stacked else 8, "lineWidth": 1, "showPoints": "auto", "spanNulls": False,
                              "stacking": {"mode": "normal" if panel.stacked else "none", "group": "A"}}
        defaults.setdefault("min", 0)
    else:
        defaults["color"] = {"mode": "thresholds"}
    overrides = [{"matcher": {"id": "byName", "options": heading}, "properties": [{"id": "unit", "value": unit}]}
                 for _, heading, unit in panel.columns if unit]
    return {"defaults": defaults, "overrides": overrides}


OPTIONS = {
    "stat": {"colorMode": "value", "graphMode": "none", "textMode": "auto", "reduceOptions": {"calcs": ["lastNotNull"]}},
    "timeseries": {"legend": {"displayMode": "table", "placement": "right", "calcs": ["lastNotNull", "max"]},
                   "tooltip": {"mode": "multi", "sort": "desc"}},
    "bargauge": {"orientation": "horizontal", "displayMode": "basic", "reduceOptions": {"calcs": ["lastNotNull"]}},
    "table": {"showHeader": True, "cellHeight": "sm"},
}


def _transformations(panel):
    if panel.kind != "table":
        return []
    shown = [field for field, _, _ in panel.columns]
    return [{"id": "merge", "options": {}},
            {"id": "filterFieldsByName", "options": {"include": {"names": shown}}},
            {"id": "organize", "options": {"indexByName": {field: place for place, field in enumerate(shown)},
                                           "renameByName": {field: heading for field, heading, _ in panel.columns}}}]


def _panel(panel, number, x, y):
    links = []
    if panel.runbook:
        links.append({"title": f"Runbook: {panel.runbook}", "url": f"{RUNBOOKS}/{panel.runbook}.md", "targetBlank": True})
    return {"id": number, "type": panel.kind, "title": panel.title, "description": panel.question, "datasource": DATASOURCE,
            "gridPos": {"h": panel.height, "w": panel.width, "x": x, "y": y},
            "targets": [_target(query, letter, panel.kind) for query, letter in zip(panel.queries, "ABCDEF")],
            "fieldConfig": _field_config(panel), "options": OPTIONS[panel.kind], "links": links,
            "transformations": _transformations(panel)}


def _layout(rows):
    """Rows as they are, panels from left to right as long as there is room."""
    numbers = itertools.count(1)
    laid, y = [], 0
    for row in rows:
        laid.append({"id": next(numbers), "type": "row", "title": row.title, "collapsed": False, "panels": [],
                     "gridPos": {"h": 1, "w": WIDTH, "x": 0, "y": y}})
        y, x, tallest = y + 1, 0, 0
        for panel in row.panels:
            if x + panel.width > WIDTH:
                x, y, tallest = 0, y + tallest, 0
            laid.append(_panel(panel, next(numbers), x, y))
            x, tallest = x + panel.width, max(tallest, panel.height)
        y += tallest
    return laid


def as_json(dashboard):
    links = [{"type": "dashboards", "title": "Plimsoll", "tags": [TAG], "asDropdown": True, "includeVars": False, "keepTime": True,
              "icon": "external link", "targetBlank": False, "tooltip": "", "url": ""},
             {"type": "link", "title": "What each panel answers", "url": f"{DOCS}/dashboards.md", "icon": "doc", "tags": [],
              "asDropdown": False, "includeVars": False, "keepTime": False, "targetBlank": True, "tooltip": ""},
             {"type": "link", "title": "Runbooks", "url": f"{RUNBOOKS}/README.md", "icon": "doc", "tags": [],
              "asDropdown": False, "includeVars": False, "keepTime": False, "targetBlank": True, "tooltip": ""}]
    return {"uid": dashboard.uid, "title": dashboard.title, "description": dashboard.purpose, "tags": [TAG],
            "schemaVersion": SCHEMA_VERSION, "version": 1, "editable": False, "graphTooltip": 1, "style": "dark",
            "timezone": "browser", "refresh": dashboard.refresh, "time": {"from": dashboard.since, "to": "now"},
            "timepicker": {}, "fiscalYearStartMonth": 0, "liveNow": False, "weekStart": "",
            "annotations": {"list": []}, "templating": {"list": list(dashboard.variables)}, "links": links,
            "panels": _layout(dashboard.rows)}
