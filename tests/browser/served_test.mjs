// The served report in a real Chromium: signing in, axe, a phone, and that it keeps itself up to date without losing what
// its reader is doing. Run by browser_test.py.
//
// node served_test.mjs MODULES CHROMIUM REPORT_SERVER RECORDS.json LATER.json MANY.json SHOTS
import { createInterface } from "node:readline";
import { spawn } from "node:child_process";
import assert from "node:assert/strict";
import { assertFitsPaper, cutOff, pageWidth, start } from "./harness.mjs";

const [modules, chromium, program, records, later, many, shots] = process.argv.slice(2);
const { test, open: openUrl, violations, shoot, finish } = await start({ modules, chromium, shots });

// A server with those records; `load` gives it others, which are due at once.
async function serve(file) {
  const child = spawn(program, [file], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const port = Number((await lines.next()).value);
  return {
    url: `http://127.0.0.1:${port}/report`,
    async load(next) {
      child.stdin.write(next + "\n");
      assert.equal((await lines.next()).value, "ready");
    },
    end: () => new Promise((done) => { child.on("exit", done); child.stdin.end(); }),
  };
}

const open = (server, options = {}) =>
  openUrl(server.url, { calm: false, login: { username: "anybody", password: "good" }, ...options });
const look = (page) => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
const note = (page) => page.$eval("#live-note", (one) => one.textContent);
const services = (page) => page.$$eval(".owner > details", (all) => all.length);

for (const scheme of ["light", "dark"]) {
  for (const width of [1280, 360]) {
    await test(`served, ${scheme}, ${width} px: axe finds nothing, before and after an update; nothing is wider than the page`, async () => {
      const server = await serve(records);
      const page = await open(server, { scheme, width });
      assert.deepEqual(await violations(page), []);
      await shoot(page, `served-${scheme}-${width}`);
      await server.load(later);
      await look(page);
      await page.waitForFunction(() => document.getElementById("services").textContent.includes("brand-new"));
      assert.deepEqual(await violations(page), []);
      assert.equal(await pageWidth(page), width);
      assert.deepEqual(await cutOff(page), []);
      await shoot(page, `served-${scheme}-${width}-later`);
      assert.deepEqual(page.said, []);
      assert.deepEqual([...new Set(page.asked)], [server.url]);
      await assertFitsPaper(page);
      assert.equal(await page.$eval("#live", (one) => one.checkVisibility()), true);
      await page.close();
      await server.end();
    });
  }
}

await test("an update keeps the filter, what is unfolded, the focus and the place", async () => {
  const server = await serve(records);
  const page = await open(server);
  const before = await services(page);
  // Everybody but one owner is left out, by a list whose numbers will change.
  const owner = await page.$eval("#f-owner", (select) => select.options[2].textContent);
  await page.$eval("#f-owner", (select) => { select.selectedIndex = 2; select.dispatchEvent(new Event("input", { bubbles: true })); });
  await page.waitForFunction(() => !document.getElementById("count").textContent.startsWith("All"));
  const unfolded = await page.evaluate(() => {
    const one = [...document.querySelectorAll(".owner > details")].find((details) => details.checkVisibility());
    one.open = true;
    one.scrollIntoView();
    one.querySelector("summary").focus();
    return one.querySelector("summary b").textContent;
  });
  const top = () => page.evaluate(() => document.activeElement.getBoundingClientRect().top);
  const where = await top();
  await server.load(later);
  await look(page);
  await page.waitForFunction((count) => document.querySelectorAll(".owner > details").length === count, {}, before + 1);
  assert.equal(await page.$eval("#f-owner", (select) => select.selectedOptions[0].textContent), owner);
  const seen = await page.evaluate(() => [...document.querySelectorAll(".owner")].filter((one) => one.checkVisibility()).map((one) => one.querySelector("h3").firstChild.textContent.trim()));
  assert.deepEqual(seen, [owner]);
  assert.equal(await page.evaluate(() => document.activeElement.querySelector("b")?.textContent), unfolded);
  assert.equal(await page.evaluate(() => document.activeElement.parentElement.open), true);
  assert.ok(Math.abs(await top() - where) < 3, `moved by ${await top() - where} px`);
  // What is new can be filtered as what was there.
  await page.click("#filter button");
  await page.waitForFunction(() => document.getElementById("count").textContent.startsWith("All"));
  assert.equal(await page.$eval("#count", (one) => one.textContent), `All ${before + 1} services`);
  await page.type("#f-text", "brand-new");
  await page.waitForFunction(() => document.getElementById("count").textContent.startsWith("1 of"));
  await page.close();
  await server.end();
});

await test("where nothing has changed nothing is fetched; a pause is a pause", async () => {
  const server = await serve(records);
  const page = await open(server);
  const answers = [];
  page.on("response", (response) => answers.push(response.request().method() + " " + response.status()));
  await look(page);
  await page.waitForFunction(() => document.getElementById("live-note").textContent.startsWith("Looked at"));
  assert.deepEqual(answers, ["HEAD 304"]);
  await page.focus("#live-button");
  await page.keyboard.press("Enter");
  assert.equal(await page.$eval("#live-button", (one) => one.textContent), "Updates: paused");
  await server.load(later);
  await look(page);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
  assert.equal(answers.length, 1);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.getElementById("services").textContent.includes("brand-new"));
  assert.equal(await page.$eval("#live-button", (one) => one.textContent), "Updates: on");
  await page.close();
  await server.end();
});

await test("where less motion is wanted, it changes when it is told to", async () => {
  const server = await serve(records);
  const page = await open(server, { calm: true });
  const before = await services(page);
  await server.load(later);
  await look(page);
  await page.waitForFunction(() => document.getElementById("live-button").textContent === "Show what is new");
  assert.match(await note(page), /^There is something new/);
  assert.equal(await page.$eval("#live-note", (one) => one.ariaLive), "polite");
  assert.equal(await services(page), before);
  await page.click("#live-button");
  await page.waitForFunction((count) => document.querySelectorAll(".owner > details").length === count, {}, before + 1);
  await page.close();
  await server.end();
});

await test("a server that has gone is said, and looked for again", async () => {
  const server = await serve(records);
  const page = await open(server);
  await server.end();
  await look(page);
  await page.waitForFunction(() => document.getElementById("live-note").textContent.startsWith("Not updated since"));
  assert.equal(await page.$eval("#live-button", (one) => one.textContent), "Updates: on");
  await page.close();
});

await test("a page of 5,000 workloads is not replaced before somebody says so", async () => {
  const server = await serve(many);
  const page = await open(server);
  await server.load(later);
  await look(page);
  await page.waitForFunction(() => document.getElementById("live-button").textContent === "Show what is new", { timeout: 60000 });
  const took = await page.evaluate(async () => {
    const begun = performance.now();
    document.getElementById("live-button").click();
    while (document.getElementById("live-button").textContent !== "Updates: on") await new Promise((done) => setTimeout(done, 20));
    return Math.round(performance.now() - begun);
  });
  console.log(`     replaced after ${took} ms`);
  await page.close();
  await server.end();
});

await finish();
