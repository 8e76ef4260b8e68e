// Measures time and memory of the search for candidates of `mobilenets dedupe`, among many long vectors with copies.
import { loadavg } from "node:os";
import { narrowFloat16, widenFloat16 } from "mobilenets/weights";
import { Groups } from "../../packages/cli/src/dedupe/groups.ts";
import { candidatePairs } from "../../packages/cli/src/dedupe/pairs.ts";
import { random } from "../../packages/mobilenets/src/random.ts";

/** Every tenth vector is a copy of the one before, with a cosine of about 0.98. */
const EVERY = 10;
const LEAST = 0.95;

/** Prints time and memory to group `count` vectors of `dimensions` numbers, stored as float16. */
export async function groupVectors(count: number, dimensions: number): Promise<void> {
  const next = random(1);
  const matrix = new Uint16Array(count * dimensions);
  let before = new Float32Array(dimensions);
  for (let row = 0; row < count; row++) {
    const isCopy = row % EVERY === 1;
    const noise = isCopy ? 0.2 : 1;
    const base = before;
    const vector = Float32Array.from({ length: dimensions }, (_, i) => (isCopy ? base[i] : 0) + noise * (next() - 0.4));
    matrix.set(narrowFloat16(vector), row * dimensions);
    before = vector;
  }
  const vectorOf = (row: number) => widenFloat16(matrix.subarray(row * dimensions, (row + 1) * dimensions));
  const start = performance.now();
  const groups = new Groups(count);
  let told = start;
  const onProgress = (done: number) => {
    if (performance.now() - told < 30_000) return;
    told = performance.now();
    console.error(`${done} of ${count}, ${((told - start) / 1000).toFixed(0)} s`);
  };
  for await (const { a, b } of candidatePairs(count, vectorOf, { dimensions, least: LEAST, most: 24, onProgress })) {
    groups.join(a, b);
  }
  const seconds = (performance.now() - start) / 1000;
  const copies = Array.from({ length: count }, (_, row) => row).filter((row) => row % EVERY === 1);
  const found = copies.filter((row) => groups.find(row) === groups.find(row - 1)).length;
  const lists = groups.lists();
  const right = lists.filter((list) => list.length === 2 && list[1] === list[0] + 1 && list[1] % EVERY === 1).length;
  const memory = process.resourceUsage().maxRSS / 1e6;
  const cpu = process.cpuUsage();
  console.log(
    `${count.toLocaleString("en")} x ${dimensions} in float16: ${seconds.toFixed(0)} s (${(cpu.user / 1e6).toFixed(0)} s of the processor in all), ${memory.toFixed(2)} GB at most, recall ${(found / copies.length).toFixed(4)}, precision ${(right / Math.max(1, lists.length)).toFixed(4)}, load ${loadavg()[0].toFixed(1)}`,
  );
}
