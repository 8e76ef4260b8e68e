import { readdirSync } from "node:fs";
import { aliveWasmBytes, collect } from "../memory/wasm-memory.ts";
import { table } from "../report.ts";
import { workersAlive } from "./workers.ts";

/** Resources of the process. Memory is in MiB. */
export interface Sample {
  readonly seconds: number;
  readonly rss: number;
  readonly heap: number;
  /** Memory of JavaScript objects outside the heap, without WebAssembly's. */
  readonly external: number;
  /** WebAssembly memories that are still referenced. */
  readonly wasm: number;
  /** Active resources of the event loop: sockets, timers, pipes, requests. */
  readonly handles: number;
  readonly files: number;
  readonly workers: number;
}

type Figure = Exclude<keyof Sample, "seconds">;

/** Allowed growth over the second half of the run; more is a leak. */
const ALLOWED: Readonly<Record<Figure, number>> = {
  rss: 48,
  heap: 8,
  external: 8,
  wasm: 8,
  handles: 0.9,
  files: 0.9,
  workers: 0.9,
};
const FIGURES = Object.keys(ALLOWED) as readonly Figure[];

const MIB = 2 ** 20;
const start = performance.now();

export function sample(): Sample {
  const { rss, heapUsed, external } = process.memoryUsage();
  const wasm = aliveWasmBytes();
  return {
    seconds: (performance.now() - start) / 1000,
    rss: rss / MIB,
    heap: heapUsed / MIB,
    external: external / MIB,
    wasm: wasm / MIB,
    handles: process.getActiveResourcesInfo().length,
    files: filesOpen(),
    workers: workersAlive().length,
  };
}

/** A sample of the idle process after all models are disposed, garbage is collected and idle threads have ended. */
export async function sampleAtRest(): Promise<Sample> {
  await new Promise((resolve) => setTimeout(resolve, 1500));
  for (let i = 0; i < 4; i++) await collect();
  return sample();
}

function filesOpen(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return 0;
  }
}

/** Growth of each figure over the second half of a run, by a least-squares line. */
export function growth(samples: readonly Sample[]): Record<Figure, number> {
  const late = samples.slice(samples.length >> 1);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const x = mean(late.map(({ seconds }) => seconds));
  const spread = mean(late.map(({ seconds }) => (seconds - x) ** 2));
  const duration = late[late.length - 1].seconds - late[0].seconds;
  return Object.fromEntries(
    FIGURES.map((figure) => {
      const y = mean(late.map((point) => point[figure]));
      const covariance = mean(late.map((point) => (point.seconds - x) * (point[figure] - y)));
      return [figure, spread === 0 ? 0 : (covariance / spread) * duration];
    }),
  ) as Record<Figure, number>;
}

/** Describes the figures that grew too much. */
export function leaks(samples: readonly Sample[]): string[] {
  return Object.entries(growth(samples)).flatMap(([figure, grown]) =>
    grown > ALLOWED[figure as Figure] ? [`${figure} grew by ${grown.toFixed(1)} over the second half at rest`] : [],
  );
}

const HEADER = ["minute", "RSS", "heap", "external", "WebAssembly", "handles", "files", "workers"];

/** A table of at most `rows` samples, spread over the run. */
export function samplesTable(samples: readonly Sample[], rows = 10): string {
  const step = Math.max(1, Math.ceil(samples.length / rows));
  const shown = samples.filter((_, i) => i % step === 0 || i === samples.length - 1);
  const cells = (values: readonly number[]) => values.map((value, i) => value.toFixed(i < 4 ? 1 : 0));
  const grown = growth(samples);
  return table(HEADER, [
    ...shown.map((point) => [(point.seconds / 60).toFixed(1), ...cells(FIGURES.map((figure) => point[figure]))]),
    ["growth, second half", ...FIGURES.map((figure) => grown[figure].toFixed(1))],
  ]);
}
