// The HTML report in a real Chromium: nothing is fetched, axe finds nothing, the filter works by keyboard, a phone needs no
// sideways scrolling. Run by browser_test.py, which makes the pages and knows where the modules are.
//
// node browser_test.mjs MODULES CHROMIUM SMALL.html LARGE.html SHOTS
// SHOTS: a folder for screenshots, or "".
import assert from "node:assert/strict";
import fs from "node:fs";
import { assertFitsPaper, cutOff, fileUrl, pageWidth, start, unfold } from "./harness.mjs";

const [modules, chromium, small, large, shots] = process.argv.slice(2);
const { test, open: openUrl, violations, shoot, finish } =
  await start({ modules, chromium, shots, flags: ["--force-prefers-reduced-motion"] });
const open = (file, options) => openUrl(fileUrl(file), options);
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
      await unfold(page, unfolded);
      assert.deepEqual(await violations(page), []);
    }
    await page.close();
  });
}

await test("nothing is fetched but the file, and nothing is complained about", async () => {
  const page = await open(small);
  assert.deepEqual(page.asked, [fileUrl(small)]);
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
    assert.equal(await pageWidth(page), 360);
    await shoot(page, name.replace(/\W+/g, "-"));
    for (const part of ["answers", "waivers", "filter", "matrix", "services"]) {
      await page.$eval("#" + part, (one) => one.scrollIntoView());
      await shoot(page, name.replace(/\W+/g, "-") + "-" + part);
    }
    await unfold(page, true);
    assert.equal(await pageWidth(page), 360);
    assert.deepEqual(await cutOff(page), []);
    await page.close();
  });
}

await test("the table of owners is whole on a laptop", async () => {
  const page = await open(small);
  const more = await page.$eval("#answers > .scroll", (one) => one.scrollWidth - one.clientWidth);
  assert.equal(more, 0);
  await page.close();
});

await test("what has the focus is not behind the matrix's head, on the way back", async () => {
  for (const width of [1280, 360]) {
    const page = await open(small, { width, height: 740 });
    await page.focus(".chunk:last-child tbody tr:last-child a");
    await page.keyboard.down("Shift");
    const behind = [];
    let looked = 0;
    for (;; ++looked) {
      await page.keyboard.press("Tab");
      const place = await page.evaluate(() => {
        const one = document.activeElement;
        if (!one.closest(".chunk")) return null;
        return { name: one.textContent, below: one.getBoundingClientRect().top - document.querySelector(".head").getBoundingClientRect().bottom };
      });
      if (!place) break;
      if (place.below < 0) behind.push(`${width} px: ${place.name} by ${place.below}`);
    }
    assert.ok(looked > 20, `${looked} links`);
    assert.deepEqual(behind, []);
    await page.close();
  }
});

await test("on paper everything fits, and is white, also where the dark theme was chosen", async () => {
  const page = await open(small, { scheme: "dark" });
  await assertFitsPaper(page);
  await page.evaluate(() => { document.documentElement.dataset.theme = "dark"; });
  await assertFitsPaper(page);
  await page.close();
});

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

await finish();
