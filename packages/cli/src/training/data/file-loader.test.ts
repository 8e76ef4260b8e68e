import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Preprocessing } from "mobilenets";
import { augmentations, type Batch, type Skipped, trainingBatches } from "mobilenets/train";
import sharp from "sharp";
import { MachineError } from "../../pictures/machine-error.ts";
import { type FileDataset, fileDataset } from "./file-dataset.ts";
import { fileLoader } from "./file-loader.ts";
import { imageFolder } from "./image-folder.ts";

const preprocessing: Preprocessing = {
  height: 20,
  width: 20,
  channels: 3,
  crop: "center",
  cropFraction: 1,
  mean: [128, 128, 128],
  std: [64, 64, 64],
};
const COUNT = 26;
let root: string;
let dataset: FileDataset;

before(async () => {
  root = await mkdtemp(join(tmpdir(), "file-loader-"));
  for (const name of ["a", "b"]) await mkdir(join(root, name));
  for (let i = 0; i < COUNT; i++) {
    const channels = i % 3 === 0 ? 1 : 3;
    const data = Uint8Array.from({ length: 16 * 16 * channels }, (_, k) => (k * k * (i + 3)) % 251);
    const png = await sharp(data, { raw: { width: 16, height: 16, channels } })
      .png()
      .toBuffer();
    await writeFile(join(root, i % 2 ? "a" : "b", `${i}.png`), i % 10 === 4 ? png.subarray(0, 60) : png);
  }
  dataset = await imageFolder(root);
});

after(() => rm(root, { recursive: true }));

async function epochs(workers: number, from = dataset) {
  const skipped: Skipped[] = [];
  const loader = fileLoader(from, { workers, onSkip: (skip) => skipped.push(skip) });
  const batches: Batch[] = [];
  try {
    for (const epoch of [0, 1]) {
      const options = { loader, indices: [...from.examples.keys()], batchSize: 6, preprocessing, seed: 4, epoch };
      const augmentation = { ...augmentations.standard, mixup: 0.2 };
      for await (const { images, targets, indices } of trainingBatches({ ...options, augmentation })) {
        batches.push({ images: images.slice(), targets: targets.slice(), indices: [...indices] });
      }
    }
  } finally {
    loader.close();
  }
  return { batches, skipped: skipped.sort((a, b) => a.index - b.index) };
}

test("any number of workers gives the same bits and skips the same pictures", async () => {
  const alone = await epochs(0);
  assert.equal(alone.batches.length, 8);
  assert.deepEqual(
    alone.skipped.map(({ id }) => id),
    ["b/14.png", "b/24.png", "b/4.png"],
  );
  assert.match(alone.skipped[0]!.message, /14\.png: cannot be decoded/);
  for (const workers of [1, 3]) {
    const together = await epochs(workers);
    assert.deepEqual(together.skipped, alone.skipped);
    for (const [i, batch] of alone.batches.entries()) {
      assert.deepEqual(together.batches[i]!.indices, batch.indices);
      assert.ok(Buffer.from(together.batches[i]!.images.buffer).equals(Buffer.from(batch.images.buffer)), `batch ${i}`);
      assert.deepEqual(together.batches[i]!.targets, batch.targets);
    }
  }
});

test("files that are gone are skipped as well", async () => {
  const paths = dataset.paths.map((path) => (path.endsWith("a/1.png") ? `${path}.gone` : path));
  const { skipped } = await epochs(1, { ...dataset, paths });
  assert.match(skipped[0]!.message, /a\/1\.png\.gone: no such file/);
});

test("files that are all gone are a failure of the machine, whatever thread finds it", async () => {
  const files = Array.from({ length: 120 }, (_, i) => ({
    id: `${i}`,
    path: join(root, `gone-${i}.png`),
    classes: ["a"],
  }));
  const gone = fileDataset(files, root);
  for (const workers of [0, 1]) {
    const loader = fileLoader(gone, { workers });
    await assert.rejects(
      loader.load([...files.keys()], { preprocessing }),
      (error) => error instanceof MachineError && /gone-\d+\.png: 100 pictures in a row/.test(error.message),
      `${workers} workers`,
    );
    loader.close();
  }
});

test("a worker that dies ends the loading with an error", async () => {
  const loader = fileLoader(dataset, { workers: 1 });
  const recipe = { preprocessing };
  await loader.load([0, 1], recipe);
  const waiting = loader.load([2, 3], recipe);
  loader.close();
  await assert.rejects(waiting, { name: "EngineError", message: /picture worker: failed/ });
});

test("the number of workers is checked", () => {
  for (const workers of [-1, 0.5, Number.NaN]) {
    assert.throws(() => fileLoader(dataset, { workers }), { name: "OptionError" });
  }
});
