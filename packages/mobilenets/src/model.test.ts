import assert from "node:assert/strict";
import { test } from "node:test";
import { randomWeights } from "../../../test/support/random-program.ts";
import type { Engine } from "./engines/engine.ts";
import { reference } from "./engines/reference.ts";
import { EngineError, ImageError, OptionError, WeightsError } from "./errors.ts";
import type { Graph, Weights } from "./graph/graph.ts";
import type { Picture } from "./image/picture.ts";
import { preprocess } from "./image/preprocess.ts";
import { Model } from "./model.ts";
import { buildGraph, optionsOf } from "./models/networks.ts";
import type { ModelOptions } from "./models/options.ts";
import { preprocessingOf } from "./models/preprocessing.ts";
import { random } from "./random.ts";
import { tensor } from "./tensor.ts";

/** The reference engine, with a record of its calls. */
function spy() {
  const record = { compiled: [] as Graph[], batches: [] as number[], disposed: 0 };
  const engine: Engine = {
    name: "spy",
    async compile(program) {
      record.compiled.push(program.graph);
      const executable = await reference.compile(program);
      return {
        run(input, options) {
          record.batches.push(input.shape[0]);
          return executable.run(input, options);
        },
        dispose() {
          record.disposed++;
          executable.dispose();
        },
      };
    },
  };
  return { engine, record };
}

function tiny(options: ModelOptions = {}, labels: readonly string[] = []) {
  const all = { alpha: 0.25, inputShape: [32, 32, 3], classes: 6, ...options } as const;
  const graph = buildGraph("mobilenet_v1", all);
  const { engine, record } = spy();
  const preprocessing = preprocessingOf(optionsOf("mobilenet_v1", all));
  return { model: new Model({ program: { graph, weights: lively(graph) }, preprocessing, labels }, engine), record };
}

/** Random weights, large enough for the last layer to tell one picture from another. */
function lively(graph: Graph): Weights {
  const weights = Object.entries(randomWeights(graph, 1));
  return Object.fromEntries(
    weights.map(([name, { data, shape }]) => [
      name,
      tensor(shape, name.endsWith("kernel") ? data.map((w) => 2 * w) : data),
    ]),
  );
}

/** Random pixels; each seed gives another picture. */
function picture(seed: number): Picture {
  const next = random(seed);
  return { data: Uint8Array.from({ length: 40 * 50 * 3 }, () => 256 * next()), width: 40, height: 50, channels: 3 };
}

const pictures = [picture(1), picture(2), picture(3)];

function refuses(found: RegExp) {
  return (error: unknown) => error instanceof OptionError && found.test(error.message);
}

test("says what it is", () => {
  const { model } = tiny();
  assert.equal(model.name, "mobilenet_v1");
  assert.equal(model.engine, "spy");
  assert.deepEqual(model.inputShape, [32, 32, 3]);
  assert.deepEqual(model.layers[0], {
    name: "conv1",
    type: "Conv2D",
    outputShape: [1, 16, 16, 8],
    params: 3 * 3 * 3 * 8,
    macs: 16 * 16 * 3 * 3 * 3 * 8,
  });
});

test("classify: one picture gives its classes, a batch those of each", async () => {
  const { model } = tiny({}, ["ant", "bee", "cat"]);
  const batch = await model.classify(pictures);
  assert.equal(batch.length, 3);
  for (const [i, row] of batch.entries()) {
    assert.equal(row.length, 5);
    assert.deepEqual(await model.classify(pictures[i]), row);
    const probabilities = row.map(({ probability }) => probability);
    assert.deepEqual(
      probabilities,
      probabilities.toSorted((a, b) => b - a),
    );
    for (const { index, label } of row) assert.equal(label, ["ant", "bee", "cat"][index] ?? `class ${index}`);
  }
  assert.notDeepEqual(batch[0], batch[1]);
});

test("classify: topK is at most all classes, and a positive integer", async () => {
  const { model } = tiny();
  const [all] = await model.classify([pictures[0]], { topK: 99 });
  assert.deepEqual(all.map(({ index }) => index).sort(), [0, 1, 2, 3, 4, 5]);
  const sum = all.reduce((total, { probability }) => total + probability, 0);
  assert.ok(Math.abs(sum - 1) < 1e-5, `probabilities add up to ${sum}`);
  const best = await model.classify(pictures[0], { topK: 1 });
  assert.deepEqual(best, [all[0]]);
  for (const topK of [0, -1, 1.5, Number.NaN]) {
    await assert.rejects(model.classify(pictures[0], { topK }), refuses(/^topK: .*an integer >= 1/));
  }
});

test("classify: agrees with predict on a picture preprocessed by hand", async () => {
  const { model } = tiny();
  const input = tensor([1, 32, 32, 3]);
  preprocess(pictures[1], model.preprocessing, input.data);
  const { data, shape } = await model.predict(input);
  assert.deepEqual(shape, [1, 6]);
  for (const { index, probability } of await model.classify(pictures[1], { topK: 6 })) {
    assert.equal(probability, data[index]);
  }
});

test("classify: refuses a model that ends in features", async () => {
  const found = /classify\(\) on a model that ends in features of shape .*includeTop: true, or call embed\(\)/;
  await assert.rejects(tiny({ includeTop: false }).model.classify(pictures[0]), refuses(found));
  await assert.rejects(tiny({ includeTop: false, pooling: "avg" }).model.classify(pictures[0]), refuses(found));
});

test("embed: the average of the last map, a vector a picture", async () => {
  const { model } = tiny();
  const vectors = await model.embed(pictures);
  const { conv_pw_13_relu: map } = await model.features(pictures, ["conv_pw_13_relu"]);
  assert.deepEqual(map.shape, [3, 1, 1, 256]);
  for (const [i, vector] of vectors.entries()) {
    assert.deepEqual(vector, map.data.slice(i * 256, (i + 1) * 256));
    assert.deepEqual(await model.embed(pictures[i]), vector);
  }
  assert.ok(vectors[0].some((value) => value !== 0));
});

test("features: several layers in one pass, which stops after the last of them", async () => {
  const { model, record } = tiny();
  const names = ["conv_pw_3_relu", "conv1", "conv_dw_2"] as const;
  const features = await model.features(pictures, names);
  assert.deepEqual(Object.keys(features), names);
  assert.deepEqual(features.conv1.shape, [3, 16, 16, 8]);
  assert.deepEqual(features.conv_dw_2.shape, [3, 8, 8, 16]);
  assert.deepEqual(features.conv_pw_3_relu.shape, [3, 8, 8, 32]);
  assert.equal(record.compiled.length, 1);
  assert.equal(record.compiled[0].nodes.at(-1)?.name, "conv_pw_3_relu");
  assert.deepEqual(record.batches, [3]);
  const one = await model.features(pictures[2], names);
  assert.deepEqual(one.conv1, tensor([1, 16, 16, 8], features.conv1.data.slice(2 * 16 * 16 * 8)));
  // A second call compiles nothing.
  assert.equal(record.compiled.length, 1);
});

test("features: refuses names that are no layer's, and no names", async () => {
  const { model } = tiny();
  await assert.rejects(
    model.features(pictures, ["conv_pw_3_Relu"]),
    refuses(/no layer "conv_pw_3_Relu".*did you mean conv_pw_3_relu/),
  );
  await assert.rejects(model.features(pictures, []), refuses(/no layer names, expected a list of at least one/));
  await assert.rejects(model.features(pictures, "conv1" as never), refuses(/layers "conv1", expected a list/));
});

test("misspelt options and values that are no picture are answered in words", async () => {
  const { model } = tiny();
  const [picture] = pictures;
  for (const call of [
    () => model.classify(picture, { topk: 3 } as never),
    () => model.classify(picture, { topKK: 3 } as never),
  ]) {
    await assert.rejects(
      call,
      refuses(/^classify: option "topk+", expected one of topK, signal: did you mean topK\?$/i),
    );
  }
  await assert.rejects(
    model.embed(picture, { topK: 3 } as never),
    refuses(/^embed: option "topK", expected one of signal/),
  );
  for (const nothing of [null, undefined, 7, {}]) {
    await assert.rejects(
      model.classify(nothing as never),
      (error) => error instanceof ImageError && /^picture: /.test(error.message),
    );
  }
});

test("an answer that is NaN is an error that names the weight", async () => {
  const classify = (model: Model) => model.classify(pictures);
  const embed = (model: Model) => model.embed(pictures[0]);
  for (const [name, value, call] of [
    ["conv_dw_3/depthwise_kernel", Number.NaN, classify],
    ["conv_dw_3/depthwise_kernel", Number.NaN, embed],
    // ReLU6 turns infinity into 6; no activation follows here.
    ["conv_preds/kernel", Number.POSITIVE_INFINITY, classify],
  ] as const) {
    const { model } = tiny();
    model.program.weights[name].data[5] = value;
    await assert.rejects(
      call(model),
      (error) => error instanceof WeightsError && error.message.includes(`${name} holds NaN`),
    );
  }
});

test("an empty batch gives empty results", async () => {
  const { model, record } = tiny();
  assert.deepEqual(await model.classify([]), []);
  assert.deepEqual(await model.embed([]), []);
  assert.deepEqual(await model.features([], ["conv1"]), { conv1: tensor([0, 16, 16, 8]) });
  assert.deepEqual(record.batches, []);
});

test("many pictures run in chunks, in order", async () => {
  const { model, record } = tiny();
  const many = Array.from({ length: 70 }, (_, i) => pictures[i % 3]);
  const vectors = await model.embed(many);
  assert.deepEqual(record.batches, [32, 32, 6]);
  const three = await model.embed(pictures);
  vectors.forEach((vector, i) => {
    assert.deepEqual(vector, three[i % 3]);
  });
});

test("stops when told to, with the reason it was given", async () => {
  const { model, record } = tiny();
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  for (const call of [
    model.classify(pictures, { signal }),
    model.embed(pictures, { signal }),
    model.features(pictures, ["conv1"], { signal }),
    model.predict(tensor([1, 32, 32, 3]), { signal }),
  ]) {
    await assert.rejects(call, reason);
  }
  // Abort in the middle: the getter of a later chunk's picture aborts, and that chunk never runs.
  record.batches.length = 0;
  const controller = new AbortController();
  const last = {
    ...picture(9),
    get width() {
      controller.abort(reason);
      return 40;
    },
  };
  const many = [...Array.from({ length: 32 }, () => pictures[0]), last];
  await assert.rejects(model.embed(many, { signal: controller.signal }), reason);
  assert.deepEqual(record.batches, [32, 1]);
});

test("dispose() frees what was compiled; later calls reject, a second dispose() is harmless", async () => {
  const { model, record } = tiny();
  await model.classify(pictures[0]);
  await model.embed(pictures[0]);
  model.dispose();
  model.dispose();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(record.disposed, 2);
  const gone = refuses(/a call after dispose\(\): load the model again/);
  await assert.rejects(model.classify(pictures[0]), gone);
  await assert.rejects(model.embed(pictures[0]), gone);
  await assert.rejects(model.features(pictures[0], ["conv1"]), gone);
  await assert.rejects(model.predict(tensor([1, 32, 32, 3])), gone);
});

test("refuses pixels that do not fill their size, and input of another shape", async () => {
  const { model } = tiny();
  await assert.rejects(model.classify({ ...pictures[0], width: 41 }), ImageError);
  await assert.rejects(model.predict(tensor([1, 32, 31, 3])), EngineError);
});
