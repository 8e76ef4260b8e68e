// Writes TFLite files, and the logits our reference engine gives, for test/formats/open-in-litert.py to open.
// Usage: node --import tsx --conditions source test/formats/write-tflite.ts DIR
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { reference } from "../../packages/mobilenets/src/engines/reference.ts";
import { buildGraph, type NetworkName, optionsOf } from "../../packages/mobilenets/src/models/networks.ts";
import type { ModelOptions } from "../../packages/mobilenets/src/models/options.ts";
import { preprocessingOf } from "../../packages/mobilenets/src/models/preprocessing.ts";
import { writeTflite } from "../../packages/mobilenets/src/weights/tflite/write.ts";
import { seededPictures, seededWeights } from "../oracles/seeded.ts";

const SEED = 7;
const [V1, V2, SMALL, LARGE] = ["mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"] as const;
const odd = { inputShape: [75, 101, 3] } as const;

const cases: readonly (readonly [NetworkName, ModelOptions])[] = [
  [V1, { alpha: 1, classes: 1000, inputShape: [224, 224, 3] }],
  [V1, { alpha: 0.25, classifierActivation: "softmax" }],
  [V1, { alpha: 0.25, depthMultiplier: 2, ...odd }],
  [V1, { alpha: 0.25, inputShape: [96, 96, 1], includeTop: false, pooling: "avg" }],
  [V1, { alpha: 0.25, flavor: "article", ...odd }],
  [V1, { alpha: 0.25, flavor: "timm", ...odd }],
  [V2, { alpha: 1, classes: 1000, inputShape: [224, 224, 3] }],
  [V2, { alpha: 0.35, ...odd }],
  [V2, { alpha: 0.35, includeTop: false, pooling: "max" }],
  [V2, { alpha: 0.35, includeTop: false }],
  [V2, { alpha: 0.35, flavor: "torchvision" }],
  [V2, { alpha: 0.35, flavor: "article", ...odd }],
  [SMALL, { alpha: 1, classes: 1000, inputShape: [224, 224, 3] }],
  [SMALL, { alpha: 0.35, ...odd }],
  [SMALL, { alpha: 0.35, minimalistic: true, includePreprocessing: false }],
  [SMALL, { flavor: "torchvision", ...odd }],
  [SMALL, { flavor: "article" }],
  [LARGE, { alpha: 1, classes: 1000, inputShape: [224, 224, 3] }],
  [LARGE, { alpha: 0.35, classifierActivation: "sigmoid" }],
  [LARGE, { flavor: "timm", alpha: 0.35, ...odd }],
];

const [folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const expected: unknown[] = [];
for (const [i, [network, given]] of cases.entries()) {
  const options = { inputShape: [96, 96, 3], classes: 10, classifierActivation: null, ...given } as const;
  const graph = buildGraph(network, options);
  const program = { graph, weights: seededWeights(graph, SEED) };
  const preprocessing = preprocessingOf(optionsOf(network, options));
  const { bytes } = await writeTflite({ program, network, options, preprocessing, labels: [] });
  const file = `${i}-${network}.tflite`;
  writeFileSync(join(folder, file), bytes);
  const [low, high] = preprocessing.std[0] === 1 ? [0, 255] : [-1, 1];
  const executable = await reference.compile(program);
  const [{ data }] = await executable.run(seededPictures([2, ...options.inputShape], low, high, SEED));
  expected.push({ file, shape: options.inputShape, range: [low, high], results: [...data] });
  console.log(file, JSON.stringify(given));
}
writeFileSync(join(folder, "expected.json"), JSON.stringify(expected));
