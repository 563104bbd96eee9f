// The HTML report in a real Chromium: nothing is fetched, axe finds nothing, the filter works by keyboard, a phone needs no
// sideways scrolling. Run by browser_test.py, which makes the pages and knows where the modules are.
//
// node browser_test.mjs MODULES CHROMIUM SMALL.html LARGE.html SHOTS
// SHOTS: a folder for screenshots, or "".
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import assert from "node:assert/strict";
import fs from "node:fs";

const [modules, chromium, small, large, shots] = process.argv.slice(2);
const require = createRequire(modules + "/");
const { default: puppeteer } = await import(pathToFileURL(require.resolve("puppeteer-core")).href);
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const browser = await puppeteer.launch({
  executablePath: chromium, headless: true, args: ["--no-sandbox", "--disable-gpu", "--force-prefers-reduced-motion"],
});
let failed = 0;
async function test(name, work) {
  try {
    await work();
    console.log("ok   " + name);
  } catch (error) {
    failed += 1;
    console.log("FAIL " + name + "\n     " + String(error.message ?? error).split("\n").join("\n     "));
  }
}

// A page of the file, with all it asks the network for and what it complains about.
async function open(file, { width = 1280, height = 900, scheme = "light", script = true } = {}) {
  const page = await browser.newPage();
  page.asked = [];
  page.said = [];
  page.on("request", (request) => page.asked.push(request.url()));
  page.on("console", (message) => page.said.push(message.text()));
  page.on("pageerror", (error) => page.said.push(String(error)));
  await page.setViewport({ width, height });
  await page.setJavaScriptEnabled(script);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
  return page;
}
async function shoot(page, name, fullPage = false) {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage });
}
const shown = (page) => page.$$eval(".owner > details", (all) => all.filter((one) => one.checkVisibility()).length);
const status = (page) => page.$eval("#count", (one) => one.textContent);

for (const scheme of ["light", "dark"]) {
  await test(`${scheme}: axe finds no violation, folded and unfolded`, async () => {
    const page = await open(small, { scheme });
    await shoot(page, scheme);
    // A picture of the whole page leaves out what a browser has not laid out yet, so the parts are taken one by one.
    for (const part of ["answers", "upcoming", "filter", "services", "rules"]) {
      await page.$eval("#" + part, (one) => { if (one.querySelector(".owner details")) one.querySelector(".owner details").open = true; one.scrollIntoView(); });
      await shoot(page, `${scheme}-${part}`);
    }
    for (const unfolded of [false, true]) {
      await page.$$eval("details", (all, open) => { for (const one of all) one.open = open; }, unfolded);
      // Through the debugger: the page's own policy lets no other script in.
      const session = await page.createCDPSession();
      await session.send("Runtime.evaluate", { expression: axe });
      const { result } = await session.send("Runtime.evaluate", {
        expression: "axe.run(document, {resultTypes: ['violations']}).then((r) => JSON.stringify(r.violations.map(" +
          "(v) => v.id + ': ' + v.help + ' ' + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + ' ' + n.any.map((a) => a.message)).join(' | '))))",
        awaitPromise: true, returnByValue: true,
      });
      assert.deepEqual(JSON.parse(result.value), []);
    }
    await page.close();
  });
}

await test("nothing is fetched but the file, and nothing is complained about", async () => {
  const page = await open(small);
  assert.deepEqual(page.asked, [pathToFileURL(small).href]);
  assert.deepEqual(page.said, []);
  // What hostile names may have tried to bring in would be here.
  assert.equal(await page.$$eval("script", (all) => all.length), 1);
  await page.close();
});

await test("its policy lets no other script run", async () => {
  const page = await open(small);
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.foreign = true";
    document.body.append(script);
  });
  assert.equal(await page.evaluate(() => window.foreign), undefined);
  await page.close();
});

await test("the filter works by keyboard", async () => {
  const page = await open(small);
  const all = await shown(page);
  assert.ok(all > 3);
  assert.equal(await status(page), `All ${all} services`);
  await page.focus("#f-text");
  await page.keyboard.type("nothing is called this");
  await page.waitForFunction(() => document.getElementById("count").textContent === "No service matches");
  assert.equal(await shown(page), 0);
  for (let i = 0; i < 5; ++i) await page.keyboard.press("Tab");  // over the four lists to the button
  assert.equal(await page.evaluate(() => document.activeElement.type), "reset");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.getElementById("count").textContent.startsWith("All"));
  await page.keyboard.down("Shift");
  await page.keyboard.press("Tab");
  await page.keyboard.up("Shift");
  await page.keyboard.press("ArrowDown");  // the first state
  await page.waitForFunction(() => !document.getElementById("count").textContent.startsWith("All"));
  const blocked = await page.$$eval(".owner > details[data-s=blocked]", (those) => those.length);
  assert.equal(await shown(page), blocked);
  assert.equal(await page.$$eval(".chunk tbody tr", (rows) => rows.filter((row) => !row.hidden).length), blocked);
  await page.close();
});

await test("owner, tier and rule narrow it down, each by what it says", async () => {
  const page = await open(small);
  for (const [name, attribute] of [["owner", null], ["tier", "t"], ["rule", "r"]]) {
    const value = await page.$eval(`#f-${name}`, (select) => select.options[1].value);
    await page.select(`#f-${name}`, value);
    await page.waitForFunction(() => !document.getElementById("count").textContent.startsWith("All"));
    const wrong = await page.$$eval(".owner > details", (all, attribute, value) => all.filter((one) => {
      const has = attribute ? one.dataset[attribute].split(" ") : [one.parentElement.dataset.o];
      return one.checkVisibility() !== has.includes(value);
    }).length, attribute, value);
    assert.equal(wrong, 0, name);
    await page.click("#filter button");
    await page.waitForFunction(() => document.getElementById("count").textContent.startsWith("All"));
  }
  await page.close();
});

for (const width of [1280, 360]) {
  await test(`each cell of the matrix stands under its rule (${width} px)`, async () => {
    const page = await open(small, { width });
    await page.$eval("#matrix", (one) => one.scrollIntoView());
    await page.waitForFunction(() => document.querySelector(".chunk td").checkVisibility({ contentVisibilityAuto: true }));
    const off = await page.evaluate(() => {
      const left = (one) => one.getBoundingClientRect().left;
      const cells = [...document.querySelectorAll(".chunk tbody tr:first-child")][0].children;
      return Math.max(...[...document.querySelectorAll(".head > *")].map((head, i) => Math.abs(left(head) - left(cells[i]))));
    });
    assert.ok(off < 2, `${off} px beside it`);
    await page.close();
  });
}

await test("a link of the matrix unfolds its service", async () => {
  const page = await open(small);
  await page.focus(".chunk tbody a");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector(":target")?.open);
  await page.close();
});

await test("the first stop of the keyboard leads to the content; the theme can be switched", async () => {
  const page = await open(small);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.focus("#theme");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  assert.notEqual(await background(), light);
  assert.equal(await page.$eval("#theme", (one) => one.textContent), "Theme: dark");
  await page.evaluate(() => localStorage.clear());  // the browser keeps it for the pages to come
  await page.close();
});

for (const [name, options] of [["a phone", { width: 360, height: 740 }], ["a phone, dark", { width: 360, height: 740, scheme: "dark" }]]) {
  await test(`${name} of 360 px needs no sideways scrolling, folded or not`, async () => {
    const page = await open(small, options);
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(await wide(), 360);
    await shoot(page, name.replace(/\W+/g, "-"));
    for (const part of ["answers", "waivers", "filter", "matrix", "services"]) {
      await page.$eval("#" + part, (one) => one.scrollIntoView());
      await shoot(page, name.replace(/\W+/g, "-") + "-" + part);
    }
    await page.$$eval("details", (all) => { for (const one of all) one.open = true; });
    assert.equal(await wide(), 360);
    await page.close();
  });
}

await test("without its script the page is whole", async () => {
  const page = await open(small, { script: false });
  assert.ok(await shown(page) > 3);
  assert.equal(await page.$eval("#filter", (one) => one.checkVisibility()), false);
  await page.close();
});

await test("5,000 workloads: how long until something is seen (printed, no limit)", async () => {
  const page = await open(large);
  const times = await page.evaluate(() => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    const all = performance.getEntriesByType("navigation")[0];
    return { paint: paint?.startTime, ready: all.domContentLoadedEventEnd, load: all.loadEventEnd };
  });
  const filter = await page.evaluate(async () => {
    const search = document.getElementById("f-text");
    const took = [];
    for (const text of ["checkout", "checkout readiness"]) {
      search.value = text;
      const begun = performance.now();
      search.dispatchEvent(new Event("input", { bubbles: true }));
      await new Promise((done) => new MutationObserver(done).observe(document.getElementById("count"), { childList: true }));
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      took.push(performance.now() - begun);
    }
    return took;
  });
  const ms = (value) => Math.round(value) + " ms";
  console.log(`     ${(fs.statSync(large).size / 1e6).toFixed(1)} MB: first view ${ms(times.paint)}, usable ${ms(times.ready)}, ` +
    `loaded ${ms(times.load)}; first search ${ms(filter[0])}, next ${ms(filter[1])}`);
  await shoot(page, "large");
  await page.close();
});

await browser.close();
process.exit(failed ? 1 : 0);
