#!/usr/bin/env python3
"""gen_schemas.py [DIR]: writes JSON Schemas of policies and waivers for editors (yaml-language-server), from crds/.

DIR is docs/schemas by default. With --check only says whether that would change anything (exit 1). The status is left out:
nobody writes it. What an object's schema does not list is refused, so that a typing error shows while it is made.
"""

import json
import pathlib
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
KINDS = ("readinesspolicies", "readinesswaivers")


def convert(node):
    """From the structural schema of a CRD to JSON Schema draft 7."""
    out = {key: value for key, value in node.items()
           if not key.startswith("x-kubernetes-") and key not in ("nullable", "properties", "items", "additionalProperties")}
    if node.get("x-kubernetes-int-or-string"):
        out.pop("type", None)
        out["anyOf"] = [{"type": "integer"}, {"type": "string"}]
    if "properties" in node:
        out["properties"] = {name: convert(child) for name, child in node["properties"].items()}
        out["additionalProperties"] = bool(node.get("x-kubernetes-preserve-unknown-fields"))
    extra = node.get("additionalProperties")
    if extra is not None:
        out["additionalProperties"] = convert(extra) if isinstance(extra, dict) else extra
    if "items" in node:
        out["items"] = convert(node["items"])
    if node.get("nullable") and isinstance(out.get("type"), str):
        out["type"] = [out["type"], "null"]
        if "enum" in out and None not in out["enum"]:
            out["enum"].append(None)
    rules = [rule["message"] for rule in node.get("x-kubernetes-validations", ()) if "message" in rule]
    if rules:
        out["description"] = " ".join([out.get("description", "").rstrip(), "The cluster also asks: " + "; ".join(rules) + "."]).strip()
    return out


def schema_of(crd):
    spec = crd["spec"]
    version = next(one for one in spec["versions"] if one["storage"])
    schema = convert(version["schema"]["openAPIV3Schema"])
    properties = schema["properties"]
    properties.pop("status", None)
    properties["apiVersion"] = {"const": f'{spec["group"]}/{version["name"]}'}
    properties["kind"] = {"const": spec["names"]["kind"]}
    metadata = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
    metadata["properties"].update(properties.get("metadata", {}).get("properties", {}))
    properties["metadata"] = metadata
    schema["required"] = sorted({"apiVersion", "kind", "metadata", *schema.get("required", ())} - {"status"})
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": spec["names"]["kind"], **schema}


def main():
    check = "--check" in sys.argv
    folders = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    folder = pathlib.Path(folders[0]) if folders else ROOT / "docs/schemas"
    stale = []
    for plural in KINDS:
        crd = yaml.safe_load((ROOT / f"crds/plimsoll.dev_{plural}.yaml").read_text())
        path = folder / f'{crd["spec"]["names"]["singular"]}.schema.json'
        text = json.dumps(schema_of(crd), indent=2, ensure_ascii=False) + "\n"
        if path.exists() and path.read_text() == text:
            continue
        stale.append(path.name)
        if not check:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    if check and stale:
        print(f"docs/schemas is not what crds/ say: {', '.join(stale)}; run hack/gen_schemas.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
