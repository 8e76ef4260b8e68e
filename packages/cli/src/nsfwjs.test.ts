import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { unpackNsfwjs } from "./nsfwjs.ts";

test("the package's model becomes model.json and shards of the size the manifest adds up to", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "nsfwjs-"));
  t.after(() => rm(dir, { recursive: true }));
  const target = join(dir, "model");
  assert.equal(await unpackNsfwjs(target), join(target, "model.json"));
  assert.deepEqual((await readdir(target)).sort(), ["group1-shard1of1", "model.json"]);
  const { weightsManifest } = JSON.parse(await readFile(join(target, "model.json"), "utf8"));
  // Every tensor of this model has one byte per number.
  const bytes = weightsManifest[0].weights.reduce(
    (sum: number, { shape }: { shape: number[] }) => sum + shape.reduce((a, b) => a * b, 1),
    0,
  );
  assert.equal((await stat(join(target, "group1-shard1of1"))).size, bytes);
});

test("what is there already is left alone", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "nsfwjs-"));
  t.after(() => rm(dir, { recursive: true }));
  await writeFile(join(dir, "model.json"), "{}");
  await unpackNsfwjs(dir);
  assert.equal(await readFile(join(dir, "model.json"), "utf8"), "{}");
});
