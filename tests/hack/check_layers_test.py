#!/usr/bin/env python3
"""Tests hack/check_layers.py: for each kind of violation a small tree that has it, and what must be said about it."""

import contextlib
import importlib.util
import io
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "hack" / "check_layers.py"
SPEC = importlib.util.spec_from_file_location("check_layers", SCRIPT)
check_layers = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(check_layers)

# A tree without a violation; each case adds to it or replaces a file of it.
CLEAN = {
    "include/plimsoll/base/text.h": '#pragma once\n#include <string>\n#include <tl/expected.hpp>\n',
    "include/plimsoll/model/workload.h": '#pragma once\n#include "plimsoll/base/text.h"\n',
    "include/plimsoll/rules/rule.h": '#pragma once\n#include "plimsoll/model/workload.h"\n',
    "src/base/CMakeLists.txt": "plimsoll_room(base SOURCES text.cc)\n",
    "src/base/text.cc": '#include "plimsoll/base/text.h"\n',
    "src/rules/CMakeLists.txt": "plimsoll_room(rules\n  SOURCES owner.cc\n  PUBLIC plimsoll::model PRIVATE PkgConfig::RE2)\n",
    "src/rules/owner.h": '#pragma once\n#include "plimsoll/rules/rule.h"\n',
    "src/rules/owner.cc": '#include "rules/owner.h"\n\n#include <re2/re2.h>\n\n#include "plimsoll/base/text.h"\n',
    "cmd/plimsoll/main.cc": '#include <CLI/CLI.hpp>\n#include <fstream>\n#include "plimsoll/rules/rule.h"\n'
                            '#include "plimsoll/options.h"\nint main() { std::getenv("NO_COLOR"); }\n',
    "cmd/plimsoll/options.h": "#pragma once\n",
}

# name -> (files, what is printed)
CASES = {
    "core includes an adapter": (
        {"src/rules/owner.cc": '#include "plimsoll/server/server.h"\n'},
        'src/rules/owner.cc:1: [layer] room rules may not use room server ("plimsoll/server/server.h"); '
        "it may use: base, model"),
    "base uses nobody": (
        {"include/plimsoll/base/text.h": '#include "plimsoll/model/workload.h"\n'},
        'include/plimsoll/base/text.h:1: [layer] room base may not use room model ("plimsoll/model/workload.h"); '
        "it may use: no other room"),
    "adapter includes an adapter": (
        {"src/server/a.cc": '\n#include "plimsoll/telemetry/metrics.h"\n'},
        'src/server/a.cc:2: [layer] room server may not use room telemetry ("plimsoll/telemetry/metrics.h"); '
        "it may use: admission, base, codec, model, policy, record, rules, tls"),
    "a room that is linked against the table": (
        {"src/rules/CMakeLists.txt": "plimsoll_room(rules\n  PUBLIC plimsoll::model\n  PRIVATE plimsoll::codec)\n"},
        "src/rules/CMakeLists.txt:3: [layer] room rules may not link plimsoll::codec"),
    "included but not linked": (
        {"src/rules/CMakeLists.txt": "plimsoll_room(rules SOURCES owner.cc) # plimsoll::model\n"},
        "include/plimsoll/rules/rule.h:2: [link] room rules includes room model but src/rules/CMakeLists.txt does not "
        "link it\nsrc/rules/owner.cc:5: [link] room rules includes room base but src/rules/CMakeLists.txt does not "
        "link it"),
    "private header of another room": (
        {"src/codec/a.cc": '#include "rules/owner.h"\n'},
        'src/codec/a.cc:1: [private] "rules/owner.h" is private to room rules; move it to include/plimsoll/rules/ if '
        "a second room needs it"),
    "private header in a program": (
        {"cmd/plimsoll/main.cc": '#include "rules/owner.h"\n'},
        'cmd/plimsoll/main.cc:1: [private] "rules/owner.h" is private to room rules'),
    "private header in a public one": (
        {"include/plimsoll/rules/rule.h": '#include "rules/owner.h"\n'},
        'include/plimsoll/rules/rule.h:1: [private] public header includes private "rules/owner.h"'),
    "dotdot": (
        {"src/rules/owner.cc": '#include "../../include/plimsoll/model/workload.h"\n'},
        'src/rules/owner.cc:1: [dotdot] "../../include/plimsoll/model/workload.h" climbs out of its folder; include '
        'by "plimsoll/<room>/..." or "<room>/..."'),
    "dotdot in the middle": (
        {"src/rules/owner.cc": '#include "plimsoll/rules/../server/server.h"\n'},
        'src/rules/owner.cc:1: [dotdot] "plimsoll/rules/../server/server.h" climbs out of its folder; include '
        'by "plimsoll/<room>/..." or "<room>/..."'),
    "a header without its room": (
        {"src/rules/owner.cc": '#include "owner.h"\n'},
        'src/rules/owner.cc:1: [unknown] "owner.h": write "rules/..." for a private header'),
    "a header that is not there": (
        {"src/rules/owner.cc": '#include "rules/runbook.h"\n#include "plimsoll/model/runbook.h"\n'},
        "src/rules/owner.cc:1: [unknown] src/rules/runbook.h does not exist\n"
        "src/rules/owner.cc:2: [unknown] include/plimsoll/model/runbook.h does not exist"),
    "a public header in angle brackets": (
        {"src/rules/owner.cc": "#include <plimsoll/server/server.h>\n"},
        "src/rules/owner.cc:1: [quotes] <plimsoll/server/server.h> is ours: write it in double quotes"),
    "third-party header in the wrong room": (
        {"src/rules/owner.cc": "#include <yaml-cpp/yaml.h>\n"},
        "src/rules/owner.cc:1: [third-party] room rules may not include <yaml-cpp/yaml.h>; only: codec"),
    "third-party library linked by the wrong room": (
        {"src/base/CMakeLists.txt": "plimsoll_room(base\n  SOURCES text.cc PRIVATE spdlog::spdlog)\n"},
        "src/base/CMakeLists.txt:2: [third-party] room base may not link spdlog::spdlog; only: telemetry"),
    "a library inside a generator expression": (
        {"src/base/CMakeLists.txt": "plimsoll_room(base PRIVATE $<TARGET_NAME_IF_EXISTS:plimsoll::policy>)\n"},
        "src/base/CMakeLists.txt:1: [layer] room base may not link plimsoll::policy"),
    "an exception is for its rules alone": (
        {"src/telemetry/process_metrics.cc": "#include <unistd.h>\nauto e = getenv(name);\n"},
        "src/telemetry/process_metrics.cc:2: [environment] room telemetry may not use getenv; only: cmd. Take the "
        "value as an argument or through a port"),
    "a library nobody has heard of": (
        {"src/base/CMakeLists.txt": "plimsoll_room(base PRIVATE absl::strings)\n"},
        "src/base/CMakeLists.txt:1: [unknown] absl::strings is in no table; add it to TARGETS in "
        "hack/check_layers.py"),
    "a third-party header nobody has heard of": (
        {"src/base/text.cc": "#include <absl/strings/str_cat.h>\n"},
        "src/base/text.cc:1: [unknown] <absl/strings/str_cat.h> is in no table; add it to hack/check_layers.py with "
        "the rooms that may use it"),
    "heavy header in include": (
        {"include/plimsoll/codec/json.h": "#pragma once\n#include <simdjson.h>\n"},
        "include/plimsoll/codec/json.h:2: [heavy] <simdjson.h> stays in .cc files and private headers, not in "
        "include/"),
    "the clock": (
        {"src/rules/owner.cc": "auto f() {\n  return std::chrono::system_clock\n      ::now();\n}\n"},
        "src/rules/owner.cc:2: [clock] room rules may not use system_clock::now; only: cmd. Take the value as an "
        "argument or through a port"),
    "the clock in an adapter": (
        {"src/server/a.cc": "auto t = std::chrono::system_clock::now();\nauto s = steady_clock::now();\n"},
        "src/server/a.cc:1: [clock] room server may not use system_clock::now; only: cmd. Take the value as an "
        "argument or through a port"),
    "a stopwatch in the core": (
        {"src/rules/owner.cc": "auto t = std::chrono::steady_clock::now();\n"},
        "src/rules/owner.cc:1: [clock] room rules may not use steady_clock::now; only: cmd, files, kube, links, net, server, telemetry. "
        "Take the value as an argument or through a port"),
    "the C clock": (
        {"src/rules/owner.cc": "auto t = std::time(nullptr);\n"},
        "src/rules/owner.cc:1: [clock] room rules may not use std::time; only: cmd. Take the value as an argument or "
        "through a port"),
    "the environment": (
        {"src/server/a.cc": 'auto e = std::getenv("HOME");\n'},
        "src/server/a.cc:1: [environment] room server may not use getenv; only: cmd. Take the value as an argument or "
        "through a port"),
    "a file stream": (
        {"src/codec/a.cc": "#include <fstream>\nvoid f() { std::ifstream in(p); std::ofstream out(p); }\n"},
        "src/codec/a.cc:1: [files] room codec may not use <fstream>; only: cmd, files, kube. Take the value as an argument "
        "or through a port\n"
        "src/codec/a.cc:2: [files] room codec may not use ifstream; only: cmd, files, kube. Take the value as an argument "
        "or through a port\n"
        "src/codec/a.cc:2: [files] room codec may not use ofstream; only: cmd, files, kube. Take the value as an argument "
        "or through a port"),
    "fopen": (
        {"src/tls/a.cc": 'auto f = fopen("ca.crt", "r");\n'},
        "src/tls/a.cc:1: [files] room tls may not use fopen; only: cmd, files, kube. Take the value as an argument or "
        "through a port"),
    "a thread": (
        {"src/telemetry/a.cc": "std::jthread t([] {});\n"},
        "src/telemetry/a.cc:1: [threads] room telemetry may not use std::jthread; only: cmd, files, kube, links, net, server. Take the "
        "value as an argument or through a port"),
    "a lock in the core": (
        {"src/policy/a.cc": "#include <mutex>\n"},
        "src/policy/a.cc:1: [locks] room policy may not use <mutex>; only: cmd, files, kube, links, net, server, telemetry, tls. Take "
        "the value as an argument or through a port"),
    "a socket": (
        {"src/files/a.cc": "#include <sys/socket.h>\nint s = ::socket(AF_INET, SOCK_STREAM, 0);\n"},
        "src/files/a.cc:1: [sockets] room files may not use <sys/socket.h>; only: kube, links, net, server, tls. Take the value as an "
        "argument or through a port\n"
        "src/files/a.cc:2: [sockets] room files may not use ::socket; only: kube, links, net, server. Take the value as an argument or "
        "through a port"),
    "the console": (
        {"src/render/a.cc": "#include <iostream>\n"},
        "src/render/a.cc:1: [console] room render may not use <iostream>; only: cmd. Take the value as an argument or "
        "through a port"),
    "a system header": (
        {"src/policy/a.cc": "#include <unistd.h>\n"},
        "src/policy/a.cc:1: [posix] room policy may not use <unistd.h>; only: cmd, files, kube, links, net, server. Take the value as "
        "an argument or through a port"),
    "chance": (
        {"src/policy/a.cc": "std::random_device device{};\nint i = rand();\n"},
        "src/policy/a.cc:1: [random] room policy may not use random_device; only: cmd, files, kube, links, net, server, telemetry, tls. "
        "Take the value as an argument or through a port\n"
        "src/policy/a.cc:2: [random] room policy may not use rand; only: cmd, files, kube, links, net, server, telemetry, tls. Take the "
        "value as an argument or through a port"),
    "a folder that is no room": (
        {"src/helpers/a.cc": "int a;\n"},
        "src/helpers:1: [room] no such room; add it to ROOMS in hack/check_layers.py with what it may use"),
    "a file in no room": (
        {"src/a.cc": "int a;\n"},
        "src/a.cc:1: [room] belongs to no room; a file stands in a room's folder"),
}

# What must not be taken for a violation.
INNOCENT = {
    "in comments and strings": {
        "src/rules/owner.cc": '// std::getenv("X") and system_clock::now()\n/* #include "plimsoll/server/a.h"\n'
                              '#include <fstream> */\nconst char* a = "std::ifstream \\" fopen(";\n'
                              'const char* b = R"(rand( getenv()";\nint c = 1\'000\'000; char d = \'"\';\n'},
    "names that only look alike": {
        "src/rules/owner.cc": "int my_getenv(int);\nint x = operand(3);\nauto y = object.bind(1);\n"
                              "auto z = thing::bind(1);\nint fstreams = 0;\n"},
    "an adapter in its own right": {
        "src/server/a.cc": "#include <boost/beast.hpp>\n#include <sys/socket.h>\n#include <thread>\n"
                           "std::jthread t;\nauto s = std::chrono::steady_clock::now();\n"},
    "a file that is named as an exception": {
        "src/telemetry/process_metrics.cc": '#include <unistd.h>\nauto d = opendir("/proc/self/fd");\n'},
    "the number of processors": {
        "src/telemetry/a.cc": "unsigned n = std::thread::hardware_concurrency();\n"},
}


def run(files):
    """The violations of a tree, as printed."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in {**CLEAN, **files}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        return check_layers.Checker(root).check()


class CheckLayersTest(unittest.TestCase):
    maxDiff = None

    def test_clean_tree(self):
        self.assertEqual(run({}), [])

    def test_each_violation_is_found(self):
        for name, (files, expected) in CASES.items():
            with self.subTest(name):
                self.assertEqual("\n".join(run(files)), expected)

    def test_nothing_else_is_found(self):
        for name, files in INNOCENT.items():
            with self.subTest(name):
                self.assertEqual(run(files), [])

    def test_every_rule_has_a_case(self):
        source = SCRIPT.read_text(encoding="utf-8")
        rules = set(re.findall(r'self\.report\([^"]*?,\s*"([a-z-]+)"', source))
        rules |= {rule for _, rule, _ in check_layers.SYSTEM_HEADERS} | {rule for rule, _, _ in check_layers.CALLS}
        shown = {rule for _, text in CASES.values() for rule in re.findall(r"\[([a-z-]+)\]", text)}
        self.assertEqual(rules, shown)

    def test_no_room_uses_itself_through_another(self):
        for room, others in check_layers.ROOMS.items():
            for other in others:
                if other != room:
                    self.assertNotIn(room, check_layers.allowed_rooms(other) if other != "cmd" else set())

    def test_exceptions_are_files_of_the_tree(self):
        root = SCRIPT.parent.parent
        rooms = {path for path in check_layers.EXCEPTIONS if (root / path).parent.exists()}
        self.assertEqual([path for path in rooms if not (root / path).exists()], [])

    def test_exit_codes(self):
        with tempfile.TemporaryDirectory() as folder:
            empty = subprocess.run([sys.executable, SCRIPT, "--root", folder], capture_output=True, check=False)
            self.assertEqual(empty.returncode, 2)
            source = pathlib.Path(folder) / "src" / "base" / "a.cc"
            source.parent.mkdir(parents=True)
            source.write_text("int a;\n", encoding="utf-8")
            clean = subprocess.run([sys.executable, SCRIPT, "--root", folder], capture_output=True, check=False)
            self.assertEqual((clean.returncode, clean.stdout), (0, b""))
            source.write_text("#include <thread>\n", encoding="utf-8")
            bad = subprocess.run([sys.executable, SCRIPT, "--root", folder], capture_output=True, check=False)
            self.assertEqual(bad.returncode, 1)
            self.assertIn(b"src/base/a.cc:1: [threads]", bad.stdout)

    def test_dot(self):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            print(check_layers.dot())
        self.assertIn("  rules -> model;", out.getvalue())


if __name__ == "__main__":
    unittest.main()
