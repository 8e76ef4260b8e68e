import type { Program } from "../graph/graph.ts";
import { summarise } from "../graph/summary.ts";
import { multiplies } from "../kernels/geometry.ts";
import { coreKernels } from "../kernels/kernel-table.ts";
import { bestIsa, kernelModule } from "../kernels/modules.ts";
import { STEP_BYTES } from "../kernels/signatures.ts";
import type { Isa } from "../kernels/wat.ts";
import { optimiseForPacking } from "../passes/optimise.ts";
import { compile } from "../plan/compile.ts";
import { extensionOf } from "../plan/lower.ts";
import { random } from "../random.ts";
import { sizeOf } from "../tensor.ts";
import { allocate } from "./allocate.ts";
import { writeMap } from "./map-io.ts";
import { MemoryMap } from "./memory-map.ts";
import type { Pack } from "./pack-by-module.ts";
import { type SimdBits, tileChoice } from "./simd-bits.ts";
import { TiledSteps } from "./tiled-steps.ts";
import { writePlan } from "./write-plan.ts";

/** One kernel call of a plan. */
export interface StepProfile {
  /** The layer, after fusion: a convolution's time includes its batch norm, activation and residual. */
  readonly layer: string;
  readonly kernel: string;
  /** Median over the repeats, in milliseconds. */
  readonly ms: number;
  /** Multiply-adds of the layer; 0 for steps that only move data. */
  readonly macs: number;
}

/** The time of one picture, by kernel call. */
export interface Profile {
  readonly isa: Isa;
  /** Bits per operation of the host, which decide the tiles: see `WasmOptions`. */
  readonly simdBits: SimdBits;
  readonly steps: readonly StepProfile[];
  /** Median of whole runs, in milliseconds. */
  readonly ms: number;
}

/**
 * Times every kernel call of a program on one thread and random input, in the order of a run, so that each call sees the
 * caches that its predecessor leaves.
 * @param repeats whole runs, after a fifth as many to warm up
 * @param simdBits as in `WasmOptions`; `auto` takes one to three seconds to measure
 */
export async function profile(program: Program, repeats = 50, simdBits: SimdBits | "auto" = "auto"): Promise<Profile> {
  const isa = bestIsa();
  const { graph, weights } = optimiseForPacking(program);
  const extension = await extensionOf(graph);
  const plan = compile(graph, 1, extension);
  const map = new MemoryMap(plan, 1);
  const memory = allocate(graph.name, map.bytes, false);
  const { exports } = new WebAssembly.Instance(await kernelModule(isa, false, plan.module), { env: { memory } });
  const kernels = extension?.kernels ?? coreKernels;
  writePlan(map, weights, memory.buffer, exports.pack as Pack, kernels);
  const next = random(1);
  writeMap(plan.input, Float32Array.from({ length: sizeOf(graph.input.shape) }, next), memory.buffer, 0);
  const run = exports.run as (steps: number, count: number) => void;
  const choice = tileChoice(isa, simdBits);
  const tiled = new TiledSteps(map, kernels, choice, { buffer: memory.buffer, run, runAlone: run });
  // This warms up too.
  while (tiled.undecided) tiled.run(0, plan.steps.length);
  tiled.update();

  const time = (first: number, count: number) => {
    const start = performance.now();
    run(plan.stepsAt + first * STEP_BYTES, count);
    return performance.now() - start;
  };
  const singles: number[][] = plan.steps.map(() => []);
  const wholes: number[] = [];
  for (let i = -Math.ceil(repeats / 5); i < repeats; i++) {
    const times = plan.steps.map((_, step) => time(step, 1));
    const whole = time(0, plan.steps.length);
    if (i < 0) continue;
    times.forEach((ms, step) => void singles[step].push(ms));
    wholes.push(whole);
  }
  const macs = new Map(summarise(graph).layers.map((layer) => [layer.name, layer.macs]));
  const steps = plan.steps.map(({ node, kernel }, i) => ({
    layer: node,
    kernel,
    ms: median(singles[i]),
    macs: multiplies(kernel) ? (macs.get(node) ?? 0) : 0,
  }));
  return { isa, simdBits: choice.bits, steps, ms: median(wholes) };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1];
}
