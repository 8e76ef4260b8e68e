// `npm run bench:memory`: tests whether memory grows over many inferences and many models; see README.md.
import { parseArgs } from "node:util";
import { circumstances } from "./machine.ts";
import { aliveWasmBytes, collect, watchWasmMemory } from "./memory/wasm-memory.ts";
import { keep, preamble, table } from "./report.ts";

// Before the library is loaded, so that all its memories are watched.
watchWasmMemory();
const { load } = await import("mobilenets");

const { values } = parseArgs({
  options: {
    inferences: { type: "string", default: "20000" },
    cycles: { type: "string", default: "1000" },
    threads: { type: "string", default: "1" },
  },
});
const SHAPE = [96, 96, 3] as const;
const POINTS = 20;

interface Point {
  readonly done: number;
  readonly rssMiB: number;
  readonly wasmMiB: number;
}

const open = () =>
  load("mobilenet_v3_small", {
    weights: "random",
    inputShape: SHAPE,
    alpha: 0.75,
    threads: Number(values.threads),
  });
const input = { data: new Float32Array(SHAPE[0] * SHAPE[1] * SHAPE[2]).fill(0.5), shape: [1, ...SHAPE] };

async function watch(count: number, act: () => Promise<unknown>): Promise<Point[]> {
  const points: Point[] = [];
  for (let i = 0; i < count; i++) {
    await act();
    if ((i + 1) % Math.ceil(count / POINTS) === 0) points.push(await now(i + 1));
  }
  return points;
}

async function now(done: number): Promise<Point> {
  await collect();
  return { done, rssMiB: process.memoryUsage.rss() / 2 ** 20, wasmMiB: aliveWasmBytes() / 2 ** 20 };
}

/** Least-squares slope over the second half, when caches and compiled code have settled: bytes per step. */
function slope(points: readonly Point[], key: "rssMiB" | "wasmMiB"): number {
  const late = points.slice(points.length >> 1);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const x = mean(late.map(({ done }) => done));
  const y = mean(late.map((point) => point[key]));
  const covariance = mean(late.map((point) => (point.done - x) * (point[key] - y)));
  return (covariance / mean(late.map(({ done }) => (done - x) ** 2))) * 2 ** 20;
}

function report(title: string, points: readonly Point[]): string {
  return [
    `### ${title}`,
    table(
      ["done", "RSS, MiB", "WebAssembly memory, MiB"],
      points.map(({ done, rssMiB, wasmMiB }) => [`${done}`, rssMiB.toFixed(1), wasmMiB.toFixed(1)]),
    ),
    `Slope over the second half, bytes each: RSS ${slope(points, "rssMiB").toFixed(0)}, WebAssembly memory ${slope(points, "wasmMiB").toFixed(0)}`,
  ].join("\n\n");
}

const facts = circumstances(`Node ${process.versions.node}`, []);
console.log(preamble(facts));
const model = await open();
const inferences = await watch(Number(values.inferences), () => model.predict(input));
model.dispose();
console.log(`\n${report("Inferences", inferences)}`);
const cycles = await watch(Number(values.cycles), async () => {
  const fresh = await open();
  await fresh.predict(input);
  fresh.dispose();
});
console.log(
  `\n${report("Models loaded, run once and disposed", cycles)}\n\n${keep("memory", facts, { inferences, cycles })}`,
);
