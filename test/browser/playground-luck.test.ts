// What is dropped on the playground, and what goes wrong there: each is answered in words, and nothing is lost.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { brotliDecompressSync } from "node:zlib";
import { zipSync } from "fflate";
import { load } from "mobilenets";
import { formatFor, formats, readSafetensors, writeSafetensors } from "mobilenets/weights";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "./harness.ts";
import { firstAnswer, type Site, serveSite, visit } from "./playground-site.ts";

let site: Site;
let browser: Browser;

before(async () => {
  site = await serveSite();
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  await site?.close();
});

const golden = (path: string) => readFile(new URL(`../golden/${path}`, import.meta.url));

/** Drops files on the page: some bytes once, under any number of names. */
async function drop(page: Page, files: readonly { name: string; bytes: Uint8Array; type?: string; copies?: number }[]) {
  const plain = files.map(({ bytes, ...rest }) => ({ ...rest, text: Buffer.from(bytes).toString("base64") }));
  await page.evaluate((all) => {
    const dataTransfer = new DataTransfer();
    for (const { name, text, type, copies = 1 } of all) {
      const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
      for (let i = 0; i < copies; i++) {
        dataTransfer.items.add(new File([bytes], copies > 1 ? `${i} ${name}` : name, { type: type ?? "" }));
      }
    }
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  }, plain);
}

test("a weight file of each format is read when it is dropped, of several files all of them", async (t) => {
  const { page, complaints } = await visit(browser, site.url);
  await firstAnswer(page, /cat/);
  const classes = 10;
  const written = await load("mobilenet_v2", {
    weights: "random",
    flavor: "torchvision",
    alpha: 0.35,
    inputShape: [96, 96, 3],
    classes,
  });
  const cases: { name: string; files: { name: string; bytes: Uint8Array }[]; network: RegExp }[] = [];
  for (const { name, extensions, writer } of formats) {
    if (!writer) continue;
    const { bytes, companions = {} } = await (await writer())(written);
    const beside = Object.entries(companions).map(([path, data]) => ({ name: path, bytes: data }));
    // The shards come first: which file is the model is for the page to find.
    const files = [...beside, { name: `${name}${extensions[0].replace("model.json", "-model.json")}`, bytes }];
    cases.push({ name, files, network: /^mobilenet_v2, \d\.\d M/ });
  }
  written.dispose();
  const archive = brotliDecompressSync(await golden("keras/v2.br"));
  const { cases: keras } = JSON.parse(String(await golden("keras/files.json"))) as {
    cases: { name: string; files: [string, number][] }[];
  };
  const [file, length] = keras.find(({ name }) => name === "v2")!.files[0];
  cases.push({
    name: "keras",
    files: [{ name: file, bytes: archive.subarray(0, length) }],
    network: /^mobilenet_v2, /,
  });
  const checkpoint = { name: "v3.pth", bytes: await golden("torch/torchvision-v3-small.pth") };
  cases.push({ name: "pytorch", files: [checkpoint], network: /^mobilenet_v3_small, / });
  const exported = zipSync({ [file]: archive.subarray(0, length) });
  cases.push({
    name: "archive",
    files: [{ name: "converted_keras.zip", bytes: exported }],
    network: /^mobilenet_v2, /,
  });
  const readable = formats.filter(({ reader }) => reader).map(({ name }) => name);
  assert.deepEqual(
    readable.filter((name) => !cases.some((one) => one.name === name)),
    [],
  );

  const facts = page.locator("#panel-classify .facts");
  for (const { name, files, network } of cases) {
    await page.evaluate(() => document.querySelector("#panel-classify .facts")!.replaceChildren());
    await drop(page, files);
    const outcome = page.locator("[data-notice=badModel] p");
    await facts.filter({ hasText: /\w/ }).or(outcome).first().waitFor({ timeout: 60_000 });
    assert.equal(await outcome.count(), 0, `${name}: ${await outcome.allTextContents()}`);
    assert.match((await facts.textContent())!, network, name);
    t.diagnostic(`${name}: ${await facts.textContent()}`);
  }
  // What a file leaves open is said.
  const open = await load("mobilenet_v3_small", { weights: "random", flavor: "timm", classes });
  const named = (await (await formatFor("x", "timm-safetensors").writer())(open)).bytes;
  open.dispose();
  await drop(page, [{ name: "timm.safetensors", bytes: writeSafetensors(readSafetensors(named).tensors) }]);
  await page.getByText(/What it does not say was assumed: .*flavor timm is assumed/).waitFor({ timeout: 60_000 });
  assert.deepEqual(complaints, []);

  // Without its shards, a model.json says what it lacks, and the network from before stays.
  const { files } = cases.find((one) => one.name === "tfjs-layers")!;
  const before = await facts.textContent();
  await drop(page, files.slice(-1));
  await page.getByText(/cannot be used; the network from before stays\. .*group1-shard/).waitFor();
  assert.equal(await facts.textContent(), before);
  await page.context().close();
});

test("2,000 pictures: progress and a way to stop; where one is shown, the page says so", async () => {
  const { page, complaints } = await visit(browser, site.url);
  await firstAnswer(page, /cat/);
  const bytes = await readFile(new URL("../../apps/playground/src/samples/rocket.jpg", import.meta.url));
  const many = [{ name: "rocket.jpg", bytes, type: "image/jpeg", copies: 2000 }];
  await drop(page, many);
  await page.getByText(/2000 pictures came; this view shows one, 0 rocket\.jpg\./).waitFor();
  await firstAnswer(page, /missile|rocket|projectile|space shuttle/i);
  await page.getByRole("button", { name: "Close" }).click();

  await page.getByRole("tab", { name: "Similar" }).click();
  const panel = page.locator("#panel-similar");
  await panel.getByRole("heading", { name: "6 pictures: choose one" }).waitFor({ timeout: 60_000 });
  await drop(page, many);
  await panel.getByText(/^(?:[5-9]|\d{2,}) of 2000 pictures looked at/).waitFor({ timeout: 60_000 });
  await panel.getByRole("button", { name: "Stop" }).click();
  await panel.locator(".busy").first().waitFor({ state: "hidden" });
  const kept = await panel.locator(".grid .item").count();
  assert.ok(kept >= 5 && kept < 200, `${kept}`);

  await page.getByRole("tab", { name: "Teach" }).click();
  const teach = page.locator("#panel-teach");
  await teach.locator(".class").first().waitFor();
  await drop(page, many);
  await page.getByText(/Drop pictures on a class, or in folders/).waitFor();
  await page.getByRole("button", { name: "Close" }).click();
  await teach
    .locator("input[data-input=addPictures]")
    .first()
    .setInputFiles(
      Array.from({ length: 300 }, (_, i) => ({ name: `${i}.jpg`, mimeType: "image/jpeg", buffer: bytes })),
    );
  await teach.getByText(/^(?:[4-9]|\d{2,}) of 300 pictures taken/).waitFor({ timeout: 60_000 });
  await teach.getByRole("button", { name: "Stop" }).first().click();
  await teach.locator(".busy").waitFor({ state: "hidden" });
  await teach
    .getByText(/^\d+ pictures, \d+ held out/)
    .first()
    .waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test("memory short, or no worker: the page says so, and the network from before stays", async () => {
  const { page } = await visit(browser, site.url, { serviceWorkers: "block" });
  await firstAnswer(page, /cat/);
  const context = await browser.newContext({ serviceWorkers: "block", locale: "en-US" });
  const short = await context.newPage();
  // The worker's first memory is granted, and no other.
  await short.route(/worker-.*\.js$/, async (route) => {
    const response = await route.fetch();
    const grudging = `{
      const Real = WebAssembly.Memory;
      let granted = 0;
      WebAssembly.Memory = function (limits) {
        if (granted++ > 0) throw new RangeError("WebAssembly.Memory(): could not allocate memory");
        return new Real(limits);
      };
    }\n`;
    await route.fulfill({ response, body: grudging + (await response.text()) });
  });
  await short.goto(site.url);
  await firstAnswer(short, /cat/);
  const facts = await short.locator(".facts").textContent();
  const bytes = await golden("torch/torchvision-v3-small.pth");
  await drop(short, [{ name: "v3.pth", bytes }]);
  await short
    .getByText(/cannot be used; the network from before stays\. .*no room for \d+ MiB/)
    .waitFor({ timeout: 60_000 });
  await short.getByText(/^Memory is short\. Close other pages/).waitFor();
  assert.equal(await short.locator(".facts").textContent(), facts);
  await short.locator("input[data-input=choose]").setInputFiles({
    name: "espresso.jpg",
    mimeType: "image/jpeg",
    buffer: await readFile(new URL("../../apps/playground/src/samples/espresso.jpg", import.meta.url)),
  });
  await firstAnswer(short, /espresso/);
  await context.close();

  await page.route(/worker-.*\.js$/, (route) => route.abort());
  await page.reload();
  await page.getByText(/The part of the page that computes has ended: .* Reload the page/).waitFor();
  await page.context().close();
});

test("a map of many pictures tells how far it is, and can be stopped", async () => {
  const { page, complaints } = await visit(browser, `${site.url}#similar`);
  const panel = page.locator("#panel-similar");
  await panel.getByRole("heading", { name: "6 pictures: choose one" }).waitFor({ timeout: 60_000 });
  const samples = new URL("../../apps/playground/src/samples/", import.meta.url);
  const [cat, rocket] = await Promise.all(["cat", "rocket"].map((name) => readFile(new URL(`${name}.jpg`, samples))));
  const kind = { type: "image/jpeg", copies: 30 };
  await drop(page, [
    { name: "cat.jpg", bytes: cat, ...kind },
    { name: "rocket.jpg", bytes: rocket, ...kind },
  ]);
  await panel.getByRole("heading", { name: "60 pictures: choose one" }).waitFor({ timeout: 60_000 });
  await panel.locator(".busy").first().waitFor({ state: "hidden" });
  await page.evaluate(() => {
    const told = new Set<string>();
    const words = document.querySelector("#panel-similar .busy:last-child .value") as Element;
    new MutationObserver(() => told.add(words.textContent ?? "")).observe(words, { childList: true });
    Object.assign(globalThis, { told });
  });
  await panel.getByRole("button", { name: "Map" }).click();
  await panel.locator(".map .item").nth(59).waitFor({ timeout: 60_000 });
  const told = await page.evaluate(() => [...(globalThis as unknown as { told: Set<string> }).told]);
  assert.ok(told.length > 5 && told.every((words) => /^\d+ %$/.test(words)), told.join());

  await panel.getByRole("button", { name: "Gallery" }).click();
  await page.evaluate(() => {
    const busy = document.querySelector("#panel-similar .busy:last-child") as HTMLElement;
    const stop = busy.querySelector("button") as HTMLButtonElement;
    new MutationObserver(() => !busy.hidden && stop.click()).observe(busy, { attributes: true });
  });
  await panel.getByRole("button", { name: "Map" }).click();
  // Stopped before there was a map, it is the gallery again.
  await panel.locator(".grid .item").nth(59).waitFor({ timeout: 60_000 });
  assert.equal(await panel.locator(".map").isVisible(), false);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test("a session of many pictures that is stopped while it opens keeps those that are there, and says how many are not", async () => {
  const { page, complaints } = await visit(browser, `${site.url}#teach`);
  const panel = page.locator("#panel-teach");
  const samples = new URL("../../apps/playground/src/samples/", import.meta.url);
  const picture = await readFile(new URL("rocket.jpg", samples));
  const names = Array.from({ length: 40 }, (_, number) => `picture/${number}`);
  const pictures = names.map((name, number) => ({ number, name, group: name }));
  const plan = { classes: [{ name: "rocket", pictures }] };
  const tensors = Object.fromEntries(
    names.map((name) => [name, { data: new Uint8Array(picture), shape: [picture.length] }]),
  );
  const buffer = Buffer.from(
    writeSafetensors(tensors, { mobilenets_playground_session: JSON.stringify({ version: 1, plan }) }),
  );
  await panel.locator(".class").first().waitFor();
  await page.evaluate(() => {
    const bar = document.querySelector("#panel-teach .busy progress") as HTMLProgressElement;
    const stop = document.querySelector("#panel-teach .busy button") as HTMLButtonElement;
    const watch = setInterval(() => {
      if (bar.value < 0.1 || bar.value === 1) return;
      stop.click();
      clearInterval(watch);
    }, 5);
  });
  const file = { name: "many.session.safetensors", mimeType: "", buffer };
  await panel.locator("input[data-input=openSession]").setInputFiles(file);
  const words = await page.getByText(/^Stopped: \d+ pictures of the session are not here/).textContent();
  const missing = Number(/\d+/.exec(words ?? "")?.[0]);
  assert.equal(await panel.locator(".class .thumb").count(), 40 - missing);
  assert.ok(missing > 0 && missing < 40, String(missing));
  assert.deepEqual(complaints, []);
  await page.context().close();
});
