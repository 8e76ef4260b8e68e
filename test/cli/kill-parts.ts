// A store of parts that is killed: Fashion-MNIST as JPEG and photographs, `kill -9` at random moments, then resumed. Not part
// of the quick suite: 20,000 pictures take some minutes.
// npm run test:kill -- [pictures] [kills]
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import sharp from "sharp";
import { classNames, readClass, SIDE } from "../../scripts/demo/fashion-mnist.ts";
import { partFiles, vectorsOf } from "./parts.ts";
import { mobilenets, outcome, start, tiny } from "./run.ts";

const [pictures = "20000", kills = "5"] = process.argv.slice(2);
const root = await mkdtemp(join(tmpdir(), "kill-parts-"));
const photographs = "packages/cli/playground/assets";

/** A photograph for every 200 products. */
async function writePictures(dir: string, count: number): Promise<void> {
  await mkdir(dir);
  const files = (await readdir(photographs)).filter((name) => name.endsWith(".jpg"));
  const perClass = Math.ceil(count / classNames.length);
  for (let label = 0, i = 0; label < classNames.length; label++) {
    for (const product of (await readClass(label, perClass)).slice(0, count - i)) {
      const name = join(dir, `${String(i).padStart(5, "0")}.jpg`);
      if (i % 200 === 0)
        await sharp(join(photographs, files[(i / 200) % files.length]))
          .modulate({ hue: i % 360 })
          .toFile(name);
      else
        await sharp(product, { raw: { width: SIDE, height: SIDE, channels: 1 } })
          .jpeg()
          .toFile(name);
      i++;
    }
  }
}

try {
  const photos = join(root, "photos");
  await writePictures(photos, Number(pictures));
  const count = (await readdir(photos)).length;
  const args = (out: string) => {
    return ["extract", photos, "--out", join(root, out), "--chunk-size", "200", "--quiet", "--json", ...tiny];
  };
  const began = performance.now();
  const alone = await mobilenets(args("alone"));
  const whole = performance.now() - began;
  assert.equal(alone.code, 0, alone.stderr);
  console.log(alone.stdout.trim());
  const expected = await partFiles(join(root, "alone"));
  const parts = () => readdir(join(root, "killed", "parts")).catch(() => []);
  for (let i = 1; i <= Number(kills); i++) {
    const child = start(args("killed"));
    const ended = outcome(child);
    // Somewhere after its first part of its own.
    const before = (await parts()).length;
    while (child.exitCode === null && (await parts()).length <= before) await sleep(5);
    await Promise.race([ended, sleep(Math.random() * (whole / (2 * Number(kills))))]);
    child.kill("SIGKILL");
    const { signal } = await ended;
    const there = (await parts()).filter((name) => name.endsWith(".parquet"));
    for (const name of there) {
      const bytes = await readFile(join(root, "killed", "parts", name));
      assert.equal(bytes.toString("base64"), expected[name], `${name} is whole and right`);
    }
    console.log(`kill ${i}: ended by ${signal ?? "itself"}, ${there.length} of ${Object.keys(expected).length} parts`);
  }
  const last = await mobilenets(args("killed"));
  assert.equal(last.code, 0, last.stderr);
  console.log(last.stdout.trim());
  assert.deepEqual(await partFiles(join(root, "killed")), expected);
  // Throws for a picture that has two rows.
  const rows = Object.keys(await vectorsOf(join(root, "killed"))).length;
  assert.equal(rows, count);
  console.log(`equal to the byte: ${rows} pictures, one row each`);
} finally {
  await rm(root, { recursive: true });
}
