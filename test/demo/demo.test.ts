import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import sharp from "sharp";

const run = promisify(execFile);
const demo = fileURLToPath(new URL("../../scripts/demo.ts", import.meta.url));
const photographs = fileURLToPath(new URL("../../examples/photographs/", import.meta.url));

async function runDemo(t: TestContext, ...args: string[]) {
  const out = await mkdtemp(join(tmpdir(), "mobilenets-demo-"));
  t.after(() => rm(out, { recursive: true }));
  const env = { ...process.env, XDG_CACHE_HOME: join(out, "cache") };
  const { stdout } = await run(process.execPath, ["--import", "tsx", demo, "--out", out, ...args], { env });
  const page = await readFile(join(out, "index.html"), "utf8");
  const words = page.replaceAll(/base64,[^"]+/g, "");
  assert.doesNotMatch(words, /NaN|undefined|src="(?!data:)|https?:/);
  return { out, stdout, page };
}

/** How often a text stands in another. */
const count = (page: string, text: string) => page.split(text).length - 1;

test("the demo shows photographs with labels, evidence and neighbours, then products, then what to do next", async (t) => {
  const { out, stdout, page } = await runDemo(t, "--per-class", "2");
  assert.match(stdout, /cat\.jpg\n +0\.\d+ +Egyptian cat\n/);
  assert.match(stdout, /20 pictures: accuracy \d+\.\d%/);
  assert.match(stdout, /by features +\d+\.\d %\n +by raw pixels +\d+\.\d %\n/);

  const [photographs, products, next] = page.split("<section>").slice(1);
  for (const label of ["Egyptian cat", "espresso", "tripod", "alp", "barn"]) {
    assert.match(photographs, new RegExp(`<ol class="bars"><li style="[^"]+"><span>${label}</span>`));
  }
  assert.deepEqual([count(photographs, '<article class="card">'), count(photographs, 'class="shade"')], [12, 12]);
  assert.equal(count(photographs, "<figcaption>"), 12 * 3);
  // Ten queries with eight neighbours by features and by pixels.
  assert.equal(count(products, '<img src="data:image/png;base64,'), 10 * (1 + 8 + 8));
  assert.match(next, /npm run demo -- my\/\*\.jpg/);

  const items = (await readFile(join(out, "features", "items.jsonl"), "utf8")).trimEnd().split("\n");
  assert.equal(items.length, 2 * 10);
  const picture = await sharp(join(out, "pictures", "ankle-boot", "0001.png")).metadata();
  assert.deepEqual([picture.width, picture.height], [28, 28]);
});

test("the demo takes pictures of one's own", async (t) => {
  const { page } = await runDemo(t, join(photographs, "espresso.jpg"), join(photographs, "mountains.jpg"));
  assert.deepEqual([count(page, "<section>"), count(page, '<article class="card">')], [2, 2]);
  const failing = runDemo(t, fileURLToPath(import.meta.url));
  await assert.rejects(failing, { code: 1, stderr: /content of an unknown format/ });
});

test("a number of pictures that cannot be is refused", async () => {
  for (const perClass of ["1", "1001", "many"]) {
    const failing = run(process.execPath, ["--import", "tsx", demo, "--per-class", perClass]);
    await assert.rejects(failing, { code: 2, stderr: /expected an integer from 2 to 1000/ });
  }
});
