"""Waiting for what will be true, with a deadline; never for a time."""

import time

INTERVAL_SECONDS = 0.1
# What is given is enough for a machine of its own. Whoever shares it waits longer, and whoever passes does not wait.
PATIENCE = 2


def wait_until(probe, what, seconds=60, interval=INTERVAL_SECONDS):
    """What `probe` returns once that is true. An AssertionError of the probe counts as "not yet"; the last is told."""
    seconds *= PATIENCE
    deadline = time.monotonic() + seconds
    while True:
        try:
            seen = probe()
            if seen:
                return seen
        except AssertionError as error:
            seen = error
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for {what}; last seen: {seen}")
        time.sleep(interval)
