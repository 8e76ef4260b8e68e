import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { brotliDecompressSync } from "node:zlib";
import { activationMaps } from "../../packages/mobilenets/src/activation-map.ts";
import { reference } from "../../packages/mobilenets/src/engines/reference.ts";
import { type LoadOptions, load } from "../../packages/mobilenets/src/load.ts";
import { writeKerasLegacy, writeKerasStore } from "../../packages/mobilenets/src/weights/keras/write.ts";
import { writeModelFile } from "../../packages/mobilenets/src/weights/safetensors/model-file.ts";
import { patternOf } from "../cases/pattern.ts";

// Models with heads and fronts of their own, as the tools that people use save them, and what these compute. The scripts
// in test/golden/make say how each was made.
const folder = new URL("../golden/heads/", import.meta.url);

interface HeadCase {
  readonly name: string;
  /** What the file is called; its bytes are `<name>.br`. */
  readonly file: string;
  /** What the file does not say. */
  readonly options: LoadOptions;
  readonly outputs: readonly number[];
  /** Default 1e-4. */
  readonly tolerance?: number;
  /** How the input's numbers were counted. Default NHWC. */
  readonly layout?: "NHWC" | "NCHW";
}

const lists = readdirSync(folder).filter((name) => name.endsWith(".json"));
for (const list of lists) {
  const { cases }: { cases: readonly HeadCase[] } = JSON.parse(readFileSync(new URL(list, folder), "utf8"));
  for (const golden of cases) {
    test(`${list.replace(".json", "")}: ${golden.name} computes what its tool computes`, () => check(golden));
  }
}

async function check({ name, file, options, outputs, tolerance = 1e-4, layout = "NHWC" }: HeadCase): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "mobilenets-heads-"));
  try {
    const path = join(dir, file);
    await writeFile(path, brotliDecompressSync(readFileSync(new URL(`${name}.br`, folder))));
    const notes: string[] = [];
    const model = await load(path, { ...options, warn: (note) => notes.push(note) });
    const input = patternOf(model.inputShape, layout);
    const { data } = await model.predict(input);
    compare([...data], outputs, tolerance, "wasm");
    const executable = await reference.compile(model.program);
    compare([...(await executable.run(input))[0].data], outputs, tolerance, "reference");
    model.dispose();
  } finally {
    await rm(dir, { recursive: true });
  }
}

function compare(found: readonly number[], expected: readonly number[], tolerance: number, engine: string): void {
  assert.equal(found.length, expected.length, engine);
  const scale = Math.max(1, ...expected.map(Math.abs));
  // Written so that NaN is a difference.
  const far = found.findIndex((x, i) => !(Math.abs(x - expected[i]) <= tolerance * scale));
  assert.equal(far, -1, `${engine}: [${far}] is ${found[far]}, expected ${expected[far]}`);
}

/** A golden's model, loaded. */
async function loaded(list: string, name: string, use: (model: Awaited<ReturnType<typeof load>>) => Promise<void>) {
  const { cases }: { cases: readonly HeadCase[] } = JSON.parse(readFileSync(new URL(`${list}.json`, folder), "utf8"));
  const golden = cases.find((one) => one.name === name) as HeadCase;
  const dir = await mkdtemp(join(tmpdir(), "mobilenets-heads-"));
  try {
    const path = join(dir, golden.file);
    await writeFile(path, brotliDecompressSync(readFileSync(new URL(`${name}.br`, folder))));
    const model = await load(path, { ...golden.options, warn: () => {} });
    await use(model);
    model.dispose();
  } finally {
    await rm(dir, { recursive: true });
  }
}

test("a head that weights alone describe is written as Keras' files, and read back", () =>
  loaded("keras", "flat-v1-weights", async (model) => {
    const input = patternOf(model.inputShape, "NHWC");
    for (const write of [writeKerasStore, writeKerasLegacy]) {
      const { bytes } = await write(model);
      const back = await load(bytes, { inputShape: [32, 32, 3], warn: () => {} });
      assert.deepEqual([...(await back.predict(input)).data], [...(await model.predict(input)).data]);
      back.dispose();
    }
  }));

test("a head that they do not describe is refused, with formats that hold it", () =>
  loaded("torch", "mlp", async (model) => {
    for (const write of [writeKerasStore, writeKerasLegacy]) {
      await assert.rejects(write(model), /convert it to safetensors, ONNX, TFLite or TensorFlow\.js/);
    }
  }));

test("what a head does is kept in a file of ours", () =>
  loaded("keras", "activations", async (model) => {
    const back = await load(writeModelFile(model), { warn: () => {} });
    const input = patternOf(model.inputShape, "NHWC");
    assert.deepEqual([...(await back.predict(input)).data], [...(await model.predict(input)).data]);
    back.dispose();
    await assert.rejects(writeKerasStore(model), /convert it to safetensors/);
  }));

test("a note says what a head is assumed to do, and how to say otherwise", async () => {
  await loaded("keras", "flat-v1-weights", async ({ notes, network }) => {
    assert.equal(network, undefined);
    assert.match(
      notes.join(),
      /relu between its dense layers, and softmax after the last \(option classifierActivation\)/,
    );
  });
});

test("a layer in front of a network, of which weights alone say nothing, is said", () =>
  loaded("keras-siblings", "sibling-rescaled-weights", async ({ notes }) => {
    assert.match(notes.join(), /lists a layer "rescaling".*pictures are prepared as for the network/);
  }));

test("answers that are logarithms of probabilities are said, and in their order", async () => {
  const size = { width: 64, height: 64, channels: 3 } as const;
  const picture = { ...size, data: Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 37) % 256) };
  const said = /answers are logarithms of probabilities.*Math\.exp/;
  for (const name of ["logarithms-onnx-torch-v2", "logarithms-onnx-torch-v2-log"]) {
    await loaded("logarithms-onnx", name, async (model) => {
      assert.match(model.notes.join(), said);
      const logs = (await model.classify(picture)).map(({ probability }) => probability);
      assert.ok(logs[0] > logs[1] && logs[1] > logs[2] && logs[0] < 0, `${logs}`);
      assert.ok(Math.abs(logs.reduce((sum, y) => sum + Math.exp(y), 0) - 1) < 1e-6, `${logs}`);
    });
  }
  await loaded("keras", "approximate-gelu-softmax", async (model) => assert.doesNotMatch(model.notes.join(), said));
});

test("the evidence for a class is that for its logit, also behind a logarithm", () =>
  loaded("logarithms-keras", "logarithms-keras-dense", async (model) => {
    const [, height, width] = model.program.graph.input.shape;
    const picture = { data: new Uint8Array(height * width * 3).fill(99), height, width, channels: 3 } as const;
    const [map] = await activationMaps(model, picture);
    assert.ok(map.data.every(Number.isFinite) && map.data.some((x) => x !== 0));
  }));

test("of several results the first is taken, which is said, and the others are to be had", () =>
  loaded("keras-siblings", "sibling-first-result", async ({ notes }) => {
    assert.match(notes.join(), /"species" is taken of its 2 outputs, "species", "age": option output chooses/);
  }));

test("a quantised network by its name is not cut off at calibrated ranges, which is said", async () => {
  for (const [list, name, says] of [
    ["onnx", "torch_v2_folded-qdq", true],
    ["onnx", "torch_v3_small_kept-qoperator", true],
    ["onnx", "torch_v2_folded-dynamic", false],
    ["onnx-ranges", "onnx-ranges-qdq-uint8", false],
    ["tflite-ranges", "tflite-ranges-residual-faint", false],
  ] as const) {
    await loaded(list, name, async ({ notes }) => {
      assert.equal(/cuts them off at the ranges that calibration gave/.test(notes.join()), says, `${name}: ${notes}`);
    });
  }
});

test("pictures come to a model with a head as its library prepares them", async () => {
  const ways = [
    ["torch", "mlp", "pillow-bilinear", 123.675],
    ["torch", "timm-v3-mlp", "pillow-bicubic", 123.675],
    ["torch", "timm-110d", "pillow-bicubic", 123.675],
    ["torch", "transformers-v2", "pillow-bilinear", 127.5],
    ["keras", "flat-v1-weights", "pillow-nearest", 127.5],
    ["own-onnx", "onnx-mlp", "pillow-bilinear", 123.675],
  ] as const;
  for (const [list, name, resize, mean] of ways) {
    await loaded(list, name, async ({ preprocessing }) => {
      assert.deepEqual([preprocessing.resize, preprocessing.mean[0]], [resize, mean], name);
    });
  }
});

test("embed gives the vectors that a file's model ends in", () =>
  loaded("own-onnx", "onnx-projected", async (model) => {
    const picture = { data: new Uint8Array(64 * 64 * 3).fill(99), width: 64, height: 64, channels: 3 } as const;
    const vector = await model.embed(picture);
    assert.equal(vector.length, 12);
    assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-5);
    await assert.rejects(model.classify(picture), /a model that ends in features/);
  }));
