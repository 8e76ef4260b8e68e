import type { Activation } from "../graph/activations.ts";
import type { Graph } from "../graph/graph.ts";
import { reshape } from "../graph/ops/reshape.ts";
import { is } from "../graph/ops.ts";
import type { Loss } from "./step.ts";

/**
 * Lower bound of probabilities, as in Keras: float32 may round a smaller one to 0, whose logarithm is infinite.
 */
const LEAST = 1e-7;

/** The last activation of a network, which turns its logits into its output; `linear` if it has none. */
export function lastActivation({ nodes, outputs }: Graph): Activation {
  let node = nodes.find(({ name }) => name === outputs[0]);
  while (node && is(node, reshape)) {
    const [input] = node.inputs;
    node = nodes.find(({ name }) => name === input);
  }
  return (node?.attrs as { activation?: Activation } | undefined)?.activation ?? "linear";
}

/**
 * The loss of one example, as the training step computes it, from the network's output.
 * @param answer `[classes]`, after the network's `last` activation
 * @param target `[classes]`
 */
export function exampleLoss(answer: Float32Array, target: Float32Array, loss: Loss, last: Activation): number {
  let sum = 0;
  if (loss === "mean_squared_error") {
    for (let c = 0; c < answer.length; c++) sum += (answer[c] - target[c]) ** 2;
    return sum / answer.length;
  }
  if (loss === "sigmoid_cross_entropy") {
    for (let c = 0; c < answer.length; c++) {
      const p = last === "sigmoid" ? answer[c] : 1 / (1 + Math.exp(-answer[c]));
      sum -= target[c] * Math.log(Math.max(p, LEAST)) + (1 - target[c]) * Math.log(Math.max(1 - p, LEAST));
    }
    return sum / answer.length;
  }
  const p = last === "softmax" ? answer : softmax(answer);
  for (let c = 0; c < p.length; c++) if (target[c] !== 0) sum -= target[c] * Math.log(Math.max(p[c], LEAST));
  return sum;
}

/**
 * The accuracy for one example, 0 to 1: whether the top class is the target's top class; with several labels, the share
 * of correct classes by `logits`; NaN for regression.
 */
export function exampleAccuracy(logits: Float32Array, target: Float32Array, loss: Loss): number {
  if (loss === "mean_squared_error") return Number.NaN;
  if (loss === "softmax_cross_entropy") return argmax(logits) === argmax(target) ? 1 : 0;
  let right = 0;
  for (let c = 0; c < logits.length; c++) if (logits[c] > 0 === target[c] > 0.5) right++;
  return right / logits.length;
}

/** The index of the first largest value. */
export function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

export function softmax(logits: Float32Array): Float32Array {
  const most = logits[argmax(logits)];
  const powers = logits.map((x) => Math.exp(x - most));
  const sum = powers.reduce((total, x) => total + x, 0);
  return powers.map((x) => x / sum);
}
