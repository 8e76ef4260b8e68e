import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { load } from "../../packages/mobilenets/src/load.ts";
import { buildGraph, type NetworkName, optionsOf } from "../../packages/mobilenets/src/models/networks.ts";
import type { ModelOptions } from "../../packages/mobilenets/src/models/options.ts";
import { preprocessingOf } from "../../packages/mobilenets/src/models/preprocessing.ts";
import type { WriteOptions } from "../../packages/mobilenets/src/weights/format.ts";
import { formatFor } from "../../packages/mobilenets/src/weights/formats.ts";
import type { WritableModel } from "../../packages/mobilenets/src/weights/safetensors/model-file.ts";
import { randomProgram } from "../support/random-program.ts";

const folder = await mkdtemp(join(tmpdir(), "mobilenets-round-trip-"));
after(() => rm(folder, { recursive: true }));

const small: ModelOptions = { inputShape: [32, 32, 3], classes: 3 };
const networks: readonly (readonly [NetworkName, ModelOptions, formats: readonly string[]])[] = [
  ["mobilenet_v1", { ...small, alpha: 0.25, flavor: "keras" }, ["timm-safetensors"]],
  ["mobilenet_v2", { ...small, alpha: 0.35, flavor: "torchvision" }, ["torchvision-safetensors", "timm-safetensors"]],
  ["mobilenet_v3_small", { ...small, alpha: 0.25, flavor: "keras" }, ["timm-safetensors"]],
  ["mobilenet_v3_large", { ...small, alpha: 0.2, flavor: "timm" }, ["timm-safetensors"]],
  ["efficientnet_lite0", { ...small, alpha: 0.25, flavor: "tensorflow" }, ["timm-safetensors"]],
];
/** Those that hold any network. */
const always = ["safetensors", "keras-weights", "keras-h5", "tfjs-layers", "onnx", "tflite"];

let files = 0;
/** The weights that a file in a format gives when it is read again. */
async function through(model: WritableModel, name: string, options?: WriteOptions): Promise<WritableModel> {
  const format = formatFor("", name);
  const { bytes, companions = {} } = await (await format.writer())(model, options);
  const path = join(folder, `${files++}${format.extensions.at(-1)}`);
  for (const [companion, data] of Object.entries(companions)) await writeFile(join(dirname(path), companion), data);
  await writeFile(path, bytes);
  // Keras' files of weights do not say whose they are.
  const opened = await (name.startsWith("keras-")
    ? load(model.network as NetworkName, { ...model.options, weights: path })
    : load(path));
  opened.dispose();
  return opened;
}

for (const [network, options, own] of networks) {
  const model: WritableModel = {
    program: randomProgram(buildGraph(network, options), 1),
    network,
    options,
    preprocessing: preprocessingOf(optionsOf(network, options)),
    labels: [],
  };
  for (const format of [...always, ...own]) {
    test(`${network} goes through ${format}, safetensors and ${format} again without a bit changed`, async () => {
      const first = await through(model, format);
      // There the norms are folded when they are first written, and stay so.
      const folds = format === "onnx" || format === "tflite";
      if (!folds) assert.deepEqual(first.program.weights, model.program.weights);
      const second = await through(await through(first, "safetensors"), format);
      assert.deepEqual(second.program.weights, first.program.weights);
    });
  }
  test(`${network} goes through ONNX with its norms kept without a bit changed`, async () => {
    const { program } = await through(model, "onnx", { keepBatchNorm: true });
    assert.deepEqual(program.weights, model.program.weights);
  });
}
