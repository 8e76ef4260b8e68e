// Writes networks with seeded weights in the formats of Keras, for open-in-keras.py to open.
// Usage: node --import tsx --conditions source test/formats/write-for-keras.ts DIR
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildGraph, type NetworkName, optionsOf } from "../../packages/mobilenets/src/models/networks.ts";
import type { ModelOptions } from "../../packages/mobilenets/src/models/options.ts";
import { preprocessingOf } from "../../packages/mobilenets/src/models/preprocessing.ts";
import { formatFor } from "../../packages/mobilenets/src/weights/formats.ts";
import { seededWeights } from "../oracles/seeded.ts";

const SEED = 7;

const small = { inputShape: [96, 96, 3], classes: 10 } as const;
const models: readonly (readonly [NetworkName, ModelOptions])[] = [
  ...(["mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"] as const).flatMap(
    (network): [NetworkName, ModelOptions][] => [
      [network, { ...small }],
      [network, { ...small, inputShape: [97, 131, 1], alpha: 0.5 }],
      [network, { inputShape: [96, 96, 3], alpha: 0.75, includeTop: false, pooling: "avg" }],
    ],
  ),
  ["mobilenet_v1", { ...small, alpha: 0.25, depthMultiplier: 2 }],
  ["mobilenet_v2", { ...small, alpha: 1.4 }],
  ["mobilenet_v3_small", { ...small, minimalistic: true }],
  ["mobilenet_v3_large", { ...small, minimalistic: true, includePreprocessing: false }],
  ["mobilenet_v1", { ...small, flavor: "article" }],
  ["mobilenet_v2", { ...small, flavor: "article" }],
  ["mobilenet_v3_small", { ...small, flavor: "article" }],
];

const dir = process.argv[2];
mkdirSync(dir, { recursive: true });
const written = [];
for (const [i, [network, options]] of models.entries()) {
  const graph = buildGraph(network, options);
  const model = {
    program: { graph, weights: seededWeights(graph, SEED) },
    preprocessing: preprocessingOf(optionsOf(network, options)),
    labels: [],
    network,
    options,
  };
  const files = [];
  for (const ending of [".weights.h5", ".h5"]) {
    const file = `${i}${ending}`;
    const { bytes } = await (await formatFor(file).writer())(model);
    writeFileSync(join(dir, file), bytes);
    files.push(file);
  }
  written.push({ network, options, params: Object.keys(graph.params), files });
}
writeFileSync(join(dir, "written.json"), JSON.stringify(written));
