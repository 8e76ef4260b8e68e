// Writes TensorFlow.js graph models as its converter does: with folded batch norms, and fused biases and activations.
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
import { type WindowAttrs, windowGeometry } from "../../packages/mobilenets/src/graph/window.ts";
import { optimiseForExport } from "../../packages/mobilenets/src/passes/optimise.ts";
import type { Shape } from "../../packages/mobilenets/src/tensor.ts";

/** The two files of a model, the first as JSON text. */
export interface GraphModel {
  readonly json: string;
  readonly weights: Uint8Array;
}

/** A NodeDef of TensorFlow's GraphDef in protobuf's JSON form: bytes as base64, 64-bit integers as texts. */
interface NodeDef {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, unknown>>;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const ints = (values: readonly number[]) => ({ list: { i: values.map(String) } });
const text = (value: string) => ({ s: base64(value) });
const texts = (values: readonly string[]) => ({ list: { s: values.map(base64) } });
const shapeAttr = (shape: Shape) => ({ shape: { dim: shape.map((size) => ({ size: String(size) })) } });

const FLOAT = { T: { type: "DT_FLOAT" } };
/** TensorFlow's names of fusible activations. */
const FUSED: Partial<Record<Activation, string>> = { relu: "Relu", relu6: "Relu6" };

export function graphModel(program: Program): GraphModel {
  return new Writer(optimiseForExport(program)).model();
}

class Writer {
  readonly #program: Program;
  readonly #nodes: NodeDef[] = [];
  readonly #weights: { name: string; shape: Shape; dtype: string; data: Float32Array | Int32Array }[] = [];

  constructor(program: Program) {
    this.#program = program;
    const { name, shape } = program.graph.input;
    this.#emit("Placeholder", name, [], { dtype: { type: "DT_FLOAT" }, shape: shapeAttr(shape) });
    for (const node of program.graph.nodes) this.#node(node);
  }

  model(): GraphModel {
    const weights = Buffer.concat(
      this.#weights.map(({ data: d }) => new Uint8Array(d.buffer, d.byteOffset, d.byteLength)),
    );
    const specs = this.#weights.map(({ name, shape, dtype }) => ({ name, shape, dtype }));
    const json = {
      format: "graph-model",
      modelTopology: { node: this.#nodes, versions: { producer: 1 } },
      weightsManifest: [{ paths: ["model.weights"], weights: specs }],
    };
    return { json: JSON.stringify(json), weights };
  }

  #emit(op: string, name: string, input: readonly string[], attr: NodeDef["attr"] = FLOAT): string {
    this.#nodes.push({ name, op, input, attr });
    return name;
  }

  #constant(name: string, shape: Shape, data: Float32Array | Int32Array): string {
    const float = data instanceof Float32Array;
    this.#weights.push({ name, shape, dtype: float ? "float32" : "int32", data });
    const dtype = { type: float ? "DT_FLOAT" : "DT_INT32" };
    return this.#emit("Const", name, [], {
      dtype,
      value: { tensor: { ...dtype, tensorShape: shapeAttr(shape).shape } },
    });
  }

  #node(node: Node): void {
    const { name, inputs } = node;
    if (is(node, conv2d) || is(node, depthwiseConv2d) || is(node, dense)) {
      this.#layer(node, node.attrs.activation);
    } else if (is(node, activation)) {
      this.#activation(node.attrs.activation, inputs[0], name);
    } else if (node.op === add.name || node.op === multiply.name) {
      this.#emit(node.op === add.name ? "AddV2" : "Mul", name, inputs);
    } else if (is(node, globalAveragePooling2d)) {
      const axes = this.#constant(`${name}/axes`, [2], Int32Array.of(1, 2));
      this.#emit("Mean", name, [inputs[0], axes], { ...FLOAT, keep_dims: { b: node.shape.length === 4 } });
    } else if (is(node, reshape)) {
      const target = this.#constant(`${name}/shape`, [node.shape.length], Int32Array.from(node.shape));
      this.#emit("Reshape", name, [inputs[0], target]);
    } else {
      throw new Error(`${name}: no TensorFlow.js operator for ${node.op}`);
    }
  }

  #layer(node: Node, act: Activation): void {
    const [x, kernel, bias] = node.inputs;
    for (const weight of [kernel, bias]) {
      const { shape, data } = this.#program.weights[weight];
      this.#constant(weight, shape, data);
    }
    const fused = FUSED[act];
    const linear = act === "linear" || fused !== undefined;
    const name = linear ? node.name : `${node.name}/linear`;
    const common = {
      ...FLOAT,
      num_args: { i: "1" },
      fused_ops: texts(fused === undefined ? ["BiasAdd"] : ["BiasAdd", fused]),
    };
    if (is(node, conv2d) || is(node, depthwiseConv2d)) {
      const [strideH, strideW] = node.attrs.strides;
      this.#emit(is(node, conv2d) ? "_FusedConv2D" : "FusedDepthwiseConv2dNative", name, [x, kernel, bias], {
        ...common,
        strides: ints([1, strideH, strideW, 1]),
        dilations: ints([1, 1, 1, 1]),
        padding: text(namedPadding(node, shapeOf(this.#program, x), node.attrs)),
        data_format: text("NHWC"),
      });
    } else {
      this.#emit("_FusedMatMul", name, [x, kernel, bias], {
        ...common,
        transpose_a: { b: false },
        transpose_b: { b: false },
      });
    }
    if (!linear) this.#activation(act, name, node.name);
  }

  /** Adds an activation. Hard sigmoid and hard swish are expanded, because TensorFlow has no operators for them. */
  #activation(act: Activation, x: string, y: string): void {
    if (act === "softmax") {
      this.#emit("Softmax", y, [x]);
    } else if (act === "hard_sigmoid" || act === "hard_swish") {
      const three = this.#constant(`${y}/3`, [], Float32Array.of(3));
      const sixth = this.#constant(`${y}/6`, [], Float32Array.of(1 / 6));
      const shifted = this.#emit("Relu6", `${y}/relu6`, [this.#emit("AddV2", `${y}/add`, [x, three])]);
      const gate = this.#emit("Mul", act === "hard_sigmoid" ? y : `${y}/gate`, [shifted, sixth]);
      if (act === "hard_swish") this.#emit("Mul", y, [x, gate]);
    } else {
      throw new Error(`${y}: no TensorFlow.js operator for ${act}`);
    }
  }
}

/**
 * The padding for formats with only `SAME` and `VALID`.
 * @throws for other padding, which the four networks do not have at even sizes
 */
function namedPadding(node: Node, input: Shape, attrs: WindowAttrs): "SAME" | "VALID" {
  const actual = JSON.stringify(windowGeometry(input[1], input[2], attrs));
  if (actual === JSON.stringify(windowGeometry(input[1], input[2], { ...attrs, padding: "same" }))) return "SAME";
  if (actual === JSON.stringify(windowGeometry(input[1], input[2], { ...attrs, padding: "valid" }))) return "VALID";
  throw new Error(`${node.name}: padding ${JSON.stringify(attrs.padding)} is neither SAME nor VALID`);
}

/** The shape of a program's value. */
function shapeOf({ graph }: Program, value: string): Shape {
  if (value === graph.input.name) return graph.input.shape;
  const shape = graph.params[value]?.shape ?? graph.nodes.find(({ name }) => name === value)?.shape;
  if (!shape) throw new Error(`${graph.name}: no value "${value}"`);
  return shape;
}
