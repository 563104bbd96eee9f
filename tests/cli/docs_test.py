#!/usr/bin/env python3
"""The generated pages under docs/ are what the program would write today. PLIMSOLL names the program."""

import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PLIMSOLL = os.environ.get("PLIMSOLL", str(ROOT / "build/dev/cmd/plimsoll/plimsoll"))


def pages(docs):
    names = ["cli.md", *sorted(f"rules/{p.name}" for p in (docs / "rules").iterdir())]
    return {name: (docs / name).read_text() for name in names}


class Docs(unittest.TestCase):
    maxDiff = None

    def test_generated_pages_are_current(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([ROOT / "hack/gen_docs.sh", PLIMSOLL, folder], check=True, timeout=60)
            fresh = pages(pathlib.Path(folder))
        kept = pages(ROOT / "docs")
        hint = "run make docs and look at what changed"
        self.assertEqual(sorted(kept), sorted(fresh), hint)
        for name, text in fresh.items():
            self.assertEqual(kept[name], text, f"docs/{name} is not current: {hint}")

    def test_every_page_explains_itself(self):
        for name, text in pages(ROOT / "docs").items():
            if name.startswith("rules/") and name != "rules/README.md":
                for heading in ("## Why", "## What to do", "## In a policy"):
                    self.assertIn(heading, text, name)


if __name__ == "__main__":
    unittest.main()
