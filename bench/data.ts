// Measures how fast pictures become batches: node --import tsx --conditions source bench/data.ts FOLDER [size] [augmentation]
// FOLDER has class folders, e.g. the `train` of scripts/unpack-fashion-mnist.ts. Prints pictures per second of the first
// epoch, which decodes, and of the best later one, with one worker and on this thread, and the CPU time.
import { parseArgs } from "node:util";
import type { Preprocessing } from "mobilenets";
import { type AugmentationName, augmentations, batchesPerEpoch, trainingBatches } from "mobilenets/train";
import { fileLoader } from "../packages/cli/src/training/data/file-loader.ts";
import { imageFolder } from "../packages/cli/src/training/data/image-folder.ts";

const [folder, size = "64", augmentation = "light"] = parseArgs({ allowPositionals: true }).positionals;
if (!folder || !(augmentation in augmentations)) {
  console.error(`usage: data.ts FOLDER [size] [${Object.keys(augmentations).join("|")}]`);
  process.exit(2);
}
const side = Number(size);
const halves = [127.5, 127.5, 127.5];
const preprocessing: Preprocessing = {
  height: side,
  width: side,
  channels: 3,
  crop: "center",
  cropFraction: 1,
  mean: halves,
  std: halves,
};
const EPOCHS = 5;
const BATCH = 32;

const dataset = await imageFolder(folder);
const indices = [...dataset.examples.keys()];
const pictures = batchesPerEpoch(indices.length, BATCH) * BATCH;
console.log(`${pictures} pictures of ${folder} at ${side}x${side}, augmentation ${augmentation}, batch ${BATCH}`);
for (const workers of [0, 1]) {
  const loader = fileLoader(dataset, { workers });
  const rates: { wall: number; processor: number }[] = [];
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const start = performance.now();
    const busy = process.cpuUsage();
    const settings = { preprocessing, augmentation: augmentations[augmentation as AugmentationName], seed: 1, epoch };
    for await (const _ of trainingBatches({ loader, indices, batchSize: BATCH, ...settings }));
    const { user, system } = process.cpuUsage(busy);
    rates.push({ wall: (1000 * pictures) / (performance.now() - start), processor: (user + system) / pictures });
  }
  loader.close();
  const [first, ...next] = rates;
  const best = next.reduce((a, b) => (a.wall > b.wall ? a : b));
  const line = ({ wall, processor }: typeof best) =>
    `${Math.round(wall)}/s (${processor.toFixed(0)} us of processor each)`;
  console.log(`workers ${workers}: first epoch ${line(first)}, then ${line(best)}`);
}
