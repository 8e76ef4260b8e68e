import assert from "node:assert/strict";
import { test } from "node:test";
import {
  kerasArchive,
  kerasLayer,
  narrowV1,
  tinyConfig,
  tinyStore,
  tinyWeights,
  tinyWhole,
} from "../../../../../test/support/keras-file.ts";
import { readByLibrary, writeByLibrary } from "../../../../../test/support/libhdf5.ts";
import { WeightsError } from "../../errors.ts";
import { activation } from "../../graph/ops/activation.ts";
import { is } from "../../graph/ops.ts";
import { tensor } from "../../tensor.ts";
import { type Hdf5Tree, writeHdf5 } from "../containers/hdf5/write.ts";
import type { Wanted } from "../format.ts";
import { topologyOf } from "../tfjs/topology.ts";
import type { WeightFile } from "../weight-file.ts";
import { readKerasArchive } from "./read-archive.ts";
import { readKerasH5 } from "./read-h5.ts";
import { writeKerasLegacy, writeKerasStore } from "./write.ts";

const noCompanions = () => Promise.reject(new Error("no companions"));
const readH5 = async (tree: Hdf5Tree, wanted?: Wanted) => readKerasH5(writeHdf5(tree), "file.h5", noCompanions, wanted);
const readArchive = async (config: string, weights: Hdf5Tree) =>
  readKerasArchive(kerasArchive(config, writeHdf5(weights)), "file.keras", noCompanions);

async function refuses(reading: Promise<unknown>, pattern: RegExp): Promise<void> {
  await assert.rejects(reading, (error: unknown) => {
    assert.ok(error instanceof WeightsError, String(error));
    assert.match(error.message, pattern);
    return true;
  });
}

const model = narrowV1();
const legacy = await readByLibrary((await writeKerasLegacy(model)).bytes);
const store = await readByLibrary((await writeKerasStore(model)).bytes);

function assertNarrowV1({ network, options, tensors }: WeightFile): void {
  assert.equal(network, "mobilenet_v1");
  assert.deepEqual([options?.alpha, options?.classes, options?.flavor], [0.05, 2, "keras"]);
  assert.deepEqual(tensors, model.program.weights);
}

test("what we write is read back bit by bit, and told by its weights alone", async () => {
  assertNarrowV1(await readKerasH5((await writeKerasLegacy(model)).bytes, "f.h5", noCompanions));
  assertNarrowV1(await readKerasH5((await writeKerasStore(model)).bytes, "f.weights.h5", noCompanions));
  assertNarrowV1(await readKerasH5(await writeByLibrary(legacy, "old", true), "f.h5", noCompanions));
});

test("layers go by their order, whatever they are called", async () => {
  const renamed = Object.entries(legacy.members ?? {}).map(
    ([name, { attributes, members = {} }]): [string, Hdf5Tree] => [
      `old_${name}`,
      {
        attributes: { weight_names: [...(attributes?.weight_names ?? [])].map((path) => path.replace(name, "x")) },
        members: { x: members[name] },
      },
    ],
  );
  const names = [...(legacy.attributes?.layer_names ?? [])].map((name) => `old_${name}`);
  assertNarrowV1(await readH5({ attributes: { layer_names: names }, members: Object.fromEntries(renamed) }));
});

test("a list of layers may be cut in pieces, and name layers without weights", async () => {
  const names = [...(legacy.attributes?.layer_names ?? [])];
  const attributes = { layer_names0: names.slice(0, 20), layer_names1: [...names.slice(20), "relu"] };
  const members = { ...legacy.members, relu: { attributes: { weight_names: [] } } };
  assertNarrowV1(await readH5({ attributes, members }));
});

test("a long list of layers is written in pieces", async () => {
  const weights = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [`${"x".repeat(2000)}${i}/kernel`, tensor([1, 1])]),
  );
  const nodes = Object.keys(weights).map((param) => ({
    name: param.slice(0, -7),
    op: "dense",
    inputs: ["input", param],
    attrs: {},
    shape: [1, 1],
  }));
  const params = Object.fromEntries(
    Object.keys(weights).map((name) => [name, { shape: [1, 1], trainable: true, init: "zeros" as const }]),
  );
  const graph = { name: "long", input: { name: "input", shape: [1, 1] }, params, nodes, outputs: [] };
  const { attributes = {} } = await readByLibrary(
    (await writeKerasLegacy({ ...model, program: { graph, weights } })).bytes,
  );
  const pieces = [...attributes.layer_names0, ...attributes.layer_names1];
  assert.deepEqual(
    pieces,
    nodes.map(({ name }) => name),
  );
});

test("the store's layers may lie under the name of TensorFlow 2.13", async () => {
  assertNarrowV1(await readH5({ members: { _layer_checkpoint_dependencies: store.members?.layers ?? {} } }));
});

test("the flavour that the caller names goes before our guess", async () => {
  const options = { flavor: "article" } as const;
  for (const tree of [legacy, store]) {
    const { options: found } = await readH5(tree, { network: "mobilenet_v1", options });
    assert.equal(found?.flavor, "article");
    // A wrong network name does not override the file.
    assertNarrowV1(await readH5(tree, { network: "mobilenet_v2" }));
  }
});

test("a whole model of no network of ours comes as its own graph", async () => {
  const config = JSON.stringify(tinyConfig());
  for (const file of [await readH5(tinyWhole()), await readArchive(config, tinyStore())]) {
    assert.equal(file.network, undefined);
    assert.deepEqual(file.tensors, tinyWeights);
    assert.deepEqual(
      file.graph?.nodes.map(({ name }) => name),
      ["divide", "conv", "norm", "flatten", "dense"],
    );
  }
});

test("a network that the caller names takes the weights of a model whose config says something else", async () => {
  const lambda = kerasLayer("Lambda", "mystery", {});
  const config = {
    class_name: "Functional",
    config: { name: "m", layers: [lambda], output_layers: ["mystery", 0, 0] },
  };
  const tree = { attributes: { model_config: JSON.stringify(config) }, members: { model_weights: legacy } };
  await refuses(readH5(tree), /^file.h5: m: 0 inputs, expected 1/);
  assertNarrowV1(await readH5(tree, { network: "mobilenet_v1" }));
});

test("a network that the caller names takes the weights of a model that only its activations make another", async () => {
  const { graph } = model.program;
  const nodes = graph.nodes.map((node) => (is(node, activation) ? { ...node, attrs: { activation: "relu" } } : node));
  const config = JSON.stringify(topologyOf({ ...graph, nodes }).json);
  const tree = { attributes: { model_config: config }, members: { model_weights: legacy } };
  const whole = await readH5(tree);
  assert.equal(whole.network, undefined);
  assert.ok(whole.graph);
  assertNarrowV1(await readH5(tree, { network: "mobilenet_v1" }));
});

test("weights are called what Keras 2 calls them", () => {
  const { attributes, members } = legacy.members?.conv_dw_1 ?? {};
  assert.deepEqual(attributes?.weight_names, ["conv_dw_1/depthwise_kernel:0"]);
  assert.deepEqual(Object.keys(members?.conv_dw_1.members ?? {}), ["depthwise_kernel:0"]);
});

test("names what is missing or does not fit", async () => {
  await refuses(readH5({}), /^file.h5: HDF5 that holds no Keras layers, expected .*no groups at all/);
  await refuses(readH5({ members: { weights: {} } }), /its groups are weights/);
  const listed = { layer_names: ["conv1"] };
  await refuses(readH5({ attributes: listed }), /^file.h5: conv1: listed, but no group in the file/);
  await refuses(readH5({ attributes: listed, members: { conv1: {} } }), /^file.h5: conv1: no list of weights/);
  const conv1 = { attributes: { weight_names: ["conv1/kernel:0"] } };
  await refuses(
    readH5({ attributes: listed, members: { conv1 } }),
    /weight "conv1\/kernel:0" listed, but not in the file/,
  );
  const twice = {
    attributes: { weight_names: ["k", "k:0"] },
    members: { k: { tensor: tensor([1]) }, "k:0": { tensor: tensor([1]) } },
  };
  await refuses(readH5({ attributes: listed, members: { conv1: twice } }), /^file.h5: conv1: two weights "k:0"/);
  await refuses(readH5(tinyWhole("{")), /^file.h5: a model config that is not acceptable JSON/);

  const vars = (...tensors: number[]) => ({
    members: { vars: { members: Object.fromEntries(tensors.map((n, i) => [String(i), { tensor: tensor([n]) }])) } },
  });
  const stored = (layers: Record<string, Hdf5Tree>) => readH5({ members: { layers: { members: layers } } });
  await refuses(stored({ conv2d: vars() }), /^file.h5: conv2d: 0 weights, expected kernel, bias at most/);
  await refuses(stored({ dense: vars(1, 2, 3) }), /^file.h5: dense: 3 weights/);
  await refuses(
    stored({ functional: { members: { layers: {} } } }),
    /functional: a nested model.*save the whole model as .keras/,
  );
  await refuses(stored({ embedding: vars(3) }), /embedding: a custom layer with weights/);
  const more = { ...store.members?.layers.members, dense: vars(1, 2) };
  await refuses(stored(more), /numbers of layers of each class that no network of this package has/);
  await refuses(stored({ dense: vars(1, 2) }), /numbers of layers of each class that no network of this package has/);
});

test("names what a config and its weights do not agree in", async () => {
  const config = JSON.stringify(tinyConfig());
  const { dense, functional } = tinyStore().members?.layers.members ?? {};
  await refuses(
    readArchive(config, { members: { layers: { members: { functional } } } }),
    /dense: no such layer among the file's weights/,
  );
  const wide = { vars: { members: { 0: { tensor: tensor([8, 3]) }, 1: { tensor: tensor([2]) } } } };
  await refuses(
    readArchive(config, { members: { layers: { members: { functional, dense: { members: wide } } } } }),
    /dense: weights of shapes \[8,3\], \[2\], expected \[8,2\] for dense\/kernel as its config says/,
  );
  const whole = tinyWhole();
  const fewer = { attributes: { layer_names: ["dense"] }, members: whole.members?.model_weights.members };
  await refuses(
    readH5({ attributes: whole.attributes, members: { model_weights: fewer } }),
    /^file.h5: weights of 1 layers, expected 3 as its config says/,
  );
  assert.ok(dense);
  const misfit = JSON.stringify(tinyConfig()).replace('"Flatten"', '"ReLU"');
  await refuses(
    readArchive(misfit, tinyStore()),
    /^file.keras: dense: weights of shapes \[8,2\], \[2\], expected \[1,1,2,2\] for dense.kernel/,
  );
});

test("an archive must have both parts", async () => {
  const { zipSync } = await import("fflate");
  const empty = zipSync({ "metadata.json": new Uint8Array() }, { level: 0 });
  await refuses(
    (async () => readKerasArchive(empty, "file.keras", noCompanions))(),
    /^file.keras: an archive without config.json, expected what Keras writes/,
  );
});
