import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import sharp from "sharp";

const run = promisify(execFile);
const demo = fileURLToPath(new URL("../../scripts/demo.ts", import.meta.url));

test("the demo goes from pictures to a page that shows neighbours", async (t) => {
  const out = await mkdtemp(join(tmpdir(), "mobilenets-demo-"));
  t.after(() => rm(out, { recursive: true }));
  const env = { ...process.env, XDG_CACHE_HOME: join(out, "cache") };
  const args = ["--import", "tsx", demo, "--per-class", "2", "--out", out];
  const { stdout } = await run(process.execPath, args, { env });
  assert.match(stdout, /20 pictures: accuracy \d+\.\d%/);
  assert.match(stdout, /by features +\d+\.\d %\n +by raw pixels +\d+\.\d %\n/);

  const items = (await readFile(join(out, "features", "items.jsonl"), "utf8")).trimEnd().split("\n");
  assert.equal(items.length, 2 * 10);
  const picture = await sharp(join(out, "pictures", "ankle-boot", "0001.png")).metadata();
  assert.deepEqual([picture.width, picture.height], [28, 28]);

  const page = await readFile(join(out, "neighbours.html"), "utf8");
  // Ten queries with eight neighbours by features and by pixels.
  assert.equal(page.split('<img src="data:image/png;base64,').length - 1, 10 * (1 + 8 + 8));
  assert.doesNotMatch(page, /NaN|undefined|src="(?!data:)|https?:/);
});

test("a number of pictures that cannot be is refused", async () => {
  for (const perClass of ["1", "1001", "many"]) {
    const failing = run(process.execPath, ["--import", "tsx", demo, "--per-class", perClass]);
    await assert.rejects(failing, { code: 2, stderr: /expected an integer from 2 to 1000/ });
  }
});
