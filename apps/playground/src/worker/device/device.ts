import { dot, width } from "virtual:probes";
import { load, networkNames, tensor } from "mobilenets";
import { relaxedSimd, simd } from "wasm-feature-detect";
import type { DeviceFacts, DotProduct, NetworkTime } from "./api.ts";

/** Most threads that the engine uses by default. */
const MOST_THREADS = 4;
/** Runs before a time counts, and the limits of a measurement in runs and milliseconds. */
const WARM_UP = 4;
const MEASURED = { runs: 40, milliseconds: 1500 };

export async function deviceFacts(): Promise<DeviceFacts> {
  const isolated = globalThis.crossOriginIsolated;
  const processors = navigator.hardwareConcurrency;
  const hasSimd = await simd();
  return {
    simd: hasSimd,
    relaxedSimd: await relaxedSimd(),
    dotProduct: dotProduct(),
    isolated,
    processors,
    threads: isolated ? Math.min(MOST_THREADS, processors) : 1,
    widening: hasSimd ? widening() : 1,
  };
}

const make = (bytes: BufferSource) => new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;

/** Detects the operation by two sums for which the specification leaves the host a choice. */
function dotProduct(): DotProduct {
  if (!WebAssembly.validate(dot)) return "none";
  const ask = make(dot).dot as (a: number, b: number) => number;
  // Four products of 1 and the byte 128, which is -128 if signed.
  if (ask(1, 128) < 0) return "signed";
  // Four products of -128 and 255: two of them exceed 16 bits.
  return ask(-128, 255) === 4 * -128 * 255 ? "unsigned" : "saturating";
}

/** Turns of a loop: enough for the optimising compiler, and too few to be noticed. */
const LOOPS = 20_000;
const TURNS = 30;

/** Measures widening by the fastest runs of two loops, of which only one can be widened; there is no feature test. */
function widening(): number {
  const loops = make(width) as Record<"paired" | "apart", (n: number) => void>;
  const fastest = { paired: Number.POSITIVE_INFINITY, apart: Number.POSITIVE_INFINITY };
  for (let turn = 0; turn < TURNS; turn++) {
    for (const name of ["paired", "apart"] as const) {
      const start = performance.now();
      loops[name](LOOPS);
      fastest[name] = Math.min(fastest[name], performance.now() - start);
    }
  }
  return fastest.apart / fastest.paired;
}

/** The networks and their numbers of threads to measure. */
export function measurements(threads: number): readonly { readonly network: string; readonly threads: number }[] {
  const counts = threads > 1 ? [1, threads] : [1];
  return networkNames.flatMap((network) => counts.map((count) => ({ network, threads: count })));
}

/** The time of one picture of 224 x 224 pixels, without preprocessing. Random weights do not change it. */
export async function timeOf(network: string, threads: number): Promise<NetworkTime> {
  const name = networkNames.find((one) => one === network);
  if (!name) throw new Error(`no network ${network}`);
  const model = await load(name, { weights: "random", threads });
  try {
    const input = tensor([1, ...model.inputShape]);
    for (const i of input.data.keys()) input.data[i] = Math.sin(i);
    const times: number[] = [];
    const end = performance.now() + MEASURED.milliseconds;
    for (let run = -WARM_UP; run < MEASURED.runs && (run < 5 || performance.now() < end); run++) {
      const start = performance.now();
      await model.predict(input);
      if (run >= 0) times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    return { network, threads, milliseconds: times[times.length >> 1], runs: times.length };
  } finally {
    model.dispose();
  }
}
