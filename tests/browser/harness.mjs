// What the tests of pages share: a Chromium, pages of it that note what they ask for and complain about, axe, and a list of
// named tests. Modules are looked for where browser_test.py says, so that nothing of them is in the tree.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import assert from "node:assert/strict";
import fs from "node:fs";

// `modules`: a folder with node_modules of puppeteer-core and axe-core; `shots`: a folder for screenshots, or "";
// `flags`: more for Chromium's command line.
export async function start({ modules, chromium, shots, flags = [] }) {
  const require = createRequire(modules + "/");
  const { default: puppeteer } = await import(pathToFileURL(require.resolve("puppeteer-core")).href);
  const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
  const browser = await puppeteer.launch({ executablePath: chromium, headless: true, args: ["--no-sandbox", "--disable-gpu", ...flags] });
  let failed = 0;
  return {
    // One that fails is said, and the others run.
    async test(name, work) {
      try {
        await work();
        console.log("ok   " + name);
      } catch (error) {
        failed += 1;
        console.log("FAIL " + name + "\n     " + String(error.stack ?? error).split("\n").join("\n     "));
      }
    },

    // A page of the address, with all it asks the network for (`asked`) and what it complains about (`said`).
    // `calm`: whether less motion is wanted; left to Chromium's flags where it is not said.
    async open(url, { width = 1280, height = 900, scheme = "light", script = true, calm, login } = {}) {
      const page = await browser.newPage();
      page.asked = [];
      page.said = [];
      page.on("request", (request) => page.asked.push(request.url()));
      page.on("console", (message) => page.said.push(message.text()));
      page.on("pageerror", (error) => page.said.push(String(error)));
      if (login) await page.authenticate(login);
      await page.setViewport({ width, height });
      await page.setJavaScriptEnabled(script);
      const features = [{ name: "prefers-color-scheme", value: scheme }];
      if (calm !== undefined) features.push({ name: "prefers-reduced-motion", value: calm ? "reduce" : "no-preference" });
      await page.emulateMediaFeatures(features);
      const answer = await page.goto(url, { waitUntil: "load" });
      if (url.startsWith("http")) assert.equal(answer.status(), 200);
      return page;
    },

    // What axe finds, a line each.
    async violations(page) {
      // Through the debugger: the page's own policy lets no other script in.
      const session = await page.createCDPSession();
      await session.send("Runtime.evaluate", { expression: axe });
      const { result } = await session.send("Runtime.evaluate", {
        expression: "axe.run(document, {resultTypes: ['violations']}).then((r) => JSON.stringify(r.violations.map(" +
          "(v) => v.id + ': ' + v.help + ' ' + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + ' ' + n.any.map((a) => a.message)).join(' | '))))",
        awaitPromise: true, returnByValue: true,
      });
      await session.detach();
      return JSON.parse(result.value);
    },

    async shoot(page, name, fullPage = false) {
      if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage });
    },

    async finish() {
      await browser.close();
      process.exit(failed ? 1 : 0);
    },
  };
}

export const fileUrl = (file) => pathToFileURL(file).href;
export const unfold = (page, unfolded) => page.$$eval("details", (all, open) => { for (const one of all) one.open = open; }, unfolded);
export const pageWidth = (page) => page.evaluate(() => document.documentElement.scrollWidth);

// What stands out at the right where nobody can scroll to it. The page's own width does not tell: a box that contains its paint
// (content-visibility) cuts what is too wide, and the page stays as narrow as it was.
export const cutOff = (page) => page.evaluate(() => {
  const edge = document.documentElement.clientWidth;
  const lost = [...document.querySelectorAll("body *")].filter((one) => !one.parentElement.closest(".scroll, pre, svg") &&
    one.getBoundingClientRect().right > edge + 1);
  return lost.slice(0, 5).map((one) => `${Math.round(one.getBoundingClientRect().right - edge)} px: ${one.outerHTML.slice(0, 160)}`);
});

// As wide as A4 between Chromium's margins, in CSS pixels.
const kPaper = 718;
export async function onPaper(page) {
  await page.setViewport({ width: kPaper, height: 1000 });
  await page.emulateMediaType("print");
}
// On paper nothing scrolls, and it is white whatever the screen is.
export async function assertFitsPaper(page) {
  await onPaper(page);
  assert.deepEqual(await page.$$eval(".scroll", (all) => all.filter((one) => one.scrollWidth > one.clientWidth)
    .map((one) => `${one.scrollWidth - one.clientWidth} px: ${one.ariaLabel}`)), []);
  assert.deepEqual(await cutOff(page), []);
  assert.equal(await pageWidth(page), kPaper);
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
  await page.emulateMediaType(null);
}
