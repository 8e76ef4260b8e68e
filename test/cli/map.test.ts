import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import sharp from "sharp";
import { npyHeader } from "../../packages/cli/src/extract/npy.ts";
import type { MapJson } from "../../packages/cli/src/map/viewer/data.ts";
import { random } from "../../packages/mobilenets/src/random.ts";
import { launchChromium } from "../browser/harness.ts";
import { temporaryFolder } from "./folder.ts";
import { mobilenets, outcome, start } from "./run.ts";

const root = await temporaryFolder();
const at = (...names: string[]) => join(root, ...names);
const [COUNT, DIM] = [270, 16];

/** Pictures of three colours with features to match, as `extract` writes them; one is gone, one has a name like markup. */
async function writeFolder(dir: string, count: number): Promise<string[]> {
  const next = random(7);
  await mkdir(at(dir, "photos"), { recursive: true });
  const paths: string[] = [];
  const matrix = new Float32Array(count * DIM);
  for (let row = 0; row < count; row++) {
    const name = row === 1 ? "</script><b>&.png" : `${["red", "green", "blue"][row % 3]}-${row}.png`;
    // A slash ends no name.
    paths.push(`photos/${name.replace("/", "_")}`);
    const background = { r: 0, g: 0, b: 0, [["r", "g", "b"][row % 3]]: 255 };
    if (row !== 2) {
      const shape = { width: 20 + (row % 5), height: 16, channels: 3, background } as const;
      await sharp({ create: shape }).png().toFile(at(dir, paths[row]));
    }
    for (let i = 0; i < DIM; i++) matrix[row * DIM + i] = (i % 3 === row % 3 ? 1 : 0) + 0.3 * next();
  }
  await mkdir(at(dir, "features"));
  await writeFile(
    at(dir, "features", "features.npy"),
    Buffer.concat([npyHeader(count, DIM), Buffer.from(matrix.buffer)]),
  );
  const lines = paths.map((path, row) => JSON.stringify({ path, sha256: "0", width: 20, height: 16, row }));
  await writeFile(at(dir, "features", "items.jsonl"), `${lines.join("\n")}\n`);
  return paths;
}

const paths = await writeFolder(".", COUNT);
const map = (...args: string[]) => mobilenets(["map", "features", ...args], { cwd: root });

const dataOf = (page: string) =>
  JSON.parse(/<script type="application\/json" id="map-data">(.*?)<\/script>/s.exec(page)![1]) as MapJson;

test("a page with all pictures, the same each time", async () => {
  const { code, stdout, stderr } = await map("--out", "pages/map.html", "--landmarks", "60");
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^pages\/map\.html: a map of 270 pictures\n$/);
  assert.match(stderr, /^1 of 270 pictures could not be read/m);
  assert.match(stderr, /^trustworthiness 0\.9\d+/m);
  const page = await readFile(at("pages/map.html"), "utf8");
  const { names, atlases, base, each, neighbours, ends } = dataOf(page);
  assert.deepEqual(names.toSorted(), paths.toSorted());
  assert.equal(ends.at(-1), COUNT);
  assert.equal(base, "../");
  assert.equal(atlases.length, 2);
  const near = new Uint32Array(Uint8Array.from(Buffer.from(neighbours, "base64")).buffer);
  const colourOf = (i: number) => paths.indexOf(names[i]) % 3;
  for (let i = 0; i < COUNT; i++) {
    for (const other of near.subarray(i * each, (i + 1) * each)) assert.equal(colourOf(other), colourOf(i));
  }
  assert.equal((await map("--out", "pages/map.html", "--landmarks", "60", "--quiet")).code, 0);
  assert.equal(await readFile(at("pages/map.html"), "utf8"), page);
  assert.deepEqual(await readdir(at("pages")), ["map.html"]);
  const other = await map("--out", "pages/other.html", "--landmarks", "60", "--seed", "2", "--json");
  const { trustworthiness, missing, pictures, landmarks } = JSON.parse(other.stdout);
  assert.ok(trustworthiness > 0.9);
  assert.deepEqual({ missing, pictures, landmarks }, { missing: 1, pictures: COUNT, landmarks: 60 });
  assert.notDeepEqual(dataOf(await readFile(at("pages/other.html"), "utf8")).places, dataOf(page).places);
});

test("what cannot be is refused", async () => {
  assert.equal((await mobilenets(["map", "features"], { cwd: root })).code, 2);
  assert.equal((await map("--out", "x.html", "--landmarks", "0")).code, 2);
  const { code, stderr } = await mobilenets(["map", "photos", "--out", "x.html"], { cwd: root });
  assert.equal(code, 1);
  assert.match(stderr, /features\.npy: no such file/);
});

test("Ctrl-C leaves the page that was there, and nothing else", async () => {
  await writeFile(at("old.html"), "old");
  const before = await readdir(root);
  const child = start(["map", "features", "--out", "old.html", "--landmarks", "270"], { cwd: root });
  const ended = outcome(child);
  // While it starts or lays out, whichever it is.
  setTimeout(() => child.kill("SIGINT"), 700);
  const { code, signal } = await ended;
  if (signal === null && code !== 0) assert.equal(code, 130);
  if (code !== 0) {
    assert.equal(await readFile(at("old.html"), "utf8"), "old");
    assert.deepEqual(await readdir(root), before);
  }
});

test("the page: a picture is chosen by mouse and by keyboard, found by name, and its neighbours shown", async () => {
  const browser = await launchChromium();
  after(() => browser.close());
  assert.equal((await map("--out", "map.html", "--quiet")).code, 0);
  for (const [width, colorScheme] of [
    [390, "dark"],
    [1280, "light"],
  ] as const) {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    const errors: unknown[] = [];
    page.on("pageerror", (error) => errors.push(error));
    await page.goto(pathToFileURL(at("map.html")).href);
    await page.waitForFunction(() => /^\d+ of 270/.test(document.getElementById("status")!.textContent!));
    const shown = async () => Number.parseInt((await page.textContent("#status"))!, 10);
    const before = await shown();
    assert.ok(before > 10, String(before));
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await page.focus("#front");
    await page.keyboard.press("Enter");
    const name = async () => (await page.textContent("#name"))!;
    assert.ok(paths.includes(await name()));
    assert.equal(await page.locator("#near li").count(), 12);
    // A neighbour becomes the one that is chosen.
    const neighbour = (await page.locator("#near button").first().getAttribute("title"))!;
    await page.locator("#near button").first().click();
    assert.equal(await name(), neighbour);
    assert.ok(await page.isVisible("#panel"));
    await page.keyboard.press("Escape");
    assert.ok(!(await page.isVisible("#panel")));
    await page.fill("#search", "BLUE-44");
    await page.keyboard.press("Enter");
    assert.match(await name(), /blue-44/);
    assert.equal(await page.locator("#whole img").evaluate((image: HTMLImageElement) => image.naturalHeight), 16);
    await page.waitForTimeout(450);
    // It lies in the middle now, above all others; beside it there is something else, and in the corner nothing.
    const box = (await page.locator("#front").boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.click(x, y);
    assert.match(await name(), /blue-44/);
    await page.mouse.click(box.x + box.width - 6, box.y + 6);
    assert.ok(!(await page.isVisible("#panel")));
    await page.mouse.click(x, y);
    assert.match(await name(), /blue-/);
    assert.deepEqual(errors, []);
    await page.close();
  }
});
