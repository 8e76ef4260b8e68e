import { join } from "node:path";
import { MobileNetsError } from "mobilenets";
import type { Weights } from "mobilenets/graph";
import type { EpochEvent, EpochRecord, TrainState } from "mobilenets/train";
import { writeAtomic } from "../write-atomic.ts";
import { BEST, LAST, writeCheckpoint } from "./checkpoint.ts";
import { HISTORY } from "./run-folder.ts";

/** Settings for writing a run's checkpoints and history. */
export interface KeeperOptions {
  /** The run's folder. */
  readonly out: string;
  /** Records of earlier epochs. */
  readonly history: readonly EpochRecord[];
  /** Step of the existing checkpoint. */
  readonly saved?: number;
  /** Makes the model's file from trained weights. */
  readonly modelFile: (weights: Weights) => Uint8Array;
  readonly warn: (message: string) => void;
}

/** Writes a run's checkpoint, best model and history. */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #history: EpochRecord[];
  #saved: number | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#history = [...options.history];
    this.#saved = options.saved;
  }

  /** Step of the last checkpoint. Undefined if there is none. */
  get saved(): number | undefined {
    return this.#saved;
  }

  async save(state: TrainState): Promise<void> {
    const { step } = state.progress;
    const write = () => writeCheckpoint(this.#options.out, state);
    if (await this.#kept(`checkpoint of step ${step}`, write)) this.#saved = step;
  }

  async epoch({ best, weights, ...record }: EpochEvent): Promise<void> {
    const { out, modelFile } = this.#options;
    this.#history.push(record);
    const lines = this.#history.map((entry) => `${JSON.stringify(entry)}\n`).join("");
    await this.#kept("history", () => writeAtomic(join(out, HISTORY), lines));
    if (!best || !record.validation) return;
    await this.#kept("model of the best epoch", () => writeAtomic(join(out, BEST), modelFile(weights)));
  }

  /** Turns a failed write into a warning. A full disk must not end hours of work, and the next write may succeed. */
  async #kept(what: string, write: () => Promise<void>): Promise<boolean> {
    try {
      await write();
      return true;
    } catch (error) {
      if (MobileNetsError.is(error) || !(error instanceof Error) || !("syscall" in error)) throw error;
      const before = this.#saved === undefined ? "there is none yet" : `${LAST} of step ${this.#saved} is intact`;
      this.#options.warn(`${what} not written (${error.message}): ${before}, training goes on`);
      return false;
    }
  }
}
