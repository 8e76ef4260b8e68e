// Tests variations of our files, as other tools might write them. test/formats/onnx.test.ts reads real ones.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomProgram } from "../../../../../test/support/random-program.ts";
import { WeightsError } from "../../errors.ts";
import { buildGraph, type NetworkName } from "../../models/networks.ts";
import type { ModelOptions } from "../../models/options.ts";
import { signedPreprocessing } from "../../models/preprocessing.ts";
import type { Wanted } from "../format.ts";
import type { WeightFile } from "../weight-file.ts";
import { decode, encode, loadWire } from "./codec.ts";
import { readOnnx } from "./read.ts";
import {
  type AttributeProto,
  DATA_TYPE,
  type GraphProto,
  type ModelProto,
  modelProto,
  type NodeProto,
  type TensorProto,
} from "./schema.ts";
import { writeOnnx } from "./write.ts";

const wire = await loadWire("test");
const options = { alpha: 0.25, classes: 3, inputShape: [64, 64, 3] } as const;

/** One of our models as if another tool had written it, with `change` applied to its graph. */
async function foreign(
  network: NetworkName,
  change: Partial<GraphProto> | ((graph: GraphProto) => Partial<GraphProto>) = {},
  given: ModelOptions & { readonly keepBatchNorm?: boolean; readonly producerName?: string } = {},
): Promise<Uint8Array> {
  const { keepBatchNorm, producerName = "pytorch", ...rest } = given;
  const program = randomProgram(buildGraph(network, { ...options, ...rest }), 1);
  const preprocessing = signedPreprocessing(64, 64, 3);
  const { bytes } = await writeOnnx({ program, preprocessing, labels: [] }, { keepBatchNorm });
  const model = decode(wire, modelProto, bytes) as ModelProto;
  const graph = model.graph as GraphProto;
  const changed = typeof change === "function" ? change(graph) : change;
  return encode(wire, modelProto, { ...model, producerName, metadataProps: [], graph: { ...graph, ...changed } });
}

const read = (bytes: Uint8Array, wanted?: Wanted): Promise<WeightFile> =>
  Promise.resolve(readOnnx(bytes, "m.onnx", () => Promise.reject(new Error("no companions")), wanted));

const node = (opType: string, input: string[], output: string, attribute: Partial<AttributeProto>[] = []) =>
  ({ opType, input, output: [output], attribute }) as unknown as NodeProto;

const initializer = (name: string, dims: number[], data: Partial<TensorProto>, dataType: number = DATA_TYPE.float) =>
  ({ name, dims, dataType, ...data }) as TensorProto;

/** Changes each initializer. */
const eachTensor =
  (change: (tensor: TensorProto, values: Float32Array) => Partial<TensorProto>) => (graph: GraphProto) => ({
    initializer: graph.initializer.map((tensor) =>
      tensor.dataType === DATA_TYPE.float
        ? { ...tensor, rawData: undefined, ...change(tensor, new Float32Array(new Uint8Array(tensor.rawData!).buffer)) }
        : tensor,
    ),
  });

/** Changes each node of a kind. */
const eachNode = (opType: string, change: (node: NodeProto) => Partial<NodeProto>) => (graph: GraphProto) => ({
  node: graph.node.map((n) => (n.opType === opType ? { ...n, ...change(n) } : n)),
});

const refuses = (message: RegExp) => (error: unknown) => error instanceof WeightsError && message.test(error.message);

test("whose network it is follows from paddings, epsilons and activations", async () => {
  const cases: readonly (readonly [NetworkName, ModelOptions])[] = [
    ["mobilenet_v1", { flavor: "keras" }],
    ["mobilenet_v1", { flavor: "timm" }],
    ["mobilenet_v2", { flavor: "keras" }],
    ["mobilenet_v2", { flavor: "torchvision" }],
    ["mobilenet_v2", { flavor: "article" }],
    ["mobilenet_v3_small", { flavor: "keras", includePreprocessing: false }],
    ["mobilenet_v3_small", { flavor: "torchvision" }],
    ["mobilenet_v3_small", { flavor: "timm" }],
    ["mobilenet_v3_small", { flavor: "article" }],
    ["mobilenet_v3_large", { flavor: "keras", minimalistic: true, includePreprocessing: true }],
  ];
  for (const [network, given] of cases) {
    const { network: found, options: told } = await read(await foreign(network, {}, { ...given, keepBatchNorm: true }));
    assert.equal(found, network);
    assert.deepEqual(told, { ...options, ...given, classifierActivation: "softmax" });
  }
});

test("the end of the file says whether there are probabilities, logits, features or a map", async () => {
  const ends: readonly ModelOptions[] = [
    { classifierActivation: "softmax" },
    { classifierActivation: "sigmoid" },
    { classifierActivation: null },
    { includeTop: false, pooling: "avg" },
    { includeTop: false, pooling: "max" },
    { includeTop: false, pooling: null },
  ];
  for (const end of ends) {
    const { options: told } = await read(await foreign("mobilenet_v2", {}, { ...end, producerName: "tf2onnx" }));
    const { classes, ...rest } = options;
    assert.deepEqual(told, { flavor: "keras", ...(end.includeTop === false ? rest : options), ...end });
  }
});

test("a folded file of a network that several libraries have alike goes by its exporter, or by the caller's word", async () => {
  // At sizes that stay odd at every stride, TensorFlow's padding is symmetric too.
  const odd: ModelOptions = { inputShape: [65, 65, 3] };
  const torch = await foreign("mobilenet_v2", {}, { ...odd, flavor: "torchvision", producerName: "pytorch" });
  assert.equal((await read(torch)).options?.flavor, "torchvision");
  assert.equal((await read(torch, { options: { flavor: "keras" } })).options?.flavor, "keras");
  assert.equal((await read(torch, { network: "mobilenet_v2" })).network, "mobilenet_v2");
  await assert.rejects(read(torch, { network: "mobilenet_v1" }), refuses(/52 layers|53 layers/));
  const keras = await foreign("mobilenet_v2", {}, { ...odd, flavor: "keras", producerName: "tf2onnx" });
  assert.equal((await read(keras)).options?.flavor, "keras");
});

test("numbers come in every form that ONNX has for floats", async () => {
  const plain = (await read(await foreign("mobilenet_v1"))).tensors;
  const half = (values: Float32Array) => {
    // Rounding towards zero is exact enough for a comparison to 1e-3.
    const bits = new Uint32Array(values.slice().buffer);
    return Array.from(bits, (b) => ((b >>> 16) & 0x8000) | Math.max(0, ((b & 0x7fffffff) >>> 13) - (112 << 10)));
  };
  const forms: Record<string, [(tensor: TensorProto, values: Float32Array) => Partial<TensorProto>, number]> = {
    floats: [(_, values) => ({ floatData: [...values] }), 0],
    doubles: [(_, values) => ({ doubleData: [...values], dataType: DATA_TYPE.double }), 0],
    "raw doubles": [
      (_, values) => ({ rawData: new Uint8Array(Float64Array.from(values).buffer), dataType: DATA_TYPE.double }),
      0,
    ],
    halves: [(_, values) => ({ int32Data: half(values), dataType: DATA_TYPE.float16 }), 1e-3],
    "raw halves": [
      (_, values) => ({ rawData: new Uint8Array(Uint16Array.from(half(values)).buffer), dataType: DATA_TYPE.float16 }),
      1e-3,
    ],
    bfloats: [
      (_, values) => ({
        rawData: new Uint8Array(Uint16Array.from(new Uint32Array(values.slice().buffer), (b) => b >>> 16).buffer),
        dataType: DATA_TYPE.bfloat16,
      }),
      8e-3,
    ],
  };
  for (const [form, [change, tolerance]] of Object.entries(forms)) {
    const { tensors } = await read(await foreign("mobilenet_v1", eachTensor(change)));
    for (const [name, { data, shape }] of Object.entries(plain)) {
      assert.deepEqual(tensors[name].shape, shape);
      const found = tensors[name].data;
      data.forEach((value, i) => {
        assert.ok(Math.abs(Number(found[i]) - Number(value)) <= tolerance * (Math.abs(Number(value)) + 0.1), form);
      });
    }
  }
});

test("constants may be nodes, and copies of each other", async () => {
  const graph = (g: GraphProto) => {
    const [first, ...rest] = g.initializer;
    const copy = `${first.name}/copy`;
    const constant = node("Constant", [], copy, [{ name: "value", t: first, type: 4 }]);
    return { initializer: rest, node: [constant, node("Identity", [copy], first.name as string), ...g.node] };
  };
  const { tensors } = await read(await foreign("mobilenet_v1", graph));
  assert.deepEqual(tensors, (await read(await foreign("mobilenet_v1"))).tensors);
});

test("sizes that the file leaves open are the usual ones", async () => {
  const open = (g: GraphProto) => ({
    input: g.input.map(({ name }) => ({
      name,
      type: {
        tensorType: {
          elemType: 1,
          shape: { dim: [{ dimParam: "n" }, { dimValue: 3 }, { dimParam: "h" }, { dimParam: "w" }] },
        },
      },
    })),
  });
  const bytes = await foreign("mobilenet_v2", open, { flavor: "torchvision", keepBatchNorm: true });
  assert.deepEqual((await read(bytes)).options?.inputShape, [224, 224, 3]);
});

/** `input -> Sub(mean) -> Div(std)`, each one number or one per channel. */
function normalised(mean: number[], std: number[]) {
  const constants = [
    initializer("mean", mean.length > 1 ? [1, 3, 1, 1] : [], { floatData: mean }),
    initializer("std", std.length > 1 ? [3, 1, 1] : [1], { floatData: std }),
  ];
  return (g: GraphProto) => ({
    initializer: [...g.initializer, ...constants],
    node: [
      node("Sub", ["input", "mean"], "centred"),
      node("Div", ["centred", "std"], "normalised"),
      ...g.node.map((n) => ({ ...n, input: n.input.map((value) => (value === "input" ? "normalised" : value)) })),
    ],
  });
}

test("normalisation inside the file becomes the picture's", async () => {
  const statistics = async (mean: number[], std: number[]) => {
    const { preprocessing } = await read(await foreign("mobilenet_v2", normalised(mean, std), { flavor: "keras" }));
    return [preprocessing?.mean, preprocessing?.std].map((values) => values?.map((x) => Number(x.toPrecision(5))));
  };
  assert.deepEqual(await statistics([127.5], [127.5]), [
    [127.5, 127.5, 127.5],
    [127.5, 127.5, 127.5],
  ]);
  assert.deepEqual(await statistics([123.675, 116.28, 103.53], [58.395, 57.12, 57.375]), [
    [123.68, 116.28, 103.53],
    [58.395, 57.12, 57.375],
  ]);
  // Such small statistics are for samples from 0 to 1.
  assert.deepEqual(await statistics([0.5], [0.25, 0.5, 1]), [
    [127.5, 127.5, 127.5],
    [63.75, 127.5, 255],
  ]);
});

test("Keras' V3 has its rescaling layer if the file does that", async () => {
  const v3 = (mean: number, std: number) =>
    foreign("mobilenet_v3_small", normalised([mean], [std]), { flavor: "keras", includePreprocessing: false });
  const rescaled = await read(await v3(127.5, 127.5));
  assert.equal(rescaled.options?.includePreprocessing, true);
  assert.equal(rescaled.preprocessing, undefined);
  const otherwise = await read(await v3(100, 50));
  assert.equal(otherwise.options?.includePreprocessing, false);
  assert.deepEqual(otherwise.preprocessing, { mean: [100, 100, 100], std: [50, 50, 50] });
});

test("a network that computes something else is read as what it is, or refused as the network it is said to be", async () => {
  const asV1 = { network: "mobilenet_v1" } as const;
  const asV2 = { network: "mobilenet_v2" } as const;
  const relu = eachNode("Clip", ({ input }) => ({ opType: "Relu", input: input.slice(0, 1) }));
  const quantizable = await read(await foreign("mobilenet_v2", relu, { flavor: "torchvision" }), asV2);
  assert.equal(quantizable.options?.flavor, "torchvision_quantizable", "its V2 has ReLU");
  const rectified = await foreign("mobilenet_v1", relu, { flavor: "timm" });
  await assert.rejects(
    read(rectified, asV1),
    refuses(/fit mobilenet_v1 .*"conv1" has activation relu, conv1 has activation relu6/),
  );
  const { network, graph } = await read(rectified);
  assert.equal(network, undefined);
  const bends = graph?.nodes.flatMap(({ attrs }) => (attrs as { activation?: string }).activation ?? []) ?? [];
  assert.ok(bends.includes("relu") && !bends.includes("relu6"));
  const epsilon = eachNode("BatchNormalization", () => ({
    attribute: [{ name: "epsilon", f: 0.1 } as AttributeProto],
  }));
  await assert.rejects(
    read(await foreign("mobilenet_v2", epsilon, { keepBatchNorm: true }), asV2),
    refuses(/"bn_Conv1" has epsilon 0\.1, bn_Conv1 has epsilon/),
  );
  const strides = eachNode("Conv", ({ attribute }) => ({
    attribute: attribute.map((a) => (a.name === "strides" ? { ...a, ints: [1, 1] } : a)),
  }));
  const dense = await foreign("mobilenet_v2", strides);
  await assert.rejects(read(dense, asV2), refuses(/"Conv1" has strides \[1,1\] and pads/));
  const last = (await read(dense)).graph?.nodes.findLast(({ op }) => op === "conv2d");
  assert.deepEqual(last?.shape.slice(1, 3), [59, 59]);
});

test("logarithms of probabilities are another end than probabilities", async () => {
  const along = (i: number) =>
    eachNode("Softmax", () => ({ opType: "LogSoftmax", attribute: [{ name: "axis", i } as AttributeProto] }));
  for (const axis of [1, -1]) {
    const { network, graph } = await read(await foreign("mobilenet_v2", along(axis)));
    assert.deepEqual([network, graph?.nodes.at(-1)?.op], [undefined, "log_softmax"]);
  }
  await assert.rejects(
    read(await foreign("mobilenet_v2", along(0))),
    refuses(/"LogSoftmax predictions": axis 0, expected the channels/),
  );
});

test("padding that the file computes from the picture's size is TensorFlow's", async () => {
  const computed = (g: GraphProto) => ({
    node: [
      node("Shape", ["input"], "pads"),
      ...g.node.flatMap((n) => {
        const strides = n.attribute.find(({ name }) => name === "strides")?.ints;
        if (strides?.[0] !== 2) return [n];
        const padded = `${n.output[0]}/padded`;
        const attribute = n.attribute.map((a) => (a.name === "pads" ? { ...a, ints: [0, 0, 0, 0] } : a));
        return [node("Pad", [n.input[0], "pads"], padded), { ...n, input: [padded, ...n.input.slice(1)], attribute }];
      }),
    ],
  });
  const given = { includePreprocessing: false, inputShape: [96, 64, 3] } as const;
  const { options: told } = await read(await foreign("mobilenet_v3_small", computed, given));
  assert.equal(told?.flavor, "keras");
});

test("operators that no MobileNet has are refused by name", async () => {
  const as = (opType: string, domain = "") => eachNode("Add", () => ({ opType, domain }));
  await assert.rejects(
    read(await foreign("mobilenet_v2", as("Einsum"))),
    refuses(/"Einsum expanded_conv_add": an operator that this package does not have, expected Conv, /),
  );
  await assert.rejects(
    read(await foreign("mobilenet_v2", as("QLinearAdd"))),
    refuses(/an operator without its inputs: export the model in float32/),
  );
  await assert.rejects(
    read(await foreign("mobilenet_v2", as("FusedMatMul", "com.microsoft"))),
    refuses(/"FusedMatMul expanded_conv_add": an operator that this package does not have/),
  );
  const int8 = eachTensor((_, { length }) => ({ rawData: new Uint8Array(length), dataType: DATA_TYPE.int8 }));
  await assert.rejects(read(await foreign("mobilenet_v2", int8)), refuses(/data type 3, expected floats: .*quantised/));
});

/** A model with constants in another file, with `change` applied to their location, and that file. */
async function external(change: (place: Record<string, string>) => Record<string, string> = (place) => place) {
  const parts: Uint8Array[] = [];
  let at = 0;
  const bytes = await foreign("mobilenet_v2", (graph) => ({
    initializer: graph.initializer.map(({ rawData = new Uint8Array(), ...tensor }) => {
      const place = change({ location: "m.onnx.data", offset: String(at), length: String(rawData.length) });
      parts.push(rawData);
      at += rawData.length;
      const externalData = Object.entries(place).map(([key, value]) => ({ key, value }));
      return { ...tensor, dataLocation: 1, externalData };
    }),
  }));
  return { bytes, data: Buffer.concat(parts) };
}

test("data in another file is read from beside the model", async () => {
  const { bytes, data } = await external();
  const asked: string[] = [];
  const readBytes = async (path: string) => {
    asked.push(path);
    return data;
  };
  const file = await readOnnx(bytes, "models/m.onnx", readBytes);
  assert.deepEqual(asked, ["m.onnx.data"]);
  assert.deepEqual(file, await read(await foreign("mobilenet_v2")));
});

test("data in another file that is missing, elsewhere, too short or shared is refused", async () => {
  const { bytes } = await external();
  await assert.rejects(
    read(bytes),
    refuses(/a separate file, "m\.onnx\.data", which cannot be read \(.*\): keep it beside/),
  );
  await assert.rejects(read(bytes), refuses(/onnx\.save_model\(onnx\.load\("m\.onnx"\), "joined\.onnx"\)/));
  const attempt = async (...[change]: Parameters<typeof external>) => {
    const { bytes: model, data } = await external(change);
    return readOnnx(model, "m.onnx", async () => data);
  };
  await assert.rejects(
    attempt((place) => ({ ...place, location: "" })),
    refuses(/data in a file without a name/),
  );
  for (const length of ["1e12", "-1", "x", "1.5"]) {
    await assert.rejects(
      attempt((place) => ({ ...place, length })),
      refuses(/do the two files belong together/),
    );
  }
  await assert.rejects(
    attempt(({ location }) => ({ location })),
    refuses(/data that overlaps that of other tensors/),
  );
});

test("forged sizes are refused before anything of that size is made", async () => {
  for (const dims of [[2 ** 40, 2 ** 20], [-1, -1], [1e6, 1e6, 1e6, 1e6], [3]]) {
    const forged = (g: GraphProto) => ({
      initializer: g.initializer.map((t) => (t.name === "Conv1/kernel" ? { ...t, dims } : t)),
    });
    await assert.rejects(read(await foreign("mobilenet_v2", forged)), refuses(/numbers for shape \[.*as many as the/));
  }
});

test("what is no ONNX model, or not all of one, is refused", async () => {
  const whole = await foreign("mobilenet_v1");
  const broken: readonly (readonly [Uint8Array, RegExp])[] = [
    [new TextEncoder().encode("<!doctype html><p>404"), /^m\.onnx: no ONNX model, or a damaged one/],
    [whole.subarray(0, 1000), /damaged one .* is the file complete\?/],
    [new Uint8Array(), /without a graph/],
    [encode(wire, modelProto, { graph: { name: "empty" } }), /no first convolution/],
  ];
  for (const [bytes, message] of broken) await assert.rejects(read(bytes), refuses(message));
});

test("cycles end", async () => {
  const cyclicFrom = (start: string) => (g: GraphProto) => ({
    node: [
      node("Identity", ["a"], "b"),
      node("Identity", ["b"], "a"),
      ...g.node.map((n) => ({ ...n, input: n.input.map((value) => (value === start ? "a" : value)) })),
    ],
  });
  for (const [start, message] of [
    ["input", /no input within 32 operators of the first convolution/],
    ["conv1/kernel", /a value that is computed/],
  ] as const) {
    await assert.rejects(read(await foreign("mobilenet_v1", cyclicFrom(start))), refuses(message));
  }
});
