import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { appendFile, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "./folder.ts";
import { interrupted } from "./interrupted.ts";
import { killAndCompare } from "./kill.ts";
import { writeMany } from "./pictures.ts";
import { mobilenets, outcome, start, tiny } from "./run.ts";
import { readStore, storeBytes } from "./store-files.ts";

test("killed at random moments, it ends in the very bytes of a run left alone", async (t) => {
  await killAndCompare(await temporaryFolder(), 300, 6, (line) => t.diagnostic(line));
});

test("Ctrl-C and SIGTERM leave whole files, exit with 130 and say how to go on", async () => {
  const root = await temporaryFolder();
  const photos = join(root, "photos");
  await writeMany(photos, 300);
  const [alone, out] = [join(root, "alone"), join(root, "out")];
  await mobilenets(["extract", photos, "--out", alone, ...tiny]);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const { code, stdout, stderr, done } = await interrupted(photos, out, signal, 40);
    assert.deepEqual([code, stdout], [130, ""], stderr);
    assert.match(stderr, /interrupted: \d+ of 300 pictures are done; the same command goes on from there/);
    const { rows, dim, data, items } = await readStore(out);
    assert.equal(items.length, done);
    assert.equal(rows, items.filter(({ row }) => row !== undefined).length);
    assert.equal(data.length, rows * dim);
  }
  const { code, stderr } = await mobilenets(["extract", photos, "--out", out, ...tiny]);
  assert.equal(code, 0);
  assert.match(stderr, /going on after \d+ of 300 pictures/);
  assert.deepEqual(await storeBytes(out), await storeBytes(alone));
});

test("features longer or shorter than the items say, and half a line: mended on the way", async () => {
  const root = await temporaryFolder();
  const photos = join(root, "photos");
  await writeMany(photos, 20);
  const out = join(root, "out");
  const extract = () => mobilenets(["extract", photos, "--out", out, ...tiny]);
  await extract();
  const whole = await storeBytes(out);
  const [features, items] = [join(out, "features.npy"), join(out, "items.jsonl")];
  const sizes = { features: (await stat(features)).size, items: (await stat(items)).size };
  for (const damage of [
    () => truncate(features, sizes.features - 3 * 256 * 4 - 1),
    () => truncate(features, 0),
    () => truncate(items, sizes.items - 10),
    () => truncate(items, Math.floor(sizes.items / 2)),
    () => appendFile(features, Buffer.alloc(3000, 1)).then(() => truncate(items, Math.floor(sizes.items / 3))),
  ]) {
    await damage();
    const { code, stderr } = await extract();
    assert.equal(code, 0, stderr);
    assert.deepEqual(await storeBytes(out), whole, damage.toString());
  }
});

test("of two runs into one folder at once the second is refused; the lock of a killed one is taken over", async () => {
  const root = await temporaryFolder();
  const photos = join(root, "photos");
  await writeMany(photos, 60);
  const args = (out: string) => ["extract", photos, "--out", join(root, out), ...tiny];
  const extract = (out: string) => mobilenets(args(out));
  const first = start(args("shared"));
  const ended = outcome(first);
  while (!existsSync(join(root, "shared", "run.lock")) && first.exitCode === null) await sleep(2);
  // It stands still, so that it cannot be done before the second comes.
  first.kill("SIGSTOP");
  const second = await extract("shared");
  first.kill("SIGCONT");
  assert.deepEqual([(await ended).code, second.code], [0, 1]);
  assert.match(second.stderr, /run\.lock: process \d+, mobilenets extract, which writes to this folder.*wait for it/);
  await interrupted(photos, join(root, "killed"), "SIGKILL", 10);
  assert.equal((await extract("killed")).code, 0);
  await extract("alone");
  for (const out of ["shared", "killed"])
    assert.deepEqual(await storeBytes(join(root, out)), await storeBytes(join(root, "alone")));
});
