#!/usr/bin/env python3
"""Compares `plimsoll check` with other programs that judge manifests: `hack/bench --peers`. Writes JSON and prints tables.

Usage: tests/bench/peers/run.py BUILD_DIR [--output FILE] [--rounds N] [--peer NAME=FOLDER]...

Each round runs every program once on each input, beginning with another one each time. Figures are medians with the smallest and
the largest; ratios are of the same round. Memory is the resident peak that the kernel kept of the process. Nothing here passes or
fails, but a program that could not judge its input is left out, with what it said.

What is asked of each is in checks/: eight questions. kube-score has no checks for owner labels and runbook annotations and is
asked six, in three checks of its own (container-resources, container-image-tag, pod-probes; everything else is turned off).
gator and kyverno ask all eight as CEL, in one template and one policy, which is the fastest form they have; kyverno says only the
first that fails of a policy. They look whether a thing is there, while plimsoll also says at which line, whether a probe's port
exists and a URL is one, and how to put it right.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

# pylint: disable=wrong-import-position
import inputs  # noqa: E402

ROOT = HERE.parents[2]
CHECKS = HERE / "checks"
KUBE_SCORE_CHECKS = {"container-resources", "container-image-tag", "pod-probes"}
QUESTIONS = {"plimsoll": 8, "kube-score": 6, "gator": 8, "kyverno": 8}
# Found something, or all well: it has judged. Anything else is trouble.
JUDGED = (0, 1)
STARTS = 30
# What takes longer is run once, with cold caches.
SLOW_SECONDS = 60


def say(text):
    print(f"    {text}", file=sys.stderr, flush=True)


def measured(command, folder):
    """Wall and CPU seconds, peak bytes, exit code, and the file of what it printed. GNU time begins the process, as what Python
    itself has resident would count for one that Python begins."""
    out, memory = folder / "out", folder / "memory"
    with open(out, "wb") as stdout, open(folder / "err", "wb") as stderr:
        begun = time.monotonic()
        process = subprocess.Popen(["/usr/bin/time", "-q", "-f", "%M", "-o", memory, *map(str, command)], stdout=stdout, stderr=stderr,
                                   stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak": int(memory.read_text().split()[-1]) * 1024,
            "code": process.returncode}


def files_of(folder):
    return sorted(folder.rglob("*.yaml"))


class Programs:
    def __init__(self, build, peers):
        self.plimsoll = build / "cmd/plimsoll/plimsoll"
        self.floor = build / "tests/bench/manifests_floor"
        self.peers = peers
        self.ignored = []
        if "kube-score" in peers:
            checks = subprocess.run([peers["kube-score"], "list"], capture_output=True, text=True, check=True).stdout
            for line in checks.splitlines():
                if line.split(",")[0] not in KUBE_SCORE_CHECKS:
                    self.ignored += ["--ignore-test", line.split(",")[0]]

    def commands(self, folder):
        made = {"plimsoll": [self.plimsoll, "check", "--policy", CHECKS / "plimsoll.yaml", "--format", "json", folder],
                "parsing alone": [self.floor, folder]}
        if "kube-score" in self.peers:
            made["kube-score"] = [self.peers["kube-score"], "score", "-o", "json", *self.ignored, *files_of(folder)]
        if "gator" in self.peers:
            made["gator"] = [self.peers["gator"], "test", "-o", "json", "-f", CHECKS / "gator", "-f", folder]
        if "kyverno" in self.peers:
            made["kyverno"] = [self.peers["kyverno"], "apply", CHECKS / "kyverno.yaml", "-r", folder]
        return made

    def unreadable(self, path):
        """Whether one of those that start quickly cannot read this file; a typed reader is stricter than CEL is."""
        commands = [[self.plimsoll, "check", "--policy", CHECKS / "plimsoll.yaml", path]]
        if "kube-score" in self.peers:
            commands.append([self.peers["kube-score"], "score", "-o", "json", *self.ignored, path])
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode not in JUDGED or "Failed to" in done.stderr:
                return True
        return False


def compare(programs, folder, rounds, scratch):
    commands = programs.commands(folder)
    runs = {name: [] for name in commands}
    trouble, slow = {}, set()
    for number in range(rounds + 1):
        names = list(commands)
        for name in names[number % len(names):] + names[:number % len(names)]:
            if name in trouble or (name in slow and number > 0):
                continue
            one = measured(commands[name], scratch)
            if one["code"] not in JUDGED or (number == 0 and name != "parsing alone" and (scratch / "out").stat().st_size < 100):
                trouble[name] = (scratch / "err").read_text(errors="replace")[-500:]
                say(f"{name} could not judge this: {trouble[name]}")
            elif number > 0:  # the first warms the caches
                runs[name].append(one)
            elif one["wall"] > SLOW_SECONDS:  # once is enough
                runs[name].append(one)
                slow.add(name)
        say(f"round {number} of {rounds}")
    return {name: values for name, values in runs.items() if name not in trouble}, trouble


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "n": len(values)}


def shown(figure, digits=2):
    return f"{figure['median']:.{digits}f} ({figure['min']:.{digits}f}..{figure['max']:.{digits}f})"


def figures_of(runs, documents, size):
    ours = runs["plimsoll"]
    figures = {}
    for name, values in runs.items():
        figures[name] = {
            "questions": QUESTIONS.get(name, 0),
            "wall_seconds": spread([one["wall"] for one in values]),
            "cpu_seconds": spread([one["cpu"] for one in values]),
            "documents_per_second": spread([documents / one["wall"] for one in values]),
            "megabytes_per_second": spread([size / 1e6 / one["wall"] for one in values]),
            "peak_megabytes": spread([one["peak"] / 1e6 for one in values]),
            "times_our_wall": spread([one["wall"] / our["wall"] for one, our in zip(values, ours)]),
            "times_our_cpu": spread([one["cpu"] / our["cpu"] for one, our in zip(values, ours)]),
        }
    return figures


def table(title, figures):
    rows = [["", "documents/s", "MB/s", "wall s", "CPU s", "peak MB", "x our wall", "x our CPU"]]
    for name, one in figures.items():
        label = name if name == "parsing alone" else f"{name} ({one['questions']} questions)"
        rows.append([label, shown(one["documents_per_second"], 0), shown(one["megabytes_per_second"], 1), shown(one["wall_seconds"]),
                     shown(one["cpu_seconds"]), shown(one["peak_megabytes"], 0), shown(one["times_our_wall"]), shown(one["times_our_cpu"])])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths)))
             for row in rows]
    return "\n".join([title, lines[0], "-" * len(lines[0]), *lines[1:]])


def start_up(programs, scratch):
    """Milliseconds of `plimsoll version`, and of a program that does nothing, in turns."""
    times = {"plimsoll version": [], "true": []}
    for _ in range(STARTS):
        times["plimsoll version"].append(measured([programs.plimsoll, "version"], scratch)["wall"] * 1000)
        times["true"].append(measured(["/bin/true"], scratch)["wall"] * 1000)
    return {name: spread(values) for name, values in times.items()}


def named(text):
    name, _, folder = text.partition("=")
    program = next((path for path in pathlib.Path(folder).iterdir() if os.access(path, os.X_OK)), None)
    if name not in QUESTIONS or program is None:
        raise argparse.ArgumentTypeError(f"{text}: expected kube-score=FOLDER, gator=FOLDER or kyverno=FOLDER")
    return name, program


def main():
    parser = argparse.ArgumentParser(description="Compares; see the top of this file.")
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--output", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer", type=named, action="append", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--generated", type=int, default=inputs.GENERATED)
    arguments = parser.parse_args()
    programs = Programs(arguments.build.resolve(), dict(arguments.peer))
    result = {"version": 1, "machine": {"cpus": os.cpu_count(), "system": platform.platform(), "load": os.getloadavg()}, "inputs": {}}
    with tempfile.TemporaryDirectory() as name:
        scratch, shared = pathlib.Path(name), pathlib.Path(os.environ.get("PLIMSOLL_SHARED_DIR", ROOT.parent / "shared")) / "corpus"
        folders = {}
        if shared.is_dir():
            folders["corpus"] = scratch / "corpus"
            folders["corpus"].mkdir()
            inputs.write_corpus(shared, folders["corpus"])
            unreadable = [path for path in files_of(folders["corpus"]) if programs.unreadable(path)]
            for path in unreadable:
                path.unlink()
            say(f"corpus: {len(unreadable)} documents left out that one of the programs cannot read")
        folders["generated"] = scratch / "generated"
        inputs.write_generated(folders["generated"], arguments.generated)
        result["start_up_ms"] = start_up(programs, scratch)
        for title, folder in folders.items():
            documents, size = inputs.size_of(folder)
            say(f"{title}: {documents} documents, {size / 1e6:.2f} MB")
            runs, trouble = compare(programs, folder, arguments.rounds, scratch)
            figures = figures_of(runs, documents, size)
            share = [floor["cpu"] / our["cpu"] * 100 for floor, our in zip(runs["parsing alone"], runs["plimsoll"])]
            result["inputs"][title] = {"documents": documents, "bytes": size, "programs": figures, "trouble": trouble,
                                       "parsing_percent_of_our_cpu": spread(share)}
            print(table(f"\n{title}: {documents} documents, {size / 1e6:.2f} MB, {arguments.rounds} rounds", figures))
            print(f"reading and parsing: {shown(spread(share), 0)} % of plimsoll's CPU")
    for name, one in result["start_up_ms"].items():
        print(f"start of {name}: {shown(one, 1)} ms")
    if arguments.output:
        arguments.output.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
