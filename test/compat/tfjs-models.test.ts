// The README of `@tensorflow-models/mobilenet` 2.1.1, sample by sample, and that package itself on the same files.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import type * as Theirs from "@tensorflow-models/mobilenet";
import { toPicture } from "mobilenets";
import * as mobilenet from "mobilenets/compat/tfjs-models";
import { type GraphModel, hubModel } from "./hub-model.ts";

const require = createRequire(import.meta.url);
// Its ES module is for bundlers; Node takes the other.
const theirs: typeof Theirs = require("@tensorflow-models/mobilenet");
const photo = (name: string) => new URL(`../../examples/photographs/${name}.jpg`, import.meta.url);

const models: Record<string, GraphModel> = {
  v1: hubModel(1),
  v2: hubModel(2),
  softmax: hubModel(1, { softmax: true }),
  "1000": hubModel(1, { classes: 1000 }),
  small: hubModel(1, { size: 160 }),
};
const server = createServer((request, response) => {
  const [, name, file] = (request.url ?? "").split("/");
  const model = models[name];
  if (!model || !["model.json", "group1-shard1of1.bin"].includes(file)) response.writeHead(404).end();
  else response.end(file === "model.json" ? JSON.stringify(model.json) : model.bytes);
});
let address = "";
const url = (name: string) => `${address}/${name}/model.json`;
let picture: tf.Tensor3D;

before(async () => {
  await tf.setBackend("cpu");
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { data, width, height } = await toPicture(photo("cat"));
  picture = tf.image.resizeBilinear(tf.tensor3d(Uint8Array.from(data), [height, width, 3]), [120, 171]).round();
});
after(() => {
  server.closeAllConnections();
  server.close();
});

function close(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-4): void {
  assert.equal(found.length, expected.length);
  for (let i = 0; i < found.length; i++) {
    assert.ok(Math.abs(found[i] - expected[i]) <= tolerance, `${i}: ${found[i]}, expected ${expected[i]}`);
  }
}

function sameClasses(found: readonly Prediction[], expected: readonly Prediction[]): void {
  assert.deepEqual(
    found.map(({ className }) => className),
    expected.map(({ className }) => className),
  );
  close(
    found.map(({ probability }) => probability),
    expected.map(({ probability }) => probability),
  );
}
type Prediction = { className: string; probability: number };

/** Both packages on one file. */
async function both(name: string, config: Omit<Theirs.ModelConfig, "modelUrl">) {
  const of = { ...config, modelUrl: url(name) };
  return { ours: await mobilenet.load(of), original: await theirs.load(of) };
}

test("via NPM: load, classify", async () => {
  const model = await mobilenet.load({ version: 1, modelUrl: url("v1") });
  const img = picture;
  const predictions = await model.classify(img);
  assert.equal(predictions.length, 3);
  for (const prediction of predictions) assert.deepEqual(Object.keys(prediction), ["className", "probability"]);
  assert.ok(predictions[0].probability > predictions[2].probability);
  // The script tag's samples are written with then().
  await new Promise<void>((done) => {
    mobilenet.load({ version: 1, modelUrl: url("v1") }).then((loaded) => {
      loaded.classify(img).then((again) => {
        assert.deepEqual(again, predictions);
        loaded.dispose();
        done();
      });
    });
  });
  model.dispose();
  await assert.rejects(async () => model.classify(img), /dispose/);
});

for (const version of [1, 2] as const) {
  for (const inputRange of [undefined, [0, 1], [-1, 1]] as const) {
    const range = inputRange ? `[${inputRange}]` : "as it is by default";
    test(`version ${version}, inputRange ${range}: classes, logits and features of the original`, async () => {
      const { ours, original } = await both(`v${version}`, { version, inputRange: inputRange && [...inputRange] });
      sameClasses(await ours.classify(picture), await original.classify(picture));
      sameClasses(await ours.classify(picture, 7), await original.classify(picture, 7));
      for (const embedding of [false, true]) {
        const found = ours.infer(picture, embedding);
        const expected = original.infer(picture, embedding);
        assert.deepEqual(found.shape, expected.shape);
        assert.deepEqual(found.shape, [1, embedding ? 64 : 1000]);
        close(found.dataSync(), expected.dataSync());
      }
      ours.dispose();
    });
  }
}

test("a tensor of 224 x 224 pixels, and one of a single column, are resized as there", async () => {
  const { ours, original } = await both("v1", { version: 1 });
  const sizes = [
    [224, 224],
    [224, 223],
    [1, 1],
    [300, 1],
  ] as const;
  for (const size of sizes) {
    const img = tf.image.resizeBilinear(picture, [...size]);
    close(ours.infer(img).dataSync(), original.infer(img).dataSync());
  }
  const whole = picture.toInt();
  close(ours.infer(whole).dataSync(), original.infer(whole).dataSync());
  ours.dispose();
});

test("a batch gives each picture what it gets alone", async () => {
  const { ours, original } = await both("v1", { version: 1 });
  const other = picture.reverse(1) as tf.Tensor3D;
  const batch = tf.stack([picture, other, picture]) as tf.Tensor4D;
  const logits = ours.infer(batch);
  assert.deepEqual(logits.shape, [3, 1000]);
  close(logits.dataSync(), original.infer(batch).dataSync());
  close(ours.infer(batch, true).dataSync(), original.infer(batch, true).dataSync());
  const alone = [await original.classify(picture), await original.classify(other)];
  // The original takes a batch's numbers for those of one picture.
  const rows = await ours.classify(batch);
  assert.equal(rows.length, 3);
  [alone[0], alone[1], alone[0]].forEach((expected, i) => {
    sameClasses((rows as unknown as Prediction[][])[i], expected);
  });
  const list = await ours.classify([picture, other]);
  list.forEach((row, i) => {
    sameClasses(row, alone[i]);
  });
  // A batch of one is one picture there.
  const one = picture.expandDims(0);
  sameClasses(await ours.classify(one), await original.classify(one as unknown as tf.Tensor3D));
  ours.dispose();
});

test("ImageData, pixels, files, addresses and our tensors are pictures too", async () => {
  const model = await mobilenet.load({ version: 1, modelUrl: url("v1") });
  const { data, width, height } = await toPicture(photo("cat"));
  const expected = model.infer(tf.tensor3d(Uint8Array.from(data), [height, width, 3])).dataSync();
  const rgba = new Uint8ClampedArray(width * height * 4).map((_, i) =>
    i % 4 === 3 ? 7 : data[(i >> 2) * 3 + (i % 4)],
  );
  const sources = [
    { data, width, height, channels: 3 as const },
    { data: rgba, width, height },
    { data: Float32Array.from(data), shape: [height, width, 3] },
    { shape: [height, width, 3], data: async () => data },
    photo("cat"),
  ];
  for (const source of sources) {
    const found = model.infer(source);
    assert.deepEqual(found.shape, [1, 1000]);
    close(await found.data(), expected);
  }
  assert.throws(() => model.infer(photo("cat")).dataSync(), /dataSync: a picture that is still being read.*await data/);
  await assert.rejects(async () => model.classify(tf.zeros([8, 8, 4]) as tf.Tensor3D), /shape \[8,8,4\].*fromPixels/);
  await assert.rejects(model.infer(new URL("none.jpg", import.meta.url)).data(), /none.jpg/);
  model.dispose();
});

test("what infer gives serves as a tensor", async () => {
  const model = await mobilenet.load({ version: 1, modelUrl: url("v1") });
  const result = model.infer(tf.stack([picture, picture]) as tf.Tensor4D, true);
  assert.deepEqual([result.rank, result.size, result.dtype, `${result}`], [2, 128, "float32", "Tensor [2,64] float32"]);
  const numbers = await result.data();
  assert.ok(numbers instanceof Float32Array);
  assert.deepEqual(result.dataSync(), numbers);
  const real = tf.tensor(numbers, result.shape as [number, number]);
  assert.deepEqual(result.arraySync(), real.arraySync());
  assert.deepEqual(await result.array(), real.arraySync());
  assert.deepEqual(result.reshape([4, -1]).arraySync(), real.reshape([4, -1]).arraySync());
  assert.deepEqual(result.flatten().shape, [128]);
  assert.deepEqual(result.reshape([1, 2, 1, 64]).squeeze().shape, [2, 64]);
  assert.throws(() => result.reshape([3, -1]), /reshape: shape \[3,-1\], expected one of 128 numbers/);
  const copy = result.clone();
  result.dispose();
  assert.ok(result.isDisposed && !copy.isDisposed);
  assert.throws(() => result.dataSync(), /after dispose/);
  assert.deepEqual(copy.dataSync(), numbers);
  model.dispose();
});

test("a model that ends in probabilities, one without a background, one of another size", async () => {
  const original = await theirs.load({ version: 1, modelUrl: url("v1") });
  const expected = await original.classify(picture);
  // The original takes probabilities for logits: all classes are then as likely as each other.
  const softmax = await mobilenet.load({ modelUrl: url("softmax") });
  sameClasses(await softmax.classify(picture), expected);
  close(softmax.infer(picture).dataSync(), original.infer(picture).dataSync());
  const bare = await mobilenet.load({ modelUrl: url("1000") });
  assert.deepEqual(bare.infer(picture).shape, [1, 1000]);
  assert.equal(bare.labels.length, 1000);
  const small = await mobilenet.load({ modelUrl: url("small") });
  assert.deepEqual(small.infer(picture).shape, [1, 1000]);
  for (const model of [softmax, bare, small]) model.dispose();
});

test("modelUrl: an IOHandler", async () => {
  const { json, bytes } = models.v1;
  const { modelTopology, weightsManifest, format } = json;
  const weightData = new Uint8Array(bytes).buffer;
  const artifacts = {
    modelTopology,
    weightSpecs: weightsManifest[0].weights,
    weightData,
    format,
  } as tf.io.ModelArtifacts;
  const config = { version: 1 as const, modelUrl: tf.io.fromMemory(artifacts) };
  const [ours, original] = [await mobilenet.load(config), await theirs.load(config)];
  sameClasses(await ours.classify(picture), await original.classify(picture));
  ours.dispose();
  await assert.rejects(
    mobilenet.load({ modelUrl: { load: async () => ({}) } }),
    /IOHandler whose load\(\) gives no whole/,
  );
});

test("modelUrl: weights of this project, with the range they want and every class", async () => {
  const weights = (await import("@mobilenets/weights-imagenet")).default;
  const model = await mobilenet.load({ modelUrl: weights });
  const [best] = await model.classify(photo("cat"));
  assert.match(best.className, /cat/);
  const all = await model.classify(photo("cat"), 5000);
  assert.equal(all.length, 1000);
  assert.ok(Math.abs(all.reduce((sum, { probability }) => sum + probability, 0) - 1) < 1e-4);
  assert.deepEqual(model.infer(picture, true).shape, [1, 1280]);
  model.dispose();
});

test("labels are those of the original, class by class", async () => {
  const { IMAGENET_CLASSES } = require("@tensorflow-models/mobilenet/dist/imagenet_classes.js");
  const model = await mobilenet.load({ modelUrl: url("v1") });
  model.dispose();
  assert.deepEqual(
    model.labels.filter((label, i) => label !== IMAGENET_CLASSES[i]),
    [],
  );
  assert.equal(model.labels.length, 1000);
  assert.equal(mobilenet.version, theirs.version);
});

test("without modelUrl: Keras' weights of that version and width", async () => {
  const options = { fetch: { offline: true } };
  const asked = [
    [{ options }, /keras\/mobilenet_v1_1_224/],
    [{ version: 1, alpha: 0.25, options }, /keras\/mobilenet_v1_0.25_224/],
    [{ version: 2, alpha: 0.5, options }, /keras\/mobilenet_v2_0.5_224/],
    [{ version: 2, options }, /keras\/mobilenet_v2_1_224/],
    [{ version: 2, alpha: 0.25, options }, /flavor keras, alpha 0.25, expected alpha 0.35, 0.5/],
    [{ version: 3, options }, /version 3, expected 1 or 2/],
    [{ modelUrl: url("v1"), inputRange: [1, 0] }, /inputRange: \[1,0\], expected two numbers/],
    [{ versoin: 1 }, /option "versoin"/],
  ] as const;
  for (const [config, message] of asked) {
    await assert.rejects(mobilenet.load(config as unknown as mobilenet.ModelConfig), message);
  }
  // As versions 1.0.x had it.
  await assert.rejects(
    mobilenet.load(2, 0.25 as mobilenet.MobileNetAlpha),
    /flavor keras, alpha 0.25, expected alpha 0.35/,
  );
  await assert.rejects(mobilenet.load(3 as mobilenet.MobileNetVersion), /version 3, expected 1 or 2/);
});
