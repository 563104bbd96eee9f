#!/usr/bin/env python3
"""Holds the layers: which room may use which room, which third-party headers, and what of the machine.

A room is a folder of src/ with its public headers in include/plimsoll/; cmd/<program>/ are the composition roots, all
under the name "cmd". The tables below are the agreement (docs/architecture.md explains it); this script reads every
#include, every CMakeLists.txt of a room and a few calls that reach for the machine, and prints each violation as
`file:line: [rule] what is wrong; what to do`. Exit code: 0 all well, 1 violations, 2 the tree cannot be read.

Usage: hack/check_layers.py [--root DIR] [--dot]
"""

import argparse
import pathlib
import re
import sys

# ---- the agreement ----

# Room -> rooms it may use. What those may use, it may use too (see allowed_rooms).
ROOMS = {
    "base": [],
    "model": ["base"],
    "rules": ["model"],
    "policy": ["rules"],
    "record": ["model"],
    "codec": ["model"],
    "render": ["policy", "record"],
    "scaffold": ["policy", "record"],
    "tls": ["base"],
    "net": ["tls"],
    "admission": ["policy", "record"],
    "telemetry": ["policy", "record"],
    "files": ["codec", "policy", "tls"],
    "server": ["admission", "codec", "tls"],
    "controllers": ["policy", "record", "codec", "tls"],
    "kube": ["controllers", "net"],
    "links": ["rules", "net"],
}
ROOMS["cmd"] = list(ROOMS)

# Judging is a pure function of values: these rooms see no clock, file, socket, thread, lock or environment.
PURE = {"base", "model", "rules", "policy", "record", "codec", "render", "scaffold", "admission", "controllers"}
EVERY = set(ROOMS)

# Third-party headers by prefix: the rooms whose files may include them, and whether a public header may.
# A heavy header in include/ is paid for by every file that includes ours (nlohmann/json.hpp: 3 s of CPU each).
THIRD_PARTY = [
    # prefix, rooms, allowed in include/
    ("tl/expected.hpp", EVERY, True),
    ("openssl/", {"tls", "net", "server", "kube"}, True),  # C headers, cheap; the handles of tls are made of them
    ("boost/", {"server"}, False),
    ("simdjson", {"codec"}, False),
    ("emmintrin.h", {"codec"}, False),  # SSE2; guarded, as other processors have none
    ("yaml-cpp/", {"codec"}, False),
    ("nlohmann/", {"codec", "render", "kube"}, False),
    ("httplib.h", {"net"}, False),
    ("re2/", {"model", "rules", "policy"}, False),
    ("prometheus/", {"telemetry"}, False),
    ("spdlog/", {"telemetry"}, False),
    ("CLI/", {"cmd"}, False),
]

# The same for what CMake links (target name -> rooms).
TARGETS = {
    "Threads::Threads": EVERY - PURE,
    "OpenSSL::SSL": {"tls", "net", "server", "kube"},
    "OpenSSL::Crypto": {"tls", "net", "server", "kube"},
    "Boost::headers": {"server"},
    "Boost::boost": {"server"},
    "simdjson::simdjson": {"codec"},
    "yaml-cpp": {"codec"},
    "nlohmann_json::nlohmann_json": {"codec", "render", "kube"},
    "PkgConfig::HTTPLIB": {"net"},
    "PkgConfig::RE2": {"model", "rules", "policy"},
    "prometheus-cpp::core": {"telemetry"},
    "spdlog::spdlog": {"telemetry"},
    "CLI11::CLI11": {"cmd"},
}

SOCKET_ROOMS = {"server", "net", "kube", "links"}
THREAD_ROOMS = {"server", "files", "net", "kube", "links", "cmd"}
LOCK_ROOMS = EVERY - PURE
FILE_ROOMS = {"files", "kube", "cmd"}  # kube: token and CA files that the kubelet renews, kubeconfigs
CLOCK_ROOMS = {"cmd"}
STOPWATCH_ROOMS = EVERY - PURE - {"tls"}
ENVIRONMENT_ROOMS = {"cmd"}
CONSOLE_ROOMS = {"cmd"}
POSIX_ROOMS = {"files", "server", "net", "kube", "links", "cmd"}

# Single files that may do what their room may not, and why.
EXCEPTIONS = {
    # Reads this process' own figures from /proc/self when the metrics are scraped.
    "src/telemetry/process_metrics.cc": {"posix", "files"},
    # Writes log lines from a thread of its own, so that no request waits for the log's reader.
    "src/telemetry/line_writer.h": {"threads"},
    "src/telemetry/line_writer.cc": {"posix"},
}

# Standard and system headers that reach for the machine: name or prefix -> rule name, rooms.
SYSTEM_HEADERS = [
    ("fstream", "files", FILE_ROOMS),
    ("filesystem", "files", FILE_ROOMS),
    ("iostream", "console", CONSOLE_ROOMS),
    ("thread", "threads", THREAD_ROOMS),
    ("future", "threads", THREAD_ROOMS),
    ("mutex", "locks", LOCK_ROOMS),
    ("shared_mutex", "locks", LOCK_ROOMS),
    ("condition_variable", "locks", LOCK_ROOMS),
    ("sys/socket.h", "sockets", SOCKET_ROOMS | {"tls"}),  # send and recv, of the BIO of a socket that is there
    ("sys/un.h", "sockets", SOCKET_ROOMS),
    ("netinet/", "sockets", SOCKET_ROOMS),
    ("arpa/inet.h", "sockets", SOCKET_ROOMS | {"tls"}),  # inet_pton: a certificate names IP addresses
    ("netdb.h", "sockets", SOCKET_ROOMS),
    ("sys/", "posix", POSIX_ROOMS),
    ("unistd.h", "posix", POSIX_ROOMS),
    ("fcntl.h", "posix", POSIX_ROOMS),
    ("dirent.h", "posix", POSIX_ROOMS),
    ("poll.h", "posix", POSIX_ROOMS),
    ("spawn.h", "posix", POSIX_ROOMS),
    ("signal.h", "posix", POSIX_ROOMS),
    ("csignal", "posix", POSIX_ROOMS),
    ("malloc.h", "posix", POSIX_ROOMS),
]

STANDARD_HEADERS = set(
    """
    algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono cinttypes climits
    clocale cmath codecvt compare complex concepts coroutine csetjmp cstdarg cstddef cstdint cstdio cstdlib cstring
    ctime cuchar cwchar cwctype deque exception execution format forward_list functional initializer_list iomanip ios
    iosfwd istream iterator latch limits list locale map memory memory_resource new numbers numeric optional ostream
    queue random ranges ratio regex scoped_allocator semaphore set source_location span sstream stack stdexcept
    stop_token streambuf string string_view strstream syncstream system_error tuple type_traits typeindex typeinfo
    unordered_map unordered_set utility valarray variant vector version
    """.split()
)

# Calls that reach for the machine: rule name, pattern (on code without comments and strings), rooms.
CALLS = [
    ("clock", r"\bsystem_clock\s*::\s*now\b", CLOCK_ROOMS),
    ("clock", r"\b(?:gettimeofday|clock_gettime|localtime(?:_r)?|std\s*::\s*time)\s*\(", CLOCK_ROOMS),
    ("clock", r"\b(?:steady_clock|high_resolution_clock)\s*::\s*now\b", STOPWATCH_ROOMS),
    ("environment", r"\b(?:secure_getenv|getenv|setenv|putenv)\s*\(", ENVIRONMENT_ROOMS),
    ("files", r"\b(?:[io]?fstream|filebuf)\b", FILE_ROOMS),
    ("files", r"\b(?:fopen|freopen|fdopen|tmpfile|mkstemp|opendir)\s*\(", FILE_ROOMS),
    ("threads", r"\bstd\s*::\s*(?:thread|jthread|async)\b(?!\s*::\s*(?:hardware_concurrency|id)\b)", THREAD_ROOMS),
    ("threads", r"\bpthread_create\s*\(", THREAD_ROOMS),
    ("sockets", r"(?<![\w.>:])::\s*(?:socket|bind|listen|accept4?|connect)\s*\(", SOCKET_ROOMS),
    ("random", r"\brandom_device\b|\bs?rand\s*\(", EVERY - PURE),
]


def allowed_rooms(room):
    """The room itself and everything below it."""
    seen, todo = set(), [room]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo.extend(ROOMS[name])
    return seen


# ---- reading C++ ----

_TOKENS = re.compile(
    r"""//[^\n]*(?:\\\n[^\n]*)*            # line comment
      | /\*.*?\*/                          # block comment
      | R"(?P<d>[^\s()\\]{0,16})\(.*?\)(?P=d)"  # raw string
      | "(?:\\.|[^"\\\n])*"                # string
      | (?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'  # character; not a digit separator
    """,
    re.VERBOSE | re.DOTALL,
)
_INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def strip_comments_and_strings(text):
    """The code with comments and literals blanked out; line numbers stay."""
    return _TOKENS.sub(lambda m: "\n" * m.group().count("\n") or " ", text)


def includes_of(text):
    """(line number, "<" or '"', path) of each #include outside comments."""
    code = strip_comments_and_strings(re.sub(r'(?m)^(\s*#\s*include\s*)"([^"]+)"', r"\1<\2>!", text))
    for number, line in enumerate(code.split("\n"), 1):
        match = _INCLUDE.match(line)
        if match:
            yield number, '"' if line[match.end():].startswith("!") else "<", match.group(2)


# ---- checking ----


class Checker:
    def __init__(self, root):
        self.root = root
        self.violations = []
        self.edges = {}  # room -> {room it includes: first place}

    def report(self, path, line, rule, message):
        if rule in EXCEPTIONS.get(str(path), ()):
            return
        self.violations.append((str(path), line, f"{path}:{line}: [{rule}] {message}"))

    def check(self):
        self.check_folders()
        for path in self.sources():
            self.check_file(path)
        for room in ROOMS:
            self.check_cmake(room)
        return [text for _, _, text in sorted(self.violations)]

    def sources(self):
        for top in ("include", "src", "cmd"):
            for path in sorted((self.root / top).rglob("*")):
                if path.suffix in (".h", ".cc", ".hpp", ".cpp", ".inc") and path.is_file():
                    yield path.relative_to(self.root)

    def check_folders(self):
        for top in ("include/plimsoll", "src"):
            for folder in sorted((self.root / top).glob("*/")):
                if folder.name not in ROOMS or folder.name == "cmd":
                    self.report(f"{top}/{folder.name}", 1, "room",
                                "no such room; add it to ROOMS in hack/check_layers.py with what it may use")

    @staticmethod
    def room_of(path):
        parts = path.parts
        if parts[0] == "cmd":
            return "cmd"
        index = 2 if parts[0] == "include" else 1
        return parts[index] if len(parts) > index + 1 else None

    def check_file(self, path):
        room = self.room_of(path)
        if room is None:
            self.report(path, 1, "room", "belongs to no room; a file stands in a room's folder")
            return
        if room not in ROOMS:
            return  # its folder was reported
        text = (self.root / path).read_text(encoding="utf-8")
        for line, kind, target in includes_of(text):
            if ".." in target.split("/"):
                self.report(path, line, "dotdot",
                            f'"{target}" climbs out of its folder; include by "plimsoll/<room>/..." or "<room>/..."')
            elif kind == '"':
                self.check_own_include(path, room, line, target)
            else:
                self.check_foreign_include(path, room, line, target)
        self.check_calls(path, room, text)

    def check_own_include(self, path, room, line, target):
        parts = target.split("/")
        public = parts[0] == "plimsoll" and len(parts) > 2 and parts[1] in ROOMS
        if public:
            self.check_edge(path, room, line, target, parts[1])
        elif room == "cmd":
            program = path.parts[1]
            if len(parts) > 1 and parts[0] in ROOMS:
                self.report(path, line, "private", f'"{target}" is private to room {parts[0]}')
            elif not (self.root / "cmd" / program / parts[-1]).exists():
                self.report(path, line, "unknown", f'"{target}" is neither a public header nor in cmd/{program}/')
        elif parts[0] in ROOMS and parts[0] != room:
            self.report(path, line, "private",
                        f'"{target}" is private to room {parts[0]}; move it to include/plimsoll/{parts[0]}/ if a '
                        "second room needs it")
        elif path.parts[0] == "include":
            self.report(path, line, "private", f'public header includes private "{target}"')
        elif len(parts) < 2 or parts[0] != room:
            self.report(path, line, "unknown", f'"{target}": write "{room}/..." for a private header')
        elif not (self.root / "src" / target).exists():
            self.report(path, line, "unknown", f'src/{target} does not exist')

    def check_edge(self, path, room, line, target, other):
        self.edges.setdefault(room, {}).setdefault(other, (path, line))
        if other not in allowed_rooms(room):
            self.report(path, line, "layer",
                        f'room {room} may not use room {other} ("{target}"); it may use: '
                        + (", ".join(sorted(allowed_rooms(room) - {room})) or "no other room"))
        elif not (self.root / "include" / target).exists():
            self.report(path, line, "unknown", f"include/{target} does not exist")

    def check_foreign_include(self, path, room, line, target):
        if target.startswith("plimsoll/"):
            self.report(path, line, "quotes", f'<{target}> is ours: write it in double quotes')
            return
        for prefix, rooms, in_public in THIRD_PARTY:
            if target.startswith(prefix):
                if room not in rooms:
                    self.report(path, line, "third-party",
                                f"room {room} may not include <{target}>; only: {', '.join(sorted(rooms))}")
                elif path.parts[0] == "include" and not in_public:
                    self.report(path, line, "heavy",
                                f"<{target}> stays in .cc files and private headers, not in include/")
                return
        for name, rule, rooms in SYSTEM_HEADERS:
            if target == name or (name.endswith("/") and target.startswith(name)):
                if room not in rooms:
                    self.report(path, line, rule, self.reach_text(room, f"<{target}>", rooms))
                return
        if target not in STANDARD_HEADERS:
            self.report(path, line, "unknown",
                        f"<{target}> is in no table; add it to hack/check_layers.py with the rooms that may use it")

    def check_calls(self, path, room, text):
        code = strip_comments_and_strings(text)
        for rule, pattern, rooms in CALLS:
            if room in rooms:
                continue
            for match in re.finditer(pattern, code):
                line = code.count("\n", 0, match.start()) + 1
                word = re.sub(r"\s+", "", match.group()).rstrip("({")
                if not code[code.rfind("\n", 0, match.start()) + 1:match.start()].lstrip().startswith("#"):
                    self.report(path, line, rule, self.reach_text(room, word, rooms))

    @staticmethod
    def reach_text(room, what, rooms):
        return f"room {room} may not use {what}; only: {', '.join(sorted(rooms))}. Take the value as an argument or " \
               "through a port"

    def check_cmake(self, room):
        path = pathlib.Path("src") / room / "CMakeLists.txt"
        if room == "cmd" or not (self.root / path).exists():
            return
        text = re.sub(r"#[^\n]*", "", (self.root / path).read_text(encoding="utf-8"))
        text = re.sub(r"\$<[A-Z_]+:", " ", text)  # generator expressions around a target
        linked = set()
        for call in re.finditer(r"\b(plimsoll_room|target_link_libraries)\s*\(([^)]*)\)", text):
            for word in re.finditer(r"[\w.:+-]+", call.group(2)):
                line = text.count("\n", 0, call.start(2) + word.start()) + 1
                name = word.group()
                if name.startswith("plimsoll::"):
                    other = name.removeprefix("plimsoll::")
                    linked.add(other)
                    if other not in allowed_rooms(room):
                        self.report(path, line, "layer", f"room {room} may not link {name}")
                elif name in TARGETS and room not in TARGETS[name]:
                    self.report(path, line, "third-party",
                                f"room {room} may not link {name}; only: {', '.join(sorted(TARGETS[name]))}")
                elif "::" in name and name not in TARGETS:
                    self.report(path, line, "unknown",
                                f"{name} is in no table; add it to TARGETS in hack/check_layers.py")
        self.check_links(room, linked)

    def check_links(self, room, linked):
        """What a room includes it must link, itself or through a room that it links."""
        reachable = {room}.union(*(allowed_rooms(other) for other in linked if other in ROOMS))
        for other, (path, line) in sorted(self.edges.get(room, {}).items()):
            if other in allowed_rooms(room) and other not in reachable:
                self.report(path, line, "link",
                            f"room {room} includes room {other} but src/{room}/CMakeLists.txt does not link it")


def dot():
    """The room table as a Graphviz graph."""
    lines = ["digraph rooms {", "  rankdir=BT;"]
    for room, others in ROOMS.items():
        lines += [f"  {room} -> {other};" for other in others if room != "cmd"]
    return "\n".join(lines + ["}"])


def main():
    parser = argparse.ArgumentParser(description="Checks the layers; see the top of this file.")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    parser.add_argument("--dot", action="store_true", help="print the room table as a Graphviz graph and exit")
    arguments = parser.parse_args()
    if arguments.dot:
        print(dot())
        return 0
    checker = Checker(arguments.root)
    files = sum(1 for _ in checker.sources())
    if files == 0:
        print(f"{arguments.root}: no sources under include/, src/ or cmd/", file=sys.stderr)
        return 2
    violations = checker.check()
    for text in violations:
        print(text)
    print(f"layers: {files} files, {len(ROOMS)} rooms, {len(violations)} violations", file=sys.stderr)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
