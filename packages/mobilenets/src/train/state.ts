import type { Tensor } from "../tensor.ts";
import { mixSeeds } from "./data/hash.ts";
import type { EpochRecord } from "./fit.ts";

/** Everything but the options that decides how training continues. It is complete between two optimiser steps. */
export interface TrainState {
  /** Weights, statistics, optimiser state and average: `step.state()`. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly progress: TrainProgress;
}

/** Where training is. Plain data. */
export interface TrainProgress {
  readonly seed: number;
  /** The epoch under way, from 0; the number of epochs when all is done. */
  readonly epoch: number;
  /** The batches of that epoch that are done. If all are, its validation is still to come. */
  readonly batch: number;
  /** Optimiser steps done since the beginning. */
  readonly step: number;
  readonly sums: Sums;
  readonly history: readonly EpochRecord[];
}

/** Over the epoch so far. */
export interface Sums {
  readonly examples: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly seconds: number;
}

export function firstState(seed: number): TrainProgress {
  return { seed, epoch: 0, batch: 0, step: 0, sums: { examples: 0, loss: 0, accuracy: 0, seconds: 0 }, history: [] };
}

/** A seed for a batch's dropout masks: another for each batch, and the same one when training is resumed there. */
export function dropoutSeed(seed: number, epoch: number, batch: number): number {
  return mixSeeds(STREAM_DROPOUT, seed, epoch, batch);
}

/** Keeps these seeds apart from those of the data, which are mixed from the same numbers. */
const STREAM_DROPOUT = 0x64726f70;
