import assert from "node:assert/strict";
import { test } from "node:test";
import { ImageError, OptionError } from "../../errors.ts";
import type { Picture } from "../../image/picture.ts";
import { preprocess } from "../../image/preprocess.ts";
import type { Preprocessing } from "../../image/preprocessing.ts";
import { random } from "../../random.ts";
import type { Batch } from "../batch.ts";
import { augmentations } from "./augmentation.ts";
import { evaluationBatches, type TrainingBatchesOptions, trainingBatches } from "./batches.ts";
import type { Dataset } from "./dataset.ts";
import { inMemory } from "./in-memory.ts";
import { DataLoader, type LoaderOptions, type Skipped } from "./loader.ts";

const preprocessing: Preprocessing = {
  height: 8,
  width: 8,
  channels: 3,
  crop: "squash",
  cropFraction: 1,
  mean: [128, 128, 128],
  std: [64, 64, 64],
};
const COUNT = 23;
const all = [...Array(COUNT).keys()];
const next = random(1);
const pictures = all.map((): Picture => {
  return { data: Uint8Array.from({ length: 10 * 12 * 3 }, () => next() * 256), width: 10, height: 12, channels: 3 };
});
const dataset = inMemory({ classes: ["a", "b"], images: pictures, labels: all.map((i) => i % 2) });

/** The dataset with some of its pictures damaged, and a count of how often each is opened. */
function damaged(bad: readonly number[]): Dataset & { readonly opened: number[] } {
  const opened = new Array<number>(COUNT).fill(0);
  const picture = async (index: number) => {
    opened[index]!++;
    // Later ones are ready first.
    for (let i = index; i < COUNT; i++) await undefined;
    if (bad.includes(index)) throw new ImageError({ where: `${index}.jpg`, found: "cannot be decoded" });
    return dataset.picture(index);
  };
  return { ...dataset, picture, opened };
}

async function collect(batches: AsyncIterable<Batch>): Promise<Batch[]> {
  const copies: Batch[] = [];
  for await (const { images, targets, indices } of batches) {
    copies.push({ images: images.slice(), targets: targets.slice(), indices: [...indices] });
  }
  return copies;
}

function training(options: Partial<TrainingBatchesOptions> = {}, from: Dataset = dataset, loading?: LoaderOptions) {
  const loader = options.loader ?? new DataLoader(from, loading);
  const settings = { augmentation: { ...augmentations.standard, mixup: 0.2, cutmix: 1 }, seed: 1, epoch: 0 };
  return collect(trainingBatches({ loader, indices: all, batchSize: 4, preprocessing, ...settings, ...options }));
}

test("an epoch has full batches only, every example once at most, with its target", async () => {
  const batches = await training({ augmentation: {} });
  assert.equal(batches.length, 5);
  const seen = batches.flatMap(({ indices }) => indices);
  assert.equal(new Set(seen).size, 20);
  for (const { images, targets, indices } of batches) {
    for (const [row, index] of indices.entries()) {
      const expected = new Float32Array(192);
      preprocess(pictures[index]!, preprocessing, expected);
      assert.deepEqual(images.slice(row * 192, row * 192 + 192), expected);
      assert.deepEqual([...targets.slice(row * 2, row * 2 + 2)], index % 2 === 0 ? [1, 0] : [0, 1]);
    }
  }
});

test("epochs and seeds differ, the same ones are the same to the bit, cached or not", async () => {
  const first = await training();
  assert.deepEqual(await training(), first);
  assert.deepEqual(await training({}, damaged([])), first);
  assert.deepEqual(await training({}, dataset, { cacheBytes: 1000 }), first);
  assert.notDeepEqual(await training({ epoch: 1 }), first);
  assert.notDeepEqual(await training({ seed: 2 }), first);
});

test("an example is augmented by itself: anew in each epoch, alike wherever it stands in the dataset", async () => {
  const only = (index: number, epoch: number, seed: number, from = dataset) =>
    training({ indices: [index], batchSize: 1, epoch, seed, augmentation: augmentations.standard }, from);
  const [first] = await only(3, 0, 1);
  assert.notDeepEqual((await only(3, 1, 1))[0]!.images, first!.images);
  assert.notDeepEqual((await only(3, 0, 2))[0]!.images, first!.images);
  const alone = inMemory({ classes: ["a", "b"], images: [pictures[3]!], labels: [1], ids: ["3"] });
  assert.deepEqual((await only(0, 0, 1, alone))[0]!.images, first!.images);
});

test("an epoch begun again in the middle gives what was left of it", async () => {
  const whole = await training({ epoch: 3 });
  for (const startBatch of [1, 4, 5]) {
    assert.deepEqual(await training({ epoch: 3, startBatch }), whole.slice(startBatch));
  }
});

test("pictures are decoded in the first epoch only", async () => {
  const counting = damaged([]);
  const loader = new DataLoader(counting);
  for (const epoch of [0, 1, 2, 3, 4, 5]) await training({ loader, epoch });
  assert.ok(
    counting.opened.every((times) => times <= 1),
    `${counting.opened}`,
  );
});

test("unreadable pictures are named once and replaced, the same way each time", async () => {
  const skipped: Skipped[] = [];
  const loader = new DataLoader(damaged([2, 5, 7, 11]), { onSkip: (skip) => skipped.push(skip) });
  const runs = [await training({ loader }), await training({ loader })];
  assert.deepEqual(runs[1], runs[0]);
  assert.deepEqual(await training({ startBatch: 2 }, damaged([2, 5, 7, 11])), runs[0]!.slice(2));
  const used = runs[0]!.flatMap(({ indices }) => indices);
  assert.equal(used.length, 20);
  assert.ok(!used.some((i) => [2, 5, 7, 11].includes(i)), `${used}`);
  for (const epoch of [1, 2, 3]) await training({ loader, epoch });
  const messages = skipped.map(({ id, index, message }) => `${id} ${index} ${message}`).sort();
  assert.deepEqual(
    messages,
    ["11", "2", "5", "7"].map((i) => `${i} ${i} ${i}.jpg: cannot be decoded`),
  );
});

test("substitutes change from epoch to epoch", async () => {
  const loader = new DataLoader(damaged([2]));
  const used = new Set<number>();
  for (let epoch = 0; epoch < 10; epoch++) {
    const batches = await training({ loader, epoch, indices: all.slice(0, 12), batchSize: 12 });
    const { indices } = batches[0]!;
    used.add(indices.find((index, row) => indices.indexOf(index) !== row)!);
  }
  assert.ok(used.size >= 4 && !used.has(2), `${[...used]}`);
});

test("a picture that two batches find unreadable at once is named once", async () => {
  const skipped: number[] = [];
  const loader = new DataLoader(damaged([2]), { onSkip: ({ index }) => skipped.push(index) });
  await Promise.all([loader.load([1, 2], { preprocessing }), loader.load([2], { preprocessing })]);
  assert.deepEqual(skipped, [2]);
});

test("if no picture can be read, training ends with an error", async () => {
  await assert.rejects(training({}, damaged(all)), { name: "ImageError", message: /none of the pictures can be read/ });
});

test("what is not the picture's fault is thrown", async () => {
  const broken = { ...dataset, picture: () => Promise.reject(new RangeError("out of memory")) };
  await assert.rejects(training({}, broken), RangeError);
});

test("evaluation keeps order and the last examples, leaves out unreadable ones, prepares as inference does", async () => {
  const loader = new DataLoader(damaged([0, 5, 20, 21, 22]));
  const indices = [4, 5, 6, 0, 1, 2, 3, 22, 20, 21, 7];
  const batches = await collect(evaluationBatches({ loader, indices, batchSize: 3, preprocessing }));
  assert.deepEqual(
    batches.map((batch) => batch.indices),
    [[4, 6], [1, 2], [3], [7]],
  );
  for (const { images, indices, targets } of batches) {
    assert.equal(images.length, indices.length * 192);
    assert.equal(targets.length, indices.length * 2);
    for (const [row, index] of indices.entries()) {
      const expected = new Float32Array(192);
      preprocess(pictures[index]!, preprocessing, expected);
      assert.deepEqual(images.slice(row * 192, row * 192 + 192), expected);
    }
  }
  assert.deepEqual(await collect(evaluationBatches({ loader, indices: [], batchSize: 3, preprocessing })), []);
});

test("no more than three batches are under way, and their memory is used again", async () => {
  const counting = damaged([]);
  const loader = new DataLoader(counting, { cacheBytes: 0 });
  const buffers = new Set<ArrayBufferLike>();
  let batches = 0;
  for await (const { images } of trainingBatches({
    loader,
    indices: all,
    batchSize: 2,
    preprocessing,
    seed: 1,
    epoch: 0,
  })) {
    buffers.add(images.buffer);
    batches++;
    await new Promise((resolve) => setImmediate(resolve));
    const opened = counting.opened.reduce((sum, times) => sum + times, 0);
    assert.ok(opened <= 2 * (batches + 2), `${opened} opened at batch ${batches}`);
  }
  assert.equal(batches, 11);
  assert.ok(buffers.size <= 3, `${buffers.size} buffers`);
});

test("a consumer may stop early and begin again", async () => {
  const loader = new DataLoader(damaged([]));
  const options = { loader, indices: all, batchSize: 4, preprocessing, seed: 1, epoch: 0 };
  for await (const _ of trainingBatches(options)) break;
  assert.equal((await collect(trainingBatches(options))).length, 5);
});

test("options are checked before anything is loaded", () => {
  const loader = new DataLoader(dataset);
  const begin = (options: Partial<TrainingBatchesOptions>) =>
    trainingBatches({ loader, indices: all, batchSize: 4, preprocessing, seed: 1, epoch: 0, ...options });
  assert.throws(() => begin({ batchSize: 24 }), { message: /a batch size of 23 fits/ });
  assert.throws(() => begin({ startBatch: 6 }), OptionError);
  assert.throws(() => begin({ augmentation: { mixup: -1 } }), OptionError);
  assert.throws(() => begin({ preprocessing: { ...preprocessing, width: 0 } }), OptionError);
  assert.throws(() => evaluationBatches({ loader, indices: all, batchSize: 0, preprocessing }), OptionError);
});
