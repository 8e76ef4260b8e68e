import { findBlocks, type Graph, type Program, type Weights } from "mobilenets/graph";
import {
  augmentations,
  batchesPerEpoch,
  DataLoader,
  type Dataset,
  featureData,
  inMemory,
  splitAtClassifier,
  targetsOf,
  train,
  trainingBatches,
  withClassifier,
} from "mobilenets/train";
import type { WritableModel } from "mobilenets/weights";
import type { Lesson, Report } from "./api.ts";
import { reportOn, type Vectors } from "./taught.ts";

/** Settings of `mobilenets train --mode transfer`. */
const HEAD = {
  epochs: 30,
  batchSize: 16,
  optimiser: { kind: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  learningRate: { peak: 0.003, schedule: { kind: "cosine" }, warmup: 1 },
} as const;

/** Few epochs with a small rate, because the blocks are pretrained and the classifier fits them. */
const BLOCKS = {
  epochs: 5,
  batchSize: 8,
  optimiser: { kind: "sgd", momentum: 0.9, nesterov: true },
  learningRate: { peak: 0.002, schedule: { kind: "cosine" }, warmup: 0.5 },
} as const;
/** Number of the last blocks to train. */
const LAST = 2;
/** Memory for decoded pictures. */
const CACHE_BYTES = 64 * 2 ** 20;

export interface Pupil {
  readonly model: WritableModel;
  readonly lesson: Lesson;
  /** Features of examples by the current network. */
  readonly vectors: Vectors;
  picture(number: number): Blob;
  readonly signal: AbortSignal;
  /** Called after each step with the finished share; awaited, so that other work can run. */
  readonly onStep: (done: number) => Promise<void>;
  readonly onReport: (report: Report) => Promise<void>;
}

/** @returns the network with a trained classifier; after a stop, with that of the last full epoch */
export async function teachHead(pupil: Pupil): Promise<WritableModel> {
  const { model, lesson, vectors, signal, onStep, onReport } = pupil;
  const fresh = withClassifier(model, { labels: lesson.classes });
  const { head, featureCount, join } = splitAtClassifier(fresh.program, "softmax");
  const dataset = datasetOf(pupil);
  const indices = learntIn(lesson);
  const data = new Float32Array(indices.length * featureCount);
  for (const [row, i] of indices.entries()) data.set(vectors(lesson.examples[i].number), row * featureCount);
  const batchSize = Math.min(HEAD.batchSize, indices.length);
  const targets = targetsOf(dataset, indices, { classWeights: "balanced" });
  const kept = keeper(signal);
  await kept.of(
    train({
      ...HEAD,
      model: { ...fresh, program: head },
      data: featureData({ data, count: featureCount, indices }, targets, batchSize, 0),
      batchSize,
      threads: 1,
      signal,
      onStep: ({ step, steps }) => onStep(step / steps),
      onEpoch: async ({ weights }) => {
        kept.weights = weights;
        await onReport(await reportOn({ graph: head.graph, weights }, lesson, vectors));
      },
    }),
  );
  return { ...fresh, program: join(kept.weights ?? head.weights) };
}

/**
 * Continues with the last blocks.
 * @param taught the network with a trained classifier
 */
export async function teachBlocks(
  taught: WritableModel,
  pupil: Pupil,
  judge: (model: WritableModel) => Promise<Report>,
): Promise<WritableModel> {
  const { lesson, signal, onStep, onReport } = pupil;
  const { graph } = taught.program;
  const { preprocessing } = taught;
  const indices = learntIn(lesson);
  const loader = new DataLoader(datasetOf(pupil), { cacheBytes: CACHE_BYTES });
  const batchSize = Math.min(BLOCKS.batchSize, indices.length);
  const given = { loader, indices, batchSize, preprocessing, augmentation: augmentations.flip, seed: 0 };
  const kept = keeper(signal);
  const whole = (weights: Weights): WritableModel => ({ ...taught, program: { graph, weights } });
  await kept.of(
    train({
      ...BLOCKS,
      model: taught,
      data: {
        batchesPerEpoch: batchesPerEpoch(indices.length, batchSize),
        batches: (epoch, startBatch) =>
          trainingBatches({ ...given, epoch, startBatch, targets: { classWeights: "balanced" } }),
      },
      batchSize,
      freezeUntil: lastFrozen(graph),
      freezeNorms: true,
      signal,
      onStep: ({ step, steps }) => onStep(step / steps),
      onEpoch: async ({ weights }) => {
        kept.weights = weights;
        await onReport(await judge(whole(weights)));
      },
    }),
  );
  return kept.weights ? whole(kept.weights) : taught;
}

/** Keeps an epoch's weights, so that a stopped training has a result. */
function keeper(signal: AbortSignal) {
  return {
    weights: undefined as Weights | undefined,
    async of(training: ReturnType<typeof train>): Promise<void> {
      try {
        (await training).model.dispose();
      } catch (error) {
        if (!signal.aborted || error !== signal.reason) throw error;
      }
    },
  };
}

function datasetOf({ lesson: { classes, examples }, picture }: Pupil): Dataset {
  return inMemory({
    classes,
    images: examples.map(({ number }) => picture(number)),
    labels: examples.map(({ label }) => label),
    ids: examples.map(({ number }) => String(number)),
  });
}

const learntIn = ({ examples }: Lesson) => [...examples.keys()].filter((i) => !examples[i].heldOut);

/** The layer before the last blocks; for a network without blocks, the layer after three quarters of its layers. */
function lastFrozen(graph: Graph): string | undefined {
  const blocks = findBlocks(graph);
  const first = blocks.at(-Math.min(LAST, blocks.length))?.layers[0];
  const at =
    first === undefined ? Math.floor(graph.nodes.length * 0.75) : graph.nodes.findIndex((n) => n.name === first);
  return graph.nodes[at - 1]?.name;
}

/** A taught network's classifier as a separate network. */
export const headOf = (program: Program): Program => splitAtClassifier(program, "softmax").head;
