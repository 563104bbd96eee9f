#!/usr/bin/env python3
"""What the image is made of, as SPDX 2.3: each file of its root, the Debian package each is from, and the Debian packages
whose headers or archives the programs were compiled with.

Usage: hack/sbom.py ROOT IMAGE_ID VERSION >build/plimsoll-image.spdx.json

The same root gives the same text: the date in it is that of the last commit (or SOURCE_DATE_EPOCH), its name the image's id.
"""

import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

TREE = pathlib.Path(__file__).resolve().parents[1]
OURS = "SPDXRef-Package-plimsoll"
# Compiled in, from headers or archives: nothing in the root tells of them. The names are those of hack/setup.
COMPILED_IN = ("libboost1.81-dev", "nlohmann-json3-dev", "libyaml-cpp-dev", "libexpected-dev", "libcli11-dev")


def said(*command):
    return subprocess.run(command, cwd=TREE, capture_output=True, text=True, check=True).stdout.strip()


def spdx_id(kind, name):
    return f"SPDXRef-{kind}-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def created():
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH") or said("git", "log", "-1", "--format=%ct"))
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def debian_package(name):
    """Its name and version, and the source it was built from."""
    version, source, source_version = said(
        "dpkg-query", "-W", "-f=${Version}\n${source:Package}\n${source:Version}\n", name).splitlines()[:3]
    architecture = said("dpkg", "--print-architecture")
    return {
        "SPDXID": spdx_id("Package", name), "name": name, "versionInfo": version, "supplier": "Organization: Debian",
        "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION",
        "sourceInfo": f"built from: {source} {source_version}",
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                          "referenceLocator": f"pkg:deb/debian/{name}@{version}?arch={architecture}&distro=debian-12"}]}


def owner_of(path):
    """The package that a file of the root came from, or None for ours."""
    for candidate in (path, path.removeprefix("/usr")):
        # Where two have it, the first.
        done = subprocess.run(["dpkg-query", "-S", candidate], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout.split(":")[0].split(",")[0]
    return "ca-certificates" if path.endswith("ca-certificates.crt") else None


def file_of(root, path):
    content = path.read_bytes()
    name = str(path.relative_to(root))
    return {"SPDXID": spdx_id("File", name), "fileName": f"./{name}",
            "checksums": [{"algorithm": algorithm.upper(), "checksumValue": hashlib.new(algorithm, content).hexdigest()}
                          for algorithm in ("sha1", "sha256")],
            "licenseConcluded": "NOASSERTION", "copyrightText": "NOASSERTION"}


def relationship(one, kind, other):
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}


def document(root, image_id, version):
    paths = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    owners = {path: owner_of("/" + str(path.relative_to(root))) for path in paths}
    names = sorted({owner for owner in owners.values() if owner} | set(COMPILED_IN))
    files = [file_of(root, path) for path in paths]
    relationships = [relationship("SPDXRef-DOCUMENT", "DESCRIBES", OURS)]
    for path, file in zip(paths, files):
        owner = spdx_id("Package", owners[path]) if owners[path] else OURS
        relationships.append(relationship(owner, "CONTAINS", file["SPDXID"]))
    for name in names:
        kind = "STATIC_LINK" if name in COMPILED_IN else "DYNAMIC_LINK"
        if name != "ca-certificates":
            relationships.append(relationship(OURS, kind, spdx_id("Package", name)))
    ours = {"SPDXID": OURS, "name": "plimsoll", "versionInfo": version, "supplier": "Organization: Plimsoll",
            "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": "Apache-2.0",
            "licenseDeclared": "Apache-2.0", "copyrightText": "NOASSERTION",
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                              "referenceLocator": f"pkg:generic/plimsoll@{version}"}]}
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"plimsoll-{version}",
            "documentNamespace": f"https://plimsoll.dev/spdx/plimsoll-{version}-{image_id}",
            "creationInfo": {"created": created(), "creators": ["Organization: Plimsoll", "Tool: hack/sbom.py"]},
            "packages": [ours, *map(debian_package, names)], "files": files, "relationships": relationships}


def main():
    if len(sys.argv) != 4:
        sys.exit("usage: hack/sbom.py ROOT IMAGE_ID VERSION")
    json.dump(document(pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
