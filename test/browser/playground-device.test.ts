import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { published } from "../../apps/playground/src/device/published.ts";
import { launchChromium } from "./harness.ts";
import { barriers, keepPictures, serveSite, visit } from "./playground-site.ts";

test("your device: what was found, and times beside the published ones, which can be stopped", async () => {
  const site = await serveSite();
  const browser = await launchChromium();
  try {
    const { page, complaints } = await visit(browser, `${site.url}#device`);
    const panel = page.locator("#panel-device");
    await panel.locator("dd").nth(4).waitFor({ timeout: 60_000 });
    const [simd, relaxed, dot, threads, width] = await panel.locator("dd").allTextContents();
    const processors = await page.evaluate(() => navigator.hardwareConcurrency);
    assert.equal(simd, "yes");
    // Chromium has had it since 114, on every processor.
    assert.equal(relaxed, "yes");
    assert.match(dot, /^yes, (signed by|in steps)/);
    assert.equal(threads, `${Math.min(4, processors)} of ${processors} are used`);
    assert.match(width, /^(yes|no): .*\d\.\d\d times/);

    await panel.getByRole("button", { name: "Measure" }).click();
    await panel.getByText(/^1 of \d+ measured$/).waitFor({ timeout: 60_000 });
    await panel.getByRole("button", { name: "Stop" }).click();
    await panel.locator(".busy").waitFor({ state: "hidden", timeout: 60_000 });
    const cells = await panel.locator("tbody tr").first().locator("td").allTextContents();
    assert.ok(Number(cells[0]) > 1, cells.join());
    const last = await panel.locator("tbody tr").last().locator("td").first().textContent();
    assert.equal(last, "–");
    assert.deepEqual(await barriers(page), []);
    await keepPictures(page, "device");
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
    await site.close();
  }
});

test("the published times are those of docs/benchmarks.md", async () => {
  const text = await readFile(new URL("../../docs/benchmarks.md", import.meta.url), "utf8");
  const names = {
    mobilenet_v1: "V1",
    mobilenet_v2: "V2",
    mobilenet_v3_small: "V3-small",
    mobilenet_v3_large: "V3-large",
  };
  const table = text.slice(text.indexOf("| | 1 thread | 2 threads | speed-up |"));
  assert.deepEqual(Object.keys(published), Object.keys(names));
  for (const [network, title] of Object.entries(names)) {
    const row = new RegExp(`^\\| ${title} \\| ([\\d.]+) \\| ([\\d.]+) \\|`, "m").exec(table);
    assert.deepEqual(row?.slice(1).map(Number), published[network], network);
  }
});
