import { OptionError } from "../errors.ts";
import { activationDerivative, type ElementwiseActivation } from "../graph/activations.ts";
import type { Node, Program } from "../graph/graph.ts";
import { activation } from "../graph/ops/activation.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { dense } from "../graph/ops/dense.ts";
import { dropout } from "../graph/ops/dropout.ts";
import { reshape } from "../graph/ops/reshape.ts";
import { is, type Ops, opOf } from "../graph/ops.ts";
import { type FloatTensor, sizeOf, type Tensor } from "../tensor.ts";

/** The chain of layers from the pooled features to the classes. */
export function headOf({ graph }: Program, pool: Node): readonly Node[] {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  const head: Node[] = [];
  for (let node = byName.get(graph.outputs[0]) as Node; node !== pool; node = byName.get(node.inputs[0]) as Node) {
    head.unshift(node);
  }
  return head;
}

/**
 * The input of each layer of the head, computed once for all classes.
 * @param features one value per channel
 * @param ops ops of the graph beyond those of networks
 * @returns the inputs up to the classifier, the costliest layer, which does not run: no derivative depends on its output
 */
export function headInputs(
  { weights }: Program,
  head: readonly Node[],
  features: Float32Array,
  ops: Ops,
): Float64Array[] {
  const classifier = head.findLastIndex((node) => is(node, dense) || is(node, conv2d));
  const inputs: Float64Array[] = [Float64Array.from(features)];
  for (const node of head.slice(0, Math.max(0, classifier))) {
    inputs.push(apply(node, inputs[inputs.length - 1], weights, ops));
  }
  return inputs;
}

/**
 * The gradient of a class's logit by the pooled features. For a classifier of one dense layer it is that layer's column;
 * hidden layers (V3) contribute their derivative at their inputs.
 * @param inputs the result of `headInputs`
 * @param ops ops of the graph beyond those of networks
 * @returns the derivative of the logit, the value before softmax, log_softmax or sigmoid, by each feature
 * @throws OptionError for a layer whose derivative is not implemented
 */
export function headGradient(
  { weights }: Program,
  head: readonly Node[],
  inputs: readonly Float64Array[],
  index: number,
  ops: Ops,
): Float64Array {
  let gradient: Float64Array = new Float64Array(sizeOf(head[head.length - 1].shape));
  gradient[index] = 1;
  // The logit is the value before the last activation.
  let last = true;
  for (const [i, node] of [...head.entries()].reverse()) {
    if (is(node, activation)) {
      if (!last) gradient = throughActivation(node.attrs.activation as ElementwiseActivation, inputs[i], gradient);
    } else if (is(node, dense) || is(node, conv2d)) {
      const { activation: own } = node.attrs;
      if (!last && own !== "linear") {
        const sums = apply({ ...node, attrs: { ...node.attrs, activation: "linear" } }, inputs[i], weights, ops);
        gradient = throughActivation(own as ElementwiseActivation, sums, gradient);
      }
      gradient = throughKernel(ready(weights[node.inputs[1]]), gradient);
      last = false;
    } else if (!is(node, reshape) && !is(node, dropout) && !(last && node.op === "log_softmax")) {
      throw new OptionError({
        where: node.name,
        found: `${node.op} between the pooled features and the classes`,
        expected: "dense layers, 1x1 convolutions and activations",
      });
    }
  }
  return gradient;
}

const readied = new WeakMap<Tensor, Tensor>();

/**
 * The head's weights as float32, cached per tensor (5 MB). A file may store them in 16 bits; converting 1.3 million
 * numbers takes a quarter of a picture's time.
 */
function ready(weight: Tensor): Tensor {
  const known = readied.get(weight) ?? { ...weight };
  readied.set(weight, known);
  return known;
}

function apply(node: Node, x: Float64Array, weights: Program["weights"], ops: Ops): Float64Array {
  // A convolution of the head sees one pixel, whatever the shape of the pooled features.
  const shape = is(node, conv2d) ? [1, 1, 1, x.length] : [1, x.length];
  const output: FloatTensor = { data: new Float64Array(sizeOf(node.shape)), shape: node.shape };
  const parameters = node.inputs.slice(1).map((name) => ready(weights[name]));
  opOf(node, ops).reference([{ data: x, shape }, ...parameters], node.attrs, output);
  return output.data as Float64Array;
}

function throughActivation(name: ElementwiseActivation, x: Float64Array, gradient: Float64Array): Float64Array {
  const derivative = activationDerivative(name);
  return gradient.map((g, i) => g * derivative(x[i]));
}

/** @param kernel of shape `[..., inputs, outputs]`, for one pixel */
function throughKernel({ data, shape }: Tensor, gradient: Float64Array): Float64Array {
  const [inputs, outputs] = shape.slice(-2);
  // Usually only one class is non-zero; the others are skipped.
  const present = [...gradient.keys()].filter((i) => gradient[i] !== 0);
  const result = new Float64Array(inputs);
  for (let c = 0; c < inputs; c++) for (const j of present) result[c] += data[c * outputs + j] * gradient[j];
  return result;
}
