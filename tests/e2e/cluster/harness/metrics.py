"""Reading the Prometheus text format, enough to tell what a counter did."""

import re

SAMPLE = re.compile(r"^(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def total(text, name, /, **labels):
    """The sum of the samples of that name which have at least these labels."""
    found = 0.0
    for line in text.splitlines():
        sample = SAMPLE.match(line)
        if not sample or sample["name"] != name:
            continue
        of_sample = dict(LABEL.findall(sample["labels"] or ""))
        if all(of_sample.get(key) == value for key, value in labels.items()):
            found += float(sample["value"])
    return found
