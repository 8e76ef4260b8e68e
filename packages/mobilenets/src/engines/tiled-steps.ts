import type { KernelTable } from "../kernels/kernel-table.ts";
import { KERNEL_BITS, STEP_BYTES } from "../kernels/signatures.ts";
import type { Step } from "../plan/plan.ts";
import type { MemoryMap } from "./memory-map.ts";
import type { SimdBits, TileChoice } from "./simd-bits.ts";
import type { WasmRunner } from "./wasm-runner.ts";

/** What steps run on: a `WasmRunner`, or something simpler. */
export type StepRunner = Pick<WasmRunner, "buffer" | "run" | "runAlone">;

/**
 * The steps of a plan in linear memory, run with the tiles that `TileChoice` has chosen. A step names its kernel by a
 * number in its record; changing tiles is changing these numbers.
 */
export class TiledSteps {
  readonly #map: MemoryMap;
  readonly #kernels: KernelTable;
  readonly #choice: TileChoice;
  readonly #runner: StepRunner;
  /** The step that is timed to choose; -1 if none is fit for it. */
  readonly #timed: number;
  #bits: SimdBits = 128;

  /** @param runner holds the plan's steps as `writePlan` writes them */
  constructor(map: MemoryMap, kernels: KernelTable, choice: TileChoice, runner: StepRunner) {
    this.#map = map;
    this.#kernels = kernels;
    this.#choice = choice;
    this.#runner = runner;
    this.#timed = fitToTime(map.plan.steps);
  }

  /** Whether a tile has yet to be chosen, and runs of single pictures are wanted for that. */
  get undecided(): boolean {
    return !this.#choice.settled && this.#timed >= 0;
  }

  /** Brings the step lists up to date. It is called before runs that do not go through `run`. */
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
    // A step writes nothing that it reads, so that it can be run again; it leaves the same each time.
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
 * The matrix product whose tiles are timed, among those of several tiles each way and of many taps: the lightest that is
 * heavy enough, as timing must not be felt, or else the heaviest. -1 if there is none.
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

/** With fewer taps, the begin and the end of a tile take most of its time. */
const LEAST_TAPS = 64;
const LEAST_PIXELS = 24;
const LEAST_PANELS = 4;
/** Taps of panels: eight million multiply-adds, half a millisecond. */
const ENOUGH_WORK = 1e6;
