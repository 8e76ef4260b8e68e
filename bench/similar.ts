// `npm run bench:similar`: times an exact search in memory and from a file; see README.md.
import { deepEqual } from "node:assert/strict";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { nearest, openNpy, type Vectors } from "mobilenets/search";
import { npyHeader } from "../packages/cli/src/extract/npy.ts";
import { random } from "../packages/mobilenets/src/random.ts";
import { circumstances } from "./machine.ts";
import { keep, preamble, table } from "./report.ts";
import { median } from "./statistics.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    rows: { type: "string", default: "200000" },
    dim: { type: "string", default: "1280" },
    rounds: { type: "string", default: "5" },
  },
});
const rows = values.quick ? 5000 : Number(values.rows);
const dim = Number(values.dim);
const rounds = values.quick ? 2 : Number(values.rounds);
const K = 10;
const QUERIES = [1, 8, 64];

/** Largest matrix in bytes to search in memory; larger ones are searched only in the file. */
const MOST_IN_MEMORY = 2e9;

const facts = circumstances(`Node ${process.versions.node}`, []);
console.log(preamble(facts));

// Vectors like features after a ReLU: none negative, many zeros.
const next = random(1);
const vectors = (count: number): Float32Array =>
  Float32Array.from({ length: count * dim }, () => Math.max(0, next() - 0.4));
const queries = vectors(Math.max(...QUERIES));
const inMemory = rows * dim * Float32Array.BYTES_PER_ELEMENT <= MOST_IN_MEMORY;
const matrix = inMemory ? { data: new Float32Array(rows * dim), shape: [rows, dim] } : undefined;

const folder = await mkdtemp(join(tmpdir(), "mobilenets-bench-"));
const path = join(folder, "features.npy");
try {
  await write();
  const file = await open(path);
  const { size } = await file.stat();
  const read = async (offset: number, length: number) =>
    (await file.read(new Uint8Array(length), 0, length, offset)).buffer;
  const npy = await openNpy({ size, read });
  const results: Record<string, number[]> = {};
  const body: string[][] = [];
  for (const count of QUERIES) {
    const asked = { data: queries.subarray(0, count * dim), shape: [count, dim] };
    const forms: [string, Vectors][] = [
      ...(matrix ? [["in memory", matrix] as [string, Vectors]] : []),
      ["from a file", npy],
    ];
    const answers: unknown[] = [];
    for (const [name, form] of forms) {
      const times: number[] = [];
      let answer: unknown;
      for (let round = 0; round < rounds; round++) {
        const start = performance.now();
        answer = await nearest(asked, form, { k: K });
        times.push(performance.now() - start);
      }
      answers.push(answer);
      results[`${count}, ${name}`] = times;
      const [middle, best] = [median(times), Math.min(...times)];
      const rate = ((count * rows * dim) / best / 1e6).toFixed(2);
      body.push([`${count}`, name, middle.toFixed(0), best.toFixed(0), (middle / count).toFixed(1), rate]);
    }
    for (const answer of answers) deepEqual(answer, answers[0]);
  }
  await file.close();
  console.log(`\n${rows.toLocaleString("en")} x ${dim} float32, the ${K} nearest, ${rounds} rounds:\n`);
  console.log(table(["queries", "vectors", "ms, median", "fastest", "ms each", "10^9 multiply-adds/s"], body));
  console.log(`\n${keep("similar", facts, { rows, dim, results })}`);
} finally {
  await rm(folder, { recursive: true });
}

/** Writes the file, and keeps the matrix if it is searched in memory. */
async function write(): Promise<void> {
  const file = await open(path, "w");
  await file.write(npyHeader(rows, dim));
  const step = 4096;
  for (let start = 0; start < rows; start += step) {
    const block = vectors(Math.min(step, rows - start));
    matrix?.data.set(block, start * dim);
    await file.write(new Uint8Array(block.buffer));
  }
  await file.close();
}
