import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { units } from "../../../../test/support/graph-of.ts";
import { randomWeights } from "../../../../test/support/random-program.ts";
import { smallProgram } from "../../../../test/support/small-program.ts";
import { selectEngine } from "../engines/select.ts";
import { OptionError, WeightsError } from "../errors.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { Graph, Program } from "../graph/graph.ts";
import { dense } from "../graph/ops/dense.ts";
import { globalAveragePooling2d } from "../graph/ops/global_average_pooling2d.ts";
import { pooling2d } from "../graph/ops/pooling2d.ts";
import type { Picture } from "../image/picture.ts";
import { pipelines } from "../image/pipelines.ts";
import type { Preprocessing } from "../image/preprocessing.ts";
import { Model, type Prediction } from "../model.ts";
import { buildGraph, flavorsOf, networkNames } from "../models/networks.ts";
import { preprocessingOfGraph } from "../models/preprocessing.ts";
import { random } from "../random.ts";
import { cosine } from "../search/cosine.ts";
import { tensor } from "../tensor.ts";
import { buildStandalone, type Standalone, type StandaloneOptions } from "./build.ts";

const folder = await mkdtemp(join(tmpdir(), "mobilenets-standalone-"));
after(() => rm(folder, { recursive: true, force: true }));

interface Module {
  classify?(image: unknown, options?: object): Promise<Prediction[]>;
  embed(image: unknown): Promise<Float32Array>;
  load(): Promise<void>;
  create(parts: object): Module;
  readonly labels: readonly string[];
  readonly preprocessing: Preprocessing;
}

let written = 0;

/** Writes a build's files into a folder of their own and imports the module. */
async function open({ files }: Standalone): Promise<Module> {
  const [name] = Object.keys(files);
  const place = join(folder, `${written++}`);
  await mkdir(place);
  for (const [file, bytes] of Object.entries(files)) await writeFile(join(place, file), bytes);
  return import(pathToFileURL(join(place, name)).href);
}

const options = (more: StandaloneOptions = {}) => ({ file: "built.mjs", ...more });

function modelOf(program: Program, preprocessing: Partial<Preprocessing> = {}, labels: readonly string[] = []): Model {
  const whole = { ...preprocessingOfGraph(program.graph), ...preprocessing };
  return new Model({ program, preprocessing: whole, labels }, selectEngine("wasm", { threads: 1 }));
}

/** A graph with ops that only files have. */
function importedGraph(build: (b: GraphBuilder) => string): Graph {
  const b = new GraphBuilder("imported", [32, 32, 3], "input");
  return b.build(build(b));
}

const next = random(5);
const picture: Picture = {
  data: Uint8Array.from({ length: 60 * 50 * 3 }, () => 256 * next()),
  width: 60,
  height: 50,
  channels: 3,
};

/** Expects equal numbers: both do the same arithmetic on the same instruction set. */
async function assertSame(model: Model, module: Module): Promise<void> {
  assert.deepEqual(await module.embed(picture), await model.embed(picture));
  if (module.classify) assert.deepEqual(await module.classify(picture), await model.classify(picture));
}

for (const network of networkNames) {
  test(`${network}: a built file gives the model's own numbers, in two flavours`, async () => {
    const all = flavorsOf(network);
    for (const flavor of [all[0], all[all.length - 1]]) {
      const graph = buildGraph(network, { flavor, alpha: 0.35, inputShape: [64, 96, 3], classes: 7 });
      const model = modelOf({ graph, weights: randomWeights(graph, 1) }, {}, ["a", "b", "c", "d", "e", "f", "g"]);
      const built = await buildStandalone(model, options());
      assert.deepEqual(Object.keys(built.files), ["built.mjs", "built.d.mts"]);
      assert.equal(built.classes, 7);
      const module = await open(built);
      assert.deepEqual(module.labels, model.labels);
      await assertSame(model, module);
      model.dispose();
    }
  });
}

test("graphs of files: every op of the networks, layers that no network has, one sigmoid, no pooling", async () => {
  const small = smallProgram();
  const pooled = importedGraph((b) => {
    const x = b.add(pooling2d, "pool", [b.input], {
      kind: "average",
      kernelSize: [2, 2],
      strides: [2, 2],
      padding: "same",
    });
    const y = b.add(globalAveragePooling2d, "head", [x], { keepdims: false });
    return b.add(dense, "yes", [y], units(1, { activation: "sigmoid" }));
  });
  const flat = importedGraph((b) =>
    b.add(pooling2d, "pool", [b.input], { kind: "max", kernelSize: [2, 2], strides: [2, 2], padding: "valid" }),
  );
  for (const { graph, weights } of [
    small,
    ...[pooled, flat].map((g) => ({ graph: g, weights: randomWeights(g, 2) })),
  ]) {
    const model = modelOf({ graph, weights });
    const built = await buildStandalone(model, options());
    const module = await open(built);
    assert.equal(module.classify === undefined, graph === flat);
    await assertSame(model, module);
    model.dispose();
  }
});

test("pictures are fitted as Python's libraries do it, grey networks get grey, batches a list each", async () => {
  const graph = buildGraph("mobilenet_v1", { alpha: 0.25, inputShape: [32, 32, 1], classes: 3 });
  const program = { graph, weights: randomWeights(graph, 1) };
  for (const fit of [pipelines.timm, pipelines.keras, pipelines["tf.image"], pipelines["torchvision-tensor"]]) {
    const model = modelOf(program, { ...fit, mean: [120], std: [60] });
    const module = await open(await buildStandalone(model, options({ kernels: "simd" })));
    const grey: Picture = { data: picture.data.subarray(0, 60 * 50), width: 60, height: 50, channels: 1 };
    const alpha = { data: Uint8Array.from({ length: 40 * 30 * 4 }, (_, i) => i % 251), width: 40, height: 30 };
    const pictures = [picture, grey, alpha];
    const expected = await model.classify(pictures, { topK: 2 });
    const found = (await module.classify?.(pictures, { topK: 2 })) as unknown as Prediction[][];
    assert.deepEqual(
      found.map((row) => row.map(({ label }) => label)),
      expected.map((row) => row.map(({ label }) => label)),
    );
    found.forEach((row, i) => {
      for (const [k, { probability }] of row.entries()) {
        assert.ok(Math.abs(probability - expected[i][k].probability) < 1e-5);
      }
    });
    assert.deepEqual(await module.embed([]), []);
    model.dispose();
  }
});

test("float16 and int8 make files smaller and keep the answers near", async () => {
  const graph = buildGraph("mobilenet_v2", { alpha: 0.5, inputShape: [64, 64, 3], classes: 10 });
  const model = modelOf({ graph, weights: randomWeights(graph, 3) });
  const expected = await model.embed(picture);
  const sizes: number[] = [];
  for (const [weightsType, least] of [
    ["float32", 1],
    ["float16", 0.999999],
    ["int8", 0.999],
  ] as const) {
    const built = await buildStandalone(model, options({ weightsType }));
    sizes.push(built.files["built.mjs"].length);
    const likeness = cosine(expected, await (await open(built)).embed(picture));
    assert.ok(likeness >= least && (least === 1) === (likeness === 1), `${weightsType}: ${likeness}`);
  }
  assert.ok(sizes[1] < 0.6 * sizes[0] && sizes[2] < 0.4 * sizes[0], `${sizes}`);
  model.dispose();
});

test("float16 keeps columns of tiny and of huge weights", async () => {
  const graph = buildGraph("mobilenet_v1", { alpha: 0.25, inputShape: [32, 32, 3], classes: 3 });
  const weights = { ...randomWeights(graph, 4) };
  const scaled = (name: string, factor: number) => {
    weights[name] = tensor(
      weights[name].shape,
      weights[name].data.map((x) => x * factor),
    );
  };
  scaled("conv_pw_2/kernel", 1e-12);
  scaled("conv_pw_2_bn/moving_variance", 1e-24);
  scaled("conv_pw_2_bn/moving_mean", 1e-12);
  scaled("conv_pw_3/kernel", 1e9);
  scaled("conv_pw_3_bn/gamma", 1e-9);
  const model = modelOf({ graph, weights });
  const module = await open(await buildStandalone(model, options({ weightsType: "float16" })));
  const likeness = cosine(await model.embed(picture), await module.embed(picture));
  assert.ok(likeness > 0.9999, `${likeness}`);
  model.dispose();
});

const tiny = () => {
  const graph = buildGraph("mobilenet_v1", { alpha: 0.25, inputShape: [32, 32, 3], classes: 3 });
  return modelOf({ graph, weights: randomWeights(graph, 1) }, {}, ["<b>", "</script>", "three"]);
};

test("features only: no classifier, and fewer bytes", async () => {
  const model = tiny();
  const whole = await buildStandalone(model, options());
  const built = await buildStandalone(model, options({ classify: false }));
  assert.equal(built.classes, 0);
  assert.equal(built.features, 256);
  assert.ok(built.files["built.mjs"].length < whole.files["built.mjs"].length);
  const module = await open(built);
  assert.equal(module.classify, undefined);
  await assertSame(model, module);
  assert.doesNotMatch(new TextDecoder().decode(built.files["built.d.mts"]), /classify/);
});

test("split: kernels and weights in files beside it, or handed in; files of two builds do not mix", async () => {
  const model = tiny();
  const built = await buildStandalone(model, options({ split: true }));
  assert.deepEqual(Object.keys(built.files), [
    "built.mjs",
    "built.d.mts",
    "built.wasm",
    "built.relaxed.wasm",
    "built.bin",
    "built.worker.mjs",
    "built.worker.d.mts",
  ]);
  const module = await open(built);
  await module.load();
  await assertSame(model, module);

  const kernels = await WebAssembly.compile(built.files["built.wasm"]);
  const weights = built.files["built.bin"];
  const given = module.create({ kernels, weights: weights.buffer });
  const [expected, found] = [await model.embed(picture), await given.embed(picture)];
  assert.ok(cosine(expected, found) > 0.999999);
  await assert.rejects(module.create({ kernels }).load(), {
    name: "OptionError",
    message: /weights: .*expected the bytes of the \.bin file/,
  });
  await assert.rejects(module.create({ kernels: weights, weights }).load(), {
    name: "OptionError",
    message: /kernels: .*compiled module/,
  });

  const other = await buildStandalone(modelOf(smallProgram()), options({ split: true }));
  await assert.rejects(module.create({ kernels, weights: other.files["built.bin"] }).load(), {
    name: "WeightsError",
    message: /the weights of another build/,
  });
  await assert.rejects(
    module.create({ kernels, weights: weights.subarray(0, 500) }).load(),
    /WeightsError|bytes of weights/,
  );
});

test("a part that is missing is told with its place, and may be there later", async () => {
  const built = await buildStandalone(tiny(), options({ split: true }));
  const { "built.bin": weights, ...files } = built.files;
  const module = await open({ ...built, files });
  const place = join(folder, `${written - 1}`, "built.bin");
  await assert.rejects(module.load(), { name: "ReadError", message: /built\.bin: cannot be read.*does it lie beside/ });
  await writeFile(place, weights);
  await module.load();
});

test("what is no picture here, and what is no option, is told", async () => {
  const module = await open(await buildStandalone(tiny(), options()));
  await assert.rejects(module.embed("photo.jpg"), {
    name: "ImageError",
    message: /decodes none, expected pixels.*npm install sharp/,
  });
  await assert.rejects(module.embed(undefined), { name: "ImageError" });
  await assert.rejects(module.embed({ data: new Uint8Array(5), width: 2, height: 2 }), {
    message: /5 bytes, expected 16/,
  });
  await assert.rejects(module.classify!(picture, { topk: 1 }), { name: "OptionError", message: /did you mean topK/ });
  await assert.rejects(module.classify!(picture, { topK: 0 }), { name: "OptionError", message: /integer >= 1/ });
});

test("weights that are no numbers, and names that are none, are refused", async () => {
  const { program, preprocessing, labels } = tiny();
  const broken = { ...program.weights, "conv_pw_1/kernel": tensor(program.weights["conv_pw_1/kernel"].shape) };
  (broken["conv_pw_1/kernel"].data as Float32Array)[3] = Number.NaN;
  await assert.rejects(
    buildStandalone({ program: { ...program, weights: broken }, preprocessing, labels }),
    WeightsError,
  );
  await assert.rejects(buildStandalone(tiny(), { weightsType: "int4" as never }), OptionError);
  await assert.rejects(buildStandalone(tiny(), { file: "../x.js" }), OptionError);
  await assert.rejects(buildStandalone(tiny(), { file: "x.cjs" }), OptionError);
  await assert.rejects(buildStandalone(tiny(), { quantise: true } as never), /did you mean|one of file/);
  const strange = { ...preprocessing, resize: "pillow-sharp" as never };
  await assert.rejects(buildStandalone({ program, preprocessing: strange, labels }), OptionError);
  const graph = {
    ...program.graph,
    nodes: program.graph.nodes.map((node, i) => (i === 3 ? { ...node, op: "softsign" } : node)),
  };
  await assert.rejects(buildStandalone({ program: { ...program, graph }, preprocessing, labels }));
});

test("a module needs nothing else, may stand in a page's script element, and is the same when built again", async () => {
  const built = await buildStandalone(tiny(), options());
  const text = new TextDecoder().decode(built.files["built.mjs"]);
  // No assert.match: its failure would print the whole text.
  for (const pattern of [/\bimport\s*[({"']/, /\brequire\(/, /import\.meta/, /<\/script/i, /<!--/]) {
    assert.equal(pattern.test(text), false, `${pattern}`);
  }
  assert.deepEqual(await buildStandalone(tiny(), options()), built);
  const split = new TextDecoder().decode((await buildStandalone(tiny(), options({ split: true }))).files["built.mjs"]);
  assert.deepEqual(
    [...split.matchAll(/new URL\("([^"]+)", import\.meta\.url\)/g)].map(([, name]) => name),
    ["./built.wasm", "./built.relaxed.wasm", "./built.bin"],
  );
});

test("the types hold for programs with the DOM's types and without", async () => {
  const built = await buildStandalone(tiny(), options({ split: true }));
  await open(built);
  const place = join(folder, `${written - 1}`);
  const common = `import { classify, embed, create, load, labels, type Prediction } from "./built.mjs";
import * as worker from "./built.worker.mjs";
const pixels = { data: new Uint8Array(4), width: 1, height: 1 };
export const best: Prediction[] = await classify(pixels, { topK: 1 });
export const rows: Prediction[][] = await classify([pixels, "a.jpg"]);
export const vector: Float32Array = await embed(new Uint8Array(3));
export const other: Float32Array = await create({ kernels: {}, weights: vector.buffer as ArrayBuffer }).embed(pixels);
export const name: string = labels[0];
await load();
await worker.embed(pixels);
// @ts-expect-error
await classify(7);
`;
  await writeFile(join(place, "node.mts"), common);
  await writeFile(
    join(place, "page.mts"),
    `${common}await classify(document.createElement("img"));\nawait embed(new Blob([]));\n`,
  );
  const tsc = fileURLToPath(new URL("../../../../node_modules/typescript/bin/tsc", import.meta.url));
  const flags = "--noEmit --strict --skipLibCheck false --target es2022 --module nodenext --ignoreConfig --types".split(
    " ",
  );
  for (const [file, lib] of [
    ["node.mts", "es2022"],
    ["page.mts", "es2022,dom"],
  ]) {
    await promisify(execFile)(process.execPath, [tsc, ...flags, "", "--lib", lib, join(place, file)], {
      cwd: place,
    }).catch((error) => {
      assert.fail(`${file}\n${error.stdout}`);
    });
  }
  assert.ok((await readFile(join(place, "built.d.mts"), "utf8")).length < 5000);
});
