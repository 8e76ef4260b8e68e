import type { Loss } from "./step.ts";

type Numbers = Float32Array | Float64Array;

/**
 * Computes the mean loss of a batch and its gradient by the logits. Sums are in float64. Finite logits give a finite
 * loss, however large; a NaN among the logits makes the loss NaN.
 * @param logits `[n, classes]`, before softmax or sigmoid
 * @param targets `[n, classes]`; see `Batch`
 * @param gradient receives `[n, classes]`
 */
export type LossFunction = (logits: Numbers, targets: Numbers, classes: number, gradient: Numbers) => number;

const losses: Record<Loss, LossFunction> = {
  softmax_cross_entropy: softmaxCrossEntropy,
  sigmoid_cross_entropy: elementwise((x, t) => {
    // exp(-|x|) cannot overflow.
    const small = Math.exp(-Math.abs(x));
    const sigmoid = (x >= 0 ? 1 : small) / (1 + small);
    return { loss: Math.max(x, 0) - x * t + Math.log1p(small), slope: sigmoid - t };
  }),
  mean_squared_error: elementwise((x, t) => ({ loss: (x - t) ** 2, slope: 2 * (x - t) })),
};

export function lossFunction(name: Loss): LossFunction {
  return losses[name];
}

/** `-sum_j t_j log p_j` of each picture; rows of targets need not sum to 1. */
function softmaxCrossEntropy(logits: Numbers, targets: Numbers, classes: number, gradient: Numbers): number {
  const n = logits.length / classes;
  let loss = 0;
  for (let row = 0; row < logits.length; row += classes) {
    const x = logits.subarray(row, row + classes);
    const t = targets.subarray(row, row + classes);
    let max = -Infinity;
    for (const value of x) max = Math.max(max, value);
    // After subtraction of the largest logit, no exponential overflows, and at least one is not 0.
    let sum = 0;
    for (const value of x) sum += Math.exp(value - max);
    const logSum = Math.log(sum);
    let weight = 0;
    for (const value of t) weight += value;
    for (let j = 0; j < classes; j++) {
      const logP = x[j] - max - logSum;
      loss -= t[j] * logP;
      gradient[row + j] = (weight * Math.exp(logP) - t[j]) / n;
    }
  }
  return loss / n;
}

/** The mean of an elementwise loss over all pictures and classes. */
function elementwise(f: (x: number, t: number) => { loss: number; slope: number }): LossFunction {
  return (logits, targets, _classes, gradient) => {
    let sum = 0;
    for (let i = 0; i < logits.length; i++) {
      const { loss, slope } = f(logits[i], targets[i]);
      sum += loss;
      gradient[i] = slope / logits.length;
    }
    return sum / logits.length;
  };
}
