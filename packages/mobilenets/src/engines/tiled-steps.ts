import type { KernelTable } from "../kernels/kernel-table.ts";
import { KERNEL_BITS, STEP_BYTES } from "../kernels/signatures.ts";
import type { Step } from "../plan/plan.ts";
import type { MemoryMap } from "./memory-map.ts";
import type { SimdBits, TileChoice } from "./simd-bits.ts";
import type { WasmRunner } from "./wasm-runner.ts";

/** Runs steps: a `WasmRunner`, or a simpler object in tests. */
export type StepRunner = Pick<WasmRunner, "buffer" | "run" | "runAlone">;

/**
 * The steps of a plan in linear memory, run with the tiles that `TileChoice` chose. A step's record has its kernel's
 * number; changing tiles means changing these numbers.
 */
export class TiledSteps {
  readonly #map: MemoryMap;
  readonly #kernels: KernelTable;
  readonly #choice: TileChoice;
  readonly #runner: StepRunner;
  /** Index of the timed step; -1 if none is suitable. */
  readonly #timed: number;
  #bits: SimdBits = 128;

  /** @param runner has the plan's steps as `writePlan` writes them */
  constructor(map: MemoryMap, kernels: KernelTable, choice: TileChoice, runner: StepRunner) {
    this.#map = map;
    this.#kernels = kernels;
    this.#choice = choice;
    this.#runner = runner;
    this.#timed = fitToTime(map.plan.steps);
  }

  /** Whether the choice is open, so that runs of single pictures are needed to time steps. */
  get undecided(): boolean {
    return !this.#choice.settled && this.#timed >= 0;
  }

  /** Updates the step lists. Called before runs that do not go through `run`. */
  update(): void {
    const { bits } = this.#choice;
    if (bits === this.#bits) return;
    this.#bits = bits;
    const { plan, workers } = this.#map;
    for (let worker = 0; worker < workers; worker++) {
      for (let step = 0; step < plan.steps.length; step++) this.#setKernel(worker, step, bits);
    }
  }

  /** Runs `count` steps of the plan from step `first` on. @throws EngineError if a thread failed */
  run(first: number, count: number): void {
    this.update();
    const step = this.#timed;
    const isIn = step >= first && step < first + count;
    if (!isIn || !this.#choice.isDue()) {
      this.#run(first, count);
      return;
    }
    // A step does not write its inputs, so it can run again with the same result.
    this.#run(first, step - first);
    this.#choice.time((bits) => {
      this.#setKernel(0, step, bits);
      this.#runner.runAlone(this.#at(step), 1);
    });
    this.#setKernel(0, step, this.#bits);
    this.#run(step + 1, first + count - step - 1);
  }

  #run(first: number, count: number): void {
    if (count > 0) this.#runner.run(this.#at(first), count);
  }

  #at(step: number): number {
    return this.#map.plan.stepsAt + step * STEP_BYTES;
  }

  #setKernel(worker: number, step: number, bits: SimdBits): void {
    const { kernel, chunks } = this.#map.plan.steps[step];
    const at = this.#map.stepsAt(worker) + step * STEP_BYTES;
    const number = this.#kernels.numberOf(kernel, bits);
    new DataView(this.#runner.buffer).setInt32(at, number | (chunks << KERNEL_BITS), true);
  }
}

/**
 * The index of the matrix product to time, among those of several tiles each way and of many taps: the smallest that is
 * large enough, because timing must not be noticeable, otherwise the largest. -1 if there is none.
 */
function fitToTime(steps: readonly Step[]): number {
  let found = -1;
  let best = 0;
  steps.forEach(({ kernel, args }, i) => {
    if (kernel !== "f32-gemm" || args.m < LEAST_PIXELS || args.panels < LEAST_PANELS) return;
    const taps = args.kh * (4 * args.k4 + args.k1);
    if (taps < LEAST_TAPS) return;
    const work = args.m * args.panels * taps;
    const isBetter = best < ENOUGH_WORK ? work > best : work >= ENOUGH_WORK && work < best;
    if (isBetter) [found, best] = [i, work];
  });
  return found;
}

/** With fewer taps, the start and the end of a tile take most of its time. */
const LEAST_TAPS = 64;
const LEAST_PIXELS = 24;
const LEAST_PANELS = 4;
/** Taps of panels: eight million multiply-adds, half a millisecond. */
const ENOUGH_WORK = 1e6;
