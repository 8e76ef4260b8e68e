// Files of TensorFlow's own converter load as the networks they are, with the numbers LiteRT's interpreter gives.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { reference } from "../../packages/mobilenets/src/engines/reference.ts";
import { buildGraph } from "../../packages/mobilenets/src/models/networks.ts";
import { matchWeights } from "../../packages/mobilenets/src/weights/match.ts";
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
    const { program, quantisation } = await read(golden);
    assert.equal(quantisation, undefined);
    await checkProgram(golden, program, seed);
  });
}

for (const golden of cases.filter(({ stored }) => stored)) {
  const { stored = {}, batch, range, outputs } = golden;

  test(`${golden.file}: weights are the file's integers, as reals, and its integers come out of them again`, async () => {
    const { tensors, quantisation = {} } = await read(golden);
    for (const [name, { shape, integers, sum, scales }] of Object.entries(stored)) {
      const record = quantisation[name];
      assert.equal(record.type, "int8");
      assert.deepEqual(record.scales, scales);
      assert.deepEqual(tensors[name].shape.slice(-shape.length), shape);
      const again = Array.from(tensors[name].data as Float32Array, (w, i) => {
        const channel = i % record.scales.length;
        return Math.round(w / record.scales[channel]) + record.zeroPoints[channel];
      });
      assert.deepEqual(again.slice(0, integers.length), integers, name);
      assert.equal(
        again.reduce((a, b) => a + b),
        sum,
        name,
      );
    }
    // Every kernel, and the biases that are the norms' beta here, but nothing that the file does not have.
    const convolutions = Object.keys(tensors).filter((name) => name.endsWith("kernel")).length;
    assert.equal(Object.values(quantisation).filter(({ type }) => type === "int8").length, convolutions);
    assert.equal(Object.values(quantisation).filter(({ type }) => type === "int32").length, convolutions);
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
