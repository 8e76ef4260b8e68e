import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { nsfwjsLabels, unpackNsfwjs } from "../../packages/cli/src/nsfwjs.ts";
import { subgraph } from "../../packages/mobilenets/src/graph/subgraph.ts";
import { preprocess } from "../../packages/mobilenets/src/image/preprocess.ts";
import { toPicture } from "../../packages/mobilenets/src/image/source.ts";
import { load } from "../../packages/mobilenets/src/load.ts";
import type { Model } from "../../packages/mobilenets/src/model.ts";
import { sizeOf, type Tensor, tensor } from "../../packages/mobilenets/src/tensor.ts";
import { assertClose } from "./compare.ts";
import { type Candidate, candidates } from "./engines.ts";
import { pictures, run } from "./tfjs.ts";

const TOLERANCE = 1e-4;
const photographs = fileURLToPath(new URL("../../../shared/fixtures/images", import.meta.url));

const EMBEDDING = "flatten_1";
const PROBABILITIES = "dense_3";
const INNER = ["block_2_add", "block_6_depthwise_BN", "block_13_expand_relu"];
const LAYERS = [...INNER, EMBEDDING, PROBABILITIES];

let dir: string;
/** nsfwjs' MobileNetV2 read by us, and by TensorFlow.js. */
let model: Model;
let oracle: tf.LayersModel;

before(async () => {
  // Plain JavaScript takes 15 s a picture for a network of this width.
  await tf.setBackend("wasm");
  dir = await mkdtemp(join(tmpdir(), "nsfwjs-"));
  const path = await unpackNsfwjs(dir);
  const preprocessing = { mean: [0, 0, 0], std: [255, 255, 255] };
  model = await load(path, { preprocessing, labels: nsfwjsLabels });
  const { modelTopology, weightsManifest } = JSON.parse(await readFile(path, "utf8"));
  const [{ paths, weights: weightSpecs }] = weightsManifest;
  const weightData = new Uint8Array(await readFile(join(dir, paths[0]))).buffer;
  oracle = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
});

after(async () => {
  model.dispose();
  await rm(dir, { recursive: true });
});

/** Holds engines' values of the network against TensorFlow.js'. */
async function compareEngines(
  engines: readonly Candidate[],
  input: Tensor,
  expected: ReadonlyMap<string, Tensor>,
): Promise<void> {
  const { graph, weights } = model.program;
  for (const { label, engine } of engines) {
    const executable = await engine.compile({ graph: subgraph(graph, LAYERS), weights });
    const outputs = await executable.run(input);
    executable.dispose();
    LAYERS.forEach((name, i) => {
      assertClose(outputs[i], expected.get(name) as Tensor, TOLERANCE, `${label}: ${name}`);
    });
  }
}

test("nsfwjs' MobileNetV2 agrees with TensorFlow.js on a made-up picture", async () => {
  const input = pictures(1, model.inputShape, 1);
  // Pixels come in as 0..1.
  input.data.forEach((value, i) => {
    input.data[i] = Math.min(Math.max((value + 1) / 2, 0), 1);
  });
  const expected = run(oracle, input, LAYERS);
  await compareEngines(candidates, input, expected);
  assertClose(await model.predict(input), expected.get(PROBABILITIES) as Tensor, TOLERANCE, "predict()");
});

test("nsfwjs' MobileNetV2 agrees with TensorFlow.js on photographs", async (t) => {
  if (!existsSync(photographs)) return t.skip(`no photographs in ${photographs}`);
  const paths = readdirSync(photographs).map((name) => join(photographs, name));
  const item = sizeOf(model.inputShape);
  const input = tensor([paths.length, ...model.inputShape]);
  for (const [i, path] of paths.entries()) {
    preprocess(await toPicture(path), model.preprocessing, input.data, i * item);
  }
  const expected = run(oracle, input, LAYERS);
  // The reference engine takes 10 s a picture, and has had one.
  await compareEngines(
    candidates.filter(({ label }) => label !== "reference"),
    input,
    expected,
  );

  const embedding = expected.get(EMBEDDING) as Tensor;
  const probabilities = expected.get(PROBABILITIES) as Tensor;
  const features = await model.features(paths, INNER);
  for (const name of INNER) assertClose(features[name], expected.get(name) as Tensor, TOLERANCE, `features() ${name}`);
  const vectors = await model.embed(paths);
  const rows = await model.classify(paths, { topK: 5 });
  paths.forEach((path, i) => {
    const vector = { data: embedding.data.subarray(i * 1280, (i + 1) * 1280), shape: [1280] };
    assertClose({ data: vectors[i], shape: [1280] }, vector, TOLERANCE, `embed() ${path}`);
    const row = probabilities.data.subarray(i * 5, (i + 1) * 5);
    for (const { index, label, probability } of rows[i]) {
      assert.equal(label, nsfwjsLabels[index]);
      assert.ok(Math.abs(probability - row[index]) <= TOLERANCE, `classify() ${path}: ${label}`);
    }
    assert.equal(row[rows[i][0].index], Math.max(...row));
  });
});
