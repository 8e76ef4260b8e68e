// Files of TensorFlow's own converter load as the networks they are, with the numbers LiteRT's interpreter gives.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { reference } from "../../packages/mobilenets/src/engines/reference.ts";
import { checkGraph } from "../../packages/mobilenets/src/graph/check.ts";
import type { Graph } from "../../packages/mobilenets/src/graph/graph.ts";
import { importedOps } from "../../packages/mobilenets/src/graph/imported-ops.ts";
import { printGraph } from "../../packages/mobilenets/src/graph/print.ts";
import { buildGraph } from "../../packages/mobilenets/src/models/networks.ts";
import { optimise } from "../../packages/mobilenets/src/passes/optimise.ts";
import { compile } from "../../packages/mobilenets/src/plan/compile.ts";
import { realsOf, type Tensor } from "../../packages/mobilenets/src/tensor.ts";
import { matchWeights } from "../../packages/mobilenets/src/weights/match/match.ts";
import { readWeightFile } from "../../packages/mobilenets/src/weights/read.ts";
import { type Case, checkProgram, readGolden } from "../oracles/golden.ts";
import { seededPictures } from "../oracles/seeded.ts";

interface Stored {
  readonly shape: readonly number[];
  /** The first of a kernel, outputs last. */
  readonly integers: readonly number[];
  readonly sum: number;
  readonly scales: readonly number[];
}
interface Golden {
  readonly cases: readonly (Case & {
    readonly file: string;
    /** Computes what no network of ours does exactly. */
    readonly unnamed?: boolean;
    readonly stored?: Readonly<Record<string, Stored>>;
  })[];
}

const { cases, seed } = readGolden<Golden>("tflite/expected.json");

async function read({ file, network, options, unnamed = false }: Golden["cases"][number]) {
  const bytes = readFileSync(new URL(`../golden/tflite/${file}.tflite`, import.meta.url));
  const found = await readWeightFile(new Uint8Array(bytes), `${file}.tflite`);
  assert.equal(found.network, unnamed ? undefined : network);
  const graph = found.graph ?? buildGraph(network, found.options);
  if (!unnamed) assert.deepEqual(graph, buildGraph(network, options));
  return { ...found, program: { graph, weights: matchWeights(graph, found.tensors, file) } };
}

for (const golden of cases.filter(({ stored }) => !stored)) {
  test(`${golden.file} is ${golden.unnamed ? "a graph" : golden.network}, and computes the same`, async () => {
    const { program, quantized } = await read(golden);
    assert.equal(quantized, undefined);
    await checkProgram(golden, program, seed);
  });
}

for (const golden of cases.filter(({ stored }) => stored)) {
  const { stored = {}, batch, range, outputs } = golden;

  test(`${golden.file}: weights are the file's integers, as reals, and its integers are there too`, async () => {
    const { tensors, quantized } = await read(golden);
    assert.ok(quantized);
    const { graph, tensors: integers } = quantized;
    const kernels = Object.entries(integers).filter(([name]) => name.endsWith("kernel"));
    for (const [name, expected] of Object.entries(stored)) {
      // The file has names of its own.
      const found = kernels.find(([, { data }]) => expected.integers.every((n, i) => data[i] === n));
      assert.ok(found, name);
      const [theirs, tensor] = found;
      assert.ok(tensor.data instanceof Int8Array);
      assert.deepEqual(tensor.shape.slice(-expected.shape.length), expected.shape);
      assert.deepEqual(tensor.shape, graph.params[theirs].shape);
      assert.equal(
        tensor.data.reduce((a, b) => a + b),
        expected.sum,
        name,
      );
      const { dtype, quantization } = graph.params[theirs];
      assert.equal(dtype, "int8");
      assert.deepEqual(quantization?.scales, expected.scales);
      assert.deepEqual(realsOf(tensor as Tensor<Int8Array>), tensors[name].data, name);
    }
    const types = Object.values(graph.params).map(({ dtype }) => dtype);
    assert.equal(types.filter((dtype) => dtype === "int8").length, kernels.length);
    assert.equal(types.filter((dtype) => dtype === "int32").length, kernels.length);
  });

  test(`${golden.file}: every value has the type that the file computes it in`, async () => {
    const { quantized } = await read(golden);
    const graph = checkGraph(quantized?.graph as Graph, importedOps);
    const [header, ...lines] = printGraph(graph).split("\n");
    assert.match(header, /\(\S+ u?int8\[\S+\] \S+:\S+\)$/);
    for (const line of lines.slice(0, -1)) assert.match(line, /^\S+ u?int(8|32)\[\S+\] \S+:\S+/);
    // The planner takes it as the floats that it stands for.
    const { weights } = (await read(golden)).program;
    assert.ok(compile(optimise({ graph, weights }).graph).steps.length > 0);
  });

  test(`${golden.file}: a network by its name is not cut off at its tensors' ranges, which is said`, async () => {
    const { notes = [] } = await read(golden);
    assert.match(notes.join(), /cuts it off at the range that calibration gave it; here it computes in floats/);
  });

  test(`${golden.file} in float comes near what LiteRT computes in 8 bits`, async () => {
    const { program } = await read(golden);
    const input = seededPictures([batch, ...program.graph.input.shape.slice(1)], ...range, seed);
    const executable = await reference.compile(program);
    const [{ data }] = await executable.run(input);
    const errors = outputs.samples.map((expected, i) => Math.abs(data[(i * 7919) % data.length] - expected));
    // Some fifty layers, each rounded to 8 bits: measured 0.11 of the largest, 0.05 on average.
    const mean = errors.reduce((a, b) => a + b) / errors.length;
    assert.ok(Math.max(...errors) < 0.15 * outputs.largest && mean < 0.06 * outputs.largest, `${errors}`);
  });
}
