// `npm run bench:search`: times a query over a table of vectors in memory, exact and with each type; see README.md.
import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Neighbour, nearest, VectorTable, type VectorType } from "mobilenets/search";
import { rerankCount } from "../packages/cli/src/search/exact.ts";
import { ApproximateSearch } from "../packages/cli/src/search/index/approximate.ts";
import { buildIndex } from "../packages/cli/src/search/index/build.ts";
import { loadLance } from "../packages/cli/src/search/index/lance.ts";
import type { VectorFolder } from "../packages/cli/src/search/vectors.ts";
import { random } from "../packages/mobilenets/src/random.ts";
import { cosine } from "../packages/mobilenets/src/search/cosine.ts";
import { circumstances } from "./machine.ts";
import { keep, preamble, table } from "./report.ts";
import { median } from "./statistics.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    rows: { type: "string", default: "200000" },
    dim: { type: "string", default: "1024" },
    queries: { type: "string", default: "25" },
    /** Also searches an index, with LanceDB of `npm ci --prefix test/consumers`. */
    approximate: { type: "boolean", default: false },
  },
});
const rows = values.quick ? 5000 : Number(values.rows);
const dim = Number(values.dim);
const count = values.quick ? 5 : Number(values.queries);
const K = 10;
const LATENT = 16;
const CLUSTERS = 2000;

const facts = circumstances(`Node ${process.versions.node}`, []);
console.log(preamble(facts));

// Vectors like features: many numbers from few causes, in groups, none negative.
const next = random(1);
const gaussian = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
const mixing = Float32Array.from({ length: LATENT * dim }, gaussian);
const centres = Float32Array.from({ length: CLUSTERS * LATENT }, gaussian);
function writeVector(to: Float32Array, at: number): void {
  const cluster = Math.floor(next() * CLUSTERS);
  to.fill(0, at, at + dim);
  for (let l = 0; l < LATENT; l++) {
    const cause = centres[cluster * LATENT + l] + 0.5 * gaussian();
    for (let i = 0; i < dim; i++) to[at + i] += cause * mixing[l * dim + i];
  }
  for (let i = at; i < at + dim; i++) to[i] = Math.max(0, to[i] + 0.2);
}
const matrix = new Float32Array(rows * dim);
for (let row = 0; row < rows; row++) writeVector(matrix, row * dim);
const queries = Array.from({ length: count }, () => {
  const query = new Float32Array(dim);
  writeVector(query, 0);
  return query;
});
const exact = await nearest(queries, { data: matrix, shape: [rows, dim] }, { k: K });

const tables = [];
for (const type of ["float32", "float16", "int8"] as VectorType[]) {
  const made = await VectorTable.create({ dimensions: dim, type, capacity: rows });
  for (let row = 0; row < rows; row += 4096) made.add(matrix.subarray(row * dim, Math.min(rows, row + 4096) * dim));
  tables.push({ type, made, times: [] as number[], cpu: [] as number[], found: [] as Neighbour[][] });
}
const folder: VectorFolder = {
  ...{ dir: "", dim, paths: Array.from({ length: rows }, (_, i) => String(i)) },
  async *blocks() {
    for (let from = 0; from < rows; from += 4096)
      yield { from, vectors: await this.read(from, Math.min(4096, rows - from)) };
  },
  row: async (index) => matrix.slice(index * dim, (index + 1) * dim),
  read: async (start, length) => matrix.subarray(start * dim, (start + length) * dim),
  parts: () => [{ name: "all", from: 0, places: Array.from({ length: rows }, (_, i) => i) }],
  async *columns() {},
  close: async () => {},
};
const approximate = { times: [] as number[], found: [] as Neighbour[][], note: "" };
let index: ApproximateSearch | undefined;
const dir = values.approximate ? await mkdtemp(join(tmpdir(), "mobilenets-bench-index-")) : "";
if (values.approximate) {
  const library = await loadLance("--approximate", fileURLToPath(new URL("../test/consumers", import.meta.url)));
  const start = performance.now();
  const here = { ...folder, dir };
  const built = await buildIndex(here, library, { recall: 0.97, onPhase: () => async () => {} });
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  approximate.note = `index of ${built.probes} lists asked, made in ${seconds} s, its own recall@10 ${built.recall.toFixed(4)}`;
  index = await ApproximateSearch.open(here, library);
}
// In turns, so that a busy machine affects all of them alike; the first query of each warms up.
for (const [q, query] of [queries[0], ...queries].entries()) {
  if (index) {
    const start = performance.now();
    const [found] = await index.nearest([{ path: "", vector: query }], K, undefined);
    if (q > 0) {
      approximate.times.push(performance.now() - start);
      approximate.found.push(found ?? []);
    }
  }
  for (const { type, made, times, cpu, found } of tables) {
    const [start, before] = [performance.now(), process.cpuUsage()];
    const candidates = made.nearest(query, { k: rerankCount(type, K) });
    const best = candidates
      .map(({ index }) => ({ index, similarity: cosine(query, matrix.subarray(index * dim, (index + 1) * dim)) }))
      .sort((a, b) => b.similarity - a.similarity || a.index - b.index)
      .slice(0, K);
    const used = process.cpuUsage(before);
    if (q === 0) continue;
    times.push(performance.now() - start);
    cpu.push((used.user + used.system) / 1000);
    found.push(best);
  }
}
// And one after the other, as lines of a search come: passes over all rows take the caches from an index.
const alone: number[] = [];
for (const vector of index ? queries : []) {
  const start = performance.now();
  await index!.nearest([{ path: "", vector }], K, undefined);
  alone.push(performance.now() - start);
}
const recallOf = (found: readonly Neighbour[][]) =>
  found.flatMap((list, q) => list.filter(({ index: row }) => exact[q].some((one) => one.index === row))).length /
  (K * count);
const body = tables.map(({ type, made, times, cpu, found }) => {
  const mb = (made.bytes / 1e6).toFixed(0);
  const ms = [median(times), Math.min(...times), median(cpu)].map((time) => time.toFixed(1));
  return [type, mb, ...ms, recallOf(found).toFixed(4)];
});
if (index) {
  const recall = recallOf(approximate.found).toFixed(4);
  for (const [name, times] of [
    ["LanceDB's index, in turn with these", approximate.times],
    ["LanceDB's index, one after the other", alone],
  ] as const) {
    const ms = [median(times), Math.min(...times)].map((time) => time.toFixed(1));
    body.push([name, "", ...ms, "", recall]);
  }
  index.close();
  await rm(dir, { recursive: true });
}
console.log(
  `\n${rows.toLocaleString("en")} x ${dim}, the ${K} nearest to each of ${count} queries, one thread, compared again in float64:\n`,
);
console.log(table(["type", "MB", "ms, median", "fastest", "processor's ms, median", `recall@${K}`], body));
if (approximate.note) console.log(`\n${approximate.note}; load ${loadavg()[0].toFixed(1)}`);
console.log(`\n${keep("search", facts, { rows, dim, body })}`);
