import type { Program, Weights } from "../graph/graph.ts";
import type { Tensor } from "../tensor.ts";
import type { Batch } from "./batch.ts";

/** Something that can train programs: what `Engine` is for inference. */
export interface TrainingEngine {
  readonly name: string;
  /**
   * @throws OptionError for options out of range, or if nothing is left to train
   * @throws TrainingError if the batch does not fit into memory: says which does
   */
  compileStep(program: Program, options: StepOptions): Promise<Step>;
}

/**
 * One training step, compiled for one batch size: it owns the weights, the optimiser's state and the memory they live
 * in. The same calls on the same state give the same bits, on any number of threads.
 */
export interface Step {
  readonly batchSize: number;
  /** Linear memory it holds, in bytes. */
  readonly bytes: number;
  /**
   * Runs a batch forward and backward, and adds the gradients to those held since the last `update` (so several calls
   * accumulate; `update` divides by their number). Batch norms that are not frozen move their statistics.
   * @param seed for dropout's masks; the same seed drops the same units
   */
  accumulate(batch: Batch, seed: number): Promise<StepResult>;
  /** One optimiser step with the gradients held, which are zero afterwards. */
  update(settings: UpdateSettings): Promise<UpdateResult>;
  /** Copies of the weights by name, batch norms' moving statistics included: what a file holds. */
  weights(): Weights;
  /** Copies of the averaged weights if the step keeps an average, else the same as `weights()`. */
  averaged(): Weights;
  /** Everything a checkpoint needs: weights, statistics, optimiser state, average; plain names, all float32. */
  state(): Record<string, Tensor>;
  /** @throws WeightsError if names or shapes are not those of `state()` */
  restore(state: Readonly<Record<string, Tensor>>): void;
  dispose(): void;
}

export interface StepResult {
  /** Mean over the batch, without weight decay. NaN or infinite if training has diverged. */
  readonly loss: number;
  /** The network's outputs before softmax or sigmoid, `[n, classes]`. */
  readonly logits: Float32Array;
}

export interface UpdateSettings {
  readonly learningRate: number;
  /** Multiplied onto the optimiser's pull towards zero; kernels only, never norms or biases. Default 0. */
  readonly weightDecay?: number;
  /** Gradients are scaled down to this norm (over all parameters together) where theirs is larger. */
  readonly clipNorm?: number;
}

export interface UpdateResult {
  /** Of all gradients together, before clipping. Only measured when `clipNorm` is given; else NaN. */
  readonly gradientNorm: number;
}

/** What training makes small. */
export type Loss = "softmax_cross_entropy" | "sigmoid_cross_entropy" | "mean_squared_error";

/** How gradients change weights. */
export type Optimiser =
  /** v = momentum v + g; w -= lr v, or with Nesterov lr (g + momentum v), as PyTorch's SGD. Decay adds to g. */
  | { readonly kind: "sgd"; readonly momentum: number; readonly nesterov?: boolean }
  /**
   * s = rho s + (1 - rho) g g; v = momentum v + g / sqrt(s + epsilon); w -= lr v, s from 0 on, as Keras' RMSprop;
   * epsilon inside the root as in the papers (there rho 0.9, momentum 0.9, epsilon 1.0; their TensorFlow 1 began with s
   * at 1 and had the rate inside v). Decay adds to g.
   */
  | { readonly kind: "rmsprop"; readonly rho: number; readonly momentum: number; readonly epsilon: number }
  /** Adam; `decoupled` weight decay makes it AdamW. */
  | {
      readonly kind: "adam";
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly decoupled?: boolean;
    };

/** What a training step computes. */
export interface StepOptions {
  readonly batchSize: number;
  readonly loss?: Loss;
  readonly optimiser: Optimiser;
  readonly threads?: "auto" | number;
  /** Name of the last layer that stays as it is: it, all before it and their batch norms' statistics are frozen. */
  readonly freezeUntil?: string;
  /** All batch norms use their moving statistics and leave them as they are. */
  readonly freezeNorms?: boolean;
  /** Learning rates of single layers relative to the step's: the factor for a parameter's name. Default 1. */
  readonly rateOf?: (parameter: string) => number;
  /**
   * Keep an exponential moving average of weights and statistics with this decay, e.g. 0.999; at update t it is at most
   * (1 + t) / (10 + t).
   */
  readonly averageDecay?: number;
}
