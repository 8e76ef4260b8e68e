import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { randomProgram } from "../../../test/support/random-program.ts";
import { reference } from "./engines/reference.ts";
import { OptionError, WeightsError } from "./errors.ts";
import { type LoadOptions, load } from "./load.ts";
import { buildGraph, optionsOf } from "./models/networks.ts";
import { preprocessingOf } from "./models/preprocessing.ts";
import { tensor } from "./tensor.ts";
import { writeModelFile } from "./weights/safetensors/model-file.ts";
import { writeSafetensors } from "./weights/safetensors/safetensors.ts";

const small: LoadOptions = { alpha: 0.25, inputShape: [32, 32, 3], classes: 4, engine: "reference" };
const input = tensor(
  [1, 32, 32, 3],
  Array.from({ length: 32 * 32 * 3 }, (_, i) => Math.sin(i)),
);

const refuses =
  (message: RegExp, type: typeof OptionError | typeof WeightsError = OptionError) =>
  (error: unknown) =>
    error instanceof type && message.test(error.message);

/** A network, written to a file by us, and its result for `input`. */
async function written() {
  const options = { alpha: 0.25, inputShape: [32, 32, 3], classes: 4 } as const;
  const program = randomProgram(buildGraph("mobilenet_v2", options), 5);
  const preprocessing = preprocessingOf(optionsOf("mobilenet_v2", options));
  const bytes = writeModelFile({
    program,
    network: "mobilenet_v2",
    options,
    preprocessing: { ...preprocessing, crop: "squash", mean: [1, 2, 3] },
    labels: ["a", "b", "c", "d"],
  });
  const [result] = await (await reference.compile(program)).run(input);
  return { bytes, result };
}

test("a network by name with random weights: a seed gives the same numbers, another seed others", async () => {
  const weights = async (seed?: number) =>
    (await load("mobilenet_v1", { ...small, weights: "random", seed })).program.weights;
  assert.deepEqual(await weights(3), await weights(3));
  assert.deepEqual(await weights(), await weights(0));
  assert.notDeepEqual(await weights(3), await weights(4));
});

test("our own file says all there is to know, and serves as a network's weights too", async () => {
  const { bytes, result } = await written();
  const dir = await mkdtemp(join(tmpdir(), "mobilenets-load-"));
  const path = join(dir, "model.safetensors");
  await writeFile(path, bytes);
  for (const model of [
    await load(path, { engine: "reference" }),
    await load(bytes, { engine: "reference" }),
    await load("mobilenet_v2", { weights: path, engine: "reference" }),
    await load("mobilenet_v2", { weights: bytes, engine: "reference" }),
  ]) {
    assert.deepEqual(await model.predict(input), result);
    assert.deepEqual(model.labels, ["a", "b", "c", "d"]);
    assert.equal(model.preprocessing.crop, "squash");
    assert.deepEqual(model.preprocessing.mean, [1, 2, 3]);
    assert.equal(model.preprocessing.height, 32);
  }
  await rm(dir, { recursive: true });
});

test("what the caller says goes before what the file says", async () => {
  const { bytes } = await written();
  const model = await load("mobilenet_v2", {
    weights: bytes,
    inputShape: [64, 48, 3],
    labels: ["w", "x", "y", "z"],
    preprocessing: { mean: [9, 9, 9] },
    engine: "reference",
  });
  assert.deepEqual(model.inputShape, [64, 48, 3]);
  assert.deepEqual([model.preprocessing.height, model.preprocessing.width], [64, 48]);
  assert.deepEqual(model.preprocessing.mean, [9, 9, 9]);
  assert.equal(model.preprocessing.crop, "squash");
  assert.equal(model.labelOf(1), "x");
});

test("a file of another width is refused", async () => {
  const { bytes } = await written();
  await assert.rejects(
    load("mobilenet_v2", { weights: bytes, alpha: 0.5 }),
    refuses(/has shape .* expected/, WeightsError),
  );
  await assert.rejects(load("mobilenet_v1", { ...small, weights: bytes }), refuses(/another network/, WeightsError));
});

test("1,000 classes are ImageNet's unless the file or the caller says otherwise", async () => {
  const model = await load("mobilenet_v1", {
    alpha: 0.25,
    inputShape: [32, 32, 3],
    weights: "random",
    engine: "reference",
  });
  assert.equal(model.labels.length, 1000);
  assert.equal(model.labelOf(0), "tench, Tinca tinca");
  const google = await load("mobilenet_v1", { ...small, classes: 1001, weights: "random" });
  assert.deepEqual([0, 1, 1000].map((i) => google.labelOf(i)).concat(String(google.labels.length)), [
    "background",
    "tench, Tinca tinca",
    model.labelOf(999),
    "1001",
  ]);
  const four = await load("mobilenet_v1", { ...small, weights: "random" });
  assert.deepEqual(four.labels, []);
  assert.equal(four.labelOf(3), "class 3");
});

test("says what is missing or wrong", async () => {
  await assert.rejects(load("mobilenet_v1", { weights: "random", alpha: -1 }), refuses(/alpha -1/));
  const engine = "gpu" as LoadOptions["engine"];
  await assert.rejects(
    load("mobilenet_v1", { weights: "random", engine }),
    refuses(/^engine: "gpu", expected one of auto, wasm, onnxruntime, reference/),
  );
  await assert.rejects(load("no-such-file.safetensors"), /no-such-file.safetensors: no such file/);
});

test("a value of no use, or a misspelt option, is answered in words", async () => {
  for (const [source, found] of [
    [null, "null"],
    [7, "7"],
    [{}, "an object"],
    [["a.safetensors"], "an array"],
  ] as const) {
    await assert.rejects(
      load(source as unknown as string),
      refuses(new RegExp(`^load: ${found}, expected a network's name, or a weight file`)),
    );
  }
  const misspelt = { lables: ["a"] } as LoadOptions;
  await assert.rejects(
    load("mobilenet_v1", misspelt),
    refuses(/^load: option "lables", expected one of .*: did you mean labels\?$/),
  );
  await assert.rejects(
    load("mobilenet_v1", null as unknown as LoadOptions),
    refuses(/^load: options null, expected an object/),
  );
});

test("a file may be a URL, an ArrayBuffer or a Blob", async () => {
  const { bytes, result } = await written();
  const dir = await mkdtemp(join(tmpdir(), "mobilenets-load-"));
  const path = join(dir, "model.safetensors");
  await writeFile(path, bytes);
  for (const source of [pathToFileURL(path), bytes.slice().buffer, new Blob([bytes.slice()])]) {
    const model = await load(source, { engine: "reference" });
    assert.deepEqual(await model.predict(input), result);
  }
  await rm(dir, { recursive: true });
});

test("the default is the network whose weights are at hand, with ImageNet's labels", async () => {
  const model = await load();
  assert.equal(model.name, "efficientnet_lite0");
  assert.equal(model.labelOf(285), "Egyptian cat");
  const headless = await load("efficientnet_lite0", { includeTop: false, pooling: "avg", inputShape: [64, 64, 3] });
  assert.deepEqual((await headless.predict(tensor([1, 64, 64, 3]))).shape, [1, 1280]);
  model.dispose();
  headless.dispose();
});

test("ImageNet's weights know ImageNet's classes", async () => {
  await assert.rejects(
    load("efficientnet_lite0", { classes: 3 }),
    refuses(/classes 3, expected 1000.*includeTop: false/),
  );
  await assert.rejects(load("efficientnet_lite0", { alpha: 0.5 }), refuses(/alpha 0.5, expected alpha 1/));
});

test("a file that does not name its network needs the caller to", async () => {
  const dir = await mkdtemp(join(tmpdir(), "mobilenets-load-"));
  const path = join(dir, "bare.safetensors");
  await writeFile(path, writeSafetensors({ "conv1/kernel": tensor([1], [1]) }));
  await assert.rejects(load(path), refuses(/does not say which network .*expected load\(network/));
  await rm(dir, { recursive: true });
});
