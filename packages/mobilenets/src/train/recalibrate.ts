import type { Engine } from "../engines/engine.ts";
import { TrainingError } from "../errors.ts";
import type { Graph, Program, Weights } from "../graph/graph.ts";
import { subgraph } from "../graph/subgraph.ts";
import { trainingExtension } from "../plan/lower/training.ts";
import { type Shape, type Tensor, tensor } from "../tensor.ts";
import type { Batch } from "./batch.ts";
import type { LearningNorm } from "./learn-norms.ts";
import { trainingGraph } from "./training-graph.ts";

/** Options of `recalibrate`. */
export interface RecalibrateOptions {
  /** Pictures in each batch. */
  readonly batchSize: number;
  readonly signal?: AbortSignal;
}

/**
 * Measures batch norms' statistics again, over some batches and with the current weights. Moving statistics lag behind
 * weights that change fast, and averaged weights have none of their own.
 * @param batches pictures as in training; a few thousand are enough. A smaller last batch is left out
 * @returns all weights, with new statistics
 * @throws TrainingError if there is no full batch
 */
export async function recalibrate(
  program: Program,
  engine: Engine,
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  { batchSize, signal }: RecalibrateOptions,
): Promise<Weights> {
  const { graph, weights, norms, masks } = trainingGraph(program, { batchSize });
  if (norms.length === 0) return program.weights;
  // The masks drop nothing: dropout would add variance that inference does not have.
  const given = Object.fromEntries(masks.map(({ name, shape }) => [name, filled(shape, 1)]));
  const forward: Graph = subgraph(
    graph,
    norms.map(({ moments }) => moments),
  );
  const executable = await engine.compile({ graph: forward, weights: { ...weights, ...given } }, trainingExtension);
  const sums = norms.map(({ movingMean }) => new Moments(program.weights[movingMean].data.length));
  try {
    for await (const { images, indices } of batches) {
      if (indices.length < batchSize) continue;
      const moments = await executable.run(tensor(graph.input.shape, images), { signal });
      for (const [i, { data }] of moments.entries()) sums[i].add(data);
    }
  } finally {
    executable.dispose();
  }
  if (sums[0].batches === 0) {
    throw new TrainingError({ where: "recalibration", found: "no whole batch", expected: `${batchSize} pictures` });
  }
  const taken = norms.flatMap((norm, i) => statistics(norm, sums[i]));
  return { ...program.weights, ...Object.fromEntries(taken) };
}

/** The mean of batches of equal size, and the variance within and between them. */
class Moments {
  readonly #means: Float64Array;
  readonly #squares: Float64Array;
  batches = 0;

  constructor(channels: number) {
    this.#means = new Float64Array(channels);
    this.#squares = new Float64Array(channels);
  }

  /** @param moments `[2,c]`: means, then variances */
  add(moments: Float32Array): void {
    const channels = this.#means.length;
    for (let c = 0; c < channels; c++) {
      this.#means[c] += moments[c];
      this.#squares[c] += moments[channels + c] + moments[c] ** 2;
    }
    this.batches++;
  }

  get mean(): Float64Array {
    return this.#means.map((sum) => sum / this.batches);
  }

  get variance(): Float64Array {
    const mean = this.mean;
    return this.#squares.map((sum, c) => Math.max(0, sum / this.batches - mean[c] ** 2));
  }
}

function statistics({ movingMean, movingVariance, count, unbiased }: LearningNorm, moments: Moments) {
  const n = count * moments.batches;
  const correction = unbiased ? n / (n - 1) : 1;
  const shape = [moments.mean.length];
  return [
    [movingMean, tensor(shape, Float32Array.from(moments.mean))],
    [
      movingVariance,
      tensor(
        shape,
        Float32Array.from(moments.variance, (v) => v * correction),
      ),
    ],
  ] as const;
}

function filled(shape: Shape, value: number): Tensor {
  const t = tensor(shape);
  t.data.fill(value);
  return t;
}
