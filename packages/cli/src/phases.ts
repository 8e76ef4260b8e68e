import { ProgressDisplay } from "./extract/progress.ts";
import { Interrupted } from "./similar/search-progress.ts";
import { grouped } from "./table.ts";

/** Milliseconds without a display. Longer work shows its progress. */
const SILENT_MS = 1000;
/** Milliseconds between two checks for signals. */
const BREATH_MS = 50;

/** Shows the progress of work in phases, and stops it at the user's signal. */
export class Phases {
  readonly #signal: AbortSignal;
  readonly #quiet: boolean;
  readonly #kept: string;
  readonly #start = performance.now();
  #display: ProgressDisplay | undefined;

  /** @param kept the state after an interruption, such as `nothing is written` */
  constructor(signal: AbortSignal, quiet: boolean, kept: string) {
    this.#signal = signal;
    this.#quiet = quiet;
    this.#kept = kept;
  }

  /**
   * @param what name of the phase
   * @returns a function to call often, with the finished steps; lets Node handle signals, and throws Interrupted
   */
  begin(what: string, total: number): (done: number) => Promise<void> {
    this.end();
    this.#display = new ProgressDisplay(process.stderr, total, 0, what);
    let last = performance.now();
    return async (done) => {
      const now = performance.now();
      if (now - last < BREATH_MS) return;
      last = now;
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#signal.aborted) {
        this.end();
        throw new Interrupted(`interrupted: ${this.#kept} (${what}: ${grouped(done)} of ${grouped(total)})`);
      }
      if (!this.#quiet && now - this.#start > SILENT_MS) this.#display?.update(done, 0);
    };
  }

  /** Clears the line, for results on the same terminal. */
  end(): void {
    if (!this.#quiet) this.#display?.clear();
    this.#display = undefined;
  }
}
