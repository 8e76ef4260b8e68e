import type { Weights } from "../graph/graph.ts";
import { type Tensor, tensor } from "../tensor.ts";
import type { LearningNorm } from "./learn-norms.ts";

/** The moving means and variances that batch norms use in inference. */
export class MovingStatistics {
  /** The statistics by parameter name; this object owns the memory. */
  readonly values: Readonly<Record<string, Tensor>>;
  /** Averages of the statistics, for averaged weights: those need statistics of their own. */
  readonly averages: Readonly<Record<string, Tensor>>;
  readonly #norms: readonly LearningNorm[];

  constructor(norms: readonly LearningNorm[], weights: Weights) {
    this.#norms = norms;
    const names = norms.flatMap(({ movingMean, movingVariance }) => [movingMean, movingVariance]);
    const copies = () =>
      Object.fromEntries(names.map((name) => [name, tensor(weights[name].shape, weights[name].data.slice())]));
    this.values = copies();
    this.averages = copies();
  }

  /** Moves the averages towards the statistics by the share `1 - keep`. */
  average(keep: number): void {
    for (const [name, { data }] of Object.entries(this.averages)) {
      const now = this.values[name].data;
      for (let c = 0; c < data.length; c++) data[c] = keep * data[c] + (1 - keep) * now[c];
    }
  }

  /** @param read fills `out` with the batch's moments `[2,c]` of the value `moments` */
  follow(read: (moments: string, out: Float32Array) => void): void {
    for (const { moments, movingMean, movingVariance, momentum, count, unbiased } of this.#norms) {
      const mean = this.values[movingMean].data;
      const variance = this.values[movingVariance].data;
      const batch = new Float32Array(2 * mean.length);
      read(moments, batch);
      const correction = unbiased ? count / (count - 1) : 1;
      for (let c = 0; c < mean.length; c++) {
        mean[c] = momentum * mean[c] + (1 - momentum) * batch[c];
        variance[c] = momentum * variance[c] + (1 - momentum) * correction * batch[mean.length + c];
      }
    }
  }
}
