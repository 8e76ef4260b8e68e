import type { Tensor } from "../tensor.ts";
import { mixSeeds } from "./data/hash.ts";
import type { EpochRecord } from "./fit.ts";

/** Everything, besides the options, that determines how training continues. It is complete between two steps. */
export interface TrainState {
  /** Weights, statistics, optimiser state and average: `step.state()`. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly progress: TrainProgress;
}

/** The progress of training, as plain data. */
export interface TrainProgress {
  readonly seed: number;
  /** The current epoch, from 0; the number of epochs at the end. */
  readonly epoch: number;
  /** Batches of the current epoch done. If all are done, its validation is still to come. */
  readonly batch: number;
  /** Optimiser steps done since the beginning. */
  readonly step: number;
  readonly sums: Sums;
  readonly history: readonly EpochRecord[];
}

/** Sums over the epoch so far. */
export interface Sums {
  readonly examples: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly seconds: number;
}

export function firstState(seed: number): TrainProgress {
  return { seed, epoch: 0, batch: 0, step: 0, sums: { examples: 0, loss: 0, accuracy: 0, seconds: 0 }, history: [] };
}

/** The seed of a batch's dropout masks: different for each batch, and the same when training resumes there. */
export function dropoutSeed(seed: number, epoch: number, batch: number): number {
  return mixSeeds(STREAM_DROPOUT, seed, epoch, batch);
}

/** Separates these seeds from those of the data, which come from the same numbers. */
const STREAM_DROPOUT = 0x64726f70;
