#!/usr/bin/env python3
"""What is in the image, and what is not: `hack/image --check` runs this on what hack/image has built.

Usage: image_check.py ARCHIVE SBOM
"""

import io
import json
import pathlib
import sys
import tarfile
import unittest

ARCHIVE, SBOM = "", ""
PROGRAMS = {"usr/bin/plimsoll", "usr/bin/plimsoll-controller"}
LABELS = {"title", "description", "licenses", "version", "vendor", "url", "documentation"}


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tarfile.open(ARCHIVE) as archive:
            manifest = json.load(archive.extractfile("manifest.json"))[0]
            cls.config = json.load(archive.extractfile(manifest["Config"]))
            cls.members = {}
            for layer in manifest["Layers"]:
                with tarfile.open(fileobj=io.BytesIO(archive.extractfile(layer).read())) as content:
                    cls.members.update({member.name.removeprefix("./"): member for member in content.getmembers()})
        cls.sbom = json.loads(pathlib.Path(SBOM).read_text(encoding="utf-8"))

    def files(self):
        return {name for name, member in self.members.items() if member.isfile()}

    def test_what_can_be_run_are_our_programs(self):
        self.assertEqual({name for name in self.files() if "bin/" in name}, PROGRAMS)

    def test_there_is_no_shell_and_nothing_to_install_with(self):
        names = {pathlib.PurePath(name).name for name in self.members}
        self.assertFalse(names & {"sh", "bash", "dash", "busybox", "apt", "dpkg", "python3", "perl", "curl"})

    def test_nobody_becomes_somebody_else(self):
        self.assertEqual([name for name, member in self.members.items() if member.mode & 0o6000], [])
        self.assertEqual([name for name, member in self.members.items() if member.isfile() and member.mode & 0o022], [])
        self.assertEqual({(member.uid, member.gid) for member in self.members.values()}, {(0, 0)})

    def test_everybody_may_read_what_is_there(self):
        self.assertEqual([name for name, member in self.members.items() if member.isfile() and not member.mode & 0o004], [])
        self.assertEqual([name for name, member in self.members.items() if member.isdir() and member.mode & 0o005 != 0o005], [])

    def test_it_runs_as_nobody_in_particular(self):
        self.assertEqual(self.config["config"]["User"], "65532:65532")
        self.assertEqual(self.config["config"]["Entrypoint"], ["/usr/bin/plimsoll-controller"])
        self.assertEqual(self.config["architecture"], "amd64")

    def test_labels_say_what_it_is(self):
        labels = self.config["config"]["Labels"]
        self.assertEqual({label.removeprefix("org.opencontainers.image.") for label in labels
                          if label.startswith("org.opencontainers.")}, LABELS)
        self.assertTrue(all(labels.values()))

    def test_time_has_no_part_in_it(self):
        self.assertTrue(self.config["created"].startswith("1970-01-01T00:00:00"))
        self.assertEqual({member.mtime for member in self.members.values()}, {0})

    def test_the_sbom_names_every_file_and_nothing_else(self):
        listed = {file["fileName"].removeprefix("./") for file in self.sbom["files"]}
        self.assertEqual(listed, self.files())

    def test_the_sbom_holds_together(self):
        self.assertEqual(self.sbom["spdxVersion"], "SPDX-2.3")
        ids = [thing["SPDXID"] for thing in (self.sbom, *self.sbom["packages"], *self.sbom["files"])]
        self.assertEqual(len(ids), len(set(ids)))
        for relation in self.sbom["relationships"]:
            self.assertIn(relation["spdxElementId"], ids)
            self.assertIn(relation["relatedSpdxElement"], ids)
        contained = {relation["relatedSpdxElement"] for relation in self.sbom["relationships"]
                     if relation["relationshipType"] == "CONTAINS"}
        self.assertEqual(contained, {file["SPDXID"] for file in self.sbom["files"]})
        names = {package["name"] for package in self.sbom["packages"]}
        self.assertLessEqual({"libc6", "libssl3", "libstdc++6", "ca-certificates", "libboost1.81-dev"}, names)
        self.assertTrue(all(package["versionInfo"] for package in self.sbom["packages"]))


if __name__ == "__main__":
    ARCHIVE, SBOM = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
