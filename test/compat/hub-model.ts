// A TensorFlow.js graph model with the names that TensorFlow Hub's MobileNets have, which `@tensorflow-models/mobilenet`
// asks for: 224 x 224 pixels, logits of 1,001 classes. Its layers are few and its weights random.
import { random } from "../../packages/mobilenets/src/random.ts";

type Attr = Readonly<Record<string, unknown>>;

const base64 = (text: string) => Buffer.from(text).toString("base64");
const text = (value: string): Attr => ({ s: base64(value) });
const ints = (...all: number[]): Attr => ({ list: { i: all.map(String) } });
const shapeOf = (sizes: readonly number[]) => ({ shape: { dim: sizes.map((size) => ({ size: String(size) })) } });

export interface GraphModel {
  /** The model.json. */
  readonly json: Readonly<Record<string, unknown>> & {
    readonly modelTopology: object;
    readonly weightsManifest: readonly { readonly paths: readonly string[]; readonly weights: readonly object[] }[];
  };
  /** The shard that it names, `group1-shard1of1.bin`. */
  readonly bytes: Uint8Array;
}

const POOLS = {
  1: "module_apply_default/MobilenetV1/Logits/global_pool",
  2: "module_apply_default/MobilenetV2/Logits/AvgPool",
};

/**
 * @param version whose names the layers have
 * @param softmax whether it ends in probabilities, as models that people convert by themselves often do
 * @param classes 1,001 as on TensorFlow Hub, the first of which is the background
 */
export function hubModel(version: 1 | 2, { softmax = false, classes = 1001, size = 224 } = {}): GraphModel {
  const nodes: object[] = [];
  const weights: { name: string; shape: readonly number[]; dtype: string }[] = [];
  const parts: Uint8Array[] = [];
  const next = random(version);
  const op = (name: string, kind: string, input: readonly string[], attr: Readonly<Record<string, Attr>> = {}) => {
    nodes.push({ name, op: kind, input, attr: { T: { type: "DT_FLOAT" }, ...attr } });
    return name;
  };
  const constant = (name: string, sizes: readonly number[], data: Float32Array | Int32Array) => {
    const type = data instanceof Float32Array ? "DT_FLOAT" : "DT_INT32";
    weights.push({ name, shape: sizes, dtype: type === "DT_FLOAT" ? "float32" : "int32" });
    parts.push(new Uint8Array(data.buffer));
    const dtype = { type };
    return op(name, "Const", [], { dtype, value: { tensor: { dtype: type, tensorShape: shapeOf(sizes).shape } } });
  };
  const floats = (name: string, sizes: readonly number[], reach: number) => {
    const length = sizes.reduce((product, n) => product * n, 1);
    return constant(
      name,
      sizes,
      Float32Array.from({ length }, () => (next() * 2 - 1) * reach),
    );
  };
  const window = (stride: number) => ({
    strides: ints(1, stride, stride, 1),
    padding: text("SAME"),
    data_format: text("NHWC"),
    dilations: ints(1, 1, 1, 1),
  });

  const placeholder = { dtype: { type: "DT_FLOAT" }, shape: shapeOf([-1, size, size, 3]) };
  let x = op("images", "Placeholder", [], placeholder);
  let channels = 3;
  const widths = [16, 32, 64];
  const layer = (kind: "Conv2D" | "DepthwiseConv2dNative", kernel: readonly number[], stride: number) => {
    const name = `module_apply_default/layer_${nodes.length}`;
    const fan = kernel[0] * kernel[1] * (kind === "Conv2D" ? kernel[2] : 1);
    x = op(name, kind, [x, floats(`${name}/weights`, kernel, Math.sqrt(6 / fan))], window(stride));
    channels = kind === "Conv2D" ? kernel[3] : channels;
    x = op(`${name}/bias`, "BiasAdd", [x, floats(`${name}/bias/weights`, [channels], 0.1)]);
    x = op(`${name}/Relu6`, "Relu6", [x]);
  };
  layer("Conv2D", [3, 3, 3, 8], 4);
  for (const width of widths) {
    layer("DepthwiseConv2dNative", [3, 3, channels, 1], 2);
    layer("Conv2D", [1, 1, channels, width], 1);
  }
  const keep = { keep_dims: { b: true } };
  x = op(POOLS[version], "Mean", [x, constant("axes", [2], Int32Array.of(1, 2))], keep);
  const logits = "module_apply_default/Logits";
  x = op(`${logits}/Conv2D`, "Conv2D", [x, floats(`${logits}/weights`, [1, 1, channels, classes], 1)], window(1));
  x = op(`${logits}/BiasAdd`, "BiasAdd", [x, floats(`${logits}/biases`, [classes], 0.1)]);
  x = op(`${logits}/Squeeze`, "Squeeze", [x], { squeeze_dims: ints(1, 2) });
  if (softmax) op("module_apply_default/Softmax", "Softmax", [x]);
  return {
    json: {
      format: "graph-model",
      modelTopology: { node: nodes, versions: { producer: 1 } },
      weightsManifest: [{ paths: ["group1-shard1of1.bin"], weights }],
    },
    bytes: Buffer.concat(parts),
  };
}
