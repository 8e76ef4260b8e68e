// Graph models of TensorFlow's converter load as the networks they are; layers models of ours open in TensorFlow.js.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import { MobileNetV2MidModel } from "nsfwjs/models/mobilenet_v2_mid";
import { reference } from "../../packages/mobilenets/src/engines/reference.ts";
import type { Program } from "../../packages/mobilenets/src/graph/graph.ts";
import { buildGraph, type NetworkName, optionsOf } from "../../packages/mobilenets/src/models/networks.ts";
import type { ModelOptions } from "../../packages/mobilenets/src/models/options.ts";
import { preprocessingOf } from "../../packages/mobilenets/src/models/preprocessing.ts";
import { type Tensor, tensor } from "../../packages/mobilenets/src/tensor.ts";
import { matchWeights } from "../../packages/mobilenets/src/weights/match/match.ts";
import { readTfjs } from "../../packages/mobilenets/src/weights/tfjs/read.ts";
import { writeTfjsLayers } from "../../packages/mobilenets/src/weights/tfjs/write.ts";
import type { WeightFile } from "../../packages/mobilenets/src/weights/weight-file.ts";
import { assertClose } from "../oracles/compare.ts";
import { type Case, checkProgram, readGolden } from "../oracles/golden.ts";
import { seededPictures, seededWeights } from "../oracles/seeded.ts";

tf.enableProdMode();

type Files = ReadonlyMap<string, Uint8Array>;

/** As TensorFlow.js takes a model that is in memory. */
function artifacts(files: Files): tf.io.IOHandler {
  const json = JSON.parse(new TextDecoder().decode(files.get("model.json")));
  const [{ paths, weights }] = json.weightsManifest;
  const weightData = Buffer.concat(paths.map((path: string) => files.get(path)));
  return tf.io.fromMemory({
    modelTopology: json.modelTopology,
    format: json.format,
    signature: json.signature,
    userDefinedMetadata: json.userDefinedMetadata,
    weightSpecs: weights,
    weightData: new Uint8Array(weightData).buffer,
  });
}

async function runThere(model: tf.LayersModel | tf.GraphModel, input: Tensor): Promise<Tensor> {
  const batch = tf.tensor(input.data, [...input.shape]);
  const result = model.predict(batch) as tf.Tensor;
  const values = tensor(result.shape, Float32Array.from(await result.data()));
  tf.dispose([batch, result]);
  model.dispose();
  return values;
}

function read(files: Files): Promise<WeightFile> {
  return readTfjs(files.get("model.json") as Uint8Array, "model.json", async (path) => files.get(path) as Uint8Array);
}

function programOf({ network, options, tensors }: WeightFile): Program {
  const graph = buildGraph(network as NetworkName, options);
  return { graph, weights: matchWeights(graph, tensors, "model.json") };
}

async function runHere(program: Program, input: Tensor): Promise<Tensor> {
  const executable = await reference.compile(program);
  const [result] = await executable.run(input);
  executable.dispose();
  return result;
}

const { cases, seed } = readGolden<{ readonly cases: readonly (Case & { readonly file: string })[] }>(
  "tfjs/expected.json",
);

function golden(file: string): Files {
  const names = ["model.json", "group1-shard1of1.bin"];
  return new Map(names.map((name) => [name, readFileSync(new URL(`../golden/tfjs/${file}/${name}`, import.meta.url))]));
}

for (const expected of cases) {
  const { file, network, options, batch, range } = expected;
  const stored8 = file.endsWith("uint8");
  test(`graph model ${file} is ${network}, and computes the same`, async () => {
    const files = golden(file);
    const found = await read(files);
    assert.equal(found.network, network);
    assert.deepEqual(buildGraph(network, found.options), buildGraph(network, options));
    const program = programOf(found);
    if (!stored8) await checkProgram(expected, program, seed);
    const input = seededPictures([batch, ...program.graph.input.shape.slice(1)], ...range, seed);
    const there = await runThere(await tf.loadGraphModel(artifacts(files)), input);
    assertClose(await runHere(program, input), there, 1e-4, file);
  });
}

test("nsfwjs' trained graph model is V2 1.4 for pictures of 0 to 1, and computes what TensorFlow.js computes", async () => {
  const { default: json } = await MobileNetV2MidModel.modelJson();
  const shards = await Promise.all(
    MobileNetV2MidModel.weightBundles.map((load: () => Promise<{ default: string }>) => load()),
  );
  const paths: string[] = json.weightsManifest[0].paths;
  const files = new Map<string, Uint8Array>([
    ["model.json", new TextEncoder().encode(JSON.stringify(json))],
    ...paths.map((path, i) => [path, Buffer.from(shards[i].default, "base64")] as const),
  ]);
  const found = await read(files);
  assert.equal(found.network, "mobilenet_v2");
  const { alpha, classes, inputShape } = found.options ?? {};
  assert.deepEqual({ alpha, classes, inputShape }, { alpha: 1.4, classes: 5, inputShape: [224, 224, 3] });
  // It doubles its input and subtracts 1, which our network leaves to the preprocessing.
  assert.deepEqual(found.preprocessing, { mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] });
  const input = seededPictures([1, 224, 224, 3], 0, 1, seed);
  const there = await runThere(await tf.loadGraphModel(artifacts(files)), input);
  const signed = tensor(
    input.shape,
    input.data.map((x) => 2 * x - 1),
  );
  assertClose(await runHere(programOf(found), signed), there, 1e-4, "probabilities");
});

const [V1, V2, SMALL, LARGE] = ["mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"] as const;
const odd = { inputShape: [75, 101, 3] } as const;

const written: readonly (readonly [NetworkName, ModelOptions])[] = [
  [V1, { alpha: 0.25 }],
  [V1, { alpha: 0.25, flavor: "article", classifierActivation: "softmax" }],
  [V1, { alpha: 0.25, inputShape: [96, 96, 1], includeTop: false, pooling: "avg" }],
  [V2, { alpha: 0.35, classifierActivation: "softmax" }],
  [V2, { alpha: 0.35, flavor: "torchvision", ...odd }],
  [V2, { alpha: 0.35, includeTop: false, pooling: "max" }],
  [SMALL, { alpha: 0.35 }],
  [SMALL, { flavor: "torchvision", alpha: 0.35, ...odd }],
  [SMALL, { flavor: "article", alpha: 0.35 }],
  [LARGE, { alpha: 0.35, includePreprocessing: false, minimalistic: true, ...odd }],
  [LARGE, { alpha: 0.35, classifierActivation: "sigmoid" }],
];

for (const [network, given] of written) {
  test(`${network} ${JSON.stringify(given)} as a layers model opens in TensorFlow.js, and here again`, async () => {
    const options = { inputShape: [96, 96, 3], classes: 10, classifierActivation: null, ...given } as const;
    const graph = buildGraph(network, options);
    const program = { graph, weights: seededWeights(graph, seed) };
    const preprocessing = preprocessingOf(optionsOf(network, options));
    const labels = ["a", "b"];
    const { bytes, companions = {} } = await writeTfjsLayers({ program, network, options, preprocessing, labels });
    const files = new Map([["model.json", bytes], ...Object.entries(companions)]);

    const [low, high] = preprocessing.std[0] === 1 ? [0, 255] : [-1, 1];
    const input = seededPictures([1, ...options.inputShape], low, high, seed);
    const there = await runThere(await tf.loadLayersModel(artifacts(files)), input);
    assertClose(there, await runHere(program, input), 1e-4, "the result in TensorFlow.js");

    const found = await read(files);
    assert.deepEqual([found.network, found.options], [network, options]);
    assert.deepEqual([found.preprocessing, found.labels], [preprocessing, labels]);
    assert.deepEqual(programOf(found), program);
    // The topology alone, as other layers models have it, is the same network under the same names.
    const { userDefinedMetadata: _, ...others } = JSON.parse(new TextDecoder().decode(bytes));
    const bare = await read(new Map([...files, ["model.json", new TextEncoder().encode(JSON.stringify(others))]]));
    assert.ok(bare.graph && !bare.network);
    const weights = matchWeights(bare.graph, bare.tensors, "model.json");
    const again = await runHere({ graph: bare.graph, weights }, input);
    assertClose(again, there, 1e-4, "the result of the topology");
  });
}

test("weights are cut into shards of 4 MB", async () => {
  const graph = buildGraph(V1, { classes: 10, inputShape: [32, 32, 3] });
  const program = { graph, weights: seededWeights(graph, seed) };
  const preprocessing = preprocessingOf(optionsOf(V1, {}));
  const { companions = {} } = await writeTfjsLayers({ program, preprocessing, labels: [] });
  const sizes = Object.values(companions).map(({ length }) => length);
  const total = Object.values(program.weights).reduce((sum, { data }) => sum + data.byteLength, 0);
  assert.equal(
    sizes.reduce((a, b) => a + b),
    total,
  );
  assert.ok(sizes.slice(0, -1).every((size) => size === 4 * 2 ** 20) && sizes.length === Math.ceil(total / 2 ** 22));
  assert.equal(Object.keys(companions)[0], `group1-shard1of${sizes.length}.bin`);
});
