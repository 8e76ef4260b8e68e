import assert from "node:assert/strict";
import { test } from "node:test";
import { smallProgram } from "../../../../../test/support/small-program.ts";
import { reference } from "../../engines/reference.ts";
import type { Program } from "../../graph/graph.ts";
import { initialise } from "../../models/initialise.ts";
import { buildGraph, type NetworkName, optionsOf } from "../../models/networks.ts";
import type { ModelOptions } from "../../models/options.ts";
import { preprocessingOf, signedPreprocessing } from "../../models/preprocessing.ts";
import { optimise } from "../../passes/optimise.ts";
import { sizeOf, tensor } from "../../tensor.ts";
import { matchWeights } from "../match/match.ts";
import { readTflite } from "./read.ts";
import { writeTflite } from "./write.ts";

const preprocessing = signedPreprocessing(9, 8, 3);

async function run(program: Program) {
  const { shape } = program.graph.input;
  const executable = await reference.compile(program);
  const input = tensor(
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 37) % 255) - 100),
  );
  const [result] = await executable.run(input);
  return result;
}

test("a program with every op comes back as a graph that computes the same", async () => {
  const program = smallProgram();
  const { bytes } = await writeTflite({ program, preprocessing, labels: ["a", "b"] });
  const file = await readTflite(bytes, "f.tflite");
  assert.equal(file.network, undefined);
  assert.deepEqual([file.preprocessing, file.labels, file.quantized], [preprocessing, ["a", "b"], undefined]);
  const graph = file.graph as Program["graph"];
  assert.deepEqual(graph.input, program.graph.input);
  const [found, expected] = [await run({ graph, weights: matchWeights(graph, file.tensors, "f") }), await run(program)];
  assert.deepEqual(found.shape, expected.shape);
  found.data.forEach((x, i) => {
    assert.ok(Math.abs(x - expected.data[i]) < 1e-6, `${i}: ${x} ${expected.data[i]}`);
  });
});

const networks: readonly (readonly [NetworkName, ModelOptions])[] = [
  ["mobilenet_v1", { alpha: 0.33, depthMultiplier: 2, dropout: 0.5 }],
  ["mobilenet_v1", { alpha: 0.25, inputShape: [45, 33, 1], flavor: "article" }],
  ["mobilenet_v1", { alpha: 0.25, flavor: "timm", includeTop: false, pooling: "avg" }],
  ["mobilenet_v2", { alpha: 0.35, inputShape: [45, 33, 3], classifierActivation: null }],
  ["mobilenet_v2", { alpha: 0.35, flavor: "torchvision" }],
  ["mobilenet_v2", { alpha: 0.35, includeTop: false, pooling: "max" }],
  ["mobilenet_v3_small", { alpha: 0.35 }],
  ["mobilenet_v3_small", { alpha: 0.35, flavor: "article" }],
  ["mobilenet_v3_large", { alpha: 0.35, minimalistic: true, includePreprocessing: false, includeTop: false }],
  ["mobilenet_v3_large", { alpha: 0.35, flavor: "torchvision", classifierActivation: "sigmoid" }],
  ["efficientnet_lite0", { alpha: 0.35 }],
  ["efficientnet_lite0", { alpha: 0.35, flavor: "timm", includeTop: false, pooling: "avg" }],
];

for (const [network, given] of networks) {
  test(`${network} ${JSON.stringify(given)} comes back under its name`, async () => {
    const options = { inputShape: [32, 32, 3], classes: 7, ...given } as const;
    const graph = buildGraph(network, options);
    const program = { graph, weights: initialise(graph, 4) };
    const labels = ["a", "b"];
    const own = { ...preprocessingOf(optionsOf(network, options)), crop: "pad" } as const;
    const { bytes } = await writeTflite({ program, network, options, preprocessing: own, labels });
    const file = await readTflite(bytes, "f.tflite");
    assert.equal(file.network, network);
    assert.deepEqual(buildGraph(network, file.options), graph);
    assert.deepEqual([file.preprocessing, file.labels], [own, labels]);
    // Folded batch norms cannot be separated again, but the folded result is the same to the last bit.
    const again = { graph, weights: matchWeights(graph, file.tensors, "f") };
    assert.deepEqual(optimise(again).weights, optimise(program).weights);
  });
}

test("says which parts of a file cannot be", async () => {
  const { bytes } = await writeTflite({ program: smallProgram(), preprocessing, labels: [] });
  const text = Buffer.from(bytes);
  const replaced = (from: string, to: string) => {
    const at = text.indexOf(from);
    assert.ok(at > 0);
    const out = Uint8Array.from(text);
    out.set(Buffer.from(to), at);
    return out;
  };
  const refused = (file: Uint8Array, message: RegExp) =>
    assert.rejects(readTflite(file, "f.tflite"), (error: Error) => {
      assert.match(error.message, message);
      return error.name === "WeightsError";
    });
  await refused(
    bytes.slice(0, 200),
    /^f\.tflite: a reference to bytes \d+ to \d+, expected none beyond the file's 200/,
  );
  await refused(replaced('"preprocessing"', '"preprocessing('), /metadata mobilenets: no acceptable JSON/);
});
