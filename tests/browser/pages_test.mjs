// Pages without a script (check --format html, explain policy --format html) in a real Chromium: axe in both themes, folded and
// unfolded, a phone's width, paper, the keyboard, and nothing is fetched. Run by browser_test.py.
//
// node pages_test.mjs MODULES CHROMIUM SHOTS PAGE.html...
import { basename } from "node:path";
import assert from "node:assert/strict";
import { assertFitsPaper, cutOff, fileUrl, onPaper, pageWidth, start, unfold } from "./harness.mjs";

const [modules, chromium, shots, ...files] = process.argv.slice(2);
const { test, open, violations, shoot, finish } = await start({ modules, chromium, shots });
// px. The furthest down that what a page is about may begin: two screens of a phone.
const kPhone = { width: 360, height: 740 };
const kBeginning = 2 * kPhone.height;

async function look(file, scheme, width) {
  const name = `${basename(file, ".html")}-${scheme}-${width}`;
  const page = await open(fileUrl(file), { scheme, width });
  await shoot(page, name);
  for (const unfolded of [false, true]) {
    await unfold(page, unfolded);
    assert.deepEqual(await violations(page), []);
    assert.equal(await pageWidth(page), width, "wider than the page");
    assert.deepEqual(await cutOff(page), []);
  }
  await shoot(page, name + "-unfolded");
  assert.deepEqual(page.asked, [fileUrl(file)]);
  assert.deepEqual(page.said, []);
  // The first stop of the keyboard is something that can be used.
  await page.keyboard.press("Tab");
  assert.match(await page.evaluate(() => document.activeElement.tagName), /^(A|SUMMARY|PRE|DIV)$/);
  await page.close();
}

for (const file of files) {
  for (const scheme of ["light", "dark"]) {
    for (const width of [1280, 768, 360]) await test(`${basename(file)}, ${scheme}, ${width} px`, () => look(file, scheme, width));
  }

  // Where nothing was found nothing is folded.
  if (basename(file) !== "check-none.html") await test(`${basename(file)}: a key unfolds and folds; its ring is seen whole`, async () => {
    const page = await open(fileUrl(file), kPhone);
    const summaries = await page.$$("summary");
    assert.ok(summaries.length > 0);
    for (const summary of summaries.slice(0, 3)) {
      await page.keyboard.press("Tab");  // so that the focus is the keyboard's
      await summary.focus();
      const ring = await summary.evaluate((one) => {
        const style = getComputedStyle(one);
        const out = parseFloat(style.outlineWidth) + parseFloat(style.outlineOffset);
        const box = one.closest(".owner")?.getBoundingClientRect() ?? document.body.getBoundingClientRect();
        const place = one.getBoundingClientRect();
        return { style: style.outlineStyle, room: Math.min(place.left - out - box.left, box.right - place.right - out) };
      });
      assert.equal(ring.style, "solid");
      assert.ok(ring.room >= 0, `cut by ${-ring.room} px`);
      for (const open of [true, false]) {
        await page.keyboard.press("Enter");
        assert.equal(await summary.evaluate((one) => one.parentElement.open), open);
      }
    }
    await page.close();
  });

  await test(`${basename(file)}: on a phone it begins with what it is about`, async () => {
    const page = await open(fileUrl(file), kPhone);
    const top = await page.$eval("main > .owner, main > .none, #who", (one) => one.getBoundingClientRect().top);
    assert.ok(top < kBeginning, `${Math.round(top)} px down`);
    await page.close();
  });

  await test(`${basename(file)}: on paper it fits and is white`, async () => {
    const page = await open(fileUrl(file), { scheme: "dark" });
    await assertFitsPaper(page);
    if (basename(file) === "policy.html") {  // what is asked is on paper, too
      await onPaper(page);
      assert.deepEqual(await page.$$eval("details > p", (all) => [all.length > 0, all.filter((one) => !one.checkVisibility()).length]), [true, 0]);
    }
    await page.close();
  });
}
await finish();
