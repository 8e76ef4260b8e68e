import type { Node, Program } from "../../graph/graph.ts";
import { activation } from "../../graph/ops/activation.ts";
import { add } from "../../graph/ops/add.ts";
import { conv2d } from "../../graph/ops/conv2d.ts";
import { dense } from "../../graph/ops/dense.ts";
import { depthwiseConv2d } from "../../graph/ops/depthwise_conv2d.ts";
import { globalAveragePooling2d } from "../../graph/ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "../../graph/ops/global_max_pooling2d.ts";
import { multiply } from "../../graph/ops/multiply.ts";
import { rescaling } from "../../graph/ops/rescaling.ts";
import { reshape } from "../../graph/ops/reshape.ts";
import { is } from "../../graph/ops.ts";
import { type WindowAttrs, windowGeometry } from "../../graph/window.ts";
import { optimise } from "../../passes/optimise.ts";
import { type Shape, sameShape, sizeOf, type Tensor } from "../../tensor.ts";

/** Weights may differ in the last bits, by the order in which batch norms were folded. */
const TOLERANCE = 1e-6;

/**
 * Whether two programs compute the same result for the same picture, compared op by op with their weights from the
 * outputs back to the input. Differences of form do not count: folded batch norms and padding, a dense layer and a 1x1
 * convolution of one pixel, vectors and maps of one pixel, names and order.
 *
 * @param known one of our networks, whose size bounds the search, however large `other` is
 */
export function sameComputation(known: Program, other: Program): boolean {
  if (!sameShape(known.graph.input.shape, other.graph.input.shape)) return false;
  const [a, b] = [known, other].map((program) => new Values(optimise(program)));
  // Failures are cached too: trying both orders of every sum and product would take exponential time.
  const seen = new Map<Node, Map<Node, boolean>>(a.nodes.map((node) => [node, new Map()]));
  const same = (x: string, y: string): boolean => {
    const [left, right] = [a.nodeOf(x), b.nodeOf(y)];
    if (!left || !right) return left === right && a.isInput(x) && b.isInput(y);
    const known = seen.get(left)?.get(right);
    if (known !== undefined) return known;
    const equal = sameNode(left, right);
    seen.get(left)?.set(right, equal);
    return equal;
  };
  const sameNode = (left: Node, right: Node): boolean => {
    if (a.form(left) !== b.form(right) || !sameWeights(a.weights(left), b.weights(right))) return false;
    const [inputs, others] = [a.data(left), b.data(right)];
    const all = (order: readonly string[]) => inputs.every((input, i) => same(input, order[i]));
    if (inputs.length !== others.length) return false;
    return all(others) || (isCommutative(left) && all([...others].reverse()));
  };
  const [outputs, others] = [a.outputs, b.outputs];
  return outputs.length === others.length && outputs.every((output, i) => same(output, others[i]));
}

/** Kernel, then bias. */
function sameWeights(a: readonly Tensor[], b: readonly Tensor[]): boolean {
  return a.length === b.length && a.every((tensor, i) => sameNumbers(tensor.data, b[i].data));
}

function sameNumbers(a: Float32Array, b: Float32Array): boolean {
  let largest = 0;
  for (const x of a) largest = Math.max(largest, Math.abs(x));
  return a.length === b.length && a.every((x, i) => Math.abs(x - b[i]) <= TOLERANCE * largest);
}

function isCommutative(node: Node): boolean {
  return is(node, add) || is(node, multiply);
}

/** Whether a shape has one number per channel. */
function isPixel(shape: Shape): boolean {
  return sizeOf(shape) === shape[0] * shape[shape.length - 1];
}

class Values {
  readonly #program: Program;
  readonly #nodes: ReadonlyMap<string, Node>;

  constructor(program: Program) {
    this.#program = program;
    this.#nodes = new Map(program.graph.nodes.map((node) => [node.name, node]));
  }

  get nodes(): readonly Node[] {
    return this.#program.graph.nodes;
  }

  get outputs(): readonly string[] {
    return this.#program.graph.outputs;
  }

  isInput(value: string): boolean {
    return value === this.#program.graph.input.name;
  }

  /** The node that makes a value, before reshapes of one pixel. Undefined for the input. */
  nodeOf(value: string): Node | undefined {
    let node = this.#nodes.get(value);
    while (node && is(node, reshape) && isPixel(node.shape) && isPixel(this.#shape(node.inputs[0]))) {
      node = this.#nodes.get(node.inputs[0]);
    }
    return node;
  }

  data(node: Node): readonly string[] {
    return node.inputs.filter((input) => !(input in this.#program.weights));
  }

  weights(node: Node): readonly Tensor[] {
    return node.inputs.flatMap((input) => this.#program.weights[input] ?? []);
  }

  /** A node's computation as a text, which is equal for equal ops. */
  form(node: Node): string {
    const [, height, width] = this.#shape(node.inputs[0]);
    const window = ({ kernelSize, strides, padding }: WindowAttrs) =>
      JSON.stringify([kernelSize, strides, windowGeometry(height, width, { kernelSize, strides, padding })]);
    if (is(node, dense)) return `pixelwise ${node.attrs.activation}`;
    if (is(node, conv2d)) {
      const { kernelSize, activation: act, residual = false } = node.attrs;
      if (isPixel(this.#shape(node.inputs[0])) && kernelSize[0] * kernelSize[1] === 1 && !residual) {
        return `pixelwise ${act}`;
      }
      return `conv ${window(node.attrs)} ${act} ${residual}`;
    }
    if (is(node, depthwiseConv2d)) return `depthwise ${window(node.attrs)} ${node.attrs.activation}`;
    if (is(node, activation)) return node.attrs.activation;
    // A factor such as 1/127.5 may have been rounded to float32.
    if (is(node, rescaling)) return `rescaling ${Math.fround(node.attrs.scale)} ${Math.fround(node.attrs.offset)}`;
    // The two pooling layers differ only by `keepdims`.
    const pools = [globalAveragePooling2d.name, globalMaxPooling2d.name, add.name, multiply.name];
    return pools.includes(node.op) ? node.op : `${node.op} ${JSON.stringify(node.attrs)}`;
  }

  #shape(value: string): Shape {
    const { graph } = this.#program;
    return this.#nodes.get(value)?.shape ?? graph.input.shape;
  }
}
