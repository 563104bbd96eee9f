#!/usr/bin/env python3
"""docs/api.schema.json is what /api/v1 answers, and docs/api.md names all of it."""

import json
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "docs/api.schema.json"
# Written by tests/render/report_api_test.cc, which compares them with what the program says.
GOLDEN = {"services": "services", "service": "serviceAnswer", "service-never-admitted": "serviceAnswer", "policies": "policies",
          "waivers": "waivers", "questions": "questions", "page": "services", "error": "error"}


def strict():
    """Readers must bear new fields; the program must not write one that is not in the schema."""
    return json.loads(SCHEMA.read_text().replace('"additionalProperties": true', '"additionalProperties": false'))


def names(schema):
    for key, below in schema.get("properties", {}).items():
        yield key
        yield from names(below)
    for below in schema.get("oneOf", []) + list(schema.get("definitions", {}).values()):
        yield from names(below)
    if "items" in schema:
        yield from names(schema["items"])


class ReportApiTest(unittest.TestCase):
    def test_answers_follow_the_schema(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        schema = strict()
        jsonschema.Draft7Validator.check_schema(schema)
        files = {path.stem: path for path in (ROOT / "tests/golden/render/api").glob("*.json")}
        self.assertEqual(sorted(files), sorted(GOLDEN))
        for name, path in files.items():
            only = {**schema, "oneOf": [{"$ref": f"#/definitions/{GOLDEN[name]}"}]}
            answer = json.loads(path.read_text())
            self.assertEqual([error.message for error in jsonschema.Draft7Validator(only).iter_errors(answer)], [], name)
            # And the schema would notice.
            for wrong in ({**answer, "more": 1}, {key: answer[key] for key in list(answer)[1:]}):
                self.assertFalse(jsonschema.Draft7Validator(only).is_valid(wrong), name)

    def test_the_page_names_every_field(self):
        page = re.sub(r"```.*?```", "", (ROOT / "docs/api.md").read_text(), flags=re.DOTALL)
        told = set(re.findall(r"[A-Za-z]+", " ".join(re.findall(r"`([^`]+)`", page))))
        self.assertEqual(sorted(set(names(strict())) - told), [])


if __name__ == "__main__":
    unittest.main()
