"""`plimsoll scan` of a cluster in which nothing of Plimsoll is installed: time, CPU and resident peak."""

import os
import pathlib
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "build" / "release" / "cmd" / "plimsoll" / "plimsoll"
ROUNDS = 5
# What the program was told, and what of a verdict is kept for it.
WAYS = {"text": ["--exit-zero"], "JSON with every fix": ["--exit-zero", "--format", "json"]}


def scanned(arguments, folder):
    """Wall and CPU seconds, peak bytes. GNU time begins it, as what Python has resident would count for one that Python begins."""
    memory = folder / "memory"
    with open(folder / "out", "wb") as out:
        began = time.monotonic()
        process = subprocess.Popen(["/usr/bin/time", "-q", "-f", "%M", "-o", memory, PROGRAM, "scan", *arguments], stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, process.returncode
    return wall, usage.ru_utime + usage.ru_stime, int(memory.read_text().split()[-1]) * 1024


def measure(report, count):
    with tempfile.TemporaryDirectory() as name:
        for way, arguments in WAYS.items():
            runs = [scanned(arguments, pathlib.Path(name)) for _ in range(ROUNDS)]
            note = f"median of {ROUNDS}, {min(run[0] for run in runs):.2f} to {max(run[0] for run in runs):.2f}; starter policy, pages of 500"
            report.add(f"scan of {count} workloads, {way}", "s", statistics.median(run[0] for run in runs), note)
            report.add(f"scan, {way}: CPU of plimsoll", "s", statistics.median(run[1] for run in runs))
            report.add(f"scan, {way}: resident peak", "MB", max(run[2] for run in runs) / 1e6)
