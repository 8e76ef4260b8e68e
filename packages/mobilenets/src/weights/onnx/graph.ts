import { WeightsError } from "../../errors.ts";
import type { Activation } from "../../graph/activations.ts";
import type { Node, Program } from "../../graph/graph.ts";
import { activation } from "../../graph/ops/activation.ts";
import { add } from "../../graph/ops/add.ts";
import { batchNormalization } from "../../graph/ops/batch_normalization.ts";
import { conv2d } from "../../graph/ops/conv2d.ts";
import { depthwiseConv2d } from "../../graph/ops/depthwise_conv2d.ts";
import { globalAveragePooling2d } from "../../graph/ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "../../graph/ops/global_max_pooling2d.ts";
import { multiply } from "../../graph/ops/multiply.ts";
import { rescaling } from "../../graph/ops/rescaling.ts";
import { reshape } from "../../graph/ops/reshape.ts";
import { zeroPadding2d } from "../../graph/ops/zero_padding2d.ts";
import { is, isConvolution, isWeighted } from "../../graph/ops.ts";
import { shapesOf } from "../../graph/shapes.ts";
import { windowGeometry } from "../../graph/window.ts";
import { formatShape, type Shape, type Tensor } from "../../tensor.ts";
import { toOnnxKernel } from "./kernels.ts";
import { ATTRIBUTE_TYPE, DATA_TYPE, type DimensionProto } from "./schema.ts";
import { type Target, writeImported } from "./write-imported.ts";

/** Layout at the graph's ends; inside it is always NCHW, by the definition of ONNX's operators. */
export type Layout = "nchw" | "nhwc";

/** An integer is an `int`, a text a `string`, a list `ints`, and `{ float }` a float of any value. */
type Attribute = number | string | readonly number[] | { readonly float: number };
type Attributes = Readonly<Record<string, Attribute>>;

const TO_NCHW = { perm: [0, 3, 1, 2] };
const TO_NHWC = { perm: [0, 2, 3, 1] };

/** Operators of activations without constants. */
const OPERATORS: Partial<Record<Activation, readonly [opType: string, attributes?: Attributes]>> = {
  linear: ["Identity"],
  relu: ["Relu"],
  sigmoid: ["Sigmoid"],
  hard_swish: ["HardSwish"],
  // The operator's default slope is the older 0.2.
  hard_sigmoid: ["HardSigmoid", { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }],
};

/**
 * Converts a program to ONNX nodes and initializers. Values keep their names; weights are `<layer>/<weight>`.
 * @throws WeightsError for a layer that ONNX's operators cannot express
 */
export class OnnxGraph {
  readonly #program: Program;
  readonly #shapes: ReadonlyMap<string, Shape>;
  /** Names of values in the file, if they differ. */
  readonly #names = new Map<string, string>();
  readonly #nodes: object[] = [];
  readonly #initializers = new Map<string, object>();
  readonly #input: object;
  readonly #outputs: readonly object[];

  /** @param outputNames names of the outputs in the file */
  constructor(program: Program, outputNames: readonly string[], layout: Layout) {
    this.#program = program;
    const { graph } = program;
    this.#shapes = shapesOf(graph);
    this.#input = valueInfo(graph.input.name, layout === "nchw" ? nchw(graph.input.shape) : graph.input.shape);
    if (layout === "nhwc") {
      this.#names.set(graph.input.name, `${graph.input.name}/nchw`);
      this.#emit("Transpose", [graph.input.name], `${graph.input.name}/nchw`, TO_NCHW);
    }
    const names = unique([graph.input.name, ...outputNames]).slice(1);
    const copied = this.#nameOutputs(names, layout);
    for (const node of graph.nodes) this.#node(node);
    for (const i of copied) {
      const value = graph.outputs[i];
      const [opType, attributes] =
        layout === "nhwc" && this.#shape(value).length === 4 ? (["Transpose", TO_NHWC] as const) : ["Identity"];
      this.#emit(opType, [this.#nameOf(value)], names[i], attributes);
    }
    this.#outputs = graph.outputs.map((value, i) => {
      const shape = this.#shape(value);
      return valueInfo(names[i], layout === "nchw" ? nchw(shape) : shape);
    });
  }

  proto(): object {
    return {
      node: this.#nodes,
      name: this.#program.graph.name,
      initializer: [...this.#initializers.values()],
      input: [this.#input],
      output: this.#outputs,
    };
  }

  /**
   * Gives layers' results the names of outputs. A result that already has an output's name, is the picture, or has another
   * layout needs a copy. Returns the positions of these.
   */
  #nameOutputs(names: readonly string[], layout: Layout): number[] {
    const { input, outputs } = this.#program.graph;
    const taken = new Set(names);
    const copied = outputs.flatMap((value, i) => {
      const turned = layout === "nhwc" && this.#shape(value).length === 4;
      if (turned || value === input.name || this.#names.has(value)) return [i];
      this.#names.set(value, names[i]);
      return [];
    });
    // Any other value with an output's name gets another name.
    for (const { name } of this.#program.graph.nodes) {
      if (taken.has(name) && !this.#names.has(name)) this.#names.set(name, `${name}/inner`);
    }
    return copied;
  }

  #nameOf(value: string): string {
    return this.#names.get(value) ?? value;
  }

  #shape(value: string): Shape {
    return this.#shapes.get(value) as Shape;
  }

  #emit(opType: string, input: readonly string[], output: string, attributes: Attributes = {}): void {
    const attribute = Object.entries(attributes).map(([name, value]) => ({ name, ...attributeOf(value) }));
    this.#nodes.push({ name: output, opType, input, output: [output], attribute });
  }

  #weight(name: string, dims: Shape, data: Float32Array): string {
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#initializers.set(name, { name, dims, dataType: DATA_TYPE.float, rawData });
    return name;
  }

  #scalar(name: string, value: number): string {
    return this.#weight(name, [], Float32Array.of(value));
  }

  #integers(name: string, values: readonly number[]): string {
    const data = BigInt64Array.from(values, BigInt);
    this.#initializers.set(name, {
      name,
      dims: [values.length],
      dataType: DATA_TYPE.int64,
      rawData: new Uint8Array(data.buffer),
    });
    return name;
  }

  #node(node: Node): void {
    const x = this.#nameOf(node.inputs[0]);
    const y = this.#nameOf(node.name);
    if (isWeighted(node)) {
      this.#layer(node, x, y);
    } else if (is(node, activation)) {
      this.#activation(node.attrs.activation, x, y, node.shape.length);
    } else if (node.op === add.name || node.op === multiply.name) {
      this.#emit(node.op === add.name ? "Add" : "Mul", [x, this.#nameOf(node.inputs[1])], y);
    } else if (is(node, batchNormalization)) {
      this.#batchNorm(node, x, y);
    } else if (is(node, globalAveragePooling2d) || is(node, globalMaxPooling2d)) {
      const kept = node.attrs.keepdims ? y : `${y}/pooled`;
      this.#emit(is(node, globalAveragePooling2d) ? "GlobalAveragePool" : "GlobalMaxPool", [x], kept);
      if (!node.attrs.keepdims) this.#emit("Flatten", [kept], y);
    } else if (is(node, rescaling)) {
      this.#emit("Mul", [x, this.#scalar(`${y}/scale`, node.attrs.scale)], `${y}/scaled`);
      this.#emit("Add", [`${y}/scaled`, this.#scalar(`${y}/offset`, node.attrs.offset)], y);
    } else if (is(node, reshape)) {
      this.#reshape(node, x, y);
    } else if (is(node, zeroPadding2d)) {
      const { top, left, bottom, right } = node.attrs.padding;
      this.#emit("Pad", [x, this.#integers(`${y}/pads`, [0, 0, top, left, 0, 0, bottom, right])], y);
    } else if (!writeImported(this.#target, node, x, y)) {
      throw new WeightsError({ where: node.name, found: `op ${node.op}, which this package cannot write as ONNX` });
    }
  }

  get #target(): Target {
    return {
      emit: (...operator) => this.#emit(...operator),
      scalar: (name, value) => this.#scalar(name, value),
      integers: (name, values) => this.#integers(name, values),
      vector: (name) => this.#vector(name),
      nameOf: (value) => this.#nameOf(value),
      shape: (value) => this.#shape(value),
    };
  }

  /** Emits a convolution or dense layer, then its residual and its activation. */
  #layer(node: Node, x: string, y: string): void {
    const [input, kernel, ...rest] = node.inputs;
    const attrs = node.attrs as { useBias: boolean; activation: Activation; residual?: boolean };
    const weights = [this.#kernel(node, kernel)];
    if (attrs.useBias) weights.push(this.#vector(rest[0]));
    const linear = attrs.activation === "linear" ? y : `${y}/linear`;
    const sum = attrs.residual ? `${y}/conv` : linear;
    if (isConvolution(node)) {
      const [, height, width, channels] = this.#shape(input);
      const { top, left, bottom, right } = windowGeometry(height, width, node.attrs).pad;
      this.#emit("Conv", [x, ...weights], sum, {
        kernel_shape: node.attrs.kernelSize,
        strides: node.attrs.strides,
        pads: [top, left, bottom, right],
        group: is(node, conv2d) ? 1 : channels,
      });
    } else {
      this.#emit("Gemm", [x, ...weights], sum);
    }
    if (attrs.residual) this.#emit("Add", [sum, this.#nameOf(rest[rest.length - 1])], linear);
    if (linear !== y) this.#activation(attrs.activation, linear, y, node.shape.length);
  }

  #kernel(node: Node, name: string): string {
    const { data, shape } = toOnnxKernel(this.#tensor(name), is(node, depthwiseConv2d));
    return this.#weight(name, shape, data);
  }

  #vector(name: string): string {
    const { data, shape } = this.#tensor(name);
    return this.#weight(name, shape, data);
  }

  #tensor(name: string): Tensor {
    const tensor = this.#program.weights[name];
    if (tensor) return tensor;
    throw new WeightsError({ where: name, found: "no value", expected: "a program with all its weights" });
  }

  #batchNorm(node: Node, x: string, y: string): void {
    const rank = node.shape.length;
    if (!is(node, batchNormalization) || (rank !== 2 && rank !== 4)) {
      throw new WeightsError({
        where: node.name,
        found: `batch norm of shape ${formatShape(node.shape)}`,
        expected: "[n,h,w,c] or [n,c]",
      });
    }
    const weights = node.inputs.slice(1).map((name) => this.#vector(name));
    this.#emit("BatchNormalization", [x, ...weights], y, { epsilon: { float: node.attrs.epsilon } });
  }

  #activation(name: Activation, x: string, y: string, rank: number): void {
    if (name === "relu6") {
      this.#emit("Clip", [x, this.#scalar("relu6/min", 0), this.#scalar("relu6/max", 6)], y);
    } else if (name === "softmax") {
      this.#emit("Softmax", [x], y, { axis: rank === 4 ? 1 : rank - 1 });
    } else {
      const [opType, attributes] = OPERATORS[name] as readonly [string, Attributes?];
      this.#emit(opType, [x], y, attributes);
    }
  }

  /** A reshape keeps the order of numbers in our layout, so maps are transposed to it first. */
  #reshape(node: Node, x: string, y: string): void {
    const from = this.#shape(node.inputs[0]);
    const flat = ordered(from) ? x : `${y}/nhwc`;
    if (flat !== x) this.#emit("Transpose", [x], flat, TO_NHWC);
    const reshaped = ordered(node.shape) ? y : `${y}/reshaped`;
    const target = reshaped === y ? nchw(node.shape) : node.shape;
    // Zero keeps the size of the batch.
    this.#emit("Reshape", [flat, this.#integers(`${y}/shape`, [0, ...target.slice(1)])], reshaped);
    if (reshaped !== y) this.#emit("Transpose", [reshaped], y, TO_NCHW);
  }
}

function attributeOf(value: Attribute): object {
  if (typeof value === "number") return { i: value, type: ATTRIBUTE_TYPE.int };
  if (typeof value === "string") return { s: new TextEncoder().encode(value), type: ATTRIBUTE_TYPE.string };
  return "float" in value ? { f: value.float, type: ATTRIBUTE_TYPE.float } : { ints: value, type: ATTRIBUTE_TYPE.ints };
}

/** A value with an open batch size. */
function valueInfo(name: string, [, ...item]: Shape): object {
  const dim: DimensionProto[] = [{ dimParam: "batch" }, ...item.map((dimValue) => ({ dimValue }))];
  return { name, type: { tensorType: { elemType: DATA_TYPE.float, shape: { dim } } } };
}

function nchw(shape: Shape): Shape {
  return shape.length === 4 ? [shape[0], shape[3], shape[1], shape[2]] : shape;
}

/** Whether a value's numbers have the same order in both layouts. */
function ordered(shape: Shape): boolean {
  return shape.length !== 4 || shape[1] * shape[2] === 1 || shape[3] === 1;
}

function unique(names: readonly string[]): string[] {
  return names.map((name, i) => (names.indexOf(name) === i ? name : `${name}/${i}`));
}
