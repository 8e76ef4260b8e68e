// Graph models made by hand, of ops that today's converter would fuse: what we make of them is what TensorFlow.js computes.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import { reference } from "../../packages/mobilenets/src/engines/reference.ts";
import type { Graph } from "../../packages/mobilenets/src/graph/graph.ts";
import { random } from "../../packages/mobilenets/src/random.ts";
import { type Shape, sizeOf, type Tensor, tensor } from "../../packages/mobilenets/src/tensor.ts";
import { matchWeights } from "../../packages/mobilenets/src/weights/match/match.ts";
import { readTfjs } from "../../packages/mobilenets/src/weights/tfjs/read.ts";
import { assertClose } from "../oracles/compare.ts";
import { seededPictures } from "../oracles/seeded.ts";

type Attr = Readonly<Record<string, unknown>>;

const base64 = (text: string) => Buffer.from(text).toString("base64");
const s = (text: string): Attr => ({ s: base64(text) });
const texts = (...all: string[]): Attr => ({ list: { s: all.map(base64) } });
const ints = (...all: number[]): Attr => ({ list: { i: all.map(String) } });
const shape = (sizes: Shape): Attr => ({ shape: { dim: sizes.map((size) => ({ size: String(size) })) } });

/** A graph model under construction. */
class Model {
  readonly nodes: object[] = [];
  readonly #weights: { name: string; shape: Shape; dtype: string; data: Float32Array | Int32Array }[] = [];
  readonly #next = random(11);

  constructor(input: Shape) {
    this.op("Placeholder", "x", [], { dtype: { type: "DT_FLOAT" }, shape: shape([-1, ...input]) });
  }

  op(op: string, name: string, input: readonly string[], attr: Readonly<Record<string, Attr>> = {}): string {
    this.nodes.push({ name, op, input, attr: { T: { type: "DT_FLOAT" }, ...attr } });
    return name;
  }

  #constant(name: string, sizes: Shape, data: Float32Array | Int32Array): string {
    const float = data instanceof Float32Array;
    this.#weights.push({ name, shape: sizes, dtype: float ? "float32" : "int32", data });
    const dtype = { type: float ? "DT_FLOAT" : "DT_INT32" };
    return this.op("Const", name, [], { dtype, value: { tensor: { ...dtype, tensorShape: shape(sizes).shape } } });
  }

  floats(name: string, sizes: Shape, low = -0.5, high = 0.5): string {
    const next = () => low + (high - low) * this.#next();
    return this.#constant(name, sizes, Float32Array.from({ length: sizeOf(sizes) }, next));
  }

  ints(name: string, sizes: Shape, ...values: number[]): string {
    return this.#constant(name, sizes, Int32Array.from(values));
  }

  get json() {
    const weights = this.#weights.map(({ name, shape, dtype }) => ({ name, shape, dtype }));
    return {
      format: "graph-model",
      modelTopology: { node: this.nodes, versions: { producer: 1 } },
      weightsManifest: [{ paths: ["w.bin"], weights }],
    };
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.#weights.map(({ data: d }) => new Uint8Array(d.buffer, d.byteOffset, d.byteLength)));
  }
}

function read(model: Model, json: object = model.json) {
  return readTfjs(new TextEncoder().encode(JSON.stringify(json)), "m.json", async () => model.bytes);
}

async function runThere(model: Model, input: Tensor): Promise<Tensor> {
  const { modelTopology, weightsManifest } = model.json;
  const weightData = new Uint8Array(model.bytes).buffer;
  const artifacts = {
    modelTopology,
    weightSpecs: weightsManifest[0].weights as tf.io.WeightsManifestEntry[],
    weightData,
  };
  const loaded = await tf.loadGraphModel(tf.io.fromMemory(artifacts));
  const result = loaded.predict(tf.tensor(input.data, [...input.shape])) as tf.Tensor;
  return tensor(result.shape, Float32Array.from(await result.data()));
}

async function agree(model: Model): Promise<Graph> {
  const { graph, tensors } = await read(model);
  assert.ok(graph);
  const input = seededPictures([2, ...graph.input.shape.slice(1)], -1, 1, 3);
  const executable = await reference.compile({ graph, weights: matchWeights(graph, tensors, "m.json") });
  const [found] = await executable.run(input);
  assertClose(found, await runThere(model, input), 1e-5, "the result");
  return graph;
}

const window = (stride: number, padding: string): Readonly<Record<string, Attr>> => ({
  strides: ints(1, stride, stride, 1),
  padding: s(padding),
  data_format: s("NHWC"),
  dilations: ints(1, 1, 1, 1),
});

test("convolutions, biases and batch norms in pieces become layers with biases", async () => {
  const m = new Model([9, 7, 3]);
  let x = m.op("Conv2D", "conv", ["x", m.floats("k", [3, 3, 3, 4])], window(2, "SAME"));
  x = m.op("Relu6", "relu6", [m.op("BiasAdd", "bias", [x, m.floats("b", [4])])]);
  x = m.op("Pad", "pad", [x, m.ints("sides", [4, 2], 0, 0, 0, 1, 1, 2, 0, 0)]);
  x = m.op("DepthwiseConv2dNative", "deep", [x, m.floats("d", [3, 3, 4, 2])], window(1, "VALID"));
  const norm = ["gamma", "beta", "centre", "variance"].map((name) => m.floats(name, [8], 0.2, 1));
  x = m.op("FusedBatchNormV3", "norm", [x, ...norm], {
    epsilon: { f: 0.01 },
    is_training: { b: false },
    data_format: s("NHWC"),
  });
  x = m.op("Relu", "relu", [x]);
  x = m.op("Mean", "mean", [x, m.ints("axes", [2], 1, 2)], { keep_dims: { b: false } });
  x = m.op("MatMul", "dense", [x, m.floats("w", [5, 8])], { transpose_b: { b: true } });
  m.op("Softmax", "softmax", [m.op("AddV2", "logits", [x, m.floats("c", [5])])]);
  const { nodes } = await agree(m);
  assert.deepEqual(
    nodes.map(({ op }) => op),
    [
      ...["conv2d", "activation", "zero_padding2d", "depthwise_conv2d", "activation"],
      ...["global_average_pooling2d", "dense", "activation"],
    ],
  );
});

test("fused ops, gates, residuals, reshapes and control inputs", async () => {
  const m = new Model([6, 6, 3]);
  const fused = (...ops: string[]) => ({ num_args: { i: "1" }, fused_ops: texts(...ops) });
  const k = m.floats("k", [1, 1, 3, 4]);
  const x = m.op("_FusedConv2D", "a/b", ["x", k, m.floats("b", [4])], {
    ...window(1, "SAME"),
    ...fused("BiasAdd", "Relu"),
  });
  const d = m.op("FusedDepthwiseConv2dNative", "d", [`${x}:0`, m.floats("dk", [3, 3, 4, 1]), m.floats("db", [4])], {
    ...window(1, "SAME"),
    ...fused("BiasAdd"),
  });
  const pooled = m.op("AvgPool", "pool", [d], { ...window(1, "VALID"), ksize: ints(1, 6, 6, 1) });
  const gate = m.op("Sigmoid", "gate", [pooled]);
  const sum = m.op("Add", "sum", [m.op("Mul", "gated", [gate, d]), x]);
  const scaled = m.op("Sub", "less", [m.op("RealDiv", "half", [sum, m.floats("two", [], 2, 2)]), m.floats("v", [4])]);
  const top = m.op("Max", "top", [scaled, m.ints("axes", [2], -3, -2)], { keep_dims: { b: true } });
  const flat = m.op("Squeeze", "squeeze", [top], { squeeze_dims: ints(1, 2) });
  // As Keras finds the batch size for a reshape.
  const size = m.op(
    "StridedSlice",
    "n",
    [m.op("Shape", "shape", [flat]), ...["s0", "s1", "s2"].map((n, i) => m.ints(n, [1], Math.min(i, 1)))],
    {
      shrink_axis_mask: { i: "1" },
    },
  );
  const target = m.op("Pack", "target", [size, m.ints("two2", [], 2), m.ints("two3", [], 2)], { axis: { i: "0" } });
  const shaped = m.op("Reshape", "reshape", [flat, target]);
  m.op("Identity", "out", [m.op("Reshape", "back", [shaped, m.ints("t", [2], -1, 4)]), "^gate"]);
  const { nodes } = await agree(m);
  assert.ok(nodes.some(({ name }) => name === "a/b"));
});

test("activations, windows, resizes and slices that no MobileNet has", async () => {
  const m = new Model([9, 7, 3]);
  const leaky = { ...window(1, "SAME"), fused_ops: texts("BiasAdd", "Elu"), num_args: { i: "1" } };
  let x = m.op("_FusedConv2D", "conv", ["x", m.floats("k", [3, 3, 3, 4]), m.floats("b", [4])], leaky);
  const ends = [m.ints("from", [4], 0, 1, 1, 0), m.ints("to", [4], 0, -1, 6, 0), m.ints("by", [4], 1, 1, 1, 1)];
  x = m.op("StridedSlice", "middle", [x, ...ends], { begin_mask: { i: "9" }, end_mask: { i: "9" } });
  const up = { half_pixel_centers: { b: true }, align_corners: { b: false } };
  x = m.op("ResizeBilinear", "up", [x, m.ints("size", [2], 11, 8)], up);
  x = m.op("ResizeNearestNeighbor", "down", [x, m.ints("less", [2], 8, 6)], up);
  const pooled = ["MaxPool", "AvgPool"].map((op) =>
    m.op(op, op, [x], { ...window(2, "SAME"), ksize: ints(1, 3, 3, 1) }),
  );
  x = m.op("ConcatV2", "both", [...pooled, m.ints("axis", [], -1)]);
  x = m.op("LeakyRelu", "leaky", [x], { alpha: { f: 0.3 } });
  for (const op of ["Tanh", "Softplus", "Selu", "Exp", "Elu"]) x = m.op(op, op.toLowerCase(), [x]);
  m.op("AddN", "sum", [x, x, m.op("Relu", "relu", [x])]);
  await agree(m);
});

test("logarithms of probabilities, and of any numbers", async () => {
  const m = new Model([5, 4, 3]);
  let x = m.op("Conv2D", "conv", ["x", m.floats("k", [3, 3, 3, 6])], window(1, "SAME"));
  x = m.op("Log", "log", [m.op("Softplus", "above", [x])]);
  x = m.op("Mean", "mean", [m.op("LogSoftmax", "pixels", [x]), m.ints("axes", [2], 1, 2)], { keep_dims: { b: false } });
  m.op("LogSoftmax", "classes", [m.op("MatMul", "dense", [x, m.floats("w", [6, 5], -2, 2)])]);
  const { nodes } = await agree(m);
  assert.deepEqual(
    nodes.map(({ op }) => op),
    ["conv2d", "unary", "unary", "log_softmax", "global_average_pooling2d", "dense", "log_softmax"],
  );
});

test("a hard swish that was fused is one that was not", async () => {
  const m = new Model([4, 4, 3]);
  m.op("_FusedHardSwish", "swish", [m.op("Conv2D", "conv", ["x", m.floats("k", [1, 1, 3, 4])], window(1, "SAME"))]);
  const { graph } = await read(m);
  assert.deepEqual(graph?.nodes.at(-1)?.attrs, { activation: "hard_swish" });
});

test("of several ends without a signature the first is taken, which is said, or the one asked for", async () => {
  const m = new Model([4, 4, 3]);
  m.op("Relu", "a", ["x"]);
  m.op("Relu6", "b", ["x"]);
  const { graph, notes } = await read(m);
  assert.deepEqual(
    [graph?.outputs, notes],
    [["a"], ['"a" is taken of its 2 outputs, "a", "b": option output chooses']],
  );
});

test("nodes may stand in any order", async () => {
  const m = new Model([4, 4, 3]);
  m.op("Relu", "c", [m.op("Relu6", "b", [m.op("Conv2D", "a", ["x", m.floats("k", [1, 1, 3, 2])], window(1, "SAME"))])]);
  const { graph: expected } = await read(m);
  m.nodes.reverse();
  assert.deepEqual((await read(m)).graph, expected);
});

test("says which node cannot be", async () => {
  const refused = async (build: (m: Model) => void, message: RegExp) => {
    const m = new Model([4, 4, 3]);
    build(m);
    await assert.rejects(read(m), { name: "WeightsError", message });
  };
  const k = (m: Model) => m.floats("k", [1, 1, 3, 2]);
  await refused(
    (m) => m.op("Cumsum", "c", ["x"]),
    /^m\.json: Cumsum "c": an op that MobileNets do not have, expected Id/,
  );
  await refused((m) => m.op("Add", "c", ["x", "y"]), /no node "y"/);
  await refused((m) => {
    m.op("Relu", "a", ["b"]);
    m.op("Relu", "b", ["a"]);
    m.op("Add", "c", ["a", "x"]);
  }, /a cycle of inputs/);
  await refused(
    (m) => m.op("Add", "b", ["a", m.op("Relu", m.op("Relu6", "a", ["x"]), ["x"])]),
    /Relu "a": another node of this name/,
  );
  await refused(
    (m) => m.op("Conv2D", "c", ["x", k(m)], { ...window(1, "SAME"), data_format: s("NCHW") }),
    /"NCHW", expected NHWC/,
  );
  await refused(
    (m) => m.op("Conv2D", "c", ["x", k(m)], { ...window(1, "SAME"), dilations: ints(1, 2, 2, 1) }),
    /dilations/,
  );
  await refused(
    (m) => m.op("Conv2D", "c", ["x", k(m)], { padding: s("SAME") }),
    /strides \[\], expected \[1,height,width,1\]/,
  );
  await refused((m) => m.op("Conv2D", "c", ["x", "x"], window(1, "SAME")), /a result as input 1, expected a constant/);
  const prelu = { ...window(1, "SAME"), fused_ops: texts("BiasAdd", "Prelu") };
  await refused((m) => m.op("_FusedConv2D", "c", ["x", k(m), m.floats("b", [2])], prelu), /no input 3/);
  await refused(
    (m) => m.op("AvgPool", "c", ["x"], { ...window(2, "VALID"), ksize: ints(2, 2, 2, 1) }),
    /ksize \[2,2,2,1\]/,
  );
  await refused(
    (m) => m.op("ResizeBilinear", "c", ["x", m.ints("s", [2], 7, 5)], { align_corners: { b: true } }),
    /a resize without half_pixel_centers/,
  );
  await refused((m) => m.op("ConcatV2", "c", ["x", "x", m.ints("a", [], 1)]), /axis 1, expected the channels/);
  await refused((m) => m.op("Mean", "c", ["x", m.ints("a", [1], 3)]), /axes \[3\]/);
  await refused((m) => m.op("Squeeze", "c", ["x"], { squeeze_dims: ints(1) }), /dimensions \[1\] of \[1,4,4,3\]/);
  await refused(
    (m) => m.op("Relu", "c", ["x"], { T: [] as unknown as Attr }) && m.op("Mean", "d", ["c", "x"]),
    /a result as input 1/,
  );
});

test("a size that the file leaves open is asked for", async () => {
  const m = new Model([-1, -1, 3]);
  m.op("Relu", "r", ["x"]);
  await assert.rejects(
    read(m),
    /an input of shape \[-1,-1,-1,3\], expected \[-1,height,width,channels\] with fixed sizes/,
  );
});
