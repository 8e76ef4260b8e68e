// `npm run bench:threads`: ours on one thread and on two, call by call; see README.md.
import { parseArgs } from "node:util";
import { load, type Model, type Tensor } from "mobilenets";
import { networkNames } from "../packages/mobilenets/src/models/networks.ts";
import { circumstances } from "./machine.ts";
import { INPUT_SHAPE, picture } from "./picture.ts";
import { keep, preamble, table } from "./report.ts";
import { median } from "./statistics.ts";
import { modelOf, safetensors } from "./subject.ts";

const { quick } = parseArgs({ options: { quick: { type: "boolean", default: false } } }).values;
const rounds = quick ? 2 : 12;
const BATCH = 32;
const CALLS = { one: 12, two: 20 };
const WARM_UP = 30;

async function time(model: Model, input: Tensor): Promise<number> {
  const start = performance.now();
  await model.predict(input);
  return (performance.now() - start) / input.shape[0];
}

/** Milliseconds per picture of every call, in turns of some calls each. */
async function measure(network: (typeof networkNames)[number]) {
  const weights = safetensors(network);
  const options = modelOf(network).options;
  const one = await load(network, { ...options, weights, threads: 1 });
  const two = await load(network, { ...options, weights, threads: 2 });
  const data = picture();
  const single = { data, shape: [1, ...INPUT_SHAPE] };
  const all = new Float32Array(BATCH * data.length);
  for (let i = 0; i < BATCH; i++) all.set(data, i * data.length);
  const batch = { data: all, shape: [BATCH, ...INPUT_SHAPE] };
  const times = { one: [] as number[], two: [] as number[], batch: [] as number[] };
  for (let i = 0; i < WARM_UP; i++) for (const model of [one, two]) await time(model, single);
  await time(two, batch);
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < CALLS.one; i++) times.one.push(await time(one, single));
    for (let i = 0; i < CALLS.two; i++) times.two.push(await time(two, single));
    times.batch.push(await time(two, batch));
  }
  one.dispose();
  two.dispose();
  return times;
}

const facts = circumstances(`Node ${process.versions.node}`, []);
console.log(preamble(facts));
const results: Record<string, Awaited<ReturnType<typeof measure>>> = {};
for (const network of networkNames) results[network] = await measure(network);
for (const [title, of] of Object.entries({ Fastest: (t: number[]) => Math.min(...t), Medians: median })) {
  const rows = Object.entries(results).map(([network, { one, two, batch }]) => {
    const [a, b, c] = [one, two, batch].map(of);
    return [network, a.toFixed(2), b.toFixed(2), `${(a / b).toFixed(2)} x`, c.toFixed(2), `${(a / c).toFixed(2)} x`];
  });
  const header = ["", "1 thread, ms", "2 threads, ms", "speed-up", `batch of ${BATCH}, ms each`, "speed-up"];
  console.log(`\n${title}:\n\n${table(header, rows)}`);
}
console.log(`\n${keep("threads", facts, { results })}`);
