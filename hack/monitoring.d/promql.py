"""PromQL as the panels use it: selectors that mind the dashboard's variables, and counters that are born while somebody looks.

Every function returns text. Variables of Grafana ($job, $__range, ...) are left for Grafana to fill in.
"""

# What `increase` is asked about: one step of a graph, or all that the dashboard shows.
STEP = "$__rate_interval"
RANGE = "$__range"


def ours(name, *matchers):
    """A metric of the controller, of the replicas that are looked at."""
    return _select(name, 'job=~"$job"', 'instance=~"$instance"', *matchers)


def api_server(name, *matchers):
    """A metric of the API server about the webhooks of Plimsoll."""
    return _select(name, 'job=~"$apiserver"', 'name=~".+[.]plimsoll[.]dev"', *matchers)


def _select(name, *matchers):
    return name + "{" + ", ".join(matchers) + "}"


def grown(selector, window=RANGE):
    """By how much each counter has grown, those included that were not there when the window began.

    `increase` takes the first value it sees for the state of before, and so a counter with labels (an owner's first blocked
    release) would be seen to grow from its second event on.
    """
    return (f'increase({selector}[{window}]) or '
            f'label_replace(min_over_time({selector}[{window}]) unless {selector} offset {window}, "born", "true", "", "")')


def total(selector, by="", window=RANGE):
    """The sum of what counters have grown by; whole numbers where they count seldom events."""
    grouping = f" by ({by})" if by else ""
    return f"round(sum{grouping} ({grown(selector, window)}))"


def rate(selector, by=""):
    """Events a second, of counters that are busy."""
    grouping = f" by ({by})" if by else ""
    return f"sum{grouping} (rate({selector}[{STEP}]))"


def or_zero(expression):
    """None of them is an answer, too: of counters that nobody has needed yet. Only for what has no labels left."""
    return f"({expression}) or vector(0)"


def share(part, whole):
    """Part of the whole, 0 to 1; nothing where there is no whole."""
    return f"({or_zero(part)}) / (({whole}) > 0)"


def quantile(q, selector, by="", window=STEP):
    """Of a busy histogram; `selector` without _bucket."""
    grouping = f"le, {by}" if by else "le"
    bucket = selector.replace("{", "_bucket{", 1)
    return f"histogram_quantile({q}, sum by ({grouping}) (rate({bucket}[{window}])))"
