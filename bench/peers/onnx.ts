// Writes ONNX files, NCHW, as the exporters of PyTorch and Keras would for the same network.
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
import { windowGeometry } from "../../packages/mobilenets/src/graph/window.ts";
import type { Shape } from "../../packages/mobilenets/src/tensor.ts";
import { type AttributeValue, encode, type OnnxModel } from "./onnx-file.ts";
import { plain, shapeOf } from "./plain.ts";

export function onnx(program: Program): Uint8Array {
  return encode(new Writer(plain(program)).model);
}

class Writer {
  readonly model: OnnxModel;
  readonly #program: Program;

  constructor(program: Program) {
    this.#program = program;
    const { graph } = program;
    const [output] = graph.outputs;
    this.model = {
      name: graph.name,
      nodes: [],
      weights: [],
      input: { name: graph.input.name, dims: nchw(graph.input.shape) },
      output: { name: output, dims: nchw(shapeOf(program, output)) },
    };
    for (const node of graph.nodes) this.#node(node);
  }

  #emit(
    opType: string,
    input: readonly string[],
    output: string,
    attributes?: Readonly<Record<string, AttributeValue>>,
  ): void {
    this.model.nodes.push({ opType, input, output, attributes });
  }

  #node(node: Node): void {
    const [x] = node.inputs;
    if (is(node, conv2d) || is(node, depthwiseConv2d) || is(node, dense)) {
      const linear = node.attrs.activation === "linear" ? node.name : `${node.name}/linear`;
      this.#layer(node, linear);
      if (linear !== node.name) this.#activation(node.attrs.activation, linear, node.name);
    } else if (is(node, activation)) {
      this.#activation(node.attrs.activation, x, node.name);
    } else if (node.op === add.name || node.op === multiply.name) {
      this.#emit(node.op === add.name ? "Add" : "Mul", node.inputs, node.name);
    } else if (is(node, globalAveragePooling2d)) {
      const pooled = node.shape.length === 4 ? node.name : `${node.name}/pooled`;
      this.#emit("GlobalAveragePool", [x], pooled);
      if (pooled !== node.name) this.#emit("Flatten", [pooled], node.name);
    } else if (is(node, reshape) && node.shape.length === 2 && isPixel(shapeOf(this.#program, x))) {
      this.#emit("Flatten", [x], node.name);
    } else {
      throw new Error(`${node.name}: no ONNX operator for ${node.op} to [${node.shape}]`);
    }
  }

  #layer(node: Node, output: string): void {
    const [x, kernel, bias] = node.inputs;
    const { shape, data } = this.#program.weights[kernel];
    this.#weight(bias, this.#program.weights[bias].shape, this.#program.weights[bias].data);
    if (is(node, dense)) {
      this.#weight(kernel, shape, data);
      this.#emit("Gemm", node.inputs, output);
      return;
    }
    if (!is(node, conv2d) && !is(node, depthwiseConv2d)) return;
    // [kh,kw,c,filters] to [filters,c,kh,kw]; of a depthwise kernel [kh,kw,c,1] to [c,1,kh,kw].
    const [kh, kw, c, filters] = shape;
    const rows = is(node, conv2d) ? c : 1;
    const columns = is(node, conv2d) ? filters : c * filters;
    const turned = new Float32Array(data.length);
    for (let tap = 0, at = 0; tap < kh * kw; tap++) {
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) turned[(column * rows + row) * kh * kw + tap] = data[at++];
      }
    }
    this.#weight(kernel, [columns, rows, kh, kw], turned);
    const [, height, width] = shapeOf(this.#program, x);
    const { top, left, bottom, right } = windowGeometry(height, width, node.attrs).pad;
    this.#emit("Conv", node.inputs, output, {
      kernel_shape: [kh, kw],
      strides: node.attrs.strides,
      pads: [top, left, bottom, right],
      group: is(node, conv2d) ? 1 : c,
    });
  }

  #weight(name: string, dims: readonly number[], data: Float32Array): void {
    this.model.weights.push({ name, dims, data });
  }

  #activation(act: Activation, x: string, y: string): void {
    switch (act) {
      case "relu":
        this.#emit("Relu", [x], y);
        break;
      case "relu6":
        this.#weight(`${y}/min`, [], Float32Array.of(0));
        this.#weight(`${y}/max`, [], Float32Array.of(6));
        this.#emit("Clip", [x, `${y}/min`, `${y}/max`], y);
        break;
      case "hard_swish":
        this.#emit("HardSwish", [x], y);
        break;
      case "hard_sigmoid":
        this.#emit("HardSigmoid", [x], y, { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
        break;
      case "softmax":
        this.#emit("Softmax", [x], y, { axis: -1 });
        break;
      default:
        throw new Error(`${y}: no ONNX operator for ${act}`);
    }
  }
}

const isPixel = (shape: Shape) => shape.length === 4 && shape[1] * shape[2] === 1;

function nchw(shape: Shape): Shape {
  return shape.length === 4 ? [shape[0], shape[3], shape[1], shape[2]] : shape;
}
