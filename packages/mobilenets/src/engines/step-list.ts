import type { KernelTable } from "../kernels/kernel-table.ts";
import { type KernelArgs, type KernelName, STEP_BYTES } from "../kernels/signatures.ts";
import type { WasmRunner } from "./wasm-runner.ts";
import { writeStep } from "./write-plan.ts";

/** Steps in linear memory besides a plan's. Their arguments change from call to call, as an optimiser's do. */
export class StepList {
  readonly #runner: WasmRunner;
  readonly #at: number;
  readonly #kernels: KernelTable;
  readonly #chunks: number;

  /** @param chunks number of parts of each step, for the threads */
  constructor(runner: WasmRunner, at: number, kernels: KernelTable, chunks: number) {
    this.#runner = runner;
    this.#at = at;
    this.#kernels = kernels;
    this.#chunks = chunks;
  }

  /** Size of a list of `steps` in bytes. */
  static bytesOf(steps: number): number {
    return steps * STEP_BYTES;
  }

  /** Sets step `i`; addresses are those of the linear memory. */
  set<K extends KernelName>(i: number, kernel: K, args: KernelArgs<K>): void {
    const record = this.#at + StepList.bytesOf(i);
    writeStep({ kernel, chunks: this.#chunks, args }, this.#kernels, record, new DataView(this.#runner.buffer));
  }

  /** Runs `count` steps from step `first` on. @throws EngineError if a thread failed */
  run(first: number, count: number): void {
    this.#runner.run(this.#at + StepList.bytesOf(first), count);
  }
}
