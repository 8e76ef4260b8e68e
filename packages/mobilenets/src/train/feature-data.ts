import type { Batch } from "./batch.ts";
import { batchesPerEpoch, shuffled } from "./data/order.ts";
import type { Targets } from "./data/targets.ts";
import type { TrainingData } from "./fit.ts";

/** Features of examples, to train a classifier on. */
export interface Features {
  /** `[rows, count]` */
  readonly data: Float32Array;
  readonly count: number;
  /** The index of each row's example in the dataset. */
  readonly indices: readonly number[];
}

/** Training batches of features: full ones, every example at most once, shuffled by seed and epoch. */
export function featureData(features: Features, targets: Targets, batchSize: number, seed: number): TrainingData {
  const rows = [...features.indices.keys()];
  const total = batchesPerEpoch(rows.length, batchSize);
  return {
    batchesPerEpoch: total,
    async *batches(epoch, from) {
      const order = shuffled(rows, seed, epoch);
      for (let b = from; b < total; b++)
        yield gather(features, targets, order.slice(b * batchSize, (b + 1) * batchSize));
    },
  };
}

/** Batches of all features in order; the last may be smaller. */
export async function* featureBatches(features: Features, targets: Targets, batchSize: number): AsyncGenerator<Batch> {
  const rows = [...features.indices.keys()];
  for (let i = 0; i < rows.length; i += batchSize) yield gather(features, targets, rows.slice(i, i + batchSize));
}

function gather({ data, count, indices: all }: Features, targets: Targets, rows: readonly number[]): Batch {
  const images = new Float32Array(rows.length * count);
  for (const [i, row] of rows.entries()) images.set(data.subarray(row * count, (row + 1) * count), i * count);
  const indices = rows.map((row) => all[row]);
  return { images, targets: targets(indices), indices };
}
