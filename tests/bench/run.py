#!/usr/bin/env python3
"""Measures what the README claims: `make bench`. Writes a JSON file and prints a table.

Usage: tests/bench/run.py BUILD_DIR [--output FILE] [--rounds N]

Every figure is the median of at least five, with the smallest and the largest, and with its floor beside it: the same
work without the part in question, measured in the same run, interleaved. CPU is utime + stime of the server process, so
it does not depend on what else the machine does as much as times do. Nothing here passes or fails.
"""

import argparse
import contextlib
import json
import os
import pathlib
import platform
import re
import resource
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")
REVIEW_BYTES = 8192
CONNECTIONS = 8
WRK_SECONDS = 2
ROLLOUT_REVIEWS = 2000
IDLE_CONNECTIONS = 512
IDLE_SECONDS = 3
AUDITED = 10_000


def say(text):
    print(f"    {text}", file=sys.stderr, flush=True)


# ---- figures ----


class Report:
    def __init__(self):
        self.figures = []

    def add(self, name, unit, values, floor=None, target=None, note=""):
        """Values and floor: lists of measurements; target: (limit, of): of "value" or "ratio"."""
        figure = {"name": name, "unit": unit, **spread(values)}
        if floor is not None:
            figure["floor"] = spread(floor)
            if figure["floor"]["median"]:
                figure["ratio_to_floor"] = figure["median"] / figure["floor"]["median"]
        if target is not None:
            figure["target"] = target
        if note:
            figure["note"] = note
        self.figures.append(figure)

    def table(self):
        rows = [["", "median", "min … max", "floor", "× floor", "aim"]]
        for figure in self.figures:
            floor = figure.get("floor")
            rows.append([
                f"{figure['name']} ({figure['unit']})", number(figure["median"]),
                f"{number(figure['min'])} … {number(figure['max'])}", number(floor["median"]) if floor else "",
                number(figure["ratio_to_floor"]) if "ratio_to_floor" in figure else "", figure.get("target", "")])
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = ["  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                           for i, (cell, width) in enumerate(zip(row, widths))) for row in rows]
        return "\n".join([lines[0], "-" * len(lines[0])] + lines[1:])


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "n": len(values),
            "values": values}


def number(value):
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


# ---- processes ----


def cpu_seconds(pid):
    """utime + stime of all threads of the process."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_SECONDS


def resident_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no VmRSS")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Controller:
    """plimsoll-controller, started on free ports; `ready_ms` is how long it took to say that it is ready."""

    def __init__(self, build, folder, policies):
        self.port, metrics = free_port(), free_port()
        command = [build / "cmd/plimsoll-controller/plimsoll-controller", "--standalone", "--policies", policies,
                   "--listen", f"127.0.0.1:{self.port}", "--metrics-listen", f"127.0.0.1:{metrics}",
                   "--state", folder / "state"]
        with open(folder / "controller.log", "w", encoding="utf-8") as log:
            begun = time.monotonic()
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.pid = self.process.pid
        while not self._ready(metrics):
            if self.process.poll() is not None or time.monotonic() - begun > 30:
                sys.exit(f"error: the controller did not start:\n{(folder / 'controller.log').read_text()}")
            time.sleep(0.001)
        self.ready_ms = (time.monotonic() - begun) * 1000

    @staticmethod
    def _ready(port):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def stop(self):
        self.process.kill()
        self.process.wait()


def environment_of_image():
    """What deploy/Dockerfile sets: the server is measured as it is shipped, the floor with it."""
    lines = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8").splitlines()
    return dict(line.removeprefix("ENV ").split("=", 1) for line in lines if line.startswith("ENV "))


@contextlib.contextmanager
def bench_server(build, folder):
    process = subprocess.Popen([build / "tests/bench/server_bench", folder], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True, env=os.environ | environment_of_image())
    try:
        yield process.pid, int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait()


# ---- measurements ----


def wrk(port, path, pid, script):
    """CPU microseconds per request over kept-alive TLS, and requests per second."""
    before = cpu_seconds(pid)
    done = subprocess.run(["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{WRK_SECONDS}s", "-s", script,
                           f"https://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True)
    used = cpu_seconds(pid) - before
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        sys.exit(f"error: not every request was answered with 200:\n{done.stdout}")
    requests = int(re.search(r"(\d+) requests in", done.stdout).group(1))
    return used / requests * 1e6, requests / WRK_SECONDS


def measure_reviews(report, build, folder, controller, rounds):
    scripts = {}
    for quality in ("ready", "unready"):
        body = subprocess.run([build / "tests/bench/print_review", quality, str(REVIEW_BYTES)], capture_output=True,
                              text=True, check=True).stdout
        (folder / f"{quality}.json").write_text(body, encoding="utf-8")
        scripts[quality] = folder / f"{quality}.lua"
        scripts[quality].write_text(
            f'local file = io.open("{folder / quality}.json")\nwrk.method = "POST"\nwrk.body = file:read("*a")\n'
            'wrk.headers["Content-Type"] = "application/json"\n', encoding="utf-8")
    with bench_server(build, folder) as (pid, port):
        ways = {
            "constant": (port, "/constant", pid, scripts["ready"]),
            "judged": (port, "/validate", pid, scripts["ready"]),
            "controller": (controller.port, "/validate", controller.pid, scripts["ready"]),
            "denied": (controller.port, "/validate", controller.pid, scripts["unready"]),
        }
        cpu, rate = {way: [] for way in ways}, {way: [] for way in ways}
        for way in ways.values():
            wrk(*way)  # warm
        for round_number in range(rounds):
            say(f"reviews over TLS, round {round_number + 1} of {rounds}")
            for name, way in ways.items():
                micros, per_second = wrk(*way)
                cpu[name].append(micros)
                rate[name].append(per_second)
    floor = cpu["constant"]
    report.add("CPU per review, controller with metrics and log", "µs", cpu["controller"], floor, "≤ 150, ≤ 2 × floor",
               "8 KiB, four checks, all pass; floor: the same request to a constant answer of the same listener")
    report.add("CPU per review, judging alone", "µs", cpu["judged"], floor)
    report.add("CPU per denied review, controller", "µs", cpu["denied"], floor)
    report.add("reviews per second, controller (wrk on the same cores)", "1/s", rate["controller"], rate["constant"])


def measure_lifecycle(report, build, folder, rounds):
    """The same reviews, of different workloads one after the other, with what the lifecycle adds and without."""
    reviews = subprocess.run([build / "tests/bench/print_review", "rollout", str(ROLLOUT_REVIEWS)], capture_output=True,
                             text=True, check=True).stdout
    (folder / "rollout.jsonl").write_text(reviews, encoding="utf-8")
    script = folder / "rollout.lua"
    script.write_text(
        f'local bodies, at = {{}}, 0\nfor line in io.lines("{folder / "rollout.jsonl"}") do bodies[#bodies + 1] = line end\n'
        'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
        'function request()\n  at = at % #bodies + 1\n  return wrk.format(nil, nil, nil, bodies[at])\nend\n', encoding="utf-8")
    cpu = {"/starter": [], "/lifecycle": []}
    with bench_server(build, folder) as (pid, port):
        for path in cpu:
            wrk(port, path, pid, script)  # warm
        for round_number in range(rounds):
            say(f"reviews with and without the lifecycle, round {round_number + 1} of {rounds}")
            for path, values in cpu.items():
                values.append(wrk(port, path, pid, script)[0])
    report.add("CPU per review with histories, waivers and related objects", "µs", cpu["/lifecycle"], cpu["/starter"], "≤ 1.3 × floor",
               f"starter policy, 10,000 workloads with six objects each, a waiver of every tenth; reviews of {ROLLOUT_REVIEWS:,} of "
               f"them in turns, {len(reviews) / ROLLOUT_REVIEWS / 1024:.1f} KiB each; floor: the same without any of it")


def measure_evaluation(report, build, rounds):
    say("evaluation")
    done = subprocess.run([build / "tests/bench/evaluate_bench", f"--benchmark_repetitions={max(rounds, 5)}",
                           "--benchmark_enable_random_interleaving=true", "--benchmark_min_time=0.1",
                           "--benchmark_format=json"], capture_output=True, text=True, check=True)
    micros = {}
    for run in json.loads(done.stdout)["benchmarks"]:
        if run["run_type"] == "iteration":
            scale = {"ns": 1e-3, "us": 1, "ms": 1e3}[run["time_unit"]]
            micros.setdefault(run["run_name"], []).append(run["cpu_time"] * scale)
    floor = micros.pop("parse_json")
    aims = {"parse_evaluate/baseline/ready": "≤ 25"}
    names = {
        "parse_evaluate/baseline/ready": "JSON to verdict, baseline policy, ready",
        "parse_evaluate/baseline/unready": "JSON to verdict, baseline policy, unready",
        "parse_evaluate/four_checks/ready": "JSON to verdict, four checks, ready",
        "review_to_answer/four_checks/ready": "bytes to bytes, four checks, ready",
        "review_to_answer/four_checks/unready": "bytes to bytes, four checks, denied",
    }
    for key, values in micros.items():
        report.add(names.get(key, key), "µs", values, floor, aims.get(key), "floor: parsing the JSON alone")


def measure_idle(report, controller, rounds):
    say(f"{IDLE_CONNECTIONS} idle connections")
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    def idle_percent():
        before = cpu_seconds(controller.pid)
        time.sleep(IDLE_SECONDS)
        return (cpu_seconds(controller.pid) - before) / IDLE_SECONDS * 100

    alone = [idle_percent() for _ in range(min(rounds, 5))]
    resting = resident_bytes(controller.pid)
    with contextlib.ExitStack() as stack:
        for _ in range(IDLE_CONNECTIONS):
            plain = socket.create_connection(("127.0.0.1", controller.port))
            stack.enter_context(context.wrap_socket(plain, server_hostname="localhost"))
        time.sleep(0.5)
        idle = [idle_percent() for _ in range(min(rounds, 5))]
        held = resident_bytes(controller.pid)
    report.add(f"CPU of {IDLE_CONNECTIONS} idle TLS connections", "% of a core", idle, alone, "not measurable",
               "floor: no connection")
    report.add(f"memory per idle TLS connection, of {IDLE_CONNECTIONS}", "KiB",
               [max(0, held - resting) / IDLE_CONNECTIONS / 1024])


def measure_start(report, build, folder, policies, rounds):
    say("starts")
    first, again, resident = [], [], []
    for _ in range(rounds):
        shutil.rmtree(folder / "state", ignore_errors=True)
        for times in (first, again):
            controller = Controller(build, folder, policies)
            times.append(controller.ready_ms)
            resident.append(resident_bytes(controller.pid) / 1e6)
            controller.stop()
    floor = []
    for _ in range(rounds):
        begun = time.monotonic()
        subprocess.run([build / "cmd/plimsoll-controller/plimsoll-controller", "--version"], capture_output=True,
                       check=False)
        floor.append((time.monotonic() - begun) * 1000)
    report.add("start to ready", "ms", again, floor, "≤ 100", "floor: --version")
    report.add("first start to ready, keys and certificates made", "ms", first, floor, "≤ 100")
    report.add("resident memory at rest", "MB", resident, None, "≤ 20")


def measure_audit(report, build, rounds):
    say(f"audit of {AUDITED:,} workloads")
    runs = [json.loads(subprocess.run([build / "tests/bench/audit_bench", str(AUDITED)], capture_output=True, text=True,
                                      check=True).stdout) for _ in range(max(rounds, 5))]

    def values(key, scale=1):
        return [run[key] * scale for run in runs]

    parse = values("parse_us")
    note = f"{AUDITED:,} generated Deployments, {runs[0]['findings']:.1f} findings each, policies: baseline and four checks"
    report.add("audit: judge a workload", "µs", values("judge_us"), parse, None,
               f"{note}; floor: parsing the object as the watch has it")
    report.add("audit: work out a record to write", "µs", values("take_changes_us"), parse)
    report.add("audit: an update of status alone", "µs", values("no_op_update_us"), parse)
    report.add("audit: a policy changes, all are judged again", "s", values("policy_change_seconds"), None, "< 1")
    report.add("audit: memory of a workload, resident", "KiB", values("resident_bytes", 1 / 1024), None, "≤ 4")


def timed(command):
    """CPU and wall seconds of a command, and what it printed."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.monotonic() - begun, done.stdout


def corpus_folder(folder):
    """Real manifests where they are at hand, else the samples many times over."""
    shared = pathlib.Path(os.environ.get("PLIMSOLL_SHARED_DIR", ROOT.parent / "shared")) / "corpus" / "manifests"
    if shared.is_dir():
        return shared, "the shared corpus"
    made = folder / "corpus"
    made.mkdir()
    for i in range(200):
        for sample in (ROOT / "deploy/samples/workloads").glob("*.yaml"):
            shutil.copy(sample, made / f"{i}-{sample.name}")
    return made, "the samples, 200 times (no corpus at hand)"


def measure_check(report, build, folder, rounds):
    corpus, what = corpus_folder(folder)
    say(f"check of {what}")
    ours, floors = [], []
    for _ in range(rounds):
        floors.append(timed([build / "tests/bench/manifests_floor", corpus]))
        ours.append(timed([build / "cmd/plimsoll/plimsoll", "check", "--format", "json", corpus]))
    size, documents, _ = (int(word) for word in floors[0][2].split())
    note = f"{what}: {size / 1e6:.2f} MB, {documents} documents; floor: reading and parsing alone"
    report.add("check, throughput", "MB/s of CPU", [size / 1e6 / cpu for cpu, _, _ in ours],
               [size / 1e6 / cpu for cpu, _, _ in floors], None, note)
    report.add("check, throughput", "documents/s of CPU", [documents / cpu for cpu, _, _ in ours],
               [documents / cpu for cpu, _, _ in floors], None, note)
    report.add("check of it all", "ms", [wall * 1000 for _, wall, _ in ours], [wall * 1000 for _, wall, _ in floors])


def main():
    parser = argparse.ArgumentParser(description="Measures; see the top of this file.")
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--output", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    build, report, begun = arguments.build.resolve(), Report(), time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        policies = folder / "policies"
        policies.mkdir()
        (policies / "four-checks.yaml").write_text(
            subprocess.run([build / "tests/bench/print_review", "policy", "0"], capture_output=True, text=True,
                           check=True).stdout, encoding="utf-8")
        measure_start(report, build, folder, policies, arguments.rounds)
        controller = Controller(build, folder, policies)
        try:
            measure_idle(report, controller, arguments.rounds)
            measure_reviews(report, build, folder, controller, arguments.rounds)
        finally:
            controller.stop()
        measure_lifecycle(report, build, folder, arguments.rounds)
        measure_evaluation(report, build, arguments.rounds)
        measure_audit(report, build, arguments.rounds)
        measure_check(report, build, folder, arguments.rounds)
    print(report.table())
    result = {"version": 1, "machine": {"cpus": os.cpu_count(), "system": platform.platform(),
                                        "load": os.getloadavg()},
              "seconds": round(time.monotonic() - begun), "figures": report.figures}
    if arguments.output:
        arguments.output.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        say(f"{result['seconds']} s; JSON: {arguments.output}")


if __name__ == "__main__":
    main()
