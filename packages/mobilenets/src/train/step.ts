import type { Program, Weights } from "../graph/graph.ts";
import type { Tensor } from "../tensor.ts";
import type { Batch } from "./batch.ts";

/** An engine that trains programs, as `Engine` runs inference. */
export interface TrainingEngine {
  readonly name: string;
  /**
   * @throws OptionError for options out of range, or if nothing is left to train
   * @throws TrainingError if the batch does not fit into memory; it names a size that does
   */
  compileStep(program: Program, options: StepOptions): Promise<Step>;
}

/**
 * One training step, compiled for one batch size. It owns the weights, the optimiser's state and their memory. The same
 * calls on the same state give the same bits, on any number of threads.
 */
export interface Step {
  readonly batchSize: number;
  /** Size of its linear memory in bytes. */
  readonly bytes: number;
  /**
   * Runs a batch forward and backward, and adds the gradients to those held since the last `update`, which divides them by
   * the number of calls. Batch norms that are not frozen update their moving statistics.
   * @param seed of dropout's masks; the same seed drops the same units
   */
  accumulate(batch: Batch, seed: number): Promise<StepResult>;
  /** Takes one optimiser step with the held gradients and resets them to zero. */
  update(settings: UpdateSettings): Promise<UpdateResult>;
  /** Copies of the weights by name, including batch norms' moving statistics, as a file holds them. */
  weights(): Weights;
  /** Copies of the averaged weights if the step keeps an average, else the same as `weights()`. */
  averaged(): Weights;
  /** Everything that a checkpoint needs, as float32: weights, statistics, optimiser state, average. */
  state(): Record<string, Tensor>;
  /** @throws WeightsError if names or shapes are not those of `state()` */
  restore(state: Readonly<Record<string, Tensor>>): void;
  dispose(): void;
}

export interface StepResult {
  /** Mean over the batch, without weight decay. NaN or infinite if training has diverged. */
  readonly loss: number;
  /** The network's outputs before softmax or sigmoid, `[n, classes]` row-major. */
  readonly logits: Float32Array;
}

export interface UpdateSettings {
  readonly learningRate: number;
  /** Strength of weight decay; it applies to kernels, never to norms or biases. Default 0. */
  readonly weightDecay?: number;
  /** Gradients with a larger norm (over all parameters together) are scaled down to this norm. */
  readonly clipNorm?: number;
}

export interface UpdateResult {
  /** Norm of all gradients together, before clipping; NaN without `clipNorm`. */
  readonly gradientNorm: number;
}

/** The loss that training minimises. */
export type Loss = "softmax_cross_entropy" | "sigmoid_cross_entropy" | "mean_squared_error";

/** How gradients change weights. */
export type Optimiser =
  /** v = momentum v + g; w -= lr v, or with Nesterov lr (g + momentum v), as in PyTorch's SGD. Decay adds to g. */
  | { readonly kind: "sgd"; readonly momentum: number; readonly nesterov?: boolean }
  /**
   * s = rho s + (1 - rho) g g; v = momentum v + g / sqrt(s + epsilon); w -= lr v; s starts at 0, as in Keras' RMSprop.
   * Epsilon is inside the root, as in the papers (rho 0.9, momentum 0.9, epsilon 1.0; their TensorFlow 1 started s at 1
   * and had the rate inside v). Decay adds to g.
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

/** Options of a training step. */
export interface StepOptions {
  readonly batchSize: number;
  readonly loss?: Loss;
  readonly optimiser: Optimiser;
  readonly threads?: "auto" | number;
  /** Name of the last frozen layer: it, all layers before it and their batch norms' statistics stay unchanged. */
  readonly freezeUntil?: string;
  /** All batch norms use their moving statistics and do not update them. */
  readonly freezeNorms?: boolean;
  /** Returns a parameter's factor on the step's learning rate. Default 1. */
  readonly rateOf?: (parameter: string) => number;
  /**
   * Decay of an exponential moving average of weights and statistics, e.g. 0.999; at update t the decay is at most
   * (1 + t) / (10 + t).
   */
  readonly averageDecay?: number;
}
