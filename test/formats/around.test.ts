// Models of layers around a network are written as TFLite and as TensorFlow.js' layers, or refused with what to do instead.
// test/browser/litert-around.test.ts has LiteRT's answer.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import { reference } from "../../packages/mobilenets/src/engines/reference.ts";
import type { Program } from "../../packages/mobilenets/src/graph/graph.ts";
import { load } from "../../packages/mobilenets/src/load.ts";
import { signedPreprocessing } from "../../packages/mobilenets/src/models/preprocessing.ts";
import { writeTfjsLayers } from "../../packages/mobilenets/src/weights/tfjs/write.ts";
import { writeTflite } from "../../packages/mobilenets/src/weights/tflite/write.ts";
import { patternOf } from "../cases/pattern.ts";
import { around, forTfjs, forTflite } from "../support/around.ts";

tf.enableProdMode();

const writable = (program: Program) => ({
  program,
  preprocessing: signedPreprocessing(18, 20, 3),
  labels: ["a", "b", "c"],
});
const input = patternOf([18, 20, 3], "NHWC");

async function expectedOf(program: Program) {
  const [{ data }] = await (await reference.compile(program)).run(input);
  return data;
}

function close(found: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assert.equal(found.length, expected.length, what);
  for (let i = 0; i < expected.length; i++) {
    assert.ok(Math.abs(found[i] - expected[i]) <= 1e-5, `${what}: ${[...Array.from(found)]}, expected ${expected}`);
  }
}

test("layers around a network open in TensorFlow.js, and here again", async () => {
  const program = around(forTfjs);
  const expected = await expectedOf(program);
  const { bytes, companions = {} } = await writeTfjsLayers(writable(program));
  const json = JSON.parse(new TextDecoder().decode(bytes));
  const [{ paths, weights }] = json.weightsManifest;
  const weightData = new Uint8Array(Buffer.concat(paths.map((path: string) => companions[path]))).buffer;
  const there = await tf.loadLayersModel(
    tf.io.fromMemory({ modelTopology: json.modelTopology, weightSpecs: weights, weightData }),
  );
  const result = there.predict(
    tf.tensor(input.data, [...input.shape] as [number, number, number, number]),
  ) as tf.Tensor;
  close(await result.data(), expected, "TensorFlow.js");
  there.dispose();
  const back = await load(bytes, { companions, warn: () => {} });
  close((await back.predict(input)).data, expected, "read back");
  assert.deepEqual(back.labels, ["a", "b", "c"]);
  back.dispose();
});

test("layers around a network are written as TFLite, and read back", async () => {
  for (const what of [forTflite, { ...forTflite, unit: false, logarithms: true }]) {
    const program = around(what);
    const { bytes } = await writeTflite(writable(program));
    const back = await load(bytes, { warn: () => {} });
    close((await back.predict(input)).data, await expectedOf(program), "read back");
    back.dispose();
  }
});

test("what a format has no layer for is refused, with formats that hold it", async () => {
  const refused = [
    [
      writeTfjsLayers,
      { functions: ["exponential"] },
      /exponential: the function exponential.*TensorFlow\.js.*TFLite, ONNX/,
    ],
    [writeTfjsLayers, { functions: ["log"] }, /log_of: the function exponential/],
    [writeTfjsLayers, { functions: ["squareplus"] }, /squareplus: the function squareplus/],
    [writeTfjsLayers, { functions: [], unit: true }, /unit: normalize_rows, for which TensorFlow\.js has no layer/],
    [
      writeTfjsLayers,
      { ...forTfjs, resize: forTflite.resize },
      /up: a resize that TensorFlow\.js computes without half-pixel centres/,
    ],
    [writeTflite, { functions: ["softplus"] }, /softplus: the function softplus.*TFLite.*ONNX or safetensors/],
    [writeTflite, { functions: ["hard_shrink"] }, /hard_shrink: the function hard_shrink/],
  ] as const;
  for (const [write, what, message] of refused) {
    await assert.rejects(async () => write(writable(around(what))), { name: "WeightsError", message });
  }
});
