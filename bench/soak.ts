// `npm run bench:soak`: simulates hours of mixed use in minutes, and tests for wrong answers and leaks; see README.md.
import { parseArgs } from "node:util";
import { circumstances } from "./machine.ts";
import { watchWasmMemory } from "./memory/wasm-memory.ts";
import { keep, preamble, table } from "./report.ts";
import { watchWorkers } from "./soak/workers.ts";

// Before the library is loaded, so that everything is watched.
watchWasmMemory();
watchWorkers();
const { random } = await import("../packages/mobilenets/src/random.ts");
const { specimensOf } = await import("../test/fuzz/cases.ts");
const { formatNames } = await import("../test/fuzz/formats.ts");
const { mixed } = await import("./soak/operations.ts");
const { Rig } = await import("./soak/rig.ts");
const { leaks, sample, sampleAtRest, samplesTable } = await import("./soak/samples.ts");
const { pictures, subjects } = await import("./soak/subjects.ts");
type Sample = import("./soak/samples.ts").Sample;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    seed: { type: "string", default: "1" },
    actors: { type: "string", default: "4" },
  },
});
const SAMPLE_MS = 10_000;
/** Samples between two rests, at which everything stops and is disposed of: what remains is a leak. */
const REST_EVERY = 3;

const facts = circumstances(`Node ${process.versions.node}`, []);
console.log(preamble(facts));
const specimens = (await Promise.all(formatNames.map(specimensOf))).flat();
const operation = mixed(specimens);
const rig = await Rig.make(random(Number(values.seed)), await subjects(), await pictures());

const end = performance.now() + Number(values.minutes) * 60_000;
let open = Promise.resolve();
let busy = 0;
async function act(): Promise<void> {
  while (performance.now() < end) {
    await open;
    busy++;
    try {
      await operation(rig);
    } catch (error) {
      rig.wrong.push(`an operation failed: ${error instanceof Error ? error.stack : error}`);
    }
    busy--;
  }
}

const working: Sample[] = [];
const resting: Sample[] = [];
async function rest(): Promise<void> {
  let resume = () => {};
  open = new Promise((resolve) => {
    resume = resolve;
  });
  while (busy > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  for (const live of [...rig.live]) rig.dispose(live);
  resting.push(await sampleAtRest());
  resume();
}

async function watch(): Promise<void> {
  let told = 0;
  for (let n = 1; performance.now() < end; n++) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(SAMPLE_MS, end - performance.now())));
    working.push(sample());
    for (const problem of rig.wrong.slice(told, told + 20)) console.error(`WRONG ${problem}`);
    told = rig.wrong.length;
    if (n % REST_EVERY !== 0) continue;
    await rest();
    const { rss, wasm, seconds } = resting[resting.length - 1];
    const calls = [...rig.ends.values()].reduce((a, b) => a + b, 0);
    console.error(
      `${(seconds / 60).toFixed(1)} min: ${calls} operations, ${rig.kills} kills, ${rig.wrong.length} wrong; at rest ${rss.toFixed(0)} MiB, WebAssembly ${wasm.toFixed(0)} MiB`,
    );
  }
}

await Promise.all([watch(), ...Array.from({ length: Number(values.actors) }, act)]);
await rest();

const ends = [...rig.ends].sort(([a], [b]) => (a < b ? -1 : 1));
console.log(
  `\n${table(
    ["operation and its end", "times"],
    ends.map(([what, times]) => [what, String(times)]),
  )}`,
);
console.log(`\nWorkers killed: ${rig.kills}. Answers compared: to the bit with those of the same model alone.`);
console.log(`\n### At rest, all disposed of, MiB\n\n${samplesTable(resting)}`);
console.log(`\n### At work, MiB\n\n${samplesTable(working)}`);
const problems = [...rig.wrong, ...leaks(resting)];
console.log(`\n${problems.length === 0 ? "Nothing wrong, nothing grew." : problems.slice(0, 50).join("\n")}`);
console.log(`\n${keep("soak", facts, { ends, kills: rig.kills, resting, working, problems })}`);
// Exit despite workers and timers of the last seconds.
process.exit(problems.length === 0 ? 0 : 1);
