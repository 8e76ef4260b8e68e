// `npm run bench:threads`: compares our library on one thread and on two, call by call; see README.md.
import { parseArgs } from "node:util";
import { networkNames } from "../packages/mobilenets/src/models/networks.ts";
import type { Contender } from "./contender.ts";
import { contender as single } from "./contenders/ours.ts";
import { BATCH, contender as batch } from "./contenders/ours-batch.ts";
import { circumstances } from "./machine.ts";
import { keep, preamble, table } from "./report.ts";
import { Seat } from "./seat.ts";
import { median } from "./statistics.ts";
import { safetensors } from "./subject.ts";

const { quick } = parseArgs({ options: { quick: { type: "boolean", default: false } } }).values;
const [rounds, warmUpMs] = quick ? [2, 200] : [12, 1000];
/** Pictures per round: 12 calls, 20 calls, one call. */
const TURNS = { one: 12, two: 20, batch: BATCH };

/** Milliseconds per picture of every call, in turns of some calls each. */
async function measure(network: (typeof networkNames)[number]): Promise<Record<keyof typeof TURNS, number[]>> {
  const bytes = new Uint8Array(safetensors(network));
  const take = (contender: Contender, threads: number) =>
    Seat.take(contender, { network, threads, source: () => bytes, read: async () => bytes });
  const seats = { one: await take(single, 1), two: await take(single, 2), batch: await take(batch, 2) };
  const times = { one: [] as number[], two: [] as number[], batch: [] as number[] };
  for (const seat of Object.values(seats)) await seat.warmUp(1, warmUpMs);
  for (let round = 0; round < rounds; round++) {
    for (const turn of ["one", "two", "batch"] as const) times[turn].push(...(await seats[turn].time(TURNS[turn])));
  }
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
