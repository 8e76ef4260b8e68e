import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { seededWeights } from "../../../../../test/oracles/seeded.ts";
import { WeightsError } from "../../errors.ts";
import { buildGraph, type NetworkName, optionsOf } from "../../models/networks.ts";
import type { ModelOptions } from "../../models/options.ts";
import { preprocessingOf } from "../../models/preprocessing.ts";
import type { Shape } from "../../tensor.ts";
import type { Writer } from "../format.ts";
import { readWeightFile } from "../read.ts";
import type { WritableModel } from "../safetensors/model-file.ts";
import { readSafetensors } from "../safetensors/safetensors.ts";
import { writeTimm, writeTorchvision } from "./write.ts";

const writers: Readonly<Record<string, Writer>> = { torchvision: writeTorchvision, timm: writeTimm };

function model(network: NetworkName, options: ModelOptions): WritableModel {
  const graph = buildGraph(network, options);
  const preprocessing = preprocessingOf(optionsOf(network, options));
  return { program: { graph, weights: seededWeights(graph, 3) }, preprocessing, labels: ["a", "b"], network, options };
}

interface Listing {
  readonly library: string;
  readonly network: NetworkName;
  readonly options: ModelOptions;
  readonly parameters: Readonly<Record<string, Shape>>;
}

const { listings }: { listings: readonly Listing[] } = JSON.parse(
  readFileSync(new URL("../../../../../test/golden/torch/expected.json", import.meta.url), "utf8"),
);

for (const { library, network, options, parameters } of listings) {
  test(`writes what strict loading in ${library} asks for: ${network} ${JSON.stringify(options)}`, async () => {
    const { bytes } = await writers[library](model(network, { ...options, classes: 10 }));
    const { tensors, metadata } = readSafetensors(bytes);
    const shapes = Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]));
    assert.deepEqual(shapes, { ...parameters });
    for (const [name, { data }] of Object.entries(tensors)) {
      const counter = name.endsWith("num_batches_tracked");
      assert.deepEqual(data.constructor, counter ? BigInt64Array : Float32Array, name);
    }
    assert.equal(metadata.format, "pt");
  });
}

const roundTrips: readonly [library: string, network: NetworkName, options: ModelOptions][] = [
  ["torchvision", "mobilenet_v2", { flavor: "torchvision", alpha: 0.35, classes: 5 }],
  ["torchvision", "mobilenet_v3_small", { flavor: "torchvision", alpha: 0.1, classes: 5 }],
  ["timm", "mobilenet_v1", { flavor: "timm", alpha: 0.33, classes: 5, inputShape: [64, 96, 1] }],
  ["timm", "mobilenet_v1", { flavor: "keras", alpha: 0.25, classes: 5 }],
  ["timm", "mobilenet_v1", { flavor: "article", alpha: 0.25, classes: 5 }],
  ["timm", "mobilenet_v2", { flavor: "timm", alpha: 0.35, includeTop: false }],
  ["timm", "mobilenet_v2", { flavor: "article", alpha: 0.35, classes: 5 }],
  ["timm", "mobilenet_v3_small", { flavor: "timm", alpha: 0.5, classes: 5 }],
  ["timm", "mobilenet_v3_small", { classes: 5 }],
  ["timm", "mobilenet_v3_small", { minimalistic: true, classes: 5, classifierActivation: null }],
  ["timm", "efficientnet_lite0", { classes: 5 }],
  ["timm", "efficientnet_lite0", { flavor: "timm", alpha: 0.35, includeTop: false }],
];

for (const [library, network, options] of roundTrips) {
  test(`there and back changes no bit: ${library}, ${network} ${JSON.stringify(options)}`, async () => {
    const original = model(network, options);
    const read = await readWeightFile((await writers[library](original)).bytes);
    assert.equal(read.network, network);
    const { weights } = original.program;
    assert.deepEqual(Object.keys(read.tensors).sort(), Object.keys(weights).sort());
    for (const [name, { data, shape }] of Object.entries(weights)) {
      assert.deepEqual(read.tensors[name].shape, shape, name);
      assert.deepEqual(read.tensors[name].data, data, name);
    }
    assert.deepEqual(optionsOf(network, read.options), optionsOf(network, options));
    assert.deepEqual(read.labels, original.labels);
    assert.deepEqual(read.preprocessing, original.preprocessing);
  });
}

test("says how to open the file, where the library has such a network", async () => {
  const note = async (library: string, network: NetworkName, options: ModelOptions) =>
    (await writers[library](model(network, options))).note;
  assert.equal(
    await note("torchvision", "mobilenet_v2", { flavor: "torchvision" }),
    "open it with torchvision.models.mobilenet_v2()",
  );
  assert.equal(
    await note("torchvision", "mobilenet_v3_large", { flavor: "torchvision", alpha: 0.75, classes: 7 }),
    "open it with torchvision.models.mobilenet_v3_large(width_mult=0.75, num_classes=7)",
  );
  assert.equal(
    await note("timm", "mobilenet_v2", { alpha: 0.5, classes: 7 }),
    'open it with timm.create_model("mobilenetv2_050", num_classes=7, bn_eps=0.001, pad_type="same")',
  );
  assert.equal(
    await note("timm", "mobilenet_v3_large", {}),
    'open it with timm.create_model("tf_mobilenetv3_large_100")',
  );
  assert.equal(await note("timm", "efficientnet_lite0", {}), 'open it with timm.create_model("tf_efficientnet_lite0")');
  assert.equal(
    await note("timm", "efficientnet_lite0", { flavor: "timm", alpha: 0.5 }),
    'open it with timm.models.efficientnet._gen_efficientnet_lite("efficientnet_lite0", 0.5)',
  );
  assert.equal(
    await note("timm", "mobilenet_v1", { flavor: "timm", alpha: 0.25, includeTop: false, inputShape: [64, 64, 1] }),
    'open it with timm.models.efficientnet._gen_mobilenet_v1("mobilenetv1_100", 0.25, num_classes=0, in_chans=1)',
  );
});

const refusals: readonly [library: string, network: NetworkName, options: ModelOptions, message: RegExp][] = [
  ["torchvision", "mobilenet_v1", {}, /torchvision-safetensors: mobilenet_v1, expected a network that torchvision has/],
  [
    "torchvision",
    "mobilenet_v2",
    {},
    /pads same and has batch norms of epsilon 0\.001, expected symmetric and 0\.00001/,
  ],
  ["torchvision", "mobilenet_v2", { flavor: "article" }, /pads symmetric and has batch norms of epsilon 0\.001/],
  ["torchvision", "mobilenet_v3_small", { flavor: "timm" }, /epsilon 0\.00001, expected symmetric and 0\.001/],
  ["torchvision", "mobilenet_v3_small", { minimalistic: true }, /a minimalistic network/],
  ["torchvision", "mobilenet_v3_small", { flavor: "article" }, /no layer for features\.0\.0\.weight/],
  ["torchvision", "mobilenet_v2", { flavor: "torchvision", inputShape: [64, 64, 1] }, /a grey network/],
  // Keras expands from a block's rounded width, torchvision from the table's.
  ["torchvision", "mobilenet_v3_small", { alpha: 0.75 }, /would be \[16,72\], expected \[16,56\]/],
  ["timm", "mobilenet_v3_small", { flavor: "article" }, /no layer for conv_stem\.weight/],
  ["timm", "mobilenet_v1", { alpha: 0.3 }, /conv_stem\.weight would be \[3,3,3,9\], expected \[3,3,3,16\]/],
  ["timm", "mobilenet_v1", { depthMultiplier: 2 }, /would be/],
  ["timm", "mobilenet_v3_small", { alpha: 0.35 }, /would be .*as timm's mobilenet_v3_small of alpha 0\.35 has it/],
  // 100 pixels become 50, then 25: Keras' V1 pads 25 as if it were even.
  ["timm", "mobilenet_v1", { inputShape: [100, 100, 3] }, /timm: conv_dw_4: padding 0,1,0,1 .* expected 1,1,1,1/],
];

for (const [library, network, options, message] of refusals) {
  test(`${library} is not given ${network} ${JSON.stringify(options)}`, async () => {
    await assert.rejects(
      async () => writers[library](model(network, options)),
      (error: Error) => error instanceof WeightsError && message.test(error.message),
    );
  });
}

test("a graph that is no network of ours has no names there", () => {
  const { network, options, ...graph } = model("mobilenet_v2", { flavor: "torchvision" });
  assert.throws(() => writeTimm(graph), /a graph that came from a file, expected a network of this package/);
});
