// Opens pages of the built site in Chromium, wide and narrow, light and dark, and finds what a reader would: errors on the
// console, text that reaches out of the page, figures that do not answer, a search that finds nothing.
// Usage: npm run docs, then npm run look --prefix apps/docs -- [--out DIR] [--pages lesson,faq]
//   --out DIR     keeps pictures of all pages
//   --pages LIST  these pages alone
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Browser, Page } from "playwright-core";
import sirv from "sirv";
import { launchChromium } from "../../../test/browser/harness.ts";

const { values } = parseArgs({ options: { out: { type: "string" }, pages: { type: "string" } } });
const folder = fileURLToPath(new URL("../dist", import.meta.url));
const PAGES = [
  "index",
  "start/web-page",
  "lesson",
  "faq",
  "errors",
  "messages",
  "architecture",
  "benchmarks",
  "bundlers",
  "worker",
  "build",
  "migrate-teachablemachine",
  "recipes",
  "api/main",
  "zh/index",
  "zh/lesson",
].filter((name) => values.pages === undefined || values.pages.split(",").includes(name));

async function look(browser: Browser, origin: string, width: number, scheme: "light" | "dark"): Promise<string[]> {
  const problems: string[] = [];
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
  const tab = await context.newPage();
  let where = "";
  tab.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(`${where}: ${message.text()}`);
  });
  tab.on("pageerror", (error) => problems.push(`${where}: ${error.message}`));
  for (const name of PAGES) {
    where = `${name}, ${width} px, ${scheme}`;
    await tab.goto(`${origin}/${name}.html`);
    await tab.waitForFunction(() => document.querySelectorAll(".lesson-figure .why:empty").length === 0);
    const over = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (over > 0) problems.push(`${where}: ${over} px wider than the window`);
    if (values.out) {
      const path = join(values.out, `${name.replace("/", "-")}-${width}-${scheme}.png`);
      await tab.screenshot({ path, fullPage: true, timeout: 120_000 });
    }
  }
  await context.close();
  return problems;
}

/** What a page does when it is used. */
async function use(tab: Page, origin: string): Promise<void> {
  await tab.goto(`${origin}/lesson.html`);
  const example = tab.locator('[data-figure="convolutions"]');
  await example.locator(".total.old b").filter({ hasText: "108" }).waitFor();
  await example.locator(".total.new b").filter({ hasText: "39" }).waitFor();
  // 64 channels out: 1,728 weights against 219.
  await example.locator('[data-slider="channelsOut"]').fill("9");
  await example.locator(".total.new b").filter({ hasText: "219" }).waitFor();

  await tab.goto(`${origin}/zh/lesson.html`);
  await tab.locator(".lesson-figure figcaption", { hasText: "标准卷积" }).first().waitFor();

  await tab.goto(`${origin}/messages.html`);
  await tab
    .locator(".finder textarea")
    .fill("conv_dw_3: weight has shape [3,3,128,1], expected [3,3,64,1]: was this file saved with alpha 1.0?");
  await tab.locator(".finder code", { hasText: "was this file saved with alpha" }).first().waitFor();
  await tab.locator(".finder a.answer").first().click();
  await tab.waitForURL(/faq\.html#was-this-file-saved-with-alpha-$/);

  await tab.goto(`${origin}/index.html`);
  await tab.keyboard.press("Control+k");
  await tab.locator("#localsearch-input").fill("save only the state dict");
  await tab.locator("#localsearch-list a").first().waitFor();
  assert.match((await tab.locator("#localsearch-list a").first().getAttribute("href")) ?? "", /faq|errors|messages/);
}

const serve = sirv(folder, { extensions: [] });
const server = createServer((request, response) => serve(request, response, () => void response.writeHead(404).end()));
await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const browser = await launchChromium();
try {
  const views = [1280, 390].flatMap((width) => (["light", "dark"] as const).map((scheme) => ({ width, scheme })));
  const problems: string[] = [];
  for (const { width, scheme } of views) problems.push(...(await look(browser, origin, width, scheme)));
  assert.deepEqual(problems, []);
  await use(await browser.newPage(), origin);
  console.error(`${PAGES.length} pages, ${views.length} views each; figures, finder and search answer`);
} finally {
  await browser.close();
  server.close();
}
