import type { Activation } from "../../graph/activations.ts";
import type { Node, Program } from "../../graph/graph.ts";
import { activation } from "../../graph/ops/activation.ts";
import { add } from "../../graph/ops/add.ts";
import { batchNormalization } from "../../graph/ops/batch_normalization.ts";
import { dense } from "../../graph/ops/dense.ts";
import { depthwiseConv2d } from "../../graph/ops/depthwise_conv2d.ts";
import { globalAveragePooling2d } from "../../graph/ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "../../graph/ops/global_max_pooling2d.ts";
import { multiply } from "../../graph/ops/multiply.ts";
import { rescaling } from "../../graph/ops/rescaling.ts";
import { reshape } from "../../graph/ops/reshape.ts";
import { zeroPadding2d } from "../../graph/ops/zero_padding2d.ts";
import { is, isWeighted } from "../../graph/ops.ts";
import { type ExplicitPadding, namedPadding, type WindowAttrs, windowGeometry } from "../../graph/window.ts";
import { optimiseForExport } from "../../passes/optimise.ts";
import type { Shape, Tensor } from "../../tensor.ts";
import type { Writer } from "../format.ts";
import { writeMetadata } from "../metadata.ts";
import { encode, type FileOperator, type FileTensor, type Option } from "./encode.ts";
import { loadFlatbuffers } from "./flatbuffers.ts";
import {
  ARITHMETIC_OPTIONS,
  CONV_OPTIONS,
  DENSE_OPTIONS,
  DEPTHWISE_OPTIONS,
  FUSED,
  type OpName,
  PADDING,
  REDUCER_OPTIONS,
  SOFTMAX_OPTIONS,
} from "./schema.ts";
import { type Target, writeImported } from "./write-imported.ts";

/**
 * Writes a model as a float32 TFLite file for any batch size, as TensorFlow's converter does: batch norms are folded into
 * the layers before them, activations fused if TFLite has them, weights in its layouts. The metadata have network,
 * options, preprocessing and labels.
 *
 * @throws WeightsError if the npm package `flatbuffers` is not installed, or for an op without TFLite operators
 */
export const writeTflite: Writer = async (model) => {
  const { Builder } = await loadFlatbuffers("write TFLite files");
  // The file's operators already have the graph.
  const { graph, ...metadata } = writeMetadata(model);
  const lowered = new Lowering(optimiseForExport(model.program));
  return { bytes: encode({ ...lowered, metadata: new TextEncoder().encode(JSON.stringify(metadata)) }, Builder) };
};

/** Activations that TFLite's layers have built in; others are separate operators. */
const FUSIBLE: Partial<Record<Activation, number>> = { linear: FUSED.NONE, relu: FUSED.RELU, relu6: FUSED.RELU6 };

const SEPARATE: Partial<Record<Activation, OpName>> = {
  relu: "RELU",
  relu6: "RELU6",
  sigmoid: "LOGISTIC",
  hard_swish: "HARD_SWISH",
};

/** Converts a program to TFLite's operators. */
class Lowering {
  readonly name: string;
  readonly tensors: FileTensor[] = [];
  readonly operators: FileOperator[] = [];
  readonly input: number;
  readonly outputs: readonly number[];
  readonly #program: Program;
  /** Tensor indices of the graph's values; intermediate tensors have no name there. */
  readonly #values = new Map<string, number>();

  constructor(program: Program) {
    this.#program = program;
    const { name, input, nodes, outputs } = program.graph;
    this.name = name;
    this.input = this.#tensor(input.name, input.shape);
    this.#values.set(input.name, this.input);
    for (const node of nodes) this.#values.set(node.name, this.#node(node));
    this.outputs = outputs.map((output) => this.#indexOf(output));
  }

  #tensor(name: string, shape: Shape, data?: FileTensor["data"]): number {
    return this.tensors.push({ name, shape, data }) - 1;
  }

  #indexOf(value: string): number {
    return this.#values.get(value) ?? this.#weights(value, this.#program.weights[value]);
  }

  #weights(name: string, { shape, data }: Tensor): number {
    const index = this.#values.get(name) ?? this.#tensor(name, shape, data);
    this.#values.set(name, index);
    return index;
  }

  #emit(op: OpName, inputs: readonly number[], name: string, shape: Shape, options: readonly Option[] = []): number {
    const output = this.#tensor(name, shape);
    this.operators.push({ op, inputs, output, options });
    return output;
  }

  #node(node: Node): number {
    const { name, inputs, shape } = node;
    const x = this.#indexOf(inputs[0]);
    if (isWeighted(node)) return this.#layer(node, x);
    if (is(node, activation)) return this.#activation(node.attrs.activation, x, name, shape);
    if (is(node, globalAveragePooling2d)) return this.#reduce("MEAN", x, node);
    if (is(node, globalMaxPooling2d)) return this.#reduce("REDUCE_MAX", x, node);
    if (is(node, zeroPadding2d)) return this.#pad(x, node.attrs.padding, name, shape);
    if (is(node, reshape)) {
      const target = this.#tensor(`${name}/shape`, [shape.length], Int32Array.from([-1, ...shape.slice(1)]));
      return this.#emit("RESHAPE", [x, target], name, shape);
    }
    if (is(node, rescaling)) {
      const { scale, offset } = node.attrs;
      return this.#affine(node, x, [], Float32Array.of(scale), Float32Array.of(offset));
    }
    if (is(node, batchNormalization)) {
      const [gamma, beta, mean, variance] = inputs.slice(1).map((param) => this.#program.weights[param].data);
      const scale = gamma.map((g, c) => g / Math.sqrt(variance[c] + node.attrs.epsilon));
      const offset = beta.map((b, c) => b - mean[c] * scale[c]);
      return this.#affine(node, x, [scale.length], scale, offset);
    }
    if (node.op === add.name) return this.#arithmetic("ADD", x, this.#indexOf(inputs[1]), name, shape);
    if (node.op === multiply.name) return this.#arithmetic("MUL", x, this.#indexOf(inputs[1]), name, shape);
    return writeImported(this.#target, node, x);
  }

  readonly #target: Target = {
    emit: (...operator) => this.#emit(...operator),
    constant: (...tensor) => this.#tensor(...tensor),
    indexOf: (value) => this.#indexOf(value),
    weights: (value) => this.#program.weights[value],
    shape: (value) => this.tensors[this.#indexOf(value)].shape,
  };

  /** Emits a convolution or dense layer with its activation, and a fused residual before that. */
  #layer(node: Node & { attrs: { activation: Activation; residual?: boolean; useBias: boolean } }, x: number): number {
    const { activation: act, residual, useBias } = node.attrs;
    const fused = residual ? undefined : FUSIBLE[act];
    const name = fused === undefined ? `${node.name}/linear` : node.name;
    const channels = node.shape[node.shape.length - 1];
    const bias = useBias
      ? this.#indexOf(node.inputs[2])
      : this.#tensor(`${node.name}/bias`, [channels], new Float32Array(channels));
    let y = this.#window(node, x, [this.#kernel(node), bias], name, fused ?? FUSED.NONE);
    if (residual) {
      const sum = act === "linear" ? node.name : `${node.name}/sum`;
      y = this.#arithmetic("ADD", y, this.#indexOf(node.inputs[node.inputs.length - 1]), sum, node.shape);
    }
    return fused === undefined && act !== "linear" ? this.#activation(act, y, node.name, node.shape) : y;
  }

  #window(node: Node, x: number, weights: readonly number[], name: string, fused: number): number {
    if (is(node, dense)) {
      return this.#emit("FULLY_CONNECTED", [x, ...weights], name, node.shape, [[DENSE_OPTIONS.fused, "int8", fused]]);
    }
    const window = node.attrs as WindowAttrs;
    const { source, padding } = this.#padded(node, x, window);
    const [op, o] = is(node, depthwiseConv2d)
      ? (["DEPTHWISE_CONV_2D", DEPTHWISE_OPTIONS] as const)
      : (["CONV_2D", CONV_OPTIONS] as const);
    const options: Option[] = [
      [o.padding, "int8", padding],
      [o.strideW, "int32", window.strides[1]],
      [o.strideH, "int32", window.strides[0]],
      [o.fused, "int8", fused],
    ];
    if (is(node, depthwiseConv2d)) {
      options.push([DEPTHWISE_OPTIONS.multiplier, "int32", node.attrs.depthMultiplier]);
    }
    return this.#emit(op, [source, ...weights], name, node.shape, options);
  }

  /** TFLite's windows have SAME and VALID; other padding becomes a separate operator. */
  #padded(node: Node, x: number, window: WindowAttrs): { source: number; padding: number } {
    const { shape, name } = this.tensors[x];
    const [batch, height, width, channels] = shape;
    const named = namedPadding(height, width, window);
    if (named) return { source: x, padding: PADDING[named] };
    const { pad } = windowGeometry(height, width, window);
    const padded = [batch, height + pad.top + pad.bottom, width + pad.left + pad.right, channels];
    return { source: this.#pad(x, pad, `${node.name}/padded ${name}`, padded), padding: PADDING.valid };
  }

  #pad(x: number, { top, bottom, left, right }: ExplicitPadding, name: string, shape: Shape): number {
    const widths = this.#tensor(`${name}/widths`, [4, 2], Int32Array.of(0, 0, top, bottom, left, right, 0, 0));
    return this.#emit("PAD", [x, widths], name, shape);
  }

  /** HWIO to OHWI; [kh,kw,c,multiplier] to [1,kh,kw,c*multiplier]; [c,units] to [units,c]. */
  #kernel(node: Node): number {
    const name = node.inputs[1];
    const { shape, data } = this.#program.weights[name];
    if (is(node, depthwiseConv2d)) {
      return this.#weights(name, { data, shape: [1, shape[0], shape[1], shape[2] * shape[3]] });
    }
    const outputs = shape[shape.length - 1];
    const moved = new Float32Array(data.length);
    const rows = data.length / outputs;
    for (let r = 0, at = 0; r < rows; r++) for (let o = 0; o < outputs; o++) moved[o * rows + r] = data[at++];
    return this.#weights(name, { data: moved, shape: [outputs, ...shape.slice(0, -1)] });
  }

  #activation(act: Activation, x: number, name: string, shape: Shape): number {
    const op = SEPARATE[act];
    if (op) return this.#emit(op, [x], name, shape);
    if (act === "softmax") return this.#emit("SOFTMAX", [x], name, shape, [[SOFTMAX_OPTIONS.beta, "float32", 1]]);
    // The converter's hard sigmoid: relu6(x + 3) / 6.
    const three = this.#tensor(`${name}/3`, [], Float32Array.of(3));
    const sixth = this.#tensor(`${name}/6`, [], Float32Array.of(1 / 6));
    const clipped = this.#arithmetic("ADD", x, three, `${name}/relu6`, shape, FUSED.RELU6);
    return this.#arithmetic("MUL", clipped, sixth, name, shape);
  }

  #arithmetic(op: "ADD" | "MUL", a: number, b: number, name: string, shape: Shape, fused = FUSED.NONE): number {
    return this.#emit(op, [a, b], name, shape, [[ARITHMETIC_OPTIONS.fused, "int8", fused]]);
  }

  #affine({ name, shape }: Node, x: number, size: Shape, scale: Float32Array, offset: Float32Array): number {
    const scaled = this.#arithmetic("MUL", x, this.#tensor(`${name}/scale`, size, scale), `${name}/scaled`, shape);
    return this.#arithmetic("ADD", scaled, this.#tensor(`${name}/offset`, size, offset), name, shape);
  }

  #reduce(op: "MEAN" | "REDUCE_MAX", x: number, { name, shape }: Node): number {
    const axes = this.#tensor(`${name}/axes`, [2], Int32Array.of(1, 2));
    const keepDims = shape.length === 4 ? 1 : 0;
    return this.#emit(op, [x, axes], name, shape, [[REDUCER_OPTIONS.keepDims, "int8", keepDims]]);
  }
}
