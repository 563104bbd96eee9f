#!/usr/bin/env python3
"""The HTML report in Chromium. Skipped, with a line that says what is missing, where there is no Chromium, no Node.js, or no
puppeteer-core and axe-core.

They are looked for in PLIMSOLL_BROWSER_MODULES (default: ~/.cache/plimsoll/browser; `npm install puppeteer-core axe-core`
there), so that nothing of them is in the tree. PLIMSOLL_SHOTS=DIR keeps screenshots.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77  # ctest's SKIP_RETURN_CODE
HOSTILE = HERE / "hostile.yaml"


def skip(missing):
    print(f"SKIPPED: {missing}")
    sys.exit(SKIPPED)


def page(folder, count, *more):
    records = folder / f"{count}.json"
    with records.open("wb") as file:
        subprocess.run([sys.executable, str(HERE / "records.py"), str(count)], stdout=file, check=True)
    html = folder / f"{count}.html"
    subprocess.run([os.environ["PLIMSOLL"], "report", "--html", str(html), str(records), *map(str, more)], check=True)
    return html


def later(folder):
    """The records of 30.json a while later: one service more of an owner who comes before all others, and one put right."""
    records = json.loads((folder / "30.json").read_text())["items"]
    changed = []
    for one in records:
        if one["kind"] == "WorkloadReadiness" and one["status"]["state"] == "Blocked" and not changed:
            one["status"].update(state="Ready", findings=[], counts={"failing": 0, "waived": 0, "passed": 20})
            one["metadata"]["resourceVersion"] = "2"
            changed.append(one)
    new = json.loads(json.dumps(changed[0]))
    new["metadata"]["name"] = "deployment-brand-new"
    new["status"].update(owner="aardvark", service="brand-new (aardvark)", state="Blocked")
    new["status"]["workload"]["name"] = "brand-new"
    path = folder / "later.json"
    path.write_text(json.dumps({"items": changed + [new]}))
    return path


def check(standard, page, *what):
    subprocess.run([os.environ["PLIMSOLL"], "check", "--policy", str(standard), "--format", "html", "--output", str(page),
                    *map(str, what)], check=False, stderr=subprocess.DEVNULL)
    return page


def others_in(folder):
    """The other pages that the program writes: of checks (of few files, of many with long paths, of nothing), and of a policy."""
    policy, standard = folder / "policy.html", folder / "baseline.yaml"
    standard.write_bytes(subprocess.run([os.environ["PLIMSOLL"], "policy", "default"], capture_output=True, check=True).stdout)
    policy.write_bytes(subprocess.run([os.environ["PLIMSOLL"], "explain", "policy", str(standard), "--format", "html"],
                                      capture_output=True, check=True).stdout)
    workload = (HERE.parent / "cli/input/manifests/base/checkout.yaml").read_text()
    for number in range(20):
        place = folder / f"environments/production-europe-west-1/teams/payments-and-billing/service-number-{number}/{'unbroken' * 12}"
        place.mkdir(parents=True)
        (place / "checkout.yaml").write_text(workload)
    nothing = folder / "nothing.yaml"
    nothing.write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n")
    return (check(standard, folder / "check.html", HERE.parent / "cli/input"),
            check(standard, folder / "check-many.html", folder / "environments"),
            check(standard, folder / "check-none.html", nothing), policy)


def main():
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        skip("no chromium (Debian: apt-get install chromium)")
    node = shutil.which("node")
    if node is None:
        skip("no node (Debian: apt-get install nodejs)")
    modules = pathlib.Path(os.environ.get("PLIMSOLL_BROWSER_MODULES") or pathlib.Path.home() / ".cache/plimsoll/browser")
    for name in ("puppeteer-core", "axe-core"):
        if not (modules / "node_modules" / name).is_dir():
            skip(f"no {name} in {modules} (there: npm install puppeteer-core axe-core)")
    shots = os.environ.get("PLIMSOLL_SHOTS", "")
    if shots:
        os.makedirs(shots, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        small, large = page(folder, 30, HOSTILE), page(folder, 5000)
        code = subprocess.run([node, str(HERE / "browser_test.mjs"), str(modules), chromium, str(small), str(large),
                               shots]).returncode
        records = [folder / "30.json", later(folder), folder / "5000.json"]
        served = subprocess.run([node, str(HERE / "served_test.mjs"), str(modules), chromium, os.environ["REPORT_SERVER"],
                                 *map(str, records), shots]).returncode
        others = subprocess.run([node, str(HERE / "pages_test.mjs"), str(modules), chromium, shots, *map(str, others_in(folder))]).returncode
        sys.exit(code or served or others)


if __name__ == "__main__":
    main()
