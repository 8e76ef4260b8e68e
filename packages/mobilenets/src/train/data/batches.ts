import { OptionError } from "../../errors.ts";
import { checkPreprocessing, type Preprocessing } from "../../image/preprocessing.ts";
import { random } from "../../random.ts";
import type { Batch } from "../batch.ts";
import { type Augmentation, checkAugmentation } from "./augmentation.ts";
import type { Recipe } from "./filler.ts";
import { hashText, mixSeeds } from "./hash.ts";
import type { DataLoader, Loaded, Substitute } from "./loader.ts";
import { mix } from "./mixing.ts";
import { batchesPerEpoch, STREAM, shuffled } from "./order.ts";
import { type TargetOptions, type Targets, targetsOf } from "./targets.ts";
import { workAhead } from "./work-ahead.ts";

/** Options of `evaluationBatches`: the examples, and the preparation of their pictures. */
export interface EvaluationBatchesOptions {
  readonly loader: DataLoader;
  /** Positions in the dataset's examples. */
  readonly indices: readonly number[];
  readonly batchSize: number;
  /** Its height and width are the size of the images. */
  readonly preprocessing: Preprocessing;
  readonly targets?: TargetOptions;
}

/** Options of `trainingBatches`, for one epoch. */
export interface TrainingBatchesOptions extends EvaluationBatchesOptions {
  readonly augmentation?: Augmentation;
  readonly seed: number;
  readonly epoch: number;
  /** Batches of the epoch already done, to resume an interrupted epoch. */
  readonly startBatch?: number;
}

/** Batches in memory at a time: one with the consumer, the others under way. */
const DEPTH = 3;

/**
 * The batches of one training epoch: every example at most once, shuffled and augmented, all batches full (see
 * `batchesPerEpoch`). They depend only on dataset and options: a run that resumes at `startBatch`, or has another number
 * of workers, gets the same bits. The seed chooses a substitute for an unreadable picture. Batches are made while the
 * consumer works. Asking for the next batch overwrites the images of the last.
 * @throws OptionError at once for an invalid option, or too few examples for a batch
 * @throws ImageError while iterating, if no picture can be read
 */
export function trainingBatches(options: TrainingBatchesOptions): AsyncGenerator<Batch, void, undefined> {
  const { loader, indices, batchSize, preprocessing, augmentation = {}, seed, epoch, startBatch = 0 } = options;
  checkPreprocessing(preprocessing);
  checkAugmentation(augmentation);
  const total = batchesPerEpoch(indices.length, batchSize);
  if (!Number.isInteger(startBatch) || startBatch < 0 || startBatch > total) {
    throw new OptionError({ where: "startBatch", found: String(startBatch), expected: `0 to ${total}` });
  }
  const order = shuffled(indices, seed, epoch);
  const chunks = chunksOf(order, batchSize).slice(startBatch, total);
  const recipe = { preprocessing, training: { augmentation, seed, epoch } };
  const finish = (images: Float32Array, targets: Float32Array, number: number) => {
    const next = random(mixSeeds(STREAM.batch, seed, epoch, startBatch + number));
    mix({ images, targets, size: batchSize }, preprocessing, augmentation, next);
  };
  const targets = targetsOf(loader.dataset, indices, options.targets);
  return produce(loader, chunks, recipe, targets, substituteFrom(loader, indices, seed, epoch), finish);
}

/**
 * Batches of the examples in order, prepared exactly as for inference; the last may be smaller than `batchSize`.
 * Unreadable pictures are left out. Asking for the next batch overwrites the images of the last.
 * @throws OptionError at once for an invalid option
 */
export function evaluationBatches(options: EvaluationBatchesOptions): AsyncGenerator<Batch, void, undefined> {
  const { loader, indices, batchSize, preprocessing } = options;
  checkPreprocessing(preprocessing);
  if (indices.length > 0) batchesPerEpoch(indices.length, Math.min(batchSize, indices.length));
  const targets = targetsOf(loader.dataset, indices, options.targets);
  return produce(loader, chunksOf(indices, batchSize), { preprocessing }, targets);
}

async function* produce(
  loader: DataLoader,
  chunks: readonly (readonly number[])[],
  recipe: Recipe,
  targetsOf: Targets,
  substitute?: Substitute,
  finish?: (images: Float32Array, targets: Float32Array, number: number) => void,
): AsyncGenerator<Batch, void, undefined> {
  const load = (chunk: readonly number[]) => loader.load(chunk, recipe, substitute);
  const discard = ({ release }: Loaded) => release();
  let number = 0;
  for await (const { images, indices, release } of workAhead(chunks, load, DEPTH, discard)) {
    try {
      if (indices.length === 0) continue;
      const targets = targetsOf(indices);
      finish?.(images, targets, number++);
      yield { images, targets, indices };
    } finally {
      release();
    }
  }
}

function chunksOf(indices: readonly number[], size: number): number[][] {
  const chunks: number[][] = [];
  for (let i = 0; i < indices.length; i += size) chunks.push(indices.slice(i, i + size));
  return chunks;
}

/** The first readable of `indices`, from a position that depends on seed, epoch and example. */
function substituteFrom(loader: DataLoader, indices: readonly number[], seed: number, epoch: number): Substitute {
  return (index) => {
    const id = hashText(loader.dataset.examples[index]!.id);
    const start = mixSeeds(STREAM.substitute, seed, epoch, id) % indices.length;
    for (let i = 0; i < indices.length; i++) {
      const candidate = indices[(start + i) % indices.length]!;
      if (!loader.isSkipped(candidate)) return candidate;
    }
    return undefined;
  };
}
