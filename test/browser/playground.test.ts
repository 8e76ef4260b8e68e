import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import sharp from "sharp";
import {
  barriers,
  firstAnswer,
  keepPictures,
  launchWithWebcam,
  type Site,
  serveSite,
  visit,
} from "./playground-site.ts";

const photographs = new URL("../../examples/photographs/", import.meta.url);
/** Of the first view's scripts, styles and kernels, gzipped, without weights and pictures. */
const LIMIT = 250_000;

let site: Site;
let browser: Browser;
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "playground-"));
  site = await serveSite();
  browser = await launchWithWebcam(new URL("espresso.jpg", photographs), folder);
});

after(async () => {
  await browser?.close();
  await site?.close();
  await rm(folder, { recursive: true });
});

test("the first view answers a sample before anything is asked, small and without a complaint", async (t) => {
  const { page, complaints, bodies } = await visit(browser, site.url, { serviceWorkers: "block" });
  assert.match(await firstAnswer(page), /cat/);
  assert.equal(await page.locator(".frame canvas").isVisible(), true);
  assert.equal(await page.evaluate(() => crossOriginIsolated), true);

  const code = [...bodies].filter(([url]) => /\/$|\.(js|css|wasm)$/.test(new URL(url).pathname));
  const names = code.map(([url]) => new URL(url).pathname);
  for (const part of [/index.*\.js/, /worker.*\.js/, /(relaxed|simd).*\.js/, /\.css/]) {
    assert.ok(
      names.some((name) => part.test(name)),
      `${part} in ${names}`,
    );
  }
  const sizes = await Promise.all(code.map(async ([, body]) => gzipSync(await body).length));
  const size = sizes.reduce((sum, one) => sum + one, 0);
  t.diagnostic(`first view without weights: ${size} bytes gzip`);
  assert.ok(size > 50_000 && size <= LIMIT, `${size} bytes`);

  assert.deepEqual(await barriers(page), []);
  await keepPictures(page, "classify");
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test("pictures by the file dialogue and by pasting, one of 60 megapixels among them; a class chosen has its own map", async () => {
  const { page, complaints } = await visit(browser, site.url);
  const input = page.locator("input[data-input=choose]");
  await firstAnswer(page, /cat/);
  const large = await sharp(await readFile(new URL("espresso.jpg", photographs)))
    .resize(9500, 6400, { fit: "fill" })
    .jpeg({ quality: 60 })
    .toBuffer();
  await input.setInputFiles({ name: "large.jpg", mimeType: "image/jpeg", buffer: large });
  await firstAnswer(page, /espresso/);

  const pixels = () => page.locator(".frame canvas").evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  const first = await pixels();
  await page.locator(".bars button").nth(1).click();
  assert.notEqual(await pixels(), first);

  const cat = [...(await readFile(new URL("cat.jpg", photographs)))];
  await page.evaluate((bytes) => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([new Uint8Array(bytes)], "cat.jpg", { type: "image/jpeg" }));
    dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
  }, cat);
  await firstAnswer(page, /cat/);
  assert.deepEqual(complaints, []);

  await input.setInputFiles({ name: "broken.jpg", mimeType: "image/jpeg", buffer: large.subarray(0, 200) });
  await page.getByText(/This picture cannot be shown\. broken\.jpg: cannot be decoded/).waitFor();
  await page.context().close();
});

test("a weight file is opened; a broken one is answered in words and changes nothing", async () => {
  const { page, complaints } = await visit(browser, site.url);
  await firstAnswer(page, /cat/);
  const input = page.locator("input[data-input=modelFile]");
  const weights = await readFile(
    new URL("../../packages/mobilenets/weights/fashion-mnist.safetensors", import.meta.url),
  );
  const file = { name: "weights.safetensors", mimeType: "application/octet-stream" };
  await input.setInputFiles({ ...file, buffer: weights.subarray(0, weights.length >> 1) });
  await page
    .getByText(/This weight file cannot be used; the network from before stays\. weights\.safetensors/)
    .waitFor();
  assert.match((await page.locator(".facts").textContent())!, /^efficientnet_lite0/);
  await input.setInputFiles({ ...file, buffer: weights });
  await page.locator(".facts", { hasText: /^mobilenet_v/ }).waitFor();
  await firstAnswer(page, /shirt|bag|boot|trouser|coat|dress|sandal|sneaker|pullover/i);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test("the webcam is classified while the page stays free; refused, the page says what to do", async (t) => {
  const { page, complaints } = await visit(browser, site.url, { permissions: ["camera"] });
  await firstAnswer(page, /cat/);
  await page.evaluate(() => {
    const tasks: number[] = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: "longtask" });
    Object.assign(globalThis, { tasks });
  });
  await page.getByRole("button", { name: "Use the webcam" }).click();
  await firstAnswer(page, /espresso/);
  await page.waitForTimeout(2000);
  const rate = Number(await page.locator(".number b").nth(1).textContent());
  const time = await page.locator(".number b").first().textContent();
  const tasks = await page.evaluate(() => (globalThis as unknown as { tasks: number[] }).tasks);
  t.diagnostic(`${rate} frames a second, ${time} ms each; tasks above 50 ms on the main thread: [${tasks}]`);
  assert.ok(rate > 0);
  await page.getByRole("button", { name: "Stop the webcam" }).click();
  assert.deepEqual(complaints, []);
  await page.context().close();

  const refused = await visit(browser, site.url);
  await firstAnswer(refused.page, /cat/);
  await refused.page.getByRole("button", { name: "Use the webcam" }).click();
  await refused.page.getByText(/The webcam is not allowed\. Allow it/).waitFor();
  assert.deepEqual(await barriers(refused.page), []);
  await refused.page.context().close();
});

test("why it is small: 108 against 39, a network's own sizes, and the spiral that few channels lose", async () => {
  const { page, complaints } = await visit(browser, `${site.url}#why`);
  const numbers = page.locator(".totals b");
  await numbers.first().waitFor();
  assert.deepEqual(await numbers.allTextContents(), ["108", "39"]);
  assert.equal(await page.locator(".figures").first().locator("svg").count(), 3);
  assert.deepEqual(await barriers(page), []);
  await keepPictures(page, "why");

  // 64 channels by the position in the list of stops: 64 x 3 x 3 x 3, and 3 x 3 x 3 + 64 x 3.
  await page.locator("[data-slider=channelsOut]").fill("9");
  assert.deepEqual(await numbers.allTextContents(), ["1,728", "219"]);

  const lost = page.getByText(/^lost: /);
  const share = async () => Number.parseFloat((await lost.textContent())!.slice("lost: ".length));
  const few = await share();
  await page.locator("[data-slider=channels]").fill("7");
  assert.ok(few > 50 && (await share()) < 5, `${few}, ${await share()}`);

  await page.locator("select").selectOption("mobilenet_v1");
  await page.getByText(/mobilenet_v1 has 13 such pairs\. .* in place of 569 M, 8\.6 times/).waitFor();
  await page.getByText("mobilenet_v1 has no squeeze-and-excite; MobileNetV3 has.").waitFor();

  await page.getByRole("tab", { name: "Why it is small" }).press("Home");
  await firstAnswer(page, /cat/);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test("similar: the picture nearest to a photograph is its own detail; the map has them all; no picture is answered in words", async () => {
  const { page, complaints } = await visit(browser, `${site.url}#similar`);
  const panel = page.locator("#panel-similar");
  await panel.getByRole("heading", { name: "6 pictures: choose one" }).waitFor({ timeout: 60_000 });
  const names = ["cat", "espresso", "rocket", "sheep", "canyon", "allium"];
  const files = await Promise.all(
    names.flatMap((name) => {
      const photograph = sharp(fileURLToPath(new URL(`${name}.jpg`, photographs)));
      const detail = photograph.clone().extract({ left: 40, top: 30, width: 260, height: 240 }).flop();
      return [
        { name: `${name}.jpg`, made: photograph.jpeg().toBuffer() },
        { name: `${name} detail.jpg`, made: detail.jpeg().toBuffer() },
      ].map(async ({ name, made }) => ({ name, mimeType: "image/jpeg", buffer: await made }));
    }),
  );
  const broken = { name: "broken.jpg", mimeType: "image/jpeg", buffer: Buffer.from("no picture") };
  await panel.locator("input[data-input=choosePictures]").setInputFiles([...files, broken]);
  await page.getByText(/1 of the files cannot be read .*broken\.jpg: cannot be decoded/).waitFor({ timeout: 60_000 });
  await panel.getByRole("heading", { name: "12 pictures: choose one" }).waitFor();
  await page.getByRole("button", { name: "Close" }).click();

  let right = 0;
  for (const name of names) {
    await panel.getByTitle(`${name}.jpg`, { exact: true }).click();
    await panel.getByRole("heading", { name: `The most similar to ${name}.jpg` }).waitFor();
    const [self, next] = await panel
      .locator(".grid .item")
      .evaluateAll((all) => all.map((one) => (one as HTMLElement).title));
    assert.equal(self, `${name}.jpg`);
    if (next === `${name} detail.jpg`) right++;
  }
  assert.ok(right >= 5, `${right} of 6`);
  await keepPictures(page, "similar");
  await panel.getByRole("button", { name: "Map" }).click();
  await panel.locator(".map .item").nth(11).waitFor();
  const places = await panel.locator(".map .item").evaluateAll((all) =>
    all.map((one) => {
      const { title, style } = one as HTMLElement;
      return { title, x: Number(style.getPropertyValue("--x")), y: Number(style.getPropertyValue("--y")) };
    }),
  );
  const distances = places.flatMap((a, i) =>
    places.slice(0, i).map((b) => ({
      pair: a.title.split(/[. ]/)[0] === b.title.split(/[. ]/)[0],
      distance: Math.hypot(a.x - b.x, a.y - b.y),
    })),
  );
  const mean = (some: typeof distances) => some.reduce((sum, { distance }) => sum + distance, 0) / some.length;
  const [within, between] = [mean(distances.filter(({ pair }) => pair)), mean(distances.filter(({ pair }) => !pair))];
  assert.ok(within < between / 2, `${within} within a pair, ${between} between`);
  assert.deepEqual(await barriers(page), []);
  await keepPictures(page, "similar-map");
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test("the language changes in place, and is kept", async () => {
  const { page } = await visit(browser, site.url);
  await firstAnswer(page, /cat/);
  await page.locator("header button.quiet").click();
  await page.getByRole("heading", { level: 1, name: /神经网络/ }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-Hans");
  assert.match(await firstAnswer(page), /cat/);
  assert.deepEqual(await barriers(page), []);

  // In the lesson's figures too, which are drawn anew.
  await page.getByRole("tab", { name: "为什么小" }).click();
  const words = page.locator("#panel-why svg text");
  await words.filter({ hasText: "输入" }).first().waitFor();
  const english = (await words.allTextContents()).filter((text) =>
    /[a-z]{4}/.test(text.replace(/block_\d+|sigmoid/g, "")),
  );
  assert.deepEqual(english, []);
  await keepPictures(page, "why-zh");
  await page.locator("header button.quiet").click();
  await words.filter({ hasText: "input" }).first().waitFor();
  await page.locator("header button.quiet").click();
  for (const [name, sign] of [
    ["特征", ".map-button"],
    ["教它", ".class"],
    ["您的设备", "dd"],
  ]) {
    await page.getByRole("tab", { name }).click();
    await page.locator(sign).first().waitFor({ timeout: 60_000 });
    assert.deepEqual(await barriers(page), [], name);
  }
  await page.reload();
  await page.getByRole("heading", { level: 1, name: /神经网络/ }).waitFor();
  await page.context().close();
});

test("without isolation it answers on one thread; once seen, it opens without a server", async () => {
  const own = await serveSite();
  const alone = await browser.newContext({ serviceWorkers: "block", locale: "en-US" });
  const bare = await alone.newPage();
  await bare.route(own.url, async (route) => {
    const response = await route.fetch();
    const { "cross-origin-embedder-policy": _, "cross-origin-opener-policy": __, ...headers } = response.headers();
    await route.fulfill({ response, headers });
  });
  await bare.goto(own.url);
  assert.match(await firstAnswer(bare), /cat/);
  assert.equal(await bare.evaluate(() => crossOriginIsolated), false);
  await bare.getByText(/^It runs on one thread here: .* Reload it once/).waitFor();
  await alone.close();

  const { page } = await visit(browser, own.url);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await own.close();
  await page.reload();
  assert.match(await firstAnswer(page), /cat/);
  assert.equal(await page.evaluate(() => crossOriginIsolated), true);
  // What only other views load is there as well.
  const signs = { Features: ".map-button", Teach: ".class", Similar: ".grid .item", "Your device": "dd" };
  for (const [name, sign] of Object.entries(signs)) {
    await page.getByRole("tab", { name }).click();
    await page.locator(sign).first().waitFor({ timeout: 60_000 });
  }
  await page.context().close();
});
