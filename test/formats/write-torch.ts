// Writes state dicts with torchvision's and timm's names, and the logits our reference engine gives with them, for
// test/formats/open-in-torch.py to open there.
// Usage: node --import tsx --conditions source test/formats/write-torch.ts DIR
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { reference } from "../../packages/mobilenets/src/engines/reference.ts";
import { buildGraph, type NetworkName, optionsOf } from "../../packages/mobilenets/src/models/networks.ts";
import type { ModelOptions } from "../../packages/mobilenets/src/models/options.ts";
import { preprocessingOf } from "../../packages/mobilenets/src/models/preprocessing.ts";
import { writeTimm, writeTorchvision } from "../../packages/mobilenets/src/weights/pytorch/write.ts";
import { seededPictures, seededWeights } from "../oracles/seeded.ts";

const SEED = 7;
const writers = { torchvision: writeTorchvision, timm: writeTimm };

const [V1, V2, SMALL, LARGE] = ["mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"] as const;
const bare = { includePreprocessing: false } as const;

const cases: readonly (readonly [library: keyof typeof writers, network: NetworkName, options: ModelOptions])[] = [
  ["torchvision", V2, { flavor: "torchvision", classes: 1000 }],
  ["torchvision", V2, { flavor: "torchvision", alpha: 0.5 }],
  ["torchvision", V2, { flavor: "timm", alpha: 1.4 }],
  ["torchvision", SMALL, { flavor: "torchvision" }],
  ["torchvision", LARGE, { flavor: "torchvision", alpha: 0.75 }],
  ["timm", V1, { flavor: "timm", classes: 1000 }],
  ["timm", V1, { flavor: "timm", alpha: 0.25, inputShape: [96, 96, 1] }],
  ["timm", V1, { flavor: "timm", alpha: 0.25, includeTop: false, pooling: "avg" }],
  ["timm", V2, { flavor: "timm", alpha: 0.5, inputShape: [97, 131, 3] }],
  ["timm", V2, { flavor: "torchvision", alpha: 0.35 }],
  ["timm", V2, { flavor: "timm", alpha: 0.75, includeTop: false, pooling: "avg" }],
  ["timm", SMALL, { flavor: "timm", alpha: 0.5, inputShape: [97, 131, 3] }],
  ["timm", SMALL, { flavor: "timm", alpha: 0.35 }],
  ["timm", LARGE, { flavor: "timm" }],
  ["timm", SMALL, { flavor: "keras", ...bare, inputShape: [97, 131, 3] }],
  ["timm", LARGE, { flavor: "keras", ...bare, alpha: 0.75 }],
  ["timm", SMALL, { flavor: "keras", ...bare, minimalistic: true, inputShape: [97, 131, 3] }],
  ["timm", LARGE, { flavor: "keras", ...bare, alpha: 0.5, inputShape: [97, 131, 3] }],
  ["timm", V1, { flavor: "keras", alpha: 0.5 }],
  ["timm", V1, { flavor: "article", inputShape: [97, 131, 3] }],
  ["timm", V2, { flavor: "keras", inputShape: [97, 131, 3] }],
  ["timm", V2, { flavor: "article", inputShape: [97, 131, 3] }],
];

const [folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const expected: unknown[] = [];
for (const [i, [library, network, given]] of cases.entries()) {
  const options = { inputShape: [96, 96, 3], classes: 10, classifierActivation: null, ...given } as const;
  const graph = buildGraph(network, options);
  const program = { graph, weights: seededWeights(graph, SEED) };
  const preprocessing = preprocessingOf(optionsOf(network, options));
  const { bytes, note } = writers[library]({ program, network, options, preprocessing, labels: [] });
  const file = `${i}-${library}-${network}.safetensors`;
  writeFileSync(join(folder, file), bytes);
  const executable = await reference.compile(program);
  const [{ data }] = await executable.run(seededPictures([1, ...options.inputShape], -1, 1, SEED));
  expected.push({ file, shape: options.inputShape, logits: [...data] });
  console.log(`${file}: ${note}`);
}
writeFileSync(join(folder, "expected.json"), JSON.stringify(expected));
