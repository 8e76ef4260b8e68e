import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isDeferred } from "../../deferred.ts";
import { WeightsError } from "../../errors.ts";
import { buildGraph, type NetworkName, optionsOf } from "../../models/networks.ts";
import type { ModelOptions } from "../../models/options.ts";
import { preprocessingOf } from "../../models/preprocessing.ts";
import { type Shape, sizeOf, tensor } from "../../tensor.ts";
import { timmModules } from "../names/timm.ts";
import { torchvisionModules } from "../names/torchvision.ts";
import { readStateDict, type StateDict, type StateDictHints } from "./state-dict.ts";
import { parseTimmConfig } from "./timm-config.ts";

interface Listing {
  readonly library: "torchvision" | "timm";
  readonly network: NetworkName;
  readonly options: ModelOptions;
  readonly parameters: Readonly<Record<string, Shape>>;
}

/** Names and shapes of the real libraries' `state_dict()`; see torch_files.py. */
const { listings }: { listings: readonly Listing[] } = JSON.parse(
  readFileSync(new URL("../../../../../test/golden/torch/expected.json", import.meta.url), "utf8"),
);
const listed = (library: string, network: NetworkName) =>
  listings.find((listing) => listing.library === library && listing.network === network) as Listing;
const title = ({ library, network, options }: Listing) => `${library} ${network} ${JSON.stringify(options)}`;

/** Zeros of the shapes of a listing. */
function stateOf(parameters: Readonly<Record<string, Shape>>): StateDict {
  return new Map(
    Object.entries(parameters).map(([name, shape]) => [
      name,
      { shape, widens: false, open: () => () => new Float32Array(sizeOf(shape)) },
    ]),
  );
}

for (const listing of listings) {
  const { library, network, options, parameters } = listing;
  const modulesOf = library === "timm" ? timmModules : torchvisionModules;

  test(`names every parameter as the library does, in its order: ${title(listing)}`, () => {
    const graph = buildGraph(network, { ...options, classes: 10 });
    const ours = modulesOf(graph).flatMap(({ path, weights }) => weights.map(([, theirs]) => `${path}.${theirs}`));
    const theirs = Object.keys(parameters).filter((name) => !name.endsWith("num_batches_tracked"));
    assert.deepEqual(ours, theirs);
    const norms = modulesOf(graph).filter(({ kind }) => kind === "norm");
    assert.equal(norms.length, Object.keys(parameters).length - theirs.length);
  });

  test(`tells the network by names and shapes: ${title(listing)}`, () => {
    const { network: found, options: as, tensors } = readStateDict(stateOf(parameters), "x");
    assert.equal(found, network);
    for (const [option, value] of Object.entries({ ...options, classes: 10 })) {
      assert.equal(as?.[option as keyof ModelOptions], value, option);
    }
    const { params } = buildGraph(network, as);
    assert.deepEqual(Object.keys(tensors).sort(), Object.keys(params).sort());
    for (const [name, { shape }] of Object.entries(params)) assert.deepEqual(tensors[name].shape, shape, name);
  });
}

test("the order of the names does not matter", () => {
  const { parameters } = listed("timm", "mobilenet_v2");
  const reversed = Object.fromEntries(Object.entries(parameters).reverse());
  assert.equal(readStateDict(stateOf(reversed), "x").network, "mobilenet_v2");
});

/** Shapes by timm's names. */
const shapesOf = (network: NetworkName, options: ModelOptions): Record<string, Shape> => {
  const graph = buildGraph(network, { classes: 10, ...options });
  return Object.fromEntries(
    timmModules(graph).flatMap(({ path, kind, layer, weights }) =>
      weights.map(([ours, theirs]) => {
        const { shape } = graph.params[`${layer}/${ours}`];
        const [h, w, i, o] = shape;
        const turned = shape.length !== 4 ? shape : kind === "depthwise" ? [i, o, h, w] : [o, i, h, w];
        return [`${path}.${theirs}`, path === "classifier" && shape.length === 4 ? [o, i] : turned];
      }),
    ),
  );
};
const small = (options: ModelOptions) => stateOf(shapesOf("mobilenet_v3_small", options));
const config = (architecture: string, extra = {}) =>
  parseTimmConfig(
    {
      architecture,
      pretrained_cfg: { input_size: [3, 160, 192], mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], crop_pct: 0.95 },
      ...extra,
    },
    "config.json",
  );
const read = (where: string, hints: StateDictHints = {}, options: ModelOptions = {}) =>
  readStateDict(small(options), where, hints);

test("timm's ports are told from its own models by path, config, caller or structure", () => {
  const flavor = (...args: Parameters<typeof read>) => read(...args).options?.flavor;
  assert.equal(flavor("mobilenetv3_small_100.pth"), "timm");
  assert.equal(flavor("hub/tf_mobilenetv3_small_100.in1k/model.safetensors"), "keras");
  assert.equal(flavor("x", { config: config("tf_mobilenetv3_small_100") }), "keras");
  assert.equal(flavor("x", { config: config("mobilenetv3_small_100", { model_args: { pad_type: "same" } }) }), "keras");
  // A config of another network beside the file does not count.
  assert.equal(flavor("x", { config: config("tf_mobilenetv3_large_100") }), "timm");
  assert.equal(flavor("tf_mobilenetv3.pth", { config: config("mobilenetv3_small_100") }), "timm");
  assert.equal(flavor("tf_mobilenetv3.pth", { wanted: { options: { flavor: "timm" } } }), "timm");
  assert.equal(flavor("x", { wanted: { options: { flavor: "keras" } } }), "keras");
  assert.equal(flavor("x", {}, { minimalistic: true }), "keras");
  // timm's last convolution has 200 channels at alpha 0.35, Keras' 192.
  assert.equal(flavor("x", {}, { alpha: 0.35 }), "keras");
  assert.equal(flavor("x", {}, { alpha: 0.35, flavor: "timm" }), "timm");
});

test("a port is fed -1 to 1 from outside", () => {
  assert.equal(read("tf_mobilenetv3.pth").options?.includePreprocessing, false);
  assert.equal(read("x").options?.includePreprocessing, undefined);
});

test("size, normalisation and labels come from the config, else from what the network's makers publish", () => {
  const labels = ["a", "b"];
  const {
    options,
    preprocessing,
    labels: found,
  } = read("x", { config: config("mobilenetv3_small_100", { label_names: labels }) });
  assert.deepEqual(options?.inputShape, [160, 192, 3]);
  assert.deepEqual(preprocessing?.mean, [127.5, 127.5, 127.5]);
  assert.deepEqual(preprocessing?.std, [63.75, 63.75, 63.75]);
  assert.equal(preprocessing?.cropFraction, 0.95);
  assert.deepEqual(found, labels);
  assert.equal(read("x").preprocessing, undefined);
  const v1 = readStateDict(stateOf(listed("timm", "mobilenet_v1").parameters), "x");
  assert.equal(v1.preprocessing, undefined);
  const { mean } = preprocessingOf(optionsOf("mobilenet_v1", v1.options), "mobilenet_v1");
  assert.deepEqual(mean, [127.5, 127.5, 127.5]);
});

function refused(parameters: Readonly<Record<string, Shape>>, message: RegExp): void {
  assert.throws(
    () => readStateDict(stateOf(parameters), "x.pth"),
    (error: unknown) => error instanceof WeightsError && message.test(error.message),
    `${message}`,
  );
}

test("without its classifier a network is read, if it is one of ours", () => {
  const { "classifier.weight": _w, "classifier.bias": _b, ...v2 } = listed("timm", "mobilenet_v2").parameters;
  assert.equal(readStateDict(stateOf(v2), "x").options?.includeTop, false);
  const { "classifier.weight": _, "classifier.bias": __, ...v3 } = listed("timm", "mobilenet_v3_large").parameters;
  // timm's V3 keeps the hidden layer before its classifier, so the result is that layer's.
  const { graph } = readStateDict(stateOf(v3), "x");
  assert.deepEqual(graph?.nodes.at(-1)?.shape, [1, 1280]);
});

test("other names, shapes and dtypes are refused with what is near", () => {
  const { parameters } = listed("timm", "mobilenet_v2");
  refused({}, /no tensors, expected those of a MobileNet of torchvision's/);
  refused({ "fc.weight": [1, 2] }, /tensors by the names "fc\.weight", expected/);
  const deeper = { ...parameters, "blocks.1.2.conv_pw.weight": [96, 16, 1, 1] };
  refused(
    deeper,
    /much like timm's mobilenet_v2, but it has "blocks\.1\.2\.conv_pw\.weight" besides.*torch\.onnx\.export/,
  );
  const { "bn1.weight": _, ...lacking } = parameters;
  refused(lacking, /but it lacks bn1\.weight/);
  refused({ ...parameters, "conv_head.weight": [1280, 161, 1, 1] }, /conv_head/);
  refused({ ...parameters, "bn1.bias": [1, 16] }, /x\.pth: bn1\.bias: shape \[1,16\], expected 1 dimension/);
  refused(
    { ...parameters, "blocks.0.0.conv_dw.weight": [16, 9] },
    /conv_dw\.weight: shape \[16,9\], expected 4 dimensions/,
  );
  const integers = new Map([
    ...stateOf(parameters),
    ["bn1.bias", { shape: [16], widens: false, open: () => () => new BigInt64Array(16) }],
  ]);
  assert.throws(() => readStateDict(integers, "x"), /x: bn1\.bias: dtype bigint64, expected a floating-point dtype/);
});

test("EfficientNets that look like a lite one's variants are no such variants", () => {
  const parameters = shapesOf("efficientnet_lite0", { flavor: "timm" });
  // A stage with one more block, as in lite1, and with another window, expansion or gate.
  const more = (window: number, wide: number) => ({
    "blocks.6.1.conv_pw.weight": [wide, 320, 1, 1],
    "blocks.6.1.conv_dw.weight": [wide, 1, window, window],
    "blocks.6.1.conv_pwl.weight": [320, wide, 1, 1],
    ...norm("blocks.6.1.bn1", wide),
    ...norm("blocks.6.1.bn2", wide),
    ...norm("blocks.6.1.bn3", 320),
  });
  const norm = (at: string, size: number) =>
    Object.fromEntries(["weight", "bias", "running_mean", "running_var"].map((name) => [`${at}.${name}`, [size]]));
  const read = (added: Record<string, Shape>) => readStateDict(stateOf({ ...parameters, ...added }), "x");
  assert.equal(read(more(3, 1920)).graph?.name, "efficientnet_lite0_variant");
  const gate = { "blocks.6.1.se.conv_reduce.weight": [48, 1920, 1, 1], "blocks.6.1.se.conv_reduce.bias": [48] };
  for (const other of [more(5, 1920), more(3, 960), { ...more(3, 1920), ...gate }]) {
    refused({ ...parameters, ...other }, /much like timm's efficientnet_lite0.*torch\.onnx\.export/);
  }
});

test("networks for segmentation are refused: their last blocks are dilated", () => {
  const { parameters } = listed("torchvision", "mobilenet_v3_small");
  const features = Object.entries(parameters).flatMap(([name, shape]) =>
    name.startsWith("features.") ? [[name.replace("features", "backbone"), shape] as const] : [],
  );
  const head = { "classifier.cbr.0.weight": [128, 960, 1, 1], "classifier.cbr.1.weight": [128] };
  refused({ ...Object.fromEntries(features), ...head }, /a network for segmentation, whose last blocks are dilated/);
});

test("halves stay as they are stored until they are asked for, and are opened once", () => {
  const { parameters } = listed("timm", "mobilenet_v1");
  let opened = 0;
  const state = new Map(
    [...stateOf(parameters)].map(([name, { shape, open }]) => {
      const counted = () => {
        opened++;
        return open();
      };
      return [name, { shape, widens: true, open: counted }] as const;
    }),
  );
  const { tensors } = readStateDict(state, "x");
  const large = Object.values(tensors).filter(({ shape }) => sizeOf(shape) > 4096);
  assert.ok(large.length > 10 && large.every((one) => isDeferred(one)));
  for (const { data, shape } of large) assert.equal(data.length, sizeOf(shape));
  assert.ok(opened <= state.size);
});

test("weights of double precision are rounded, as load_state_dict does", () => {
  const { parameters } = listed("timm", "mobilenet_v1");
  const state = new Map([
    ...stateOf(parameters),
    ["classifier.bias", { shape: [10], widens: false, open: () => () => new Float64Array(10).fill(0.1) }],
  ]);
  assert.deepEqual(readStateDict(state, "x").tensors["predictions/bias"], tensor([10], new Float32Array(10).fill(0.1)));
});

test("torchvision's V2 is its plain network or its quantizable one, as nothing tells: what is assumed is said", () => {
  const { parameters } = listed("torchvision", "mobilenet_v2");
  const read = (where: string, hints: StateDictHints = {}) => {
    const { options, notes = [] } = readStateDict(stateOf(parameters), where, hints);
    const relu = buildGraph("mobilenet_v2", options).nodes.find(({ name }) => name === "block_1_expand_relu");
    return [options?.flavor, (relu?.attrs as { activation?: string } | undefined)?.activation, notes.join()];
  };
  const [flavor, activation, note] = read("model.pth");
  assert.deepEqual([flavor, activation], ["torchvision", "relu6"]);
  assert.match(
    `${note}`,
    /flavor torchvision, with ReLU6, is assumed .* for the other, flavor torchvision_quantizable$/,
  );
  const [named, bent, other] = read("mobilenet_v2_qnnpack.pth");
  assert.deepEqual([named, bent], ["torchvision_quantizable", "relu"]);
  assert.match(`${other}`, /as its path says.* for the other, flavor torchvision$/);
  for (const own of ["torchvision", "torchvision_quantizable"] as const) {
    const told = read("model.pth", { wanted: { options: { flavor: own } } });
    assert.deepEqual([told[0], told[2]], [own, ""]);
  }
  assert.deepEqual(
    readStateDict(stateOf(listed("torchvision", "mobilenet_v3_small").parameters), "x").notes,
    undefined,
  );
});
