// Pages without a script (check --format html, explain policy --format html) in a real Chromium: axe in both themes, folded and
// unfolded, a phone's width, and nothing is fetched. Run by browser_test.py.
//
// node pages_test.mjs MODULES CHROMIUM SHOTS PAGE.html...
import { createRequire } from "node:module";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import assert from "node:assert/strict";
import fs from "node:fs";

const [modules, chromium, shots, ...files] = process.argv.slice(2);
const require = createRequire(modules + "/");
const { default: puppeteer } = await import(pathToFileURL(require.resolve("puppeteer-core")).href);
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const browser = await puppeteer.launch({ executablePath: chromium, headless: true, args: ["--no-sandbox", "--disable-gpu"] });
let failed = 0;

async function look(file, scheme, width) {
  const page = await browser.newPage();
  const asked = [], said = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("console", (message) => said.push(message.text()));
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
  if (shots) await page.screenshot({ path: `${shots}/${basename(file, ".html")}-${scheme}-${width}.png` });
  const session = await page.createCDPSession();
  for (const unfolded of [false, true]) {
    await page.$$eval("details", (all, open) => { for (const one of all) one.open = open; }, unfolded);
    await session.send("Runtime.evaluate", { expression: axe });
    const { result } = await session.send("Runtime.evaluate", {
      expression: "axe.run(document, {resultTypes: ['violations']}).then((r) => JSON.stringify(r.violations.map(" +
        "(v) => v.id + ': ' + v.help + ' ' + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(' | '))))",
      awaitPromise: true, returnByValue: true,
    });
    assert.deepEqual(JSON.parse(result.value), []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, "wider than the page");
  }
  if (shots) await page.screenshot({ path: `${shots}/${basename(file, ".html")}-${scheme}-${width}-unfolded.png` });
  assert.deepEqual(asked, [pathToFileURL(file).href]);
  assert.deepEqual(said, []);
  // The first stop of the keyboard is something that can be used.
  await page.keyboard.press("Tab");
  assert.match(await page.evaluate(() => document.activeElement.tagName), /^(A|SUMMARY|PRE|DIV)$/);
  await page.close();
}

for (const file of files) {
  for (const scheme of ["light", "dark"]) {
    for (const width of [1280, 360]) {
      const name = `${basename(file)}, ${scheme}, ${width} px`;
      try {
        await look(file, scheme, width);
        console.log("ok   " + name);
      } catch (error) {
        failed += 1;
        console.log("FAIL " + name + "\n     " + String(error.message ?? error).split("\n").join("\n     "));
      }
    }
  }
}
await browser.close();
process.exit(failed ? 1 : 0);
