import { WeightsError } from "../../errors.ts";
import { show } from "../../show.ts";
import { type Tensor, tensor } from "../../tensor.ts";
import type { LayerWeights } from "../match/layer-weights.ts";
import { transpose } from "../transpose.ts";
import { fromOnnxKernel } from "./kernels.ts";
import type { NodeProto } from "./schema.ts";
import { attributeOf, nodeName, type OnnxView } from "./view.ts";

/** A layer with weights, and its node's attributes. */
export interface OnnxLayer extends LayerWeights {
  readonly input: string;
  /** Name of the result, including the bias. */
  readonly output: string;
  /** Only for convolutions. */
  readonly window?: OnnxWindow;
  /** Only for batch norms. */
  readonly epsilon?: number;
}

export interface OnnxWindow {
  readonly strides: readonly [number, number];
  /** Padding at top, left, bottom, right; or TensorFlow's rule. */
  readonly pads: "same" | readonly [number, number, number, number];
}

/** Most layers, far more than our networks have. */
const MAX_LAYERS = 1000;

/** Operators without weights in exports of our networks, including shape arithmetic. */
const PASSED: ReadonlySet<string> = new Set(
  (
    "Add Sub Mul Div Relu ReluOrRelu6 Clip Min Max HardSwish HardSigmoid Sigmoid Softmax GlobalAveragePool GlobalMaxPool " +
    "AveragePool ReduceMean ReduceMax Flatten Reshape Transpose Squeeze Unsqueeze Pad Identity Dropout Cast Constant " +
    "ConstantOfShape Shape Gather Slice Concat Ceil"
  ).split(" "),
);

/**
 * The layers with weights in the file's order, which by ONNX's rules is that of data flow.
 * @param others whether to skip operators that none of our networks has
 * @throws WeightsError for such an operator otherwise
 */
export function layersOf(view: OnnxView, others = false): OnnxLayer[] {
  const layers: OnnxLayer[] = [];
  for (const node of view.graph.node) {
    const layer = read(view, node, others);
    if (layer) layers.push(layer);
    if (layers.length > MAX_LAYERS) {
      throw new WeightsError({ where: view.where, found: `more than ${MAX_LAYERS} layers`, expected: "a MobileNet" });
    }
  }
  return layers;
}

function read(view: OnnxView, node: NodeProto, others: boolean): OnnxLayer | undefined {
  const { opType = "", domain = "" } = node;
  if (domain === "" || domain === "ai.onnx") {
    if (opType === "Conv") return convolution(view, node);
    if (opType === "Gemm" || opType === "MatMul") return dense(view, node);
    if (opType === "BatchNormalization") return norm(view, node);
    if (others && opType === "LayerNormalization") return layerNorm(view, node);
    if (PASSED.has(opType)) return undefined;
  }
  if (others) return undefined;
  throw new WeightsError({
    where: `${view.where}: ${nodeName(node)}`,
    found: domain === "" ? "an operator that no network of ours has" : `an operator of domain ${show(domain)}`,
    hint: /Quant|QLinear|Integer/.test(opType)
      ? "is this a quantised model? Export it in float32"
      : "is it a MobileNet, as its exporter wrote it?",
  });
}

function convolution(view: OnnxView, node: NodeProto): OnnxLayer {
  const kernel = view.floats(inputOf(view, node, 1));
  const group = attributeOf(node, "group")?.i ?? 1;
  const [filters, perGroup] = kernel.shape;
  if (kernel.shape.length !== 4 || (group > 1 && (perGroup !== 1 || filters % group !== 0))) {
    fail(view, node, `kernel [${kernel.shape}] in ${group} groups`, "a 2-D convolution, of one group or depthwise");
  }
  if (attributeOf(node, "dilations")?.ints.some((n) => n !== 1)) fail(view, node, "dilations", "none");
  const depthwise = group > 1;
  const { bias, output, scaled } = affine(view, node, node.input[2], filters);
  return {
    name: nameOf(node),
    kind: depthwise ? "depthwise" : "conv",
    tensors: { [depthwise ? "depthwise_kernel" : "kernel"]: scaled(fromOnnxKernel(kernel, group)), ...bias },
    input: inputOf(view, node, 0),
    output,
    window: windowOf(view, node),
  };
}

function windowOf(view: OnnxView, node: NodeProto): OnnxWindow {
  const [sy = 1, sx = 1] = attributeOf(node, "strides")?.ints ?? [];
  const autoPad = new TextDecoder().decode(attributeOf(node, "auto_pad")?.s);
  if (autoPad === "SAME_UPPER") return { strides: [sy, sx], pads: "same" };
  if (!["", "NOTSET", "VALID"].includes(autoPad))
    fail(view, node, `auto_pad ${autoPad}`, "SAME_UPPER, VALID or NOTSET");
  const [top = 0, left = 0, bottom = 0, right = 0] = attributeOf(node, "pads")?.ints ?? [];
  return { strides: [sy, sx], pads: [top, left, bottom, right] };
}

function dense(view: OnnxView, node: NodeProto): OnnxLayer {
  const gemm = node.opType === "Gemm";
  const matrix = view.floats(inputOf(view, node, 1));
  const plain = ["alpha", "beta"].every((name) => (attributeOf(node, name)?.f ?? 1) === 1);
  if (matrix.shape.length !== 2 || !plain || attributeOf(node, "transA")?.i) {
    fail(view, node, `a product with [${matrix.shape}]`, "input times a matrix");
  }
  const kernel = gemm && attributeOf(node, "transB")?.i ? transpose(matrix, [1, 0]) : matrix;
  const { bias, output, scaled } = affine(view, node, gemm ? node.input[2] : undefined, kernel.shape[1]);
  const input = inputOf(view, node, 0);
  return { name: nameOf(node), kind: "conv", tensors: { kernel: scaled(kernel), ...bias }, input, output };
}

function norm(view: OnnxView, node: NodeProto): OnnxLayer {
  const [gamma, beta, moving_mean, moving_variance] = [1, 2, 3, 4].map((i) => view.floats(inputOf(view, node, i)));
  return {
    name: nameOf(node),
    kind: "norm",
    tensors: { gamma, beta, moving_mean, moving_variance },
    input: inputOf(view, node, 0),
    output: node.output[0] ?? "",
    epsilon: attributeOf(node, "epsilon")?.f ?? 1e-5,
  };
}

function layerNorm(view: OnnxView, node: NodeProto): OnnxLayer {
  const gamma = view.floats(inputOf(view, node, 1));
  const beta = node.input[2] ? view.floats(node.input[2]) : tensor(gamma.shape);
  const [output = ""] = node.output;
  return { name: nameOf(node), kind: "norm", tensors: { gamma, beta }, input: inputOf(view, node, 0), output };
}

interface Affine {
  readonly bias: { readonly bias?: Tensor };
  readonly output: string;
  /** Applies the scale, if there is one, to a kernel in our layout. */
  scaled(kernel: Tensor): Tensor;
}

/**
 * A layer's bias and scale, including those of operators after it: TensorFlow's converter writes biases of dense layers,
 * and batch norms after depthwise convolutions, as separate operators.
 */
function affine(view: OnnxView, node: NodeProto, own: string | undefined, outputs: number): Affine {
  let bias = own ? view.floats(own).data : undefined;
  let scale: Float32Array | undefined;
  let output = node.output[0] ?? "";
  for (let steps = 0; steps < MAX_AFFINE; steps++) {
    const [next, ...more] = view.readers(output);
    if (more.length > 0 || !/^(Add|Mul)$/.test(next?.opType ?? "")) break;
    const vector = perChannel(view, next.input[next.input[0] === output ? 1 : 0], outputs);
    if (!vector) break;
    if (next.opType === "Mul") {
      scale = scale ? product(scale, vector) : vector;
      bias = bias && product(bias, vector);
    } else {
      bias = bias ? vector.map((x, i) => x + (bias as Float32Array)[i]) : vector;
    }
    output = next.output[0] ?? "";
  }
  return {
    bias: bias ? { bias: flat(bias) } : {},
    output,
    scaled: ({ data, shape }) => ({ data: scale ? repeated(data, scale) : data, shape }),
  };
}

const MAX_AFFINE = 4;

/** A constant with one number per output. (The 3 of an expanded hard sigmoid is a scalar.) */
function perChannel(view: OnnxView, value: string | undefined, outputs: number): Float32Array | undefined {
  if (!view.isConstant(value)) return undefined;
  const { data, shape } = view.floats(value);
  return shape.length > 0 && data.length === outputs ? data : undefined;
}

const product = (a: Float32Array, b: Float32Array) => a.map((x, i) => x * b[i]);

/** Scales a kernel; outputs are innermost in all our kernels. */
const repeated = (kernel: Float32Array, scale: Float32Array) => kernel.map((x, i) => x * scale[i % scale.length]);

const nameOf = ({ name, output }: NodeProto) => name || (output[0] ?? "");

const flat = (data: Float32Array): Tensor => ({ data, shape: [data.length] });

function inputOf(view: OnnxView, node: NodeProto, i: number): string {
  return node.input[i] || fail(view, node, `${node.input.length} inputs`, `input ${i}`);
}

function fail(view: OnnxView, node: NodeProto, found: string, expected: string): never {
  throw new WeightsError({ where: `${view.where}: ${nodeName(node)}`, found, expected });
}
