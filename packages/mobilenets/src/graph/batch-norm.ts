import type { FloatTensor, Shape } from "../tensor.ts";
import { activationDerivative, type ElementwiseActivation } from "./activations.ts";
import { expectShape } from "./expect.ts";

/** Attributes of batch norm with the statistics of the batch, and of its gradients. */
export interface BatchNormalizeAttrs {
  /** Added to the variance inside the root. */
  readonly epsilon: number;
  /** Applied to the normalised values; a pass sets it, never a builder. */
  readonly activation: ElementwiseActivation;
}

/** @throws GraphError unless moments [2,c], gamma [c] and beta [c] fit x [..., c] */
export function expectNorm(op: string, x: Shape, moments: Shape, gamma: Shape, beta: Shape): void {
  const channels = x[x.length - 1];
  expectShape(op, "moments", moments, [2, channels]);
  expectShape(op, "gamma", gamma, [channels]);
  expectShape(op, "beta", beta, [channels]);
}

/**
 * Visits each number of x with its index, its channel, its normalised value and the gradient of the normalisation after
 * the activation's derivative.
 */
export function eachNormalised(
  [dy, x, moments, gamma, beta]: readonly FloatTensor[],
  { epsilon, activation }: BatchNormalizeAttrs,
  visit: (i: number, c: number, normalised: number, gradient: number) => void,
): void {
  const channels = gamma.shape[0];
  const derivative = activationDerivative(activation);
  for (let i = 0; i < x.data.length; i++) {
    const c = i % channels;
    const normalised = (x.data[i] - moments.data[c]) / Math.sqrt(moments.data[channels + c] + epsilon);
    visit(i, c, normalised, dy.data[i] * derivative(normalised * gamma.data[c] + beta.data[c]));
  }
}
