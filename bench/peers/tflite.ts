// Writes TensorFlow Lite files (schema version 3), as the Keras converter would for the same network.
import type { Activation } from "../../packages/mobilenets/src/graph/activations.ts";
import type { Node, Program } from "../../packages/mobilenets/src/graph/graph.ts";
import { activation } from "../../packages/mobilenets/src/graph/ops/activation.ts";
import { add } from "../../packages/mobilenets/src/graph/ops/add.ts";
import { conv2d } from "../../packages/mobilenets/src/graph/ops/conv2d.ts";
import { dense } from "../../packages/mobilenets/src/graph/ops/dense.ts";
import { depthwiseConv2d } from "../../packages/mobilenets/src/graph/ops/depthwise_conv2d.ts";
import { globalAveragePooling2d } from "../../packages/mobilenets/src/graph/ops/global_average_pooling2d.ts";
import { multiply } from "../../packages/mobilenets/src/graph/ops/multiply.ts";
import { reshape } from "../../packages/mobilenets/src/graph/ops/reshape.ts";
import { is } from "../../packages/mobilenets/src/graph/ops.ts";
import type { Shape } from "../../packages/mobilenets/src/tensor.ts";
import { namedPadding, plain, shapeOf } from "./plain.ts";
import { type Field, finish, type TfliteModel } from "./tflite-file.ts";

/** BuiltinOperator and BuiltinOptions of the schema. */
const OPERATOR = {
  add: 0,
  conv: 3,
  depthwise: 4,
  dense: 9,
  mul: 18,
  reshape: 22,
  softmax: 25,
  mean: 40,
  hardSwish: 117,
};
const OPTIONS = { conv: 1, depthwise: 2, dense: 8, softmax: 9, add: 11, reshape: 17, mul: 21, mean: 27 };
const PADDING = { SAME: 0, VALID: 1 };
/** ActivationFunctionType; others are operators of their own. */
const FUSED: Partial<Record<Activation, number>> = { linear: 0, relu: 1, relu6: 3 };

export function tflite(program: Program): Uint8Array {
  return finish(new Writer(plain(program)).model);
}

class Writer {
  readonly model: TfliteModel;
  readonly #program: Program;
  readonly #tensors = new Map<string, number>();

  constructor(program: Program) {
    this.#program = program;
    const { graph } = program;
    this.model = { tensors: [], operators: [], inputs: [], outputs: [] };
    this.model.inputs.push(this.#value(graph.input.name, graph.input.shape));
    for (const node of graph.nodes) this.#node(node);
    this.model.outputs.push(...graph.outputs.map((name) => this.#tensors.get(name) as number));
  }

  #value(name: string, shape: Shape, data?: Float32Array | Int32Array): number {
    this.#tensors.set(name, this.model.tensors.push({ name, shape, data }) - 1);
    return this.#tensors.get(name) as number;
  }

  #operator(code: number, inputs: readonly number[], output: number, type = 0, options: readonly Field[] = []): void {
    this.model.operators.push({ code, inputs, output, type, options });
  }

  #node(node: Node): void {
    const { name, shape } = node;
    const [x, second] = node.inputs.map((input) => this.#tensors.get(input) as number);
    if (is(node, conv2d) || is(node, depthwiseConv2d) || is(node, dense)) {
      this.#layer(node, node.attrs.activation, x);
    } else if (is(node, activation)) {
      this.#activation(node.attrs.activation, x, name, shape);
    } else if (node.op === add.name || node.op === multiply.name) {
      const kind = node.op === add.name ? "add" : "mul";
      this.#operator(OPERATOR[kind], [x, second], this.#value(name, shape), OPTIONS[kind], [["int8", 0]]);
    } else if (is(node, globalAveragePooling2d)) {
      const axes = this.#value(`${name}/axes`, [2], Int32Array.of(1, 2));
      const keepDims: Field = ["int8", shape.length === 4 ? 1 : 0];
      this.#operator(OPERATOR.mean, [x, axes], this.#value(name, shape), OPTIONS.mean, [keepDims]);
    } else if (is(node, reshape)) {
      const target = this.#value(`${name}/shape`, [shape.length], Int32Array.from(shape));
      this.#operator(OPERATOR.reshape, [x, target], this.#value(name, shape), OPTIONS.reshape);
    } else {
      throw new Error(`${name}: no TFLite operator for ${node.op}`);
    }
  }

  /** Convolution or dense layer with its activation: the fused field where there is one. */
  #layer(node: Node, act: Activation, x: number): void {
    const fused = FUSED[act];
    const name = fused === undefined ? `${node.name}/linear` : node.name;
    const weights = this.#weights(node);
    const bias = this.#program.weights[node.inputs[2]];
    const y = this.#value(name, node.shape);
    const inputs = [
      x,
      weights,
      this.#tensors.get(node.inputs[2]) ?? this.#value(node.inputs[2], bias.shape, bias.data),
    ];
    const f = fused ?? 0;
    if (is(node, dense)) {
      this.#operator(OPERATOR.dense, inputs, y, OPTIONS.dense, [["int8", f]]);
    } else if (is(node, conv2d) || is(node, depthwiseConv2d)) {
      const padding = PADDING[namedPadding(node, shapeOf(this.#program, node.inputs[0]), node.attrs)];
      const [strideH, strideW] = node.attrs.strides;
      const window: Field[] = [
        ["int8", padding],
        ["int32", strideW],
        ["int32", strideH],
      ];
      if (is(node, conv2d)) this.#operator(OPERATOR.conv, inputs, y, OPTIONS.conv, [...window, ["int8", f]]);
      else this.#operator(OPERATOR.depthwise, inputs, y, OPTIONS.depthwise, [...window, ["int32", 1], ["int8", f]]);
    }
    if (fused === undefined) this.#activation(act, y, node.name, node.shape);
  }

  /** As the converter writes Keras' hard sigmoid: relu6(x + 3) / 6. */
  #activation(act: Activation, x: number, name: string, shape: Shape): void {
    if (act === "softmax") {
      const beta: Field = ["float32", 1];
      this.#operator(OPERATOR.softmax, [x], this.#value(name, shape), OPTIONS.softmax, [beta]);
    } else if (act === "hard_swish") {
      this.#operator(OPERATOR.hardSwish, [x], this.#value(name, shape));
    } else if (act === "hard_sigmoid") {
      const three = this.#value(`${name}/3`, [], Float32Array.of(3));
      const sixth = this.#value(`${name}/6`, [], Float32Array.of(1 / 6));
      const shifted = this.#value(`${name}/relu6`, shape);
      this.#operator(OPERATOR.add, [x, three], shifted, OPTIONS.add, [["int8", FUSED.relu6 as number]]);
      this.#operator(OPERATOR.mul, [shifted, sixth], this.#value(name, shape), OPTIONS.mul, [["int8", 0]]);
    } else {
      throw new Error(`${name}: no TFLite operator for ${act}`);
    }
  }

  /** HWIO to OHWI; [kh,kw,c,multiplier] to [1,kh,kw,c*multiplier]; [c,units] to [units,c]. */
  #weights(node: Node): number {
    const name = node.inputs[1];
    const { shape, data } = this.#program.weights[name];
    if (is(node, depthwiseConv2d)) return this.#value(name, [1, shape[0], shape[1], shape[2] * shape[3]], data);
    const columns = shape[shape.length - 1];
    return this.#value(name, [columns, ...shape.slice(0, -1)], transpose(data, data.length / columns, columns));
  }
}

function transpose(data: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let r = 0, at = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = data[at++];
  return out;
}
